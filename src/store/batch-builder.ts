// Gathers messages for the next commit, column by column.
import type { Batch } from './committer.js';
import type { Author, Kind, LogId, NewMessage } from './log.js';
import { joinTexts } from './texts.js';

/** Gathers messages until a commit takes them. It reads a message when it is added and keeps no reference to it. */
export class BatchBuilder {
  readonly #logs: LogId[] = [];
  readonly #authors: Author[] = [];
  readonly #texts: string[] = [];
  readonly #kinds: Kind[] = [];
  readonly #about: number[] = [];
  readonly #keys: (string | undefined)[] = [];
  #isKeyed = false;
  #units = 0;

  get size(): number {
    return this.#logs.length;
  }

  /** UTF-16 units of all texts. */
  get units(): number {
    return this.#units;
  }

  /** Whether a message of that log is among them. */
  includes(log: LogId): boolean {
    return this.#logs.includes(log);
  }

  add({ log, author, text, kind, about, key }: NewMessage): void {
    this.#logs.push(log);
    this.#authors.push(author);
    this.#texts.push(text);
    this.#kinds.push(kind);
    this.#about.push(about);
    this.#keys.push(key);
    this.#units += text.length;
    if (key !== undefined) this.#isKeyed = true;
  }

  /** The batch. Nothing may be added afterwards. */
  build(): Batch {
    return {
      logs: this.#logs,
      authors: this.#authors,
      texts: joinTexts(this.#texts),
      kinds: this.#kinds,
      about: this.#about,
      keys: this.#keys,
      isKeyed: this.#isKeyed,
    };
  }
}
