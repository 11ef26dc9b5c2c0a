// Encodes replies and events as lines (PROTOCOL.md §3, §4). message-lines.ts encodes the lines of messages.
import { code } from './generated/codes.js';
import { event, operatorEvent } from './generated/events.js';
import { limits } from './generated/limits.js';
import { json } from '../text/json.js';
import { errorOf, type Ref, type Refusal } from './refusal.js';
import { inWords, type Language, type Sentence } from './words.js';

const eventCodes = { ...event, ...operatorEvent } as const;

function head(command: string, ref: Ref | undefined): string {
  return ref === undefined ? `{"command":"${command}"` : `{"command":"${command}","ref":${json(ref)}`;
}

/** Encodes the reply of a success. `results` is the members' JSON without braces, empty for none. */
function success(command: string, ref: Ref | undefined, results: string): string {
  return `${code.ok}\t${head(command, ref)}${results === '' ? '' : `,${results}`}}\n`;
}

/** Encodes the reply line of a success. Members that are undefined are left out. */
export function encodeSuccess(command: string, ref: Ref | undefined, results: object): string {
  return success(command, ref, json(results).slice(1, -1));
}

/** Items of a list that are encoded already. */
export interface EncodedItems {
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
 * Encodes the reply line of a success with a list. Where the line would grow too long, the list is cut and the line has
 * `"more":true` (PROTOCOL.md §1.3).
 */
export function encodeList(command: string, ref: Ref | undefined, results: object, list: List): string {
  const others = json(results).slice(1, -1);
  const frame = success(command, ref, `${others},"${list.name}":[],"more":false`);
  const { items, isAll } = encodeItems(list.items, limits.server_line_bytes - Buffer.byteLength(frame));
  const more = isAll ? list.more : true;
  const members = [others, `"${list.name}":[${items}]`, more === undefined ? '' : `"more":${more}`];
  return success(command, ref, members.filter((member) => member !== '').join(','));
}

function encodeItems(all: List['items'], bytes: number): ReturnType<EncodedItems['upTo']> {
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

/** Encodes the reply line of a refusal, with its `error` in that language. */
export function encodeRefusal(refusal: Refusal, language: Language = 'en'): string {
  const { code: number, field, retry_after, command, ref } = refusal;
  return `${number}\t${json({ command, ref, error: inWords(errorOf(refusal), language), field, retry_after })}\n`;
}

/** Encodes the line of an event. `MessageLines` encodes the events of messages, 100 and 110. */
export function encodeEvent(name: keyof typeof eventCodes, members: object): string {
  return `${eventCodes[name]}\t${json(members)}\n`;
}

/** Encodes event 199, the last line before a close. @param retryAfter milliseconds, where coming back makes sense */
export function encodeClosing(reason: Sentence, retryAfter: number | undefined, language: Language): string {
  return encodeEvent('closing', { reason: inWords(reason, language), retry_after: retryAfter });
}

/**
 * Encodes the reply line to a message. Ids are dense, so `prev` is the id − 1.
 * @param room the room's name as JSON
 * @param isDuplicate whether the message was stored before, under the same key (PROTOCOL.md §5.3)
 */
export function messageReply(
  ref: Ref | undefined,
  room: string,
  id: number,
  isDuplicate: boolean,
  command: 'chatroom_message' | 'post_message' | 'direct_message' | 'invite_user' = 'chatroom_message',
): string {
  const results = `"room":${room},"id":${id},"prev":${id - 1}`;
  return success(command, ref, isDuplicate ? `${results},"duplicate":true` : results);
}

/** Encodes the reply line to an invitation, whose notice is stored. */
export function invitationReply(ref: Ref | undefined): string {
  return success('invite_user', ref, '');
}

/** As `messageReply`, to direct_message. */
export function directReply(ref: Ref | undefined, id: number, isDuplicate: boolean): string {
  const results = `"id":${id},"prev":${id - 1}`;
  return success('direct_message', ref, isDuplicate ? `${results},"duplicate":true` : results);
}

/** Writes milliseconds since 1970 as RFC 3339 in UTC (PROTOCOL.md §4.1). */
export function encodeTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
