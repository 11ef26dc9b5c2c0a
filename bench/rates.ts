// Workload e: measures the latency with 10,000 connections at rising rates, up to one that the server can't keep up
// with.
import { gather, type Gathering, type Run } from './generator.js';
import { each, inTurn, median, significant } from './rounds.js';
import type { Sizes } from './arguments.js';
import type { ByServer } from './names.js';
import type { Rate, Rates } from './results.js';
import type { Server } from './servers.js';

const crowd = { rooms: 1000, members: 10, speakers: 2, mode: 'gathered' } as const;
/** Messages a second, one rate after the other. */
const asked = [
  1000, 2000, 4000, 6000, 8000, 10_000, 12_000, 16_000, 24_000, 32_000, 48_000, 64_000, 96_000, 128_000,
] as const;

/** Whether the server kept up: it delivered nearly everything in time, and nobody waited long. */
function keptUp({ rate, messages, p99 }: Rate): boolean {
  return messages >= 0.95 * rate && p99 <= 1000;
}

/** Measures one server at each rate, on the same connections, until it does not keep up. */
async function sweep(server: Server, seconds: number): Promise<Rates> {
  const running = await server.start();
  try {
    const gathering = await gather(server, running, crowd, { seconds, warmup: 0.5, drain: 10 });
    try {
      return await climb(gathering);
    } finally {
      await gathering.leave();
    }
  } finally {
    await running.stop();
  }
}

async function climb(gathering: Gathering): Promise<Rates> {
  const points: Rate[] = [];
  for (const rate of asked) {
    let run: Run;
    try {
      run = await gathering.flow(rate);
    } catch {
      // The server did not deliver what had piled up, so there are no figures.
      return { points, bent: rate };
    }
    const point = { rate, messages: run.messages, p50: run.p50, p99: run.p99 };
    points.push(point);
    if (!keptUp(point)) return { points, bent: rate };
  }
  return { points, bent: null };
}

/**
 * The medians at each rate that most rounds have figures for. The first median that does not keep up is where it bends.
 */
export function mediansOf(rounds: readonly Rates[]): Rates {
  const points: Rate[] = [];
  for (const rate of asked) {
    const here = rounds.flatMap((round) => round.points.filter((point) => point.rate === rate));
    if (here.length * 2 <= rounds.length) return { points, bent: rate };
    const of = (key: 'messages' | 'p50' | 'p99'): number => significant(median(here.map((point) => point[key])));
    const point = { rate, messages: of('messages'), p50: of('p50'), p99: of('p99') };
    points.push(point);
    if (!keptUp(point)) return { points, bent: rate };
  }
  return { points, bent: null };
}

/** Measures all servers by turns. */
export async function measureRates(
  servers: readonly Server[],
  { rounds, seconds }: Sizes,
  note: (text: string) => void,
): Promise<{ readonly servers: ByServer<Rates> }> {
  // With a relaxed commit the curve is about the same: what bends it is the processor.
  const taking = servers.filter(({ name }) => name !== 'salond, relaxed');
  return { servers: each(await inTurn(taking, rounds, (server) => sweep(server, seconds), note), mediansOf) };
}
