// Measures how far the index of what was said is behind while messages flow at fixed rates, through a daemon.
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { gather, type Gathering } from './generator.js';
import { makeData } from './salond-data.js';
import { salond } from './servers.js';

const crowd = { rooms: 10, members: 6, speakers: 2, mode: 'gathered' } as const;
/** Messages a second, one rate after the other. */
const rates = [1000, 4000, 16_000, 32_000, 64_000, 128_000] as const;
/** Milliseconds between two looks. */
const period = 200;
/** Milliseconds that the index may take to catch up after a rate. */
const patience = 60_000;

/** The lag at a rate. */
export interface LagAtRate {
  readonly asked: number;
  /** Messages a second that were delivered. */
  readonly messages: number;
  /** Processors that the daemon kept busy. */
  readonly server: number;
  /** The most messages behind, and how many at half of the time and at the end. */
  readonly most: number;
  readonly half: number;
  readonly end: number;
  /** Seconds from the end until nothing was left; NaN where it took too long. */
  readonly caughtUp: number;
}

/** Asks the daemon on its control socket again and again. */
class LagReader {
  readonly #socket: ReturnType<typeof connect>;
  readonly #lines: AsyncIterator<string, undefined>;

  constructor(folder: string) {
    this.#socket = connect(join(folder, 'control'));
    this.#lines = createInterface(this.#socket)[Symbol.asyncIterator]();
  }

  /** How many messages the index is behind. */
  async behind(): Promise<number> {
    this.#socket.write('{"command":"status"}\n');
    for (;;) {
      const line = await this.#lines.next();
      if (line.done === true) throw new Error('the control socket did not answer');
      const [, messages] = /"search_lag_messages":(\d+)/.exec(line.value) ?? [];
      if (messages !== undefined) return Number(messages);
    }
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** Measures each rate that the daemon keeps up with for so many seconds. Its data is below `folder`. */
export async function measureLags(folder: string, seconds: number): Promise<readonly LagAtRate[]> {
  const data = join(folder, 'lag');
  await makeData(data, crowd.rooms * crowd.members);
  const server = salond({ data, settings: { SALOND_SEARCH_LAG_MESSAGES: '50000' } });
  const running = await server.start();
  const reader = new LagReader(data);
  const lags: LagAtRate[] = [];
  try {
    const gathering = await gather(server, running, crowd, { seconds, warmup: 0.5, drain: 20 });
    for (const asked of rates) {
      const lag = await measureLag(gathering, reader, asked);
      // It did not deliver what had piled up, so there are no figures, for faster rates neither.
      if (lag === undefined) break;
      lags.push(lag);
    }
    await gathering.leave();
  } finally {
    reader.close();
    await running.stop();
  }
  return lags;
}

async function measureLag(gathering: Gathering, reader: LagReader, asked: number): Promise<LagAtRate | undefined> {
  const seen: number[] = [];
  const over = new AbortController();
  const flow = gathering
    .flow(asked)
    .catch(() => undefined)
    .finally(() => {
      over.abort();
    });
  while (!over.signal.aborted) {
    seen.push(await reader.behind());
    await sleep(period);
  }
  const run = await flow;
  if (run === undefined) return undefined;
  const begun = performance.now();
  const end = await reader.behind();
  let left = end;
  while (left > 0 && performance.now() - begun < patience) {
    await sleep(period);
    left = await reader.behind();
  }
  const { messages, server } = run;
  const [most, half] = [Math.max(...seen), seen[seen.length >> 1] ?? NaN];
  return { asked, messages, server, most, half, end, caughtUp: left > 0 ? NaN : (performance.now() - begun) / 1000 };
}
