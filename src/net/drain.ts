// Ends connections one after the other, evenly over a time that can be changed during the drain.
import { setTimeout as sleep } from 'node:timers/promises';
import type { EndTogether } from './connection-options.js';

/** Milliseconds between two steps, each of which ends the items that are due. */
const stepMilliseconds = 50;

/** One drain over a map of items. Items may come and go while it runs. */
export class Drain<Item> {
  /** The items that are open, in the order in which they are to end. */
  readonly #items: ReadonlyMap<Item, unknown>;
  readonly #ended = new Set<Item>();
  readonly #together: EndTogether;
  /** When the current duration was set, on the monotonic clock. */
  #started = 0;
  /** How many items were left then. */
  #leftAtStart = 0;
  /** The current duration. */
  #milliseconds = 0;
  #running: Promise<void> | undefined;

  constructor(items: ReadonlyMap<Item, unknown>, milliseconds: number, together: EndTogether) {
    this.#items = items;
    this.#together = together;
    this.setDuration(milliseconds);
  }

  /** Spreads the items that are left over so many milliseconds from now on. */
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
      await this.#together(left.slice(0, Math.max(0, left.length - staying)), (item) => {
        this.#ended.add(item);
        end(item);
      });
    }
  }

  /** The open items for which `end` was not called yet. */
  #left(): Item[] {
    return Array.from(this.#items.keys()).filter((item) => !this.#ended.has(item));
  }
}
