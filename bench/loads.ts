// Workloads a, b, c, d and f: a number of messages is in flight in each room all the time, so the server sets the pace.
import { measureSync } from './fsync.js';
import { modes, runLoad, type Figures, type Load, type Mode } from './generator.js';
import { each, inTurn, median, medians, significant } from './rounds.js';
import type { Sizes } from './arguments.js';
import type { ByServer } from './names.js';
import type { Server } from './servers.js';

/** What each workload asks of the generator, in either mode. */
export const loads = {
  a: { rooms: 1, members: 54, speakers: 16, window: 1024 },
  b: { rooms: 100, members: 12, speakers: 2, window: 2 },
  c: { rooms: 100, members: 12, speakers: 2, window: 128 },
  d: { rooms: 1, members: 54, speakers: 1, window: 1 },
  f: { rooms: 1, members: 5000, speakers: 16, window: 64 },
} as const satisfies Readonly<Record<string, Omit<Load, 'mode'>>>;

/** A workload that `loads` has. */
export type LoadName = keyof typeof loads;

/** Whether `loads` has a workload of that name. */
export function isLoadName(name: string): name is LoadName {
  return Object.hasOwn(loads, name);
}

/** The figures of a workload in each mode. Older results have none of the single mode. */
export interface ByMode {
  /** In the gathered mode. */
  readonly servers: ByServer<Figures>;
  readonly single?: ByServer<Figures>;
}

const figureNames = ['deliveries', 'messages', 'p50', 'p99', 'p999', 'server', 'generator'] as const;

/** Measures once, with a server that is started for it. */
export async function measureLoad(server: Server, load: Load, seconds: number): Promise<Figures> {
  const running = await server.start();
  try {
    return await runLoad(server, running, load, { seconds });
  } finally {
    await running.stop();
  }
}

/** The median of each figure by itself. */
export function mediansOf(rounds: readonly Figures[]): Figures {
  const figures = medians(rounds, figureNames);
  return Object.fromEntries(figureNames.map((name) => [name, significant(figures[name])])) as unknown as Figures;
}

/** Measures a workload in both modes, all servers by turns in each. */
export async function measureModes(
  name: LoadName,
  servers: readonly Server[],
  { rounds, seconds }: Sizes,
  note: (text: string) => void,
): Promise<ByMode> {
  const found: Partial<Record<Mode, ByServer<Figures>>> = {};
  for (const mode of modes) {
    const load = { ...loads[name], mode };
    found[mode] = each(await inTurn(servers, rounds, (server) => measureLoad(server, load, seconds), note), mediansOf);
  }
  const { gathered = {}, single = {} } = found;
  return { servers: gathered, single };
}

/**
 * Measures workload d, with an fsync in each round: the time that one message at a time must wait for the disk. Nothing
 * can gather with one message in flight, and a beat would be most of the latency, so it is measured in the single mode
 * only.
 */
export async function measureOneAtATime(
  servers: readonly Server[],
  sizes: Sizes,
  folder: string,
  note: (text: string) => void,
): Promise<{ readonly servers: ByServer<Figures>; readonly fsync: number }> {
  const syncs: number[] = [];
  const figures = await inTurn(
    servers,
    sizes.rounds,
    (server) => {
      if (server === servers[0]) syncs.push(measureSync(folder));
      return measureLoad(server, { ...loads.d, mode: 'single' }, sizes.seconds);
    },
    note,
  );
  return { servers: each(figures, mediansOf), fsync: significant(median(syncs)) };
}
