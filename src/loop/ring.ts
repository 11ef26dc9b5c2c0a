// A queue whose first item may go behind the others instead of leaving. Each method takes the same time however many
// items wait. Pure.

/** How many places of items that have left stay at the beginning, until they are as many as the items that wait. */
const fewestLeft = 32;

/** Items in the order in which their turns come. */
export class Ring<Item> {
  /** Those that wait, behind those that have left. */
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
  goOn(): void {
    const first = this.take();
    if (first !== undefined) this.add(first);
  }
}
