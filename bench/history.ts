// Workload i: measures how fast history is read while messages are sent in other rooms, and how much the reading delays
// those messages.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { Asker } from './asker.js';
import { gather } from './generator.js';
import { median, significant } from './rounds.js';
import { addMessages, password } from './salond-data.js';
import { salond } from './servers.js';
import type { Sizes } from './arguments.js';
import type { Measured } from './results.js';

const flow = { rooms: 100, members: 12, speakers: 2, mode: 'gathered' } as const;
const rate = 2000;
const stored = 20_000;
const roomSize = 10_000;
const page = 100;
const readers = 8;

/** A client that reads a room page by page, from the first page again after the last. */
class Reader {
  pages = 0;
  readonly #asker: Asker;
  readonly #own: { readonly username: string; readonly room: string };
  #after: number;
  #ended = false;

  private constructor(asker: Asker, own: { readonly username: string; readonly room: string }, after: number) {
    this.#asker = asker;
    this.#own = own;
    this.#after = after;
  }

  /** Logs in and joins a room; `index` tells readers apart. */
  static async enter(port: number, index: number): Promise<Reader> {
    const asker = await Asker.to(port);
    const own = { username: `load-${1000 + index}`, room: `full-${1 + (index % (stored / roomSize))}` };
    await asker.ask(
      { command: 'authenticate_user', username: own.username, password },
      { command: 'join_chatroom', ...own },
    );
    return new Reader(asker, own, index * page);
  }

  /** Reads page after page until `end` is called, and disconnects. */
  async read(): Promise<void> {
    while (!this.#ended) {
      await this.#asker.ask({ command: 'chatroom_history', ...this.#own, after: this.#after, limit: page });
      this.pages += 1;
      this.#after = (this.#after + page) % roomSize;
    }
    this.#asker.close();
  }

  /** Makes `read` stop after the page that it waits for. */
  end(): void {
    this.#ended = true;
  }
}

/** Reads until `meanwhile` is over. Fulfils with the pages per second and with the result of `meanwhile`. */
async function reading<Found>(
  port: number,
  meanwhile: () => Promise<Found>,
): Promise<{ readonly pages: number; readonly found: Found }> {
  const all = await Promise.all(Array.from({ length: readers }, (_, index) => Reader.enter(port, index)));
  const start = performance.now();
  const ended = Promise.all(all.map((reader) => reader.read()));
  const found = await Promise.race([
    meanwhile(),
    ended.then(() => {
      throw new Error('the readers ended early');
    }),
  ]);
  const pages = all.reduce((sum, reader) => sum + reader.pages, 0) / ((performance.now() - start) / 1000);
  for (const reader of all) reader.end();
  await ended;
  return { pages, found };
}

/** Measures the flow alone and with readers beside it. */
export async function measureHistory(
  folder: string,
  users: string,
  { rounds, seconds }: Sizes,
): Promise<Measured['i']> {
  const data = join(folder, 'history');
  cpSync(users, data, { recursive: true });
  await addMessages(data, stored);
  const server = salond({ data, copy: join(folder, 'run') });
  const taken: Record<'pages' | 'p50' | 'p99' | 'aloneP50' | 'aloneP99', number[]> = {
    pages: [],
    p50: [],
    p99: [],
    aloneP50: [],
    aloneP99: [],
  };
  for (let round = 0; round < rounds; round += 1) {
    const running = await server.start();
    try {
      const gathering = await gather(server, running, flow, { seconds });
      const alone = await gathering.flow(rate);
      const { pages, found } = await reading(running.port, () => gathering.flow(rate));
      await gathering.leave();
      taken.pages.push(pages);
      taken.p50.push(found.p50);
      taken.p99.push(found.p99);
      taken.aloneP50.push(alone.p50);
      taken.aloneP99.push(alone.p99);
    } finally {
      await running.stop();
    }
  }
  const of = (key: keyof typeof taken): number => significant(median(taken[key]));
  return {
    pages: of('pages'),
    beside: { p50: of('p50'), p99: of('p99') },
    alone: { p50: of('aloneP50'), p99: of('aloneP99') },
  };
}
