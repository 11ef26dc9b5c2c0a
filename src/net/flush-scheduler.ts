// Flushes outboxes at the end of the event loop's turn, so that all lines of a turn leave in one write per socket.
// Where thousands of sockets are to be written, a turn writes some of them, and the next turns the others. Users' are
// written in each turn, before anything else is done: otherwise a message would wait behind all that a thousand guests
// have sent ahead. Where a user is only told who came and went it may wait, or else a message to another room would
// wait until thousands know who else has joined them. Whoever has not read what it was sent before waits as well: those
// who read wait for nobody who does not.
import type { LoopSurroundings, TimedWork } from '../loop/turn-end.js';

/**
 * Whose lines an outbox has: a user's; a user's who is told only who came and went, or is slow to read; or a guest's.
 */
export type FlushClass = 'user' | 'later' | 'guest';

/**
 * How many outboxes of users, and of the others, a turn flushes at least: a busy machine may take all of its
 * milliseconds away.
 */
const [fewestUsers, fewestOthers] = [32, 8];

/**
 * Milliseconds of each turn in which the outboxes of each class are flushed at most: a turn may have a part of its time
 * left. Guests have as little as for their requests (turn-scheduler.ts).
 */
const most: Readonly<Record<FlushClass, number>> = { user: 4, later: 5, guest: 1.25 };

/** Bytes after which a turn has flushed enough: to join and to write a full outbox takes as long as twenty others. */
const enoughBytes = 2 * 1024 * 1024;

/** Something that gathers lines and can write them. */
interface Flushable {
  /** Writes its lines. Returns how many bytes of them do not wait any more. */
  flush(): number;
}

/** What was flushed while somebody waited. */
export interface Flushed {
  /** How many outboxes of users. */
  readonly outboxes: number;
  /** How long it took to flush them. */
  readonly milliseconds: number;
}

/** Whoever waits until the first `until` items have been flushed. */
interface Waiter {
  readonly until: number;
  /** How many had been flushed when it began to wait, and the milliseconds that had been spent. */
  readonly from: number;
  readonly spent: number;
  readonly resolve: (flushed: Flushed) => void;
}

/** What a scheduler takes from its surroundings. The daemon defers by its `TurnEnd`. */
export interface FlushSurroundings extends Pick<LoopSurroundings, 'now'> {
  /** Runs the callback at the end of this turn, or of the next where it is called at the end of one. */
  readonly defer: (run: TimedWork) => void;
  /** Runs the callback at the end of this turn, before what was given to `defer`. */
  readonly deferFirst: (run: TimedWork) => void;
}

const eventLoop: FlushSurroundings = {
  now: () => performance.now(),
  defer: (run) => void setImmediate(run, 1),
  deferFirst: (run) => void setImmediate(run, 1),
};

/** Outboxes with lines, in the order in which they are flushed. */
class FlushQueue {
  #items = new Set<Flushable>();
  /** How many were flushed so far. */
  flushed = 0;
  /** Milliseconds that it took to flush them. */
  spent = 0;

  /**
   * @param now milliseconds of the monotonic clock
   * @param defer runs the callback at the end of a turn
   * @param most milliseconds of each turn in which they are flushed
   * @param fewest how many a turn flushes at least, unless those have `enoughBytes`
   * @param onFlushed is called after each slice
   */
  constructor(
    private readonly now: () => number,
    private readonly defer: (run: TimedWork) => void,
    private readonly most: number,
    private readonly fewest: number,
    private readonly onFlushed: () => void = () => undefined,
  ) {}

  /** How many wait. */
  get size(): number {
    return this.#items.size;
  }

  add(item: Flushable): void {
    const wasEmpty = this.size === 0;
    this.#items.add(item);
    if (wasEmpty) this.defer(this.#flush);
  }

  readonly #flush = (part: number): void => {
    const begun = this.now();
    const end = begun + part * this.most;
    // What is scheduled meanwhile is flushed in the next turn: one write per socket and turn.
    const count = this.size;
    let [at, bytes] = [0, 0];
    for (const item of this.#items) {
      const isEnough = at >= this.fewest || bytes >= enoughBytes;
      if (at === count || (isEnough && this.now() >= end)) break;
      this.#items.delete(item);
      bytes += item.flush();
      at += 1;
    }
    this.flushed += at;
    this.spent += this.now() - begun;
    this.onFlushed();
    if (this.size > 0) this.defer(this.#flush);
  };
}

/**
 * Flushes outboxes with lines at the ends of turns, those of each class in the order in which they were scheduled.
 * One scheduler serves all connections.
 */
export class FlushScheduler {
  readonly #users: FlushQueue;
  readonly #others: Readonly<Record<Exclude<FlushClass, 'user'>, FlushQueue>>;
  #waiters: Waiter[] = [];

  constructor({ now, defer, deferFirst }: FlushSurroundings = eventLoop) {
    this.#users = new FlushQueue(now, deferFirst, most.user, fewestUsers, () => this.#resolveWaiters());
    const other = (name: FlushClass): FlushQueue => new FlushQueue(now, defer, most[name], fewestOthers);
    this.#others = { later: other('later'), guest: other('guest') };
  }

  /**
   * Has the item flushed at the end of this turn, or of one of the next. What is scheduled again until then is flushed
   * once; by another class it is flushed twice.
   */
  schedule(item: Flushable, as: FlushClass = 'user'): void {
    (as === 'user' ? this.#users : this.#others[as]).add(item);
  }

  /**
   * Fulfils when all outboxes of users that are scheduled now have been flushed. Whoever is sent a message is among
   * them.
   */
  flushed(): Promise<Flushed> {
    const { size, flushed, spent } = this.#users;
    if (size === 0) return Promise.resolve({ outboxes: 0, milliseconds: 0 });
    return new Promise((resolve) => this.#waiters.push({ until: flushed + size, from: flushed, spent, resolve }));
  }

  #resolveWaiters(): void {
    const { flushed, spent } = this.#users;
    for (let first = this.#waiters[0]; first !== undefined && first.until <= flushed; first = this.#waiters[0]) {
      this.#waiters.shift();
      first.resolve({ outboxes: flushed - first.from, milliseconds: spent - first.spent });
    }
  }
}
