// Gathers messages for the next commits, as many for one as can be numbered and shown in one step of the event loop.
import type { Batch } from './committer.js';
import type { Author, Kind, LogId, NewMessage } from './log.js';
import { joinTexts } from './texts.js';

/**
 * A batch has at most so many messages, of so many logs, which have so many readers together if they are several: to
 * show it takes some milliseconds then. No setting: it is a matter of the code, and more would not be stored sooner on
 * any disk that keeps up.
 */
const full = { messages: 8192, logs: 256, readers: 16_384 } as const;

/**
 * Of one log a batch has at most so many messages, of so many UTF-16 units: what a reader is sent at once is a part of
 * what may wait for it then (`max_outbox_bytes`).
 */
const fullLog = { messages: 2048, units: 262_144 } as const;

/** What a batch has of one log. */
interface LogPart {
  messages: number;
  units: number;
}

/** Gathers the messages of one commit. */
export class BatchBuilder<Post extends NewMessage> {
  readonly #posts: Post[] = [];
  readonly #logs = new Map<LogId, LogPart>();
  #lastLog: LogId | undefined;
  /** What it has of the last log. */
  #lastPart: LogPart = { messages: 0, units: 0 };
  #readers = 0;
  #isKeyed = false;
  #refers = false;
  #units = 0;

  /** The messages in the order in which they were added. */
  get posts(): readonly Post[] {
    return this.#posts;
  }

  get size(): number {
    return this.#posts.length;
  }

  /** UTF-16 units of all texts. */
  get units(): number {
    return this.#units;
  }

  /** How many readers its logs have. */
  get readers(): number {
    return this.#readers;
  }

  /**
   * Whether the message may be added. One of a log that the batch has costs little more, however many readers it has.
   */
  takes({ log, readers = 0 }: Post): boolean {
    if (this.#posts.length >= full.messages) return false;
    const part = log === this.#lastLog ? this.#lastPart : this.#logs.get(log);
    if (part !== undefined) return part.messages < fullLog.messages && part.units < fullLog.units;
    if (this.#logs.size === 0) return true;
    return this.#logs.size < full.logs && this.#readers + readers <= full.readers;
  }

  /** Whether a message of that log is among them. */
  includes(log: LogId): boolean {
    return this.#logs.has(log);
  }

  add(post: Post): void {
    this.#posts.push(post);
    if (post.log !== this.#lastLog) this.#addLog(post);
    this.#units += post.text.length;
    this.#lastPart.messages += 1;
    this.#lastPart.units += post.text.length;
    if (post.key !== undefined) this.#isKeyed = true;
    if (post.about !== 0) this.#refers = true;
  }

  #addLog({ log, readers = 0 }: Post): void {
    this.#lastLog = log;
    const part = this.#logs.get(log);
    if (part !== undefined) {
      this.#lastPart = part;
      return;
    }
    this.#lastPart = { messages: 0, units: 0 };
    this.#logs.set(log, this.#lastPart);
    this.#readers += readers;
  }

  /** The batch, column by column. Nothing may be added afterwards. */
  build(): Batch {
    const posts = this.#posts;
    const count = posts.length;
    // Arrays that grow have room for 17 elements at least, and most batches have fewer messages.
    const logs = new Array<LogId>(count);
    const authors = new Array<Author>(count);
    const texts = new Array<string>(count);
    const kinds = new Array<Kind>(count);
    const about = new Array<number>(count);
    const keys = new Array<string | undefined>(count);
    let place = 0;
    for (const post of posts) {
      logs[place] = post.log;
      authors[place] = post.author;
      texts[place] = post.text;
      kinds[place] = post.kind;
      about[place] = post.about;
      keys[place] = post.key;
      place += 1;
    }
    const [isKeyed, refers] = [this.#isKeyed, this.#refers];
    return { logs, authors, texts: joinTexts(texts), kinds, about, keys, isKeyed, refers };
  }
}

/** The messages that wait for commits, in the order in which they were added. */
export class GatheredMessages<Post extends NewMessage> {
  /** One for each commit. The last one takes more. */
  #batches: BatchBuilder<Post>[] = [];
  #units = 0;

  /** Whether none waits. */
  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** UTF-16 units of all texts. */
  get units(): number {
    return this.#units;
  }

  /** Whether a message of that log is among them. */
  includes(log: LogId): boolean {
    return this.#batches.some((batch) => batch.includes(log));
  }

  add(post: Post): void {
    let last = this.#batches.at(-1);
    if (last?.takes(post) !== true) this.#batches.push((last = new BatchBuilder()));
    last.add(post);
    this.#units += post.text.length;
  }

  /** Takes those of the next commit. */
  take(): BatchBuilder<Post> {
    const next = this.#batches.shift() ?? new BatchBuilder<Post>();
    this.#units -= next.units;
    return next;
  }
}
