// Encodes messages as the lines of events 100 and 110 (PROTOCOL.md §4.1, §5.3). All lines of a room are joined at once.
import { json } from '../text/json.js';
import { joinByteStrings, toByteString, type ByteString } from '../text/byte-string.js';
import { encodeTime } from './encode.js';
import { event } from './generated/events.js';
import type { Ref } from './refusal.js';

const prevMember = toByteString(',"prev":');

/**
 * Encodes the beginning of a message's line, up to the id.
 * @param name the event's: `past_message` for stored messages that a request asked for
 * @param room the room's name as JSON
 * @param ref that of the request
 */
export function headPart(name: 'message' | 'past_message', room: string, ref?: Ref): ByteString {
  const asked = ref === undefined ? '' : `"ref":${json(ref)},`;
  return toByteString(`${event[name]}\t{${asked}"room":${room},"id":`);
}

/** Encodes the part of a line before the text. Cache it: it is the same for all messages of an author. */
export function authorPart(name: string): ByteString {
  return toByteString(`,"username":${json(name)},"message":"`);
}

/** Encodes the end of a line, after the text. `time` is in milliseconds since 1970. */
export function timePart(time: number): ByteString {
  return `","time":"${encodeTime(time)}"}\n` as ByteString;
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
