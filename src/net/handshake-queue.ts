// Decides which TLS handshakes run and which wait: so many at one time in total and from one address. Pure:
// handshakes.ts does what is decided here.

/** The current limits. They are read at each decision, so a reload can change them. */
export interface HandshakeLimits {
  /** The most handshakes that run at one time, in total. */
  readonly maxHandshakes: number;
  /** The most handshakes that run at one time from one address. */
  readonly maxHandshakesPerAddress: number;
}

/** What the queue knows of one handshake. */
interface Entry {
  /** The address, or its /64. */
  readonly key: string;
  readonly isExempt: boolean;
  /** When it began to run, on the monotonic clock; undefined while it waits. */
  since: number | undefined;
}

/**
 * Milliseconds that a handshake may take without giving way to one that waits. Two round trips are well within them.
 */
export const undisturbedMilliseconds = 2000;

/** The handshakes that wait and those that run. The addresses take turns; within an address the first comes first. */
export class HandshakeQueue<Item extends object> {
  readonly #limits: HandshakeLimits;
  readonly #entries = new Map<Item, Entry>();
  /** The running ones by key. The oldest of a key is the first of its set. */
  readonly #running = new Map<string, Set<Item>>();
  /** The waiting ones by key. The key whose turn is next is the first. */
  readonly #waiting = new Map<string, Set<Item>>();
  #runningCount = 0;

  constructor(limits: HandshakeLimits) {
    this.#limits = limits;
  }

  /** How many handshakes run. */
  get running(): number {
    return this.#runningCount;
  }

  /** How many handshakes wait until they may run. */
  get waiting(): number {
    return this.#entries.size - this.#runningCount;
  }

  /** Adds a handshake, which waits until `next` returns it. One of an exempt address meets only the total limit. */
  add(item: Item, key: string, isExempt: boolean): void {
    this.#entries.set(item, { key, isExempt, since: undefined });
    insert(this.#waiting, key, item);
  }

  /** Returns the next handshake that may run, and counts it as running; undefined if none may. */
  next(now: number): Item | undefined {
    if (this.#runningCount >= this.#limits.maxHandshakes) return undefined;
    const item = this.#nextWaiting();
    const entry = item === undefined ? undefined : this.#entries.get(item);
    if (item === undefined || entry === undefined) return undefined;
    entry.since = now;
    const { key } = entry;
    const others = this.#waiting.get(key);
    drop(this.#waiting, key, item);
    // The key's other handshakes wait until the other addresses have had their turns.
    if (others !== undefined && this.#waiting.delete(key)) this.#waiting.set(key, others);
    insert(this.#running, key, item);
    this.#runningCount += 1;
    return item;
  }

  /** Removes a handshake that has ended, whether it ran or waited. Does nothing if it is not there. */
  remove(item: Item): void {
    const entry = this.#entries.get(item);
    if (entry === undefined) return;
    this.#entries.delete(item);
    if (entry.since === undefined) {
      drop(this.#waiting, entry.key, item);
    } else {
      drop(this.#running, entry.key, item);
      this.#runningCount -= 1;
    }
  }

  /**
   * The handshake that has to give way when another could run but all places are taken: the oldest one of the address
   * that has the most. Undefined if it has begun less than `undisturbedMilliseconds` ago, or if nobody needs its place.
   */
  toGiveWay(now: number): Item | undefined {
    if (this.#runningCount < this.#limits.maxHandshakes || this.#nextWaiting() === undefined) return undefined;
    let most: ReadonlySet<Item> = new Set();
    for (const items of this.#running.values()) if (items.size > most.size) most = items;
    for (const item of most) {
      const since = this.#entries.get(item)?.since ?? now;
      return now - since < undisturbedMilliseconds ? undefined : item;
    }
    return undefined;
  }

  /** The waiting handshake whose turn it is, if its address has a place left. */
  #nextWaiting(): Item | undefined {
    for (const [key, items] of this.#waiting) {
      const running = this.#running.get(key)?.size ?? 0;
      for (const item of items) {
        const isExempt = this.#entries.get(item)?.isExempt === true;
        if (isExempt || running < this.#limits.maxHandshakesPerAddress) return item;
        break;
      }
    }
    return undefined;
  }
}

function insert<Item>(sets: Map<string, Set<Item>>, key: string, item: Item): void {
  const items = sets.get(key);
  if (items === undefined) sets.set(key, new Set([item]));
  else items.add(item);
}

function drop<Item>(sets: Map<string, Set<Item>>, key: string, item: Item): void {
  const items = sets.get(key);
  if (items?.delete(item) === true && items.size === 0) sets.delete(key);
}
