// Times that differ for each of many items, with one timer for all: a wheel of slots, each of which has the items that
// are due in the same half second. Adding, moving and removing an item costs the same however many there are.

/** Milliseconds of one slot: how late an item is looked at, at most. */
const slotMilliseconds = 500;

/** How many slots there are. An item whose time is farther away is looked at once in a round of the wheel. */
const slotCount = 64;

/** Something that waits in a wheel. */
export interface WheelItem {
  /** For the wheel alone: the number of its slot; -1 while it waits in none. */
  slot: number;
}

/** Items that wait for their times. */
export class Wheel<Item extends WheelItem> {
  readonly #onDue: (items: readonly Item[], late: number) => void;
  readonly #slots: readonly Set<Item>[] = Array.from({ length: slotCount }, () => new Set<Item>());
  #size = 0;
  /** The number of the next slot to look at: the slot `n` is looked at from `n` times its length on. */
  #next = 0;
  #isScheduled = false;

  /**
   * @param onDue is called with the items of a slot, which are in the wheel no more. `late` is how many milliseconds
   *   later than planned it is called: many where the process did not run
   */
  constructor(onDue: (items: readonly Item[], late: number) => void) {
    this.#onDue = onDue;
  }

  /** How many items wait. */
  get size(): number {
    return this.#size;
  }

  /** The items that wait. */
  *[Symbol.iterator](): Generator<Item> {
    for (const slot of this.#slots) yield* slot;
  }

  /**
   * Adds an item that is in no slot. It is due at that time on the monotonic clock, or half a second later; or within
   * half a minute, if the time is farther away: then the caller adds it again.
   */
  add(item: Item, time: number): void {
    if (this.#size === 0 && !this.#isScheduled) this.#next = Math.floor(performance.now() / slotMilliseconds) + 1;
    const number = Math.ceil(time / slotMilliseconds);
    // One slot less than all: the one that is looked at now may not be empty yet.
    item.slot = Math.min(Math.max(number, this.#next), this.#next + slotCount - 2) % slotCount;
    this.#slots[item.slot]?.add(item);
    this.#size += 1;
    if (!this.#isScheduled) this.#schedule();
  }

  /** Removes an item. Does nothing if it is in no slot. */
  delete(item: Item): void {
    if (this.#slots[item.slot]?.delete(item) !== true) return;
    item.slot = -1;
    this.#size -= 1;
  }

  #schedule(): void {
    this.#isScheduled = true;
    const pause = Math.max(1, Math.ceil(this.#next * slotMilliseconds - performance.now()));
    setTimeout(() => this.#turn(), pause).unref();
  }

  /** Looks at the slots whose time has come. The timer runs only while something waits. */
  #turn(): void {
    const now = performance.now();
    const late = Math.max(0, now - this.#next * slotMilliseconds);
    const last = Math.floor(now / slotMilliseconds);
    const due: Item[] = [];
    for (let number = Math.max(this.#next, last - slotCount + 1); number <= last; number += 1) {
      const slot = this.#slots[number % slotCount] ?? new Set<Item>();
      for (const item of slot) {
        item.slot = -1;
        due.push(item);
      }
      slot.clear();
    }
    this.#size -= due.length;
    this.#next = Math.max(this.#next, last + 1);
    if (due.length > 0) this.#onDue(due, late);
    this.#isScheduled = false;
    if (this.#size > 0) this.#schedule();
  }
}
