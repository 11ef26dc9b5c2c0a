// Workloads a, b, c, d and f: as many messages of each room on their way as are asked for, as fast as the server makes way.
import { measureSync } from './fsync.js';
import { put, type Figures, type Load } from './generator.js';
import { each, inTurn, median, medians, significant } from './rounds.js';
import type { Sizes } from './arguments.js';
import type { ByServer } from './names.js';
import type { Server } from './servers.js';

/** The generator looks at its sockets on a beat, but not where a beat would be most of the latency. */
const beat = 0.3;

export const loads = {
  a: { rooms: 1, members: 54, speakers: 16, window: 1024, beat },
  b: { rooms: 100, members: 12, speakers: 2, window: 2, beat },
  c: { rooms: 100, members: 12, speakers: 2, window: 128, beat },
  d: { rooms: 1, members: 54, speakers: 1, window: 1, beat: 0 },
  f: { rooms: 1, members: 5000, speakers: 16, window: 64, beat },
} as const satisfies Readonly<Record<string, Load>>;

export type LoadName = keyof typeof loads;

const figureNames = ['deliveries', 'messages', 'p50', 'p99', 'p999', 'server', 'generator'] as const;

/** One measurement, of a server that is started for it. */
export async function measureLoad(server: Server, load: Load, seconds: number): Promise<Figures> {
  const running = await server.start();
  try {
    return await put(server, running, load, { seconds });
  } finally {
    await running.stop();
  }
}

export function mediansOf(rounds: readonly Figures[]): Figures {
  const figures = medians(rounds, figureNames);
  return Object.fromEntries(figureNames.map((name) => [name, significant(figures[name])])) as unknown as Figures;
}

export async function runLoad(
  name: LoadName,
  servers: readonly Server[],
  { rounds, seconds }: Sizes,
  note: (text: string) => void,
): Promise<{ readonly servers: ByServer<Figures> }> {
  return {
    servers: each(
      await inTurn(servers, rounds, (server) => measureLoad(server, loads[name], seconds), note),
      mediansOf,
    ),
  };
}

/** Workload d, with an fsync in each of its rounds: what one message at a time must wait for. */
export async function runSingle(
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
      return measureLoad(server, loads.d, sizes.seconds);
    },
    note,
  );
  return { servers: each(figures, mediansOf), fsync: significant(median(syncs)) };
}
