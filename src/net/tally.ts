// Counts things by key and in total.

/** Counts by key. A key whose count is 0 takes no memory. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #total = 0;

  /** The sum of all counts. */
  get total(): number {
    return this.#total;
  }

  /** The count of a key. */
  of(key: string): number {
    return this.#counts.get(key) ?? 0;
  }

  /** Adds one to the key's count. */
  add(key: string): void {
    this.#total += 1;
    this.#counts.set(key, this.of(key) + 1);
  }

  /** Takes one from the key's count. Does nothing if it is 0. */
  remove(key: string): void {
    const count = this.of(key);
    if (count === 0) return;
    this.#total -= 1;
    if (count > 1) this.#counts.set(key, count - 1);
    else this.#counts.delete(key);
  }
}
