// A drain ends connections one after the other, evenly over a time that can be changed while it runs.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two looks at who is to go. */
const stepMilliseconds = 50;

export class Drain<Item> {
  /** The items that are there, in the order in which they are to go. */
  readonly #items: ReadonlyMap<Item, unknown>;
  readonly #told = new Set<Item>();
  /** When the present pace began, how many items were left then, and the milliseconds in which they are to go. */
  #begun = 0;
  #before = 0;
  #milliseconds = 0;
  #running: Promise<void> | undefined;

  constructor(items: ReadonlyMap<Item, unknown>, milliseconds: number) {
    this.#items = items;
    this.pace(milliseconds);
  }

  /** From now on, the items that are left are to go within so many milliseconds. */
  pace(milliseconds: number): void {
    this.#begun = performance.now();
    this.#before = this.#left().length;
    this.#milliseconds = milliseconds;
  }

  /** Calls `end` for one item after the other. Fulfils when it was called for all. A second call joins the first. */
  run(end: (item: Item) => void): Promise<void> {
    this.#running ??= this.#run(end);
    return this.#running;
  }

  async #run(end: (item: Item) => void): Promise<void> {
    for (let left = this.#left(); left.length > 0; left = this.#left()) {
      await sleep(stepMilliseconds);
      const share = this.#milliseconds === 0 ? 1 : Math.min(1, (performance.now() - this.#begun) / this.#milliseconds);
      left = this.#left();
      for (const item of left.slice(0, Math.max(0, left.length - Math.floor(this.#before * (1 - share))))) {
        this.#told.add(item);
        end(item);
      }
    }
  }

  /** The items that are there and were not told yet. */
  #left(): Item[] {
    return Array.from(this.#items.keys()).filter((item) => !this.#told.has(item));
  }
}
