// Flushes outboxes at the end of the event loop's turn, so that all lines of a turn leave in one write per socket.
// Where thousands of sockets are to be written, a turn writes some of them, and the next turns the others. Users' are
// written in each turn, before anything else is done: otherwise a message would wait behind all that a thousand guests
// have sent ahead.
import type { LoopSurroundings } from '../loop/turn-end.js';

/**
 * How many outboxes of users, and of guests, a turn flushes at least: a busy machine may take all of its milliseconds
 * away.
 */
const [fewestUsers, fewestGuests] = [32, 8];

/** Milliseconds of each turn in which users' outboxes are flushed, and guests'. */
const [userMilliseconds, guestMilliseconds] = [2, 5];

/** Outboxes with more bytes than this are flushed after those with less, and a turn flushes so many at least. */
const [largeBytes, fewestLarge] = [16_384, 16];

/** Something that gathers lines and can write them. */
interface Flushable {
  flush(): void;
  /** Whether more than so many bytes wait. */
  isFull(bytes: number): boolean;
}

/** Whoever waits until the first `until` items have been flushed. */
interface Waiter {
  readonly until: number;
  /** The milliseconds that had been spent when it began to wait. */
  readonly spent: number;
  readonly resolve: (milliseconds: number) => void;
}

/** What a scheduler takes from its surroundings. The daemon defers by its `TurnEnd`. */
export interface FlushSurroundings extends Pick<LoopSurroundings, 'now' | 'defer'> {
  /** Runs the callback at the end of this turn, before what was given to `defer`. */
  readonly deferFirst: (run: () => void) => void;
}

const eventLoop: FlushSurroundings = {
  now: () => performance.now(),
  defer: (run) => void setImmediate(run),
  deferFirst: (run) => void setImmediate(run),
};

/**
 * Outboxes with lines. They are flushed in the order of their scheduling, those with much to write after the others: a
 * message that a few people wait for goes before what thousands are told who join at once.
 */
class FlushQueue {
  #items: Flushable[] = [];
  /** Those with much to write, and the places that they had. */
  #large: { readonly item: Flushable; readonly place: number }[] = [];
  /** How many of all that were scheduled are flushed, or stand among the large ones. */
  #taken = 0;
  /** Milliseconds that it took to flush them. */
  spent = 0;

  /**
   * @param now milliseconds of the monotonic clock
   * @param defer runs the callback at the end of a turn
   * @param milliseconds of each turn in which they are flushed
   * @param fewest how many a turn flushes at least
   * @param onFlushed is called after each slice
   */
  constructor(
    private readonly now: () => number,
    private readonly defer: (run: () => void) => void,
    private readonly milliseconds: number,
    private readonly fewest: number,
    private readonly onFlushed: () => void = () => undefined,
  ) {}

  /** How many wait. */
  get size(): number {
    return this.#items.length + this.#large.length;
  }

  /** How many were scheduled so far. */
  get scheduled(): number {
    return this.#taken + this.#items.length;
  }

  /** All that were scheduled before this place are flushed. */
  get flushed(): number {
    return this.#large[0]?.place ?? this.#taken;
  }

  add(item: Flushable): void {
    this.#items.push(item);
    if (this.size === 1) this.defer(this.#flush);
  }

  readonly #flush = (): void => {
    const begun = this.now();
    const end = begun + this.milliseconds;
    const items = this.#items;
    const taken = takeSome(items, this.fewest, this.#hasTime(end), (item, at) => {
      if (item.isFull(largeBytes)) this.#large.push({ item, place: this.#taken + at });
      else item.flush();
    });
    this.#items = items.slice(taken);
    this.#taken += taken;
    const large = this.#large;
    this.#large = large.slice(takeSome(large, fewestLarge, this.#hasTime(end), ({ item }) => item.flush()));
    this.spent += this.now() - begun;
    this.onFlushed();
    if (this.size > 0) this.defer(this.#flush);
  };

  #hasTime(end: number): () => boolean {
    return () => this.now() < end;
  }
}

/**
 * Flushes outboxes with lines at the ends of turns, users' and guests' each in the order in which they were scheduled.
 * One scheduler serves all connections.
 */
export class FlushScheduler {
  readonly #users: FlushQueue;
  readonly #guests: FlushQueue;
  #waiters: Waiter[] = [];

  constructor({ now, defer, deferFirst }: FlushSurroundings = eventLoop) {
    this.#users = new FlushQueue(now, deferFirst, userMilliseconds, fewestUsers, () => this.#resolveWaiters());
    this.#guests = new FlushQueue(now, defer, guestMilliseconds, fewestGuests);
  }

  /**
   * Has the item flushed at the end of this turn, or of one of the next. The caller schedules an item once until then.
   */
  schedule(item: Flushable, isGuest = false): void {
    (isGuest ? this.#guests : this.#users).add(item);
  }

  /**
   * Fulfils when all outboxes of users that are scheduled now have been flushed, with the milliseconds that it took to
   * flush them. No guest is sent messages.
   */
  flushed(): Promise<number> {
    const { size, scheduled, spent } = this.#users;
    if (size === 0) return Promise.resolve(0);
    return new Promise((resolve) => this.#waiters.push({ until: scheduled, spent, resolve }));
  }

  #resolveWaiters(): void {
    const { flushed, spent } = this.#users;
    for (let first = this.#waiters[0]; first !== undefined && first.until <= flushed; first = this.#waiters[0]) {
      this.#waiters.shift();
      first.resolve(spent - first.spent);
    }
  }
}

/**
 * Calls `take` for the first items, `fewest` at least, while there is time. Answers for how many it did. What is added
 * meanwhile is left for the next turn: one write per socket and turn.
 */
function takeSome<Item>(
  items: readonly Item[],
  fewest: number,
  hasTime: () => boolean,
  take: (item: Item, at: number) => void,
): number {
  const count = items.length;
  let at = 0;
  for (const item of items) {
    if (at === count || (at >= fewest && !hasTime())) break;
    take(item, at);
    at += 1;
  }
  return at;
}
