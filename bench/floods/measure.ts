// Measures one attack, or several at the same time: a room receives messages at a fixed rate, and meanwhile the daemon
// is attacked, watched and asked.
import { join } from 'node:path';
import { gather, type Crowd, type Gathering, type Run } from '../generator.js';
import { salond } from '../servers.js';
import { endAll } from '../process.js';
import { addressOf, type Attack } from './attack.js';
import { startAttacker, type Attacker } from './attackers.js';
import { groundOf } from './attacks/list.js';
import type { Case } from './cases.js';
import { MemoryCgroup } from './cgroup.js';
import { startDaemon, type Attacked } from './daemon.js';
import { raiseCost } from './data.js';
import { endDelay, startControl, startDelay } from './delays.js';
import type { Round } from './figures.js';
import { begin, type EndProbe } from './probes.js';
import { metricsOf, putOut, watch } from './watch.js';

/**
 * The talkers. Messages are large, so that the outbox of a member who does not read is full soon. So many speak that
 * none of them sends more than 20 messages a second, and so many come from one address that they may log in at once.
 */
export const crowd = {
  rooms: 1,
  members: 54,
  speakers: 27,
  bytes: 2000,
  addresses: 9,
  mode: 'single',
} as const satisfies Crowd;

/** Messages a second in the room. */
export const rate = 300;

/** The daemon's limit of memory in bytes. */
export const memoryLimit = 512 * 2 ** 20;

const run = 'flood';

/** Seconds before the first measured message. */
const warmUp = 1;

/** Seconds that the last messages may take. */
export const drain = 20;

/** Seconds after which a measurement is given up, beside those that it measures. */
const patience = 180;

/** How long is measured, and which run of this process it is. */
export interface Measurement {
  readonly folder: string;
  readonly seconds: number;
  readonly number: number;
  /** Where to write a profile of the daemon's main thread; nowhere unless given. */
  readonly profile?: string | undefined;
}

/** What the talkers got, or why they did not get all. */
async function talk(gathering: Gathering): Promise<Pick<Round, 'p50' | 'p99' | 'talkers'>> {
  try {
    const { p50, p99 }: Run = await gathering.flow(rate);
    return { p50, p99, talkers: undefined };
  } catch (error) {
    return { p50: NaN, p99: NaN, talkers: error instanceof Error ? error.message : String(error) };
  }
}

/** Connects the talkers. */
function gatherTalkers(daemon: Attacked, folder: string, seconds: number): Promise<Gathering> {
  const plain = salond({ data: folder });
  // Attackers join and leave the room too, so only messages are counted, not lines.
  const server = { ...plain, dialect: (_: string, text: string) => ({ ...plain.dialect(run, text), replies: false }) };
  const { pid, ports } = daemon;
  const running = { pid, port: ports.port, readyAfter: 0, stop: daemon.stop };
  return gather(server, running, crowd, { seconds, warmup: warmUp, drain });
}

/** Sets all attacks up. */
function setUp(attacks: readonly Attack[], daemon: Attacked, seconds: number): Promise<readonly Attacker[]> {
  const lifetime = (seconds + warmUp + drain) * 1000 + 60_000;
  return Promise.all(attacks.map(({ name }) => startAttacker(name, daemon.ports, `${run}-0`, lifetime)));
}

/** The addresses that are banned for the attacks. */
function bannedFor(attacks: readonly Attack[]): readonly string[] {
  return attacks.flatMap(({ name, banned = 0 }) => {
    const ground = groundOf(name);
    return Array.from({ length: banned }, (_, index) => addressOf(ground, index));
  });
}

/** How a daemon has ended, in words; undefined while it runs. */
function endOf(daemon: Attacked, cgroup: MemoryCgroup | undefined): string | undefined {
  if (cgroup !== undefined && cgroup.kills > 0) return 'killed for its memory';
  const ended = daemon.ended();
  return ended === undefined ? undefined : `ended with ${ended}`;
}

/** Measures one round of a case. Rejects if it can't be measured, or not in time. */
export async function measure(each: Case, measurement: Measurement): Promise<Round> {
  const seconds = Math.max(measurement.seconds, ...each.attacks.map((attack) => attack.seconds ?? 0));
  const limit = new AbortController();
  // Without its processes everything that the measurement waits for ends too.
  limit.signal.addEventListener('abort', endAll);
  const timer = setTimeout(() => limit.abort(), (seconds + patience) * 1000);
  const measured = measureWithout(each, { ...measurement, seconds });
  await measured.catch(() => undefined);
  clearTimeout(timer);
  if (limit.signal.aborted) throw new Error(`it did not end in ${seconds + patience} s`);
  return measured;
}

/** As `measure`, without a limit of time. */
async function measureWithout(each: Case, { folder, seconds, number, profile }: Measurement): Promise<Round> {
  const { attacks, hashes, raised } = each;
  const [only] = attacks.length === 1 ? attacks : [];
  const cgroup = MemoryCgroup.make(number, memoryLimit);
  const control = startControl(folder);
  let daemon: Attacked | undefined;
  let attackers: readonly Attacker[] = [];
  try {
    daemon = await startDaemon({
      folder,
      hashes,
      settings: only?.settings ?? {},
      files: only?.files,
      cgroup,
      banned: bannedFor(attacks),
      profile,
    });
    const gathering = await gatherTalkers(daemon, folder, seconds);
    const kinds = new Set(attacks.flatMap(({ probes = [] }) => probes));
    const probes: EndProbe[] = [];
    for (const probe of kinds) probes.push(await begin(probe, daemon.ports, number));
    const peaks = watch(daemon);
    attackers = await setUp(attacks, daemon, seconds);
    if (raised) await raiseCost(daemon.data);
    const begun = Date.now();
    for (const attacker of attackers) attacker.begin();
    control.start();
    startDelay(daemon.pid);
    const talked = await talk(gathering);
    const watchdog = daemon.watchdog.longestGap(begun, Date.now());
    const [loop, { delay: idle }] = await Promise.all([
      endDelay(daemon.pid, join(folder, 'loop-delay')),
      control.end(),
    ]);
    const tried = await Promise.all(probes.map((end) => end()));
    const said = await Promise.all(attackers.map((attacker) => attacker.end()));
    const putOutWords = putOut(await metricsOf(daemon.ports.metricsPort));
    const most = peaks();
    const ended = endOf(daemon, cgroup);
    await gathering.leave();
    const names = attacks.map(({ name }) => name);
    return {
      ...talked,
      ...most,
      loop,
      control: idle,
      watchdog,
      ended,
      probes: tried,
      putOut: putOutWords,
      said: said.map(({ text }, at) => (said.length === 1 ? text : `${names[at] ?? ''}: ${text}`)).join(' · '),
      lost: said.reduce((sum, { lost = 0 }) => sum + lost, 0),
    };
  } finally {
    for (const attacker of attackers) attacker.kill();
    control.stop();
    await daemon?.stop();
    await cgroup?.remove();
  }
}

/** Whether a cgroup can be made here. */
export async function hasMemoryLimit(): Promise<boolean> {
  const cgroup = MemoryCgroup.make('probe', memoryLimit);
  await cgroup?.remove();
  return cgroup !== undefined;
}
