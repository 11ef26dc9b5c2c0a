// Makes lines that fit in a session's `max_line` (PROTOCOL.md §8.3): lists and texts are cut, and names where nothing
// else is left to cut.
import type { Column, Members } from './columns.js';
import { beginningOf } from './escapes.js';

/** A line that is too long as it is. */
export interface LongLine {
  readonly members: Members;
  readonly columns: readonly Column[];
  /** Writes a line of these members, its LF included. */
  readonly write: (members: Members) => string;
  /** Writes a text as it stands in the line. */
  readonly escape: (text: string) => string;
  /** Writes a text as it stands in an item of a list. */
  readonly escapeInList: (text: string) => string;
  /** The name behind which the list begins, as the client has read it: perhaps one that was cut. */
  readonly after?: string | undefined;
}

/** One character of a text has room in that many bytes, whatever the form. */
export const characterBytes = 12;

/** What may be cut besides lists: texts alone, or names too where that is not enough. */
export type Cuttable = 'texts' | 'texts and names';

/**
 * The line with its list and its texts cut so that it has at most `maxLine` bytes. Undefined where it has more even
 * without them. A list is cut first and keeps at least one item where that fits; of the texts the last gives way first.
 */
export function fitted(line: LongLine, maxLine: number, cuttable: Cuttable): string | undefined {
  const list = line.columns.find(({ name, kind }) => isList(kind) && itemsOf(line, name).length > 0);
  if (list === undefined) {
    const members = cut(line, maxLine, cuttable);
    return members === undefined ? undefined : line.write(members);
  }
  const items = itemsOf(line, list.name);
  const bare = cut({ ...line, members: { ...line.members, [list.name]: [], more: true } }, maxLine, cuttable);
  if (bare === undefined) return undefined;
  const withItems = (some: readonly unknown[]): Members =>
    some.length < items.length
      ? { ...bare, [list.name]: some }
      : { ...bare, [list.name]: some, more: line.members['more'] };
  const fits = (count: number): boolean => lengthOf(line, withItems(items.slice(0, count))) <= maxLine;
  let some: readonly unknown[] = items.slice(0, countThatFits(items.length, fits));
  if (some.length > 0) return line.write(withItems(some));
  some = cutItem(line, list, withItems, maxLine);
  // It was shown as the last one of the page before: else the client would get the same page for ever.
  if (isNamed(some[0], list, line.after)) {
    return fitted({ ...line, members: { ...line.members, [list.name]: items.slice(1) } }, maxLine, cuttable);
  }
  return line.write(withItems(some));
}

/**
 * How many of the items have room, up to `all`. It looks at few beginnings of the list, the short ones first: a line of
 * all items may be far too long.
 */
function countThatFits(all: number, fits: (count: number) => boolean): number {
  let [least, most] = [0, 1];
  while (most < all && fits(most)) [least, most] = [most, most * 2];
  if (most >= all) {
    if (fits(all)) return all;
    most = all;
  }
  while (most - least > 1) {
    const middle = (least + most) >> 1;
    if (fits(middle)) least = middle;
    else most = middle;
  }
  return least;
}

/** Whether the item has that name. */
function isNamed(item: unknown, { of = [] }: Column, name: string | undefined): boolean {
  const column = of.find(({ kind }) => kind === 'name');
  return name !== undefined && column !== undefined && (item as Members | undefined)?.[column.name] === name;
}

/** The items of a list; none where it is absent. */
function itemsOf({ members }: LongLine, name: string): readonly unknown[] {
  const items = members[name];
  return Array.isArray(items) ? items : [];
}

function isList(kind: Column['kind']): boolean {
  return kind === 'list' || kind === 'names';
}

function lengthOf({ write }: LongLine, members: Members): number {
  return Buffer.byteLength(write(members));
}

/** Cuts the texts of the line, and then its names where these are cuttable, until it fits. */
function cut(line: LongLine, maxLine: number, cuttable: Cuttable): Members | undefined {
  const namesOf = (kind: Column['kind']): readonly string[] =>
    line.columns.filter((column) => column.kind === kind).map(({ name }) => name);
  const inOrder = [...namesOf('text').toReversed(), ...(cuttable === 'texts' ? [] : namesOf('name').toReversed())];
  let { members } = line;
  for (const name of inOrder) {
    if (lengthOf(line, members) <= maxLine) return members;
    members = cutOne(line, members, name, maxLine);
  }
  return lengthOf(line, members) <= maxLine ? members : undefined;
}

/** Cuts one text as little as necessary; to nothing where that is not enough. */
function cutOne(line: LongLine, members: Members, name: string, maxLine: number): Members {
  const text = members[name];
  if (typeof text !== 'string' || text === '') return members;
  const marked = { ...members, ...markOf(name, text, members) };
  let left = maxLine - lengthOf(line, { ...marked, [name]: '' });
  while (left > 0) {
    const shorter = { ...marked, [name]: beginningOf(text, left, line.escape) };
    const over = lengthOf(line, shorter) - maxLine;
    if (over <= 0) return shorter;
    // The form `text` leaves out a part of the sentence where a text is empty.
    left -= over;
  }
  return { ...marked, [name]: '' };
}

/** What tells that a message's text is cut: its length in bytes, or that the piece goes on. */
function markOf(name: string, text: string, members: Members): Members {
  if (name !== 'message') return {};
  return 'offset' in members ? { more: true } : { cut: Buffer.byteLength(text) };
}

/** The first item alone, its texts cut so that the line fits; its name too where nothing else is left. */
function cutItem(
  line: LongLine,
  list: Column,
  withItems: (some: readonly unknown[]) => Members,
  maxLine: number,
): readonly unknown[] {
  const [first] = line.members[list.name] as readonly unknown[];
  if (list.of === undefined || typeof first !== 'object' || first === null) return [];
  const item = cut(
    {
      ...line,
      members: first as Members,
      columns: list.of,
      escape: line.escapeInList,
      write: (members) => line.write(withItems([members])),
    },
    maxLine,
    'texts and names',
  );
  return item === undefined ? [] : [item];
}
