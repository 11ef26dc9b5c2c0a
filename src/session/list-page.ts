// Makes one page of a list, for all commands that list something.

/** How many items a list has when no `limit` was asked for (PROTOCOL.md §6). */
export const defaultLimit = 100;

/**
 * Makes the answer with the first `limit` of `found`, and whether there are more.
 * @param name that of the list among the results
 * @param found one item more than `limit`, if there are so many
 */
export function listPage<Name extends string, Item, Shown>(
  name: Name,
  found: readonly Item[],
  limit: number,
  show: (item: Item) => Shown,
): {
  readonly results: object;
  readonly list: { readonly name: Name; readonly items: readonly Shown[]; readonly more: boolean };
} {
  return { results: {}, list: { name, items: found.slice(0, limit).map(show), more: found.length > limit } };
}
