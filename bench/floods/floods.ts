// `npm run bench:floods`: measures how much an attack on the daemon delays the users of a room. One room receives
// messages at a fixed rate, alone and then under each attack, in rounds like the other benches. Writes docs/floods.md.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fromCommandLine, sizesOf, type Sizes } from '../arguments.js';
import { compile, gather, type Run } from '../generator.js';
import { milliseconds, number, table } from '../markdown.js';
import { memoryBytes, root, type Running } from '../process.js';
import { circumstances } from '../results.js';
import { median } from '../rounds.js';
import { makeData } from '../salond-data.js';
import { salond } from '../servers.js';
import { makeWorkFolder } from '../work-folder.js';
import { attacks, bytes, pour, type Attack } from './attacks.js';
import type { LoopFigures } from './loop-delay.js';

/** Messages are large, so that the outbox of a member who does not read is full soon. */
const crowd = { rooms: 1, members: 54, speakers: 8, bytes: 2000, mode: 'single' } as const;
const rate = 300;
const run = 'flood';

interface Figures {
  readonly p50: number;
  readonly p99: number;
  /** The longest delay of the loop, and its longest step in processor time, in milliseconds. */
  readonly loop: number;
  readonly step: number;
  /** Most resident memory, in MiB. */
  readonly memory: number;
  readonly said: string;
}

/** Starts to measure the delay of the daemon's event loop (loop-delay.ts). */
function startDelay({ pid }: Running): void {
  process.kill(pid, 'SIGUSR2');
}

/** Ends the measurement and fulfils with its figures, which the daemon writes to `file`. */
async function endDelay({ pid }: Running, file: string): Promise<LoopFigures> {
  rmSync(file, { force: true });
  process.kill(pid, 'SIGUSR2');
  for (let tries = 0; tries < 1000; tries += 1) {
    await sleep(10);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text !== '') return JSON.parse(text) as LoopFigures;
  }
  throw new Error('the daemon does not tell how long its loop was delayed');
}

async function measure(attack: Attack | undefined, folder: string, seconds: number): Promise<Figures> {
  const delays = join(folder, 'loop-delay');
  const plain = salond({
    data: join(folder, 'data'),
    copy: join(folder, 'run'),
    node: ['--import', join(root, 'dist/bench/floods/loop-delay.js')],
    // The defaults, except for what the load itself needs. Only the address of the load is exempt from limits.
    settings: {
      LOOP_DELAY: delays,
      SALOND_MAX_OUTBOX_BYTES: '1048576',
      SALOND_PASSWORD_LOG_N: '15',
      SALOND_PASSWORD_P: '3',
      SALOND_EXEMPT_ADDRESSES: '127.0.0.1',
    },
  });
  // Attackers join and leave the room too, so only messages are counted, not lines.
  const server = { ...plain, dialect: (_: string, text: string) => ({ ...plain.dialect(run, text), replies: false }) };
  const running = await server.start();
  try {
    const gathering = await gather(server, running, crowd, { seconds, warmup: 1, drain: 20 });
    const end = await attack?.start(running.port, `${run}-0`);
    await sleep(1000);
    startDelay(running);
    const flow: Run = await gathering.flow(rate);
    const { delay: loop, step } = await endDelay(running, delays);
    const memory = memoryBytes(running.pid, 'VmHWM') / 2 ** 20;
    const said = (await end?.()) ?? '';
    await gathering.leave();
    return { p50: flow.p50, p99: flow.p99, loop, step, memory, said };
  } finally {
    await running.stop();
  }
}

/**
 * The longest delay of the event loop under each kind of hostile bytes, sent again and again to a daemon with nothing
 * else to do.
 */
async function measureEach(folder: string, seconds: number): Promise<readonly (readonly [string, LoopFigures])[]> {
  const delays = join(folder, 'loop-delay');
  const server = salond({
    data: join(folder, 'data'),
    copy: join(folder, 'run'),
    node: ['--import', join(root, 'dist/bench/floods/loop-delay.js')],
    settings: { LOOP_DELAY: delays },
  });
  const running = await server.start();
  const found: [string, LoopFigures][] = [];
  try {
    for (const [name, all] of Object.entries(bytes)) {
      startDelay(running);
      for (const end = performance.now() + seconds * 1000; performance.now() < end; ) await pour(running.port, all);
      found.push([name, await endDelay(running, delays)]);
    }
    return found;
  } finally {
    await running.stop();
  }
}

function medianOf(figures: readonly Figures[]): Figures {
  const of = (name: 'p50' | 'p99' | 'loop' | 'step' | 'memory'): number => median(figures.map((each) => each[name]));
  const said = figures.at(-1)?.said ?? '';
  return { p50: of('p50'), p99: of('p99'), loop: of('loop'), step: of('step'), memory: of('memory'), said };
}

async function measureAll({ rounds, seconds }: Sizes): Promise<void> {
  compile();
  const folder = makeWorkFolder();
  mkdirSync(join(folder, 'data'));
  await makeData(join(folder, 'data'), 3000, { logN: 15, r: 8, p: 3 });
  const cases = [undefined, ...attacks];
  const taken = cases.map((): Figures[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, attack] of cases.entries()) taken[index]?.push(await measure(attack, folder, seconds));
  }
  const each = await measureEach(folder, Math.min(seconds, 5));
  const medians = taken.map(medianOf);
  const [alone] = medians;
  const rows = medians.map(({ p50, p99, loop, step, memory, said }, index) => [
    cases[index]?.title ?? 'nothing',
    milliseconds(p50),
    milliseconds(p99),
    number(p99 / (alone?.p99 ?? NaN), 2),
    milliseconds(loop),
    milliseconds(step),
    number(Math.max(0, memory - (alone?.memory ?? NaN))),
    said,
  ]);
  const { date, processor, kernel, node } = circumstances({ rounds, seconds, messages: 1 });
  const text = `# Floods

\`npm run bench:floods\` on ${processor}, Linux ${kernel}, Node ${node}, ${date}: a room of ${crowd.members} receives ${rate} messages of ${number(crowd.bytes)} bytes a
second, first alone and then while somebody attacks the daemon. Figures are medians of ${rounds} rounds of ${seconds} s. The daemon, the room's users and the
attackers share two processors. The longest delay is that of the daemon's event loop, by the clock. The longest step is in
processor time of the loop's thread, without garbage collection. Memory is how much VmHWM exceeds that of the
room alone.

${table(['meanwhile', 'p50, ms', 'p99, ms', '× alone', 'longest delay of the loop, ms', 'longest step, ms', 'memory, MiB', 'the attack'], rows, ['meanwhile', 'the attack'])}

Each kind of bytes alone, for ${Math.min(seconds, 5)} s, against a daemon with nothing else to do:

${table(
  ['bytes', 'longest delay of the loop, ms', 'longest step, ms'],
  each.map(([name, { delay, step }]) => [name, milliseconds(delay), milliseconds(step)]),
)}
`;
  writeFileSync(join(root, 'docs/floods.md'), text);
  process.stdout.write(text);
}

await fromCommandLine(() => measureAll(sizesOf(process.env, { rounds: 3, seconds: 20, messages: 1 })));
