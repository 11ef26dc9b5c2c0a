// Encodes replies as lines, in the format of the session that reads them (PROTOCOL.md §3, §8). encode-event.ts encodes
// events, and post-replies.ts the replies to messages.
import type { Column, Members } from './columns.js';
import { characterBytes, fitted } from './fit.js';
import { defaultFormat, type LineFormat } from './format.js';
import { formOf } from './forms.js';
import { code } from './generated/codes.js';
import { resultColumns } from './generated/columns.js';
import { json } from '../text/json.js';
import { errorOf, type Ref, type Refusal } from './refusal.js';
import { inWords } from './words.js';

/** Items of a list that is encoded as JSON already. */
export interface EncodedItems extends Iterable<unknown> {
  /**
   * The first items as JSON, with commas between, and whether these are all: as many as fit in `bytes` where each takes
   * one byte more.
   */
  upTo(bytes: number): { readonly items: string; readonly isAll: boolean };
  /** The line that `make` makes of the items. Those who ask for it by the same key one after the other share it. */
  lineOf(key: string, make: () => string): Buffer;
}

/** A list among a reply's results. */
export interface List {
  readonly name: string;
  readonly items: Iterable<unknown> | EncodedItems;
  /** Whether the list goes on beyond the items that were asked for. */
  readonly more?: boolean;
}

/**
 * Encodes the reply line of a success. Members that are undefined are left out.
 * @param after the name behind which a list begins
 */
export function encodeSuccess(
  command: string,
  ref: Ref | undefined,
  results: object,
  format: LineFormat = defaultFormat,
  after?: string,
): string {
  const form = formOf(format);
  const line = form.success(command, ref, results as Members);
  if (fits(line, format)) return line;
  return fittedSuccess(command, ref, results as Members, format, after);
}

/**
 * Encodes the reply line of a success with a list. Where the line would grow too long, the list is cut and the line has
 * `"more":true` (PROTOCOL.md §1.3).
 */
export function encodeList(
  command: string,
  ref: Ref | undefined,
  results: object,
  list: List,
  format: LineFormat = defaultFormat,
  after?: string,
): string {
  if (format.form === 'json' && !format.ascii) {
    const line = jsonList(command, ref, results, list, format.maxLine);
    if (line !== undefined) return line;
  }
  const items: unknown[] = [];
  let { more } = list;
  const columns = resultColumns[command]?.find(({ name }) => name === list.name)?.of ?? [];
  let bytes = 0;
  for (const item of list.items) {
    // Those so far do not fit already: the texts of all others may be a hundred times as long.
    if (bytes > format.maxLine) more = true;
    if (bytes > format.maxLine) break;
    items.push(item);
    bytes += leastBytes(item, columns);
  }
  return encodeSuccess(command, ref, { ...results, [list.name]: items, more }, format, after);
}

/** As many bytes as an item of a list has at least, in any form: no escape is shorter than what it stands for. */
function leastBytes(item: unknown, columns: readonly Column[]): number {
  if (typeof item === 'string') return item.length + 1;
  let bytes = 1;
  for (const { name, kind } of columns) {
    const text = kind === 'name' || kind === 'text' ? (item as Members)[name] : undefined;
    if (typeof text === 'string') bytes += text.length;
  }
  return bytes;
}

/** The line in JSON, each item encoded once. Undefined where it has no room for even one of the items. */
function jsonList(
  command: string,
  ref: Ref | undefined,
  results: object,
  list: List,
  maxLine: number,
): string | undefined {
  const others = json({ command, ref, ...results }).slice(0, -1);
  const frame = `${code.ok}\t${others},"${list.name}":[],"more":false}\n`;
  const { items, isAll } = encodeItems(list.items, maxLine - Buffer.byteLength(frame));
  if (items === '' && !isAll) return undefined;
  const more = isAll ? list.more : true;
  return `${code.ok}\t${others},"${list.name}":[${items}]${more === undefined ? '' : `,"more":${more}`}}\n`;
}

function encodeItems(all: List['items'], bytes: number): ReturnType<EncodedItems['upTo']> {
  if (bytes < 0) return { items: '', isAll: false };
  if ('upTo' in all) return all.upTo(bytes);
  let bytesLeft = bytes;
  let items = '';
  for (const value of all) {
    const item = json(value);
    bytesLeft -= Buffer.byteLength(item) + 1;
    if (bytesLeft < 0) return { items, isAll: false };
    items += items === '' ? item : `,${item}`;
  }
  return { items, isAll: true };
}

function fittedSuccess(
  command: string,
  ref: Ref | undefined,
  results: Members,
  format: LineFormat,
  after: string | undefined,
): string {
  const form = formOf(format);
  const write = (members: Members): string => form.success(command, ref, members);
  const line = { ...form, write, members: results, columns: columnsOf(command, results), after };
  // Without its `ref` a line always fits: `refFits` has refused one that does not.
  return fitted(line, format.maxLine, 'texts and names') ?? form.success(command, undefined, {});
}

/** The columns of a reply, those of operators' commands by their values: these have lists that are cut. */
function columnsOf(command: string, results: Members): readonly Column[] {
  const columns = resultColumns[command] ?? [];
  const others = Object.keys(results).filter((name) => columns.every((column) => column.name !== name));
  return [
    ...columns,
    ...others.map((name) => ({ name, kind: Array.isArray(results[name]) ? 'list' : 'word' }) as const),
  ];
}

const refusalColumns: readonly Column[] = [{ name: 'error', kind: 'text' }];

/** Encodes the reply line of a refusal. Where it has no room for its `ref` and some of its error, that is left out. */
export function encodeRefusal(refusal: Refusal, format: LineFormat = defaultFormat): string {
  const { code: number, field, retry_after, command, ref } = refusal;
  const members = { code: number, command, ref, error: inWords(errorOf(refusal), format.language), field, retry_after };
  const form = formOf(format);
  const line = form.refusal(members);
  if (fits(line, format)) return line;
  const cutTo = (ofRef: Ref | undefined): string | undefined => {
    const write = ({ error }: Members): string => form.refusal({ ...members, ref: ofRef, error: String(error) });
    if (Buffer.byteLength(write({ error: '' })) + characterBytes > format.maxLine) return undefined;
    return fitted({ ...form, write, members, columns: refusalColumns }, format.maxLine, 'texts');
  };
  return cutTo(ref) ?? cutTo(undefined) ?? line;
}

/** Whether a line is short enough. */
export function fits(line: string, { maxLine }: LineFormat): boolean {
  // A UTF-16 unit has at most three bytes.
  return line.length * 3 <= maxLine || Buffer.byteLength(line) <= maxLine;
}

/** Writes milliseconds since 1970 as RFC 3339 in UTC (PROTOCOL.md §4.1). */
export function encodeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
