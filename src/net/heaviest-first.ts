// Orders many things by weight without sorting them: with thousands of them a sort takes longer than a step may. They
// are put into classes of about one weight each.

/** How many classes of weight there are. */
const mostClasses = 8 * 31;

/**
 * The class of a weight, a greater one for a greater weight: eight from each power of two to the next, so that the
 * largest of a class has an eighth more than the smallest. 2 ** 30 and more are one class.
 */
function classOf(weight: number): number {
  const size = Math.min(2 ** 30, Math.max(8, weight)) | 0;
  const power = 31 - Math.clz32(size);
  return 8 * power + ((size >> (power - 3)) & 7) - 8;
}

/** How things are ordered. */
export interface Order<Item> {
  readonly includes: (item: Item) => boolean;
  /** The weight of an item, not negative. */
  readonly weigh: (item: Item) => number;
  /** Whether an item comes only after all that are not. */
  readonly isLast: (item: Item) => boolean;
}

/**
 * Iterates the heaviest items first. Those of about the same weight come in no order. All items are looked at before
 * the first one is answered, so they may change during the iteration.
 */
export function* heaviestFirst<Item>(items: Iterable<Item>, { includes, weigh, isLast }: Order<Item>): Iterable<Item> {
  const classes: Item[][] = [];
  for (const item of items) {
    if (!includes(item)) continue;
    const place = isLast(item) ? classOf(weigh(item)) : classOf(weigh(item)) + mostClasses;
    (classes[place] ??= []).push(item);
  }
  for (let place = classes.length - 1; place >= 0; place -= 1) yield* classes[place] ?? [];
}
