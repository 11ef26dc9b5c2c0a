// Flushes outboxes at the end of the event loop's turn, so that all lines of a turn leave in one write per socket.
// Where thousands of sockets are to be written, a turn writes some of them, and the next turns the others. Users come
// before guests: otherwise a message would wait behind the replies to a thousand guests that send ahead.
import { sliceMilliseconds, type LoopSurroundings } from '../loop/turn-end.js';

/**
 * How many outboxes of users, and of guests, a turn flushes at least: a busy machine may take all of its milliseconds
 * away, and users may take all of them from guests.
 */
const [fewestUsers, fewestGuests] = [32, 8];

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
 * Runs one callback per turn that flushes outboxes with lines, users' and guests' each in the order in which they were
 * scheduled. One scheduler serves all connections.
 */
export class FlushScheduler {
  readonly #now: () => number;
  readonly #defer: (run: () => void) => void;
  /** In the order in which they are to be flushed. */
  #users: Flushable[] = [];
  #guests: Flushable[] = [];
  /** How many of users were flushed so far. */
  #flushed = 0;
  #waiters: Waiter[] = [];

  constructor({ now, defer }: FlushSurroundings = eventLoop) {
    this.#now = now;
    this.#defer = defer;
  }

  /** Has the item flushed at the end of this turn, or of one of the next. The caller schedules an item once until then. */
  schedule(item: Flushable, isGuest = false): void {
    if (this.#users.length + this.#guests.length === 0) this.#defer(this.#flush);
    (isGuest ? this.#guests : this.#users).push(item);
  }

  /** Fulfils when all outboxes of users that are scheduled now have been flushed. No guest is sent messages. */
  flushed(): Promise<void> {
    if (this.#users.length === 0) return Promise.resolve();
    const until = this.#flushed + this.#users.length;
    return new Promise((resolve) => this.#waiters.push({ until, resolve }));
  }

  readonly #flush = (): void => {
    const end = this.#now() + sliceMilliseconds;
    // What is scheduled meanwhile is flushed in the next turn: one write per socket and turn.
    const [users, guests] = [this.#users, this.#guests];
    const [userCount, guestCount] = [users.length, guests.length];
    const flushedUsers = this.#flushSome(users, userCount, fewestUsers, end);
    const flushedGuests = this.#flushSome(guests, guestCount, fewestGuests, end);
    this.#users = users.slice(flushedUsers);
    this.#guests = guests.slice(flushedGuests);
    this.#flushed += flushedUsers;
    while (this.#waiters[0] !== undefined && this.#waiters[0].until <= this.#flushed) this.#waiters.shift()?.resolve();
    if (this.#users.length + this.#guests.length > 0) this.#defer(this.#flush);
  };

  /** Flushes the first `count` of the items until the time `end`, but `fewest` at least. Answers how many it flushed. */
  #flushSome(items: readonly Flushable[], count: number, fewest: number, end: number): number {
    let at = 0;
    while (at < count && (at < fewest || this.#now() < end)) {
      items[at]?.flush();
      at += 1;
    }
    return at;
  }
}
