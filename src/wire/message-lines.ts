// Messages → lines of events 100 and 110 (PROTOCOL.md §4.1, §5.3): all lines of a room are put together at once.
import { json } from '../text/json.js';
import { joinByteStrings, toByteString, type ByteString } from '../text/byte-string.js';
import { encodeTime } from './encode.js';
import { event } from './generated/events.js';
import type { Ref } from './refusal.js';

const prevMember = toByteString(',"prev":');

/**
 * What lines of messages begin with, up to the id.
 * @param name of the event: `past_message` for what was asked for
 * @param room the room's name as JSON
 * @param ref of the request that asked
 */
export function headPart(name: 'message' | 'past_message', room: string, ref?: Ref): ByteString {
  const asked = ref === undefined ? '' : `"ref":${json(ref)},`;
  return toByteString(`${event[name]}\t{${asked}"room":${room},"id":`);
}

/** What stands before the text in a line of this author. Worth keeping: it is the same for all that the author writes. */
export function authorPart(name: string): ByteString {
  return toByteString(`,"username":${json(name)},"message":"`);
}

/** What lines of messages end with, from the end of the text on. `time` is in milliseconds since 1970. */
export function timePart(time: number): ByteString {
  return `","time":"${encodeTime(time)}"}\n` as ByteString;
}

/**
 * Lines of messages of one room, put together from their parts: no line is made alone, and the bytes are joined once.
 * Ids are dense, so a line's `prev` is its id − 1.
 */
export class MessageLines {
  /** Where each line begins in the bytes. */
  readonly begins: number[] = [];
  readonly #head: ByteString;
  readonly #parts: ByteString[] = [];
  #length = 0;
  #id = NaN;
  #idDigits = digits(0);

  /** @param head from `headPart` */
  constructor(head: ByteString) {
    this.#head = head;
  }

  /** The bytes of all lines so far. */
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
    const prev = id - 1 === this.#id ? this.#idDigits : digits(id - 1);
    const head = this.#head;
    this.#idDigits = digits(id);
    this.#id = id;
    this.begins.push(this.#length);
    this.#parts.push(head, this.#idDigits, prevMember, prev, author, text, time);
    this.#length +=
      head.length + this.#idDigits.length + prevMember.length + prev.length + author.length + text.length + time.length;
  }

  /** The bytes of all lines. */
  toBuffer(): Buffer {
    return joinByteStrings(this.#parts);
  }
}

function digits(number: number): ByteString {
  return String(number) as ByteString;
}
