// Ends connections one after the other, evenly over a time that can be changed while that goes on.
import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds between two steps, each of which ends the items that are due. */
const stepMilliseconds = 50;

/** One drain over a map of items. Items may come and go while it runs. */
export class Drain<Item> {
  /** The items that are open, in the order in which they are to end. */
  readonly #items: ReadonlyMap<Item, unknown>;
  readonly #ended = new Set<Item>();
  /** When the present duration was set, on the monotonic clock; how many items were left then; and the duration. */
  #started = 0;
  #leftAtStart = 0;
  #milliseconds = 0;
  #running: Promise<void> | undefined;

  constructor(items: ReadonlyMap<Item, unknown>, milliseconds: number) {
    this.#items = items;
    this.setDuration(milliseconds);
  }

  /** Has the items that are left end within so many milliseconds from now on. */
  setDuration(milliseconds: number): void {
    this.#started = performance.now();
    this.#leftAtStart = this.#left().length;
    this.#milliseconds = milliseconds;
  }

  /** Calls `end` for one item after the other. Fulfils when it was called for all. A second call joins the first. */
  run(end: (item: Item) => void): Promise<void> {
    this.#running ??= this.#run(end);
    return this.#running;
  }

  async #run(end: (item: Item) => void): Promise<void> {
    while (this.#left().length > 0) {
      await sleep(stepMilliseconds);
      const elapsed = performance.now() - this.#started;
      const share = this.#milliseconds === 0 ? 1 : Math.min(1, elapsed / this.#milliseconds);
      const left = this.#left();
      const staying = Math.floor(this.#leftAtStart * (1 - share));
      for (const item of left.slice(0, Math.max(0, left.length - staying))) {
        this.#ended.add(item);
        end(item);
      }
    }
  }

  /** The items that are open and that `end` was not called for. */
  #left(): Item[] {
    return Array.from(this.#items.keys()).filter((item) => !this.#ended.has(item));
  }
}
