// A fixed timeout shared by many items: they expire in start order, so one timer serves all, and an item that is in
// time leaves nothing behind. Times are milliseconds of the monotonic clock.
import type { EndReason } from './line-session.js';

/** When a client that was too slow may try again. */
export const giveUpRetryMilliseconds = 1000;

export class Deadline<Item extends object> {
  readonly #milliseconds: number;
  readonly #onEnd: (item: Item) => void;
  /** When each is out of time, in that order. */
  readonly #ends = new Map<Item, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number, onEnd: (item: Item) => void) {
    this.#milliseconds = milliseconds;
    this.#onEnd = onEnd;
  }

  /** The item's time begins, unless it runs already. */
  begin(item: Item): void {
    if (this.#ends.has(item)) return;
    this.#ends.set(item, performance.now() + this.#milliseconds);
    this.#timer ??= setTimeout(() => this.#look(), this.#milliseconds).unref();
  }

  /** The item has kept its time, if one ran. */
  keep(item: Item): void {
    this.#ends.delete(item);
  }

  #look(): void {
    this.#timer = undefined;
    for (const [item, end] of this.#ends) {
      const left = end - performance.now();
      if (left > 0) {
        this.#timer ??= setTimeout(() => this.#look(), Math.ceil(left)).unref();
        return;
      }
      this.#ends.delete(item);
      this.#onEnd(item);
    }
  }
}

/** Who may be out of time. */
interface Late {
  finish(reason: string, retryAfter: number, because: EndReason): void;
  destroy(): void;
}

/** What a connection has only so long for. */
export interface ConnectionDeadlines<Item extends Late> {
  /** For a guest to authenticate. */
  readonly login: Deadline<Item>;
  /** For a line that has begun to end, a guest's and a user's, who may be typing. */
  readonly guestLine: Deadline<Item>;
  readonly userLine: Deadline<Item>;
  /** For a client to close its side once it has everything. */
  readonly close: Deadline<Item>;
  /**
   * For a guest to read its last lines and close: one that reads a byte now and then would stay as long as it likes.
   */
  readonly guestClose: Deadline<Item>;
}

/** Milliseconds that a client has to close its side after the server did. An open connection holds a file descriptor. */
const closeMilliseconds = 5000;

/** The deadlines of all connections, each in milliseconds. */
export function createConnectionDeadlines<Item extends Late>({
  login,
  guestLine,
  userLine,
}: {
  readonly [Name in Exclude<keyof ConnectionDeadlines<Late>, 'close' | 'guestClose'>]: number;
}): ConnectionDeadlines<Item> {
  const deadline = (milliseconds: number, what: string): Deadline<Item> =>
    new Deadline(milliseconds, (late) => late.finish(`${what} in time`, giveUpRetryMilliseconds, 'timeout'));
  return {
    login: deadline(login, 'you did not authenticate'),
    guestLine: deadline(guestLine, 'the line did not end'),
    userLine: deadline(userLine, 'the line did not end'),
    close: new Deadline(closeMilliseconds, (late) => late.destroy()),
    guestClose: new Deadline(login, (late) => late.destroy()),
  };
}
