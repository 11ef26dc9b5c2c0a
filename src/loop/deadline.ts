// A fixed timeout shared by many items: they expire in start order, so one timer serves all.

/** Calls `onExpired` for each item that was started and not cancelled within a fixed time. */
export class Deadline<Item extends object> {
  readonly #milliseconds: number;
  readonly #onExpired: (item: Item) => void;
  /** When each item expires, on the monotonic clock. The order of insertion is the order of expiry. */
  readonly #expiries = new Map<Item, number>();
  #isScheduled = false;

  constructor(milliseconds: number, onExpired: (item: Item) => void) {
    this.#milliseconds = milliseconds;
    this.#onExpired = onExpired;
  }

  /** Starts the item's time. Does nothing if it runs already. */
  start(item: Item): void {
    if (this.#expiries.has(item)) return;
    this.#expiries.set(item, performance.now() + this.#milliseconds);
    if (!this.#isScheduled) this.#schedule(this.#milliseconds);
  }

  /** Cancels the item's time. Does nothing if it does not run. */
  cancel(item: Item): void {
    this.#expiries.delete(item);
  }

  #schedule(milliseconds: number): void {
    this.#isScheduled = true;
    setTimeout(() => this.#expire(), milliseconds).unref();
  }

  /** Expires all items whose time is over, those that `onExpired` starts included, and schedules the next check. */
  #expire(): void {
    for (const [item, expiry] of this.#expiries) {
      const left = expiry - performance.now();
      if (left > 0) {
        this.#schedule(Math.ceil(left));
        return;
      }
      this.#expiries.delete(item);
      this.#onExpired(item);
    }
    this.#isScheduled = false;
  }
}

/** Starts and cancels the time of items. */
export type Delay<Item extends object> = Pick<Deadline<Item>, 'start' | 'cancel'>;

/** Makes a delay, as the constructor of Deadline does. */
export type MakeDelay = <Item extends object>(milliseconds: number, onExpired: (item: Item) => void) => Delay<Item>;

/** Makes delays on the machine's clock. */
export const onTheClock: MakeDelay = (milliseconds, onExpired) => new Deadline(milliseconds, onExpired);
