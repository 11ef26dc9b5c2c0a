// Delays that pass when a test says so (src/chat/grace.ts).
import type { Delay, MakeDelay } from '../../src/loop/deadline.js';

/** A clock whose time passes when a test says so. */
export class ManualClock {
  #now = 0;
  readonly #checks: (() => void)[] = [];
  /** How many items run, of all delays. */
  running = 0;

  /** Makes a delay on this clock. */
  readonly makeDelay: MakeDelay = <Item extends object>(
    milliseconds: number,
    onExpired: (item: Item) => void,
  ): Delay<Item> => {
    const expiries = new Map<Item, number>();
    this.#checks.push(() => {
      for (const [item, expiry] of expiries) {
        if (expiry > this.#now) return;
        expiries.delete(item);
        this.running -= 1;
        onExpired(item);
      }
    });
    return {
      start: (item) => {
        if (expiries.has(item)) return;
        expiries.set(item, this.#now + milliseconds);
        this.running += 1;
      },
      cancel: (item) => {
        if (expiries.delete(item)) this.running -= 1;
      },
    };
  };

  /** Lets that many milliseconds pass. */
  pass(milliseconds: number): void {
    this.#now += milliseconds;
    for (const check of this.#checks) check();
  }
}
