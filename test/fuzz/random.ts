// Random numbers that a seed repeats (mulberry32), so that a failing run can be repeated.

/** A generator of random numbers: the same seed gives the same numbers. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** An integer from 0 to `limit` − 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.below(times) === 0;
  }

  /** One of the items, each as likely as the others. */
  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[this.below(items.length)] ?? items[0];
  }
}

/** A list in which each item stands as often as it weighs. */
export function weighted<Item>(
  first: readonly [number, Item],
  ...others: readonly (readonly [number, Item])[]
): readonly [Item, ...Item[]] {
  const items = [first, ...others].flatMap(([weight, item]) => Array<Item>(weight).fill(item));
  return [first[1], ...items.slice(1)];
}
