// `npm run bench`: whole-process figures of a daemon on this machine's disk, each workload in turn for several rounds.
// Prints medians; a round's ratio between what the server and the load generator spend says whether the latter is in the way.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fillRooms, makeUsers, type LoadMember, type RoomLoad } from './room-load.js';

const root = join(import.meta.dirname, '../..');
const rounds = Number(process.env['ROUNDS'] ?? 5);
const seconds = Number(process.env['SECONDS'] ?? 3);
const warmUpSeconds = 1;

const workloads: readonly (RoomLoad & { readonly name: string })[] = [
  { name: 'one room of 54, 1,024 in flight', rooms: 1, members: 54, speakers: 16, inFlight: 64 },
  { name: '100 rooms of 12, 200 in flight', rooms: 100, members: 12, speakers: 2, inFlight: 1 },
];

const sleep = (milliseconds: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

/** The processor time that a process has used, in milliseconds (proc(5): fields 14 and 15, in ticks of 10 ms). */
function cpuTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}

function median(values: readonly number[]): number {
  return quantile([...values].sort((a, b) => a - b), 0.5);
}

interface Figures {
  readonly deliveries: number;
  readonly messages: number;
  readonly p50: number;
  readonly p99: number;
  /** Processor time of the server and of this generator, as parts of one processor. */
  readonly server: number;
  readonly generator: number;
}

async function throughput(members: readonly LoadMember[], load: RoomLoad, pid: number): Promise<Figures> {
  const speakers = members.filter(({ inFlight }) => inFlight > 0);
  for (const speaker of speakers) speaker.start();
  await sleep(warmUpSeconds * 1000);
  const latencies: number[] = [];
  for (const speaker of speakers) speaker.latencies = latencies;
  const before = snapshot();
  await sleep(seconds * 1000);
  const after = snapshot();
  for (const speaker of speakers) {
    speaker.latencies = undefined;
    speaker.stopped = true;
  }
  while (!speakers.every(({ settled }) => settled)) await sleep(20);
  await sleep(200);
  for (let first = 0; first < members.length; first += load.members) {
    const room = members.slice(first, first + load.members);
    if (new Set(room.map(({ seen }) => seen)).size !== 1) throw new Error('a member has not got all messages of its room');
  }
  latencies.sort((a, b) => a - b);
  const elapsed = (after.at - before.at) / 1000;
  return {
    // What a speaker reads of its own messages is a reply, not a delivery.
    deliveries: (after.seen - before.seen - (after.answered - before.answered)) / elapsed,
    messages: (after.answered - before.answered) / elapsed,
    p50: quantile(latencies, 0.5),
    p99: quantile(latencies, 0.99),
    server: (after.server - before.server) / elapsed / 1000,
    generator: (after.generator - before.generator) / elapsed / 1000,
  };

  function snapshot() {
    const { user, system } = process.cpuUsage();
    return {
      at: performance.now(),
      seen: members.reduce((sum, { seen }) => sum + seen, 0),
      answered: speakers.reduce((sum, { answered }) => sum + answered, 0),
      server: cpuTime(pid),
      generator: (user + system) / 1000,
    };
  }
}

/** One message at a time in a room of 54: from its sending until all 53 others have it, in milliseconds. */
async function oneAtATime(port: number, name: string): Promise<number[]> {
  let heard = 0;
  let allHeard: () => void = () => undefined;
  const members = await fillRooms(port, name, { rooms: 1, members: 54, speakers: 1, inFlight: 1 }, () => {
    heard += 1;
    if (heard === 54) allHeard();
  });
  const latencies: number[] = [];
  for (let message = 0; message < 1500; message += 1) {
    heard = 0;
    const done = new Promise<void>((resolve) => { allHeard = resolve; });
    const start = performance.now();
    members[0]?.send(1);
    await done;
    if (message >= 500) latencies.push(performance.now() - start);
  }
  for (const { socket } of members) socket.destroy();
  return latencies.sort((a, b) => a - b);
}

async function startDaemon(data: string): Promise<{ readonly pid: number; readonly port: number; readonly stop: () => void }> {
  const child = spawn(process.execPath, [...process.execArgv, join(root, 'bin/salond'), '--listen', '127.0.0.1:0', '--data', data, '--log-level', 'info'], {
    env: { ...process.env, SALOND_PASSWORD_LOG_N: '10', SALOND_PASSWORD_P: '1' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(child.stdout)) {
    const entry = JSON.parse(line) as { readonly event: string; readonly addresses?: readonly string[] };
    if (entry.event === 'ready') return { pid: child.pid ?? 0, port: Number(entry.addresses?.[0]?.split(':')[1]), stop: () => void child.kill() };
  }
  throw new Error('the daemon did not start');
}

const whole = (value: number): string => Math.round(value).toLocaleString('en');
const part = (value: number): string => value.toFixed(2);

const data = mkdtempSync(join(root, 'dist/bench-'));
const daemon = await startDaemon(data);
try {
  await makeUsers(daemon.port, 54);
  const results = new Map<string, Figures[]>(workloads.map(({ name }) => [name, []]));
  const single: number[][] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, load] of workloads.entries()) {
      const members = await fillRooms(daemon.port, `bench-${round}-${index}`, load);
      results.get(load.name)?.push(await throughput(members, load, daemon.pid));
      for (const { socket } of members) socket.destroy();
      await sleep(300);
    }
    single.push(await oneAtATime(daemon.port, `single-${round}`));
  }
  console.log(`medians of ${rounds} rounds of ${seconds} s, 100-byte messages, fsync before every answer\n`);
  console.log('| workload | deliveries/s | messages/s | p50 ms | p99 ms | server CPU | generator CPU |');
  console.log('| --- | ---: | ---: | ---: | ---: | ---: | ---: |');
  for (const [name, figures] of results) {
    const of = (key: keyof Figures): number => median(figures.map((each) => each[key]));
    console.log(`| ${name} | ${whole(of('deliveries'))} | ${whole(of('messages'))} | ${part(of('p50'))} | ${part(of('p99'))} | ${part(of('server'))} | ${part(of('generator'))} |`);
  }
  const p = (q: number): string => part(median(single.map((latencies) => quantile(latencies, q))));
  console.log(`| one message at a time to 53 others | – | – | ${p(0.5)} | ${p(0.99)} | – | – |`);
} finally {
  daemon.stop();
  rmSync(data, { recursive: true, force: true });
}
