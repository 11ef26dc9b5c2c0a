// What benchmarks of background work beside commits share: somebody who stores messages one after the other, and the
// delays of that.
import type { Author, NewMessage } from '../src/store/log.js';
import type { Store } from '../src/store/store.js';
import { nameForms } from '../src/text/names.js';
import { significant } from './rounds.js';

/** The text of each message. */
const text = 'x'.repeat(100);

/** Stores messages one after the other until told to stop. Answers the milliseconds that each took. */
export async function commitUntil(isOver: () => boolean, say: () => Promise<unknown>): Promise<readonly number[]> {
  const delays: number[] = [];
  while (!isOver()) {
    const begin = performance.now();
    await say();
    delays.push(performance.now() - begin);
  }
  return delays;
}

/** A row of a table: the number of delays, their median, two percentiles and the longest. */
export function row(title: string, delays: readonly number[]): readonly string[] {
  const sorted = [...delays].sort((one, other) => one - other);
  const at = (part: number): string =>
    String(significant(sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? NaN, 3));
  return [title, String(delays.length), at(0.5), at(0.99), at(0.999), at(1)];
}

/** Stores messages with keys, some at a time. */
export class Speaker {
  readonly #store: Store;
  readonly #author: Author;
  #keys = 0;
  #missing = 0;
  #stored: () => void = () => undefined;

  private constructor(store: Store, author: Author) {
    this.#store = store;
    this.#author = author;
    const fail = (error: Error): never => {
      throw error;
    };
    const committed = ({ mine }: { readonly mine: readonly NewMessage[] }): void => {
      this.#missing -= mine.length;
      if (this.#missing === 0) this.#stored();
    };
    store.log.listen({ committed, failed: (_posts, error) => fail(error), unreadable: fail, broken: fail });
  }

  /** One speaker serves a store: it listens to the log. */
  static async of(store: Store): Promise<Speaker> {
    const name = nameForms('alice');
    const user = { ...name, firstName: 'L', lastName: 'L', password: Buffer.from('hash') };
    const id = (await store.directory.findUser(name.key))?.id ?? (await store.directory.createUser(user)) ?? 0;
    return new Speaker(store, { id, name: 'alice' });
  }

  async room(name: string): Promise<number> {
    const room = await this.#store.directory.openRoom(nameForms(name), this.#author.id);
    if (typeof room === 'string') throw new Error(room);
    return room.id;
  }

  /** Fulfils when so many messages are stored in one commit: its own, unless another author is named. */
  say(log: number, count: number, author = this.#author): Promise<void> {
    this.#missing = count;
    for (let each = 0; each < count; each += 1) {
      const key = `${performance.now()} ${(this.#keys += 1)}`;
      this.#store.log.append({ log, author, text, kind: 'text', about: 0, key });
    }
    return new Promise((resolve) => {
      this.#stored = resolve;
    });
  }
}
