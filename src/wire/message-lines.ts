// Messages → lines of events 100 and 110 (PROTOCOL.md §4.1, §5.3): all lines of a room are put together at once.
import { json } from '../text/json.js';
import { joinByteStrings, toByteString, type ByteString } from '../text/byte-string.js';
import { encodeTime } from './encode.js';
import { event } from './generated/events.js';
import type { Ref } from './refusal.js';

const prevMember = toByteString(',"prev":');

/** What stands before the text in a line of this author. Worth keeping: it is the same for all that the author writes. */
export function authorPart(name: string): ByteString {
  return toByteString(`,"username":${json(name)},"message":"`);
}

/**
 * Lines of messages of one room, put together from their parts: no line is made alone, and the bytes are joined once.
 * Ids are dense, so a line's `prev` is its id − 1.
 */
export class MessageLines {
  /** Where each line begins in the bytes. */
  readonly begins: number[] = [];
  readonly #parts: ByteString[] = [];
  readonly #head: ByteString;
  #tail: ByteString;
  /** The end of a line and the beginning of the next. */
  #between: ByteString;
  /** What stands before the next id. */
  #before: ByteString;
  #length = 0;
  #id = NaN;
  #idDigits = toByteString('');

  /**
   * @param name of the event: `past_message` for what was asked for
   * @param room the room's name as JSON
   * @param time of the first messages, in milliseconds since 1970
   * @param ref of the request that asked
   */
  constructor(name: 'message' | 'past_message', room: string, time: number, ref?: Ref) {
    const asked = ref === undefined ? '' : `"ref":${json(ref)},`;
    this.#head = toByteString(`${event[name]}\t{${asked}"room":${room},"id":`);
    this.#before = this.#head;
    this.#tail = tailOf(time);
    this.#between = (this.#tail + this.#head) as ByteString;
  }

  /** The bytes of all lines so far. */
  get length(): number {
    return this.#length;
  }

  /** The time of the messages that are added from here on, in milliseconds since 1970. */
  setTime(time: number): void {
    this.#tail = tailOf(time);
    this.#between = (this.#tail + this.#head) as ByteString;
  }

  /** @param author from `authorPart` @param text as it stands between the quotes in JSON */
  add(id: number, author: ByteString, text: ByteString): void {
    const prev = id - 1 === this.#id ? this.#idDigits : digits(id - 1);
    this.#idDigits = digits(id);
    this.#id = id;
    this.#parts.push(this.#before, this.#idDigits, prevMember, prev, author, text);
    this.#before = this.#between;
    this.begins.push(this.#length);
    this.#length +=
      this.#between.length + this.#idDigits.length + prevMember.length + prev.length + author.length + text.length;
  }

  /** The bytes of all lines. Nothing may be added afterwards. */
  toBuffer(): Buffer {
    if (this.#length > 0) this.#parts.push(this.#tail);
    return joinByteStrings(this.#parts);
  }
}

function digits(number: number): ByteString {
  return String(number) as ByteString;
}

function tailOf(time: number): ByteString {
  return toByteString(`","time":"${encodeTime(time)}"}\n`);
}
