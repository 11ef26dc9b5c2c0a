// Finds places in lists that are kept in order.

/**
 * Answers the place of the first item of an ascending list that is not before what is looked for, the list's length if
 * all are. Looks at as many items as the length has binary digits.
 * @param compare negative for an item that is before what is looked for
 */
export function placeIn<Item>(items: readonly Item[], compare: (item: Item) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && compare(item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
