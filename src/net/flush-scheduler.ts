// Flushes outboxes at the end of the event loop's turn, so that all lines of a turn leave in one write per socket. Where
// thousands of sockets are to be written, a turn writes some of them, and the next turns the others.
import { sliceMilliseconds, type LoopSurroundings } from '../loop/turn-end.js';

/** How many outboxes a turn flushes at least: a busy machine may take all of its milliseconds away. */
const fewestFlushes = 32;

/** Something that gathers lines and can write them. */
interface Flushable {
  flush(): void;
}

/** Whoever waits until the first `until` items have been flushed. */
interface Waiter {
  readonly until: number;
  readonly resolve: () => void;
}

/** What a scheduler takes from its surroundings. The daemon defers by its `TurnEnd`. */
export type FlushSurroundings = Pick<LoopSurroundings, 'now' | 'defer'>;

const eventLoop: FlushSurroundings = {
  now: () => performance.now(),
  defer: (run) => void setImmediate(run),
};

/**
 * Runs one callback per turn that flushes outboxes with lines, in the order in which they were scheduled. One scheduler
 * serves all connections.
 */
export class FlushScheduler {
  readonly #now: () => number;
  readonly #defer: (run: () => void) => void;
  /** In the order in which they are to be flushed. */
  #scheduled: Flushable[] = [];
  /** How many were flushed so far. */
  #flushed = 0;
  #waiters: Waiter[] = [];

  constructor({ now, defer }: FlushSurroundings = eventLoop) {
    this.#now = now;
    this.#defer = defer;
  }

  /** Has the item flushed at the end of this turn, or of one of the next. The caller schedules an item once until then. */
  schedule(item: Flushable): void {
    if (this.#scheduled.push(item) === 1) this.#defer(this.#flush);
  }

  /** Fulfils when everything that is scheduled now has been flushed. */
  flushed(): Promise<void> {
    if (this.#scheduled.length === 0) return Promise.resolve();
    const until = this.#flushed + this.#scheduled.length;
    return new Promise((resolve) => this.#waiters.push({ until, resolve }));
  }

  readonly #flush = (): void => {
    const end = this.#now() + sliceMilliseconds;
    const scheduled = this.#scheduled;
    // What is scheduled meanwhile is flushed in the next turn: one write per socket and turn.
    const count = scheduled.length;
    let at = 0;
    while (at < count) {
      scheduled[at]?.flush();
      at += 1;
      if (at >= fewestFlushes && this.#now() >= end) break;
    }
    this.#scheduled = scheduled.slice(at);
    this.#flushed += at;
    while (this.#waiters[0] !== undefined && this.#waiters[0].until <= this.#flushed) this.#waiters.shift()?.resolve();
    if (this.#scheduled.length > 0) this.#defer(this.#flush);
  };
}
