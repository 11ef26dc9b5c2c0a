// Reads and makes one page of a list, for all commands that list something.
import { nameKey } from '../text/names.js';
import { limits } from '../wire/generated/limits.js';

/** How many items a list has when no `limit` was asked for (PROTOCOL.md §6). */
export const defaultLimit = 100;

/** How many items are read at a time: the common list in one. */
const partSize = 128;

/** The bytes of the shortest item in a line, without its name: `; ` and ` (0)` in the form `text`. */
const leastItemBytes = 6;

/** Some items of a list that is read in parts. */
export interface ListPart<Item> {
  readonly items: readonly Item[];
  /** The key after which the list goes on; undefined where it ends. */
  readonly next: string | undefined;
}

/**
 * Reads a list in parts: one item more than `limit`, if there are so many; fewer where the names of these are more than
 * the reply has room for, however short the rest of them is.
 * @param after the name after which the list begins
 * @param read reads at most `most` items after the key `from`. It may find fewer although more come
 */
export async function readList<Item extends { readonly name: string }>(
  after: string | undefined,
  limit: number,
  read: (from: string, most: number) => Promise<ListPart<Item>>,
): Promise<readonly Item[]> {
  const found: Item[] = [];
  let bytes = 0;
  let from: string | undefined = after === undefined ? '' : nameKey(after);
  while (from !== undefined && found.length <= limit && bytes <= limits.server_line_bytes) {
    const { items, next }: ListPart<Item> = await read(from, Math.min(partSize, limit + 1 - found.length));
    found.push(...items);
    for (const { name } of items) bytes += Buffer.byteLength(name) + leastItemBytes;
    from = next;
  }
  return found;
}

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
