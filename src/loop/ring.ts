// A queue whose first item may go behind the others instead of leaving. On average a call takes the same time however
// many items wait. Pure.

/**
 * The places of items that have left are removed together: once there are this many of them, and no fewer than items
 * that wait.
 */
const fewestLeft = 32;

/** Items in the order in which their turns come. */
export class Ring<Item> {
  /** The places of items that have left, which are empty, and behind them the items that wait. */
  readonly #items: (Item | undefined)[] = [];
  /** The place of the first one that waits. */
  #begin = 0;

  /** How many items wait. */
  get size(): number {
    return this.#items.length - this.#begin;
  }

  /** The item whose turn it is; undefined if none waits. */
  get first(): Item | undefined {
    return this.#items[this.#begin];
  }

  /** Adds an item, as the last. */
  add(item: Item): void {
    this.#items.push(item);
  }

  /** Removes the first item and answers it; undefined if none waits. */
  take(): Item | undefined {
    const { first } = this;
    if (this.size === 0) return undefined;
    this.#items[this.#begin] = undefined;
    this.#begin += 1;
    if (this.#begin >= Math.max(fewestLeft, this.size)) this.#begin -= this.#items.splice(0, this.#begin).length;
    return first;
  }

  /** Puts the first item behind the others. */
  rotate(): void {
    const first = this.take();
    if (first !== undefined) this.add(first);
  }
}
