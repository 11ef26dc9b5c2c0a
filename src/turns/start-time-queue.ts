// Start-time fair queueing (P. Goyal, H. Vin, H. Cheng, "Start-Time Fair Queuing", 1996): whoever has used less has the
// next turn. A virtual time says how much each may have used by now. Whoever comes after a while begins at the present,
// so it goes before those who have used more, and gets nothing for the time in which it wanted nothing. Pure.

/** Who has turns. Made by its owner, and changed by the queue alone, but for `size`. */
export interface Account {
  readonly key: string;
  /** How many items wait. The owner tells the queue when it becomes more than 0. */
  size: number;
  /** The virtual time at which its next turn begins. */
  start: number;
  /** Of accounts with one start, the lower one is first. Whoever has just come is before those who had a turn. */
  order: number;
  /** Its place in the heap. */
  place: number;
}

/** What an account may be ahead of the virtual time at most: nobody waits for ever for one long turn. */
const maxAhead = 8;

/** Is added to the order of those who had a turn. */
const hadTurn = 2 ** 50;

/** Accounts in the order in which they have turns. All but `heaviest` take logarithmic time. */
export class StartTimeQueue<Entry extends Account> {
  readonly #entries = new Map<string, Entry>();
  /** A binary heap by `isBefore`. Whoever waits no more leaves it when its turn comes. */
  readonly #heap: Entry[] = [];
  /** The virtual time: the start of the last turn. */
  #now = 0;
  #lastOrder = 0;

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  /** Adds an account that nothing waits for yet. */
  add(entry: Entry): void {
    this.#entries.set(entry.key, entry);
    entry.start = this.#now;
    entry.order = this.#lastOrder += 1;
    entry.place = this.#heap.length;
    this.#heap.push(entry);
    this.#rise(entry);
  }

  /** Reports that something waits for an account for which nothing waited. */
  woke(entry: Entry): void {
    if (entry.start >= this.#now) return;
    this.#move(entry, this.#now, 0);
  }

  /** The account whose turn it is; undefined if none waits. It has to be charged for the turn. */
  next(): Entry | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (first.size > 0) {
        this.#now = first.start;
        return first;
      }
      this.#remove(first);
    }
    return undefined;
  }

  /** Lets others go first for what the account has used. */
  charge(entry: Entry, cost: number): void {
    this.#move(entry, Math.min(Math.max(this.#now, entry.start) + cost, this.#now + maxAhead), hadTurn);
  }

  /** The account of the greatest weight; of equal ones the newest. */
  heaviest(weightOf: (entry: Entry) => number): Entry | undefined {
    let [heaviest, most]: [Entry | undefined, number] = [undefined, 0];
    for (const entry of this.#entries.values()) {
      const weight = weightOf(entry);
      if (weight >= most) [heaviest, most] = [entry, weight];
    }
    return heaviest;
  }

  #remove(first: Entry): void {
    this.#entries.delete(first.key);
    const last = this.#heap.pop();
    if (last === undefined || last === first) return;
    this.#put(last, 0);
    this.#sink(last);
  }

  /** Moves an account to a later start, behind those of its order that have it already. */
  #move(entry: Entry, start: number, order: number): void {
    entry.start = start;
    this.#lastOrder += 1;
    entry.order = this.#lastOrder + order;
    this.#sink(entry);
  }

  #put(entry: Entry, place: number): void {
    this.#heap[place] = entry;
    entry.place = place;
  }

  #rise(entry: Entry): void {
    for (let { place } = entry; place > 0; ) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent];
      if (above === undefined || isBefore(above, entry)) return;
      this.#put(above, place);
      this.#put(entry, parent);
      place = parent;
    }
  }

  #sink(entry: Entry): void {
    for (;;) {
      const { place } = entry;
      const [left, right] = [this.#heap[2 * place + 1], this.#heap[2 * place + 2]];
      const below = right !== undefined && left !== undefined && isBefore(right, left) ? right : left;
      if (below === undefined || isBefore(entry, below)) return;
      const lower = below.place;
      this.#put(below, place);
      this.#put(entry, lower);
    }
  }
}

function isBefore(one: Account, other: Account): boolean {
  return one.start < other.start || (one.start === other.start && one.order < other.order);
}
