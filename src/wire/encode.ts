// Encodes replies and events as lines, in the format of the session that reads them (PROTOCOL.md §3, §4, §8).
// message-lines.ts encodes the lines of messages.
import type { Column, Members } from './columns.js';
import { characterBytes, fitted } from './fit.js';
import { defaultFormat, languageOfTexts, PerFormat, type LineFormat, type Written } from './format.js';
import { formOf } from './forms.js';
import { code } from './generated/codes.js';
import { eventColumns, resultColumns } from './generated/columns.js';
import { limits } from './generated/limits.js';
import { json } from '../text/json.js';
import { eventCodes, type EventName } from './line-form.js';
import { errorOf, type Ref, type Refusal } from './refusal.js';
import { inWords, type Sentence } from './words.js';

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

/** Encodes the reply line of a success. Members that are undefined are left out. */
export function encodeSuccess(
  command: string,
  ref: Ref | undefined,
  results: object,
  format: LineFormat = defaultFormat,
): string {
  const form = formOf(format);
  const line = form.success(command, ref, results as Members);
  if (fits(line, format)) return line;
  return fittedSuccess(command, ref, results as Members, format);
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
): string {
  if (format.form === 'json' && !format.ascii) {
    const line = jsonList(command, ref, results, list, format.maxLine);
    if (line !== undefined) return line;
  }
  const items: unknown[] = [];
  let { more } = list;
  let bytesLeft = format.maxLine;
  for (const item of list.items) {
    if (bytesLeft < 0) more = true;
    if (bytesLeft < 0) break;
    items.push(item);
    bytesLeft -= leastBytes(item);
  }
  return encodeSuccess(command, ref, { ...results, [list.name]: items, more }, format);
}

/** As few bytes as an item takes in any form. */
function leastBytes(item: unknown): number {
  return typeof item === 'string' ? Buffer.byteLength(item) + 1 : 1;
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

function fittedSuccess(command: string, ref: Ref | undefined, results: Members, format: LineFormat): string {
  const form = formOf(format);
  const write = (members: Members): string => form.success(command, ref, members);
  const line = { ...form, write, members: results, columns: columnsOf(command, results) };
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

/** Encodes event 199, the last line before a close. @param retryAfter milliseconds, where coming back makes sense */
export function encodeClosing(reason: Sentence, retryAfter: number | undefined, format = defaultFormat): string {
  return encodeEvent('closing', { reason, retry_after: retryAfter }, format);
}

/**
 * Encodes the line of an event. `MessageLines` encodes the many events of messages. An event that has too much besides
 * its text is 113 (PROTOCOL.md §8.3).
 * @param partner the other user of a private message, whom no member names by itself
 */
export function encodeEvent(
  name: EventName,
  members: object,
  format: LineFormat = defaultFormat,
  partner?: string,
): string {
  const form = formOf(format);
  const worded = inFormat(members as Members, format);
  const line = form.event(name, worded);
  if (fits(line, format)) return line;
  const write = (cut: Members): string => form.event(name, cut);
  const long = { ...form, write, members: worded, columns: eventColumns[name] ?? [] };
  return fitted(long, format.maxLine, 'texts') ?? encodeOmitted(name, { with: partner, ...worded }, format);
}

/** Puts the `reason` of an event into words, where it is a sentence of the catalogues. */
function inFormat(members: Members, format: LineFormat): Members {
  const { reason } = members;
  if (typeof reason !== 'object') return members;
  return { ...members, reason: inWords(reason as Sentence, languageOfTexts(format)) };
}

/** Encodes the event that tells of one that does not fit. */
function encodeOmitted(name: EventName, { room, with: partner, id, prev }: Members, format: LineFormat): string {
  const form = formOf(format);
  const write = (cut: Members): string => form.event('omitted', cut);
  const members = { code: eventCodes[name], room, with: partner, id, prev };
  const long = { ...form, write, members, columns: eventColumns['omitted'] ?? [] };
  return fitted(long, format.maxLine, 'texts and names') ?? write({ code: eventCodes[name] });
}

/** Whether a line is short enough. */
function fits(line: string, { maxLine }: LineFormat): boolean {
  // A UTF-16 unit has at most three bytes.
  return line.length * 3 <= maxLine || Buffer.byteLength(line) <= maxLine;
}

/** An event as it is written for those who read it. */
export interface WrittenEvent extends Written {
  readonly bytes: Buffer;
}

/** An event that many may read. It is encoded once for each format. */
export class EventLine extends PerFormat<WrittenEvent> {
  /** @param members in the order of PROTOCOL.md's table */
  constructor(
    readonly name: EventName,
    private readonly members: object,
  ) {
    super((format) => {
      const bytes = Buffer.from(this.encode(format));
      return { bytes, longest: bytes.length };
    });
  }

  /** Encodes the line, for whoever puts it among others. */
  encode(format: LineFormat): string {
    return encodeEvent(this.name, this.members, format);
  }
}

/** The commands whose reply tells of a message that was stored. */
type PostingCommand = 'chatroom_message' | 'post_message' | 'direct_message' | 'invite_user';

/**
 * Encodes the reply line to a message. Ids are dense, so `prev` is the id − 1.
 * @param room the room's name and its JSON
 * @param isDuplicate whether the message was stored before, under the same key (PROTOCOL.md §5.3)
 */
export function messageReply(
  ref: Ref | undefined,
  room: { readonly name: string; readonly json: string },
  id: number,
  isDuplicate: boolean,
  command: PostingCommand = 'chatroom_message',
  format: LineFormat = defaultFormat,
): string {
  // Most replies are these.
  if (format.variant === 0 && ref === undefined && !isDuplicate && format.maxLine >= limits.server_line_bytes) {
    return `${code.ok}\t{"command":"${command}","room":${room.json},"id":${id},"prev":${id - 1}}\n`;
  }
  const duplicate = isDuplicate ? true : undefined;
  return encodeSuccess(command, ref, { room: room.name, id, prev: id - 1, duplicate }, format);
}

/** Encodes the reply line to an invitation, whose notice is stored. */
export function invitationReply(ref: Ref | undefined, format: LineFormat = defaultFormat): string {
  return encodeSuccess('invite_user', ref, {}, format);
}

/** As `messageReply`, to direct_message. */
export function directReply(
  ref: Ref | undefined,
  id: number,
  isDuplicate: boolean,
  format: LineFormat = defaultFormat,
): string {
  return encodeSuccess('direct_message', ref, { id, prev: id - 1, duplicate: isDuplicate ? true : undefined }, format);
}

/** Writes milliseconds since 1970 as RFC 3339 in UTC (PROTOCOL.md §4.1). */
export function encodeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
