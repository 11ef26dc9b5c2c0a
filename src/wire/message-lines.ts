// Encodes messages as the lines of events 100, 104, 110 and 112 (PROTOCOL.md §4.1, §5.3). All lines of a room are
// joined at once.
import { json } from '../text/json.js';
import { joinByteStrings, toByteString, type ByteString } from '../text/byte-string.js';
import { encodeTime } from './encode.js';
import { event } from './generated/events.js';
import type { Ref } from './refusal.js';

const prevMember = toByteString(',"prev":');

/** The events of messages. Those of the past are of messages that a request asked for. */
export type MessageEvent = 'message' | 'past_message' | 'direct_message' | 'past_direct_message';

/**
 * Encodes the beginning of a message's line, up to the id.
 * @param room the room's name as JSON; undefined for a private message
 * @param ref that of the request
 */
export function headPart(name: MessageEvent, room: string | undefined, ref?: Ref): ByteString {
  const asked = ref === undefined ? '' : `"ref":${json(ref)},`;
  const place = room === undefined ? '' : `"room":${room},`;
  return toByteString(`${event[name]}\t{${asked}${place}"id":`);
}

/** Encodes the part of a line before the text. Cache it: it is the same for all messages of an author. */
export function authorPart(name: string): ByteString {
  return toByteString(`,"username":${json(name)},"message":"`);
}

/** Encodes the part of a private message's line before the text. Cache it. */
export function directAuthorPart(from: string, to: string): ByteString {
  return toByteString(`,"from":${json(from)},"to":${json(to)},"message":"`);
}

/** Encodes the end of a line, after the text. `time` is in milliseconds since 1970. */
export function timePart(time: number): ByteString {
  return `","time":"${encodeTime(time)}"}\n` as ByteString;
}

/** What a line says of a message that is more than a plain text (PROTOCOL.md §4.6). */
export interface Marks {
  readonly kind: string;
  /** The id of the message that it is about, 0 for none. */
  readonly re: number;
  /** The id of its newest edit; undefined for none. */
  readonly edited: number | undefined;
  readonly isDeleted: boolean;
}

/** Encodes the end of the line of a message with `marks`, after the text. */
export function markedTimePart(time: number, marks: Marks): ByteString {
  return `","time":"${encodeTime(time)}"${members(marks)}}\n` as ByteString;
}

/** Encodes what stands in the place of author and text in the line of a message that is shown without its text. */
export function textlessPart(name: string): ByteString {
  return toByteString(`,"username":${json(name)}`);
}

/** As `textlessPart`, of a private message. */
export function directTextlessPart(from: string, to: string): ByteString {
  return toByteString(`,"from":${json(from)},"to":${json(to)}`);
}

/** Encodes the end of such a line. */
export function textlessTimePart(time: number, marks: Marks): ByteString {
  return `,"time":"${encodeTime(time)}"${members(marks)}}\n` as ByteString;
}

function members({ kind, re, edited, isDeleted }: Marks): string {
  const ofKind = kind === 'text' ? '' : `,"kind":"${kind}"`;
  const ofRe = re === 0 ? '' : `,"re":${re}`;
  const ofEdited = edited === undefined ? '' : `,"edited":${edited}`;
  return `${ofKind}${ofRe}${ofEdited}${isDeleted ? ',"deleted":true' : ''}`;
}

/**
 * Gathers the parts of one room's lines, and joins all parts at once instead of encoding each line. Ids are dense, so
 * a line's `prev` is its id − 1, but for one that `follow` names.
 */
export class MessageLines {
  /** Where each line begins in the bytes of `toBuffer`. */
  readonly begins: number[] = [];
  readonly #head: ByteString;
  readonly #parts: ByteString[] = [];
  #length = 0;
  #id = NaN;
  #idDigits = digits(0);
  /** The line with this id says that it follows `#followed`. */
  #following = NaN;
  #followed = 0;

  /** @param head from `headPart` */
  constructor(head: ByteString) {
    this.#head = head;
  }

  /** How many bytes all lines so far have. */
  get length(): number {
    return this.#length;
  }

  /**
   * Adds a line.
   * @param author from `authorPart`
   * @param text as it stands between the quotes in JSON
   * @param time from `timePart`
   */
  add(id: number, author: ByteString, text: ByteString, time: ByteString): void {
    const prev =
      id - 1 === this.#id ? this.#idDigits : id === this.#following ? digits(this.#followed) : digits(id - 1);
    const head = this.#head;
    this.#idDigits = digits(id);
    this.#id = id;
    this.begins.push(this.#length);
    this.#parts.push(head, this.#idDigits, prevMember, prev, author, text, time);
    this.#length +=
      head.length + this.#idDigits.length + prevMember.length + prev.length + author.length + text.length + time.length;
  }

  /** Has the line with that id say that it follows `prev`: what lies between was trimmed (PROTOCOL.md §4.1). */
  follow(id: number, prev: number): void {
    this.#following = id;
    this.#followed = prev;
  }

  /** The bytes of all lines. */
  toBuffer(): Buffer {
    return joinByteStrings(this.#parts);
  }
}

function digits(number: number): ByteString {
  return String(number) as ByteString;
}
