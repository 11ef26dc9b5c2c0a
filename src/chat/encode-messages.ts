// Encodes stored messages as lines, for the members of a room and for requests of its past. It copies the bytes of
// texts unchanged.
import type { Author, Messages } from '../store/log.js';
import { byteStringOf, sliceByteString, type ByteString } from '../text/byte-string.js';
import { authorPart, timePart, type MessageLines } from '../wire/message-lines.js';

const authorParts = new WeakMap<Author, ByteString>();

function roomPartOf(author: Author): ByteString {
  let part = authorParts.get(author);
  if (part === undefined) {
    part = authorPart(author.name);
    authorParts.set(author, part);
  }
  return part;
}

/**
 * Adds stored messages to lines. Use one encoder for all messages of a commit or a page, because their texts share
 * buffers.
 */
export class MessageEncoder {
  #bytes: Buffer | undefined;
  #byteString: ByteString | undefined;
  #time = NaN;
  #timePart: ByteString | undefined;

  /**
   * Adds the messages from the place `begin` up to `end`, which is not included.
   * @param partOf encodes who wrote, where it is not a room's message
   */
  add(
    lines: MessageLines,
    { first, time, authors, texts }: Messages,
    begin = 0,
    end = authors.length,
    partOf: (author: Author) => ByteString = roomPartOf,
  ): void {
    const bytes = this.#read(texts.bytes);
    const ending = this.#endingOf(time);
    for (let place = begin; place < end; place += 1) {
      const author = authors[place];
      if (author === undefined) return;
      const text = sliceByteString(bytes, texts.begins[place] ?? 0, texts.ends[place] ?? 0);
      lines.add(first + place, partOf(author), text, ending);
    }
  }

  #endingOf(time: number): ByteString {
    if (this.#timePart === undefined || this.#time !== time) {
      this.#time = time;
      this.#timePart = timePart(time);
    }
    return this.#timePart;
  }

  #read(bytes: Buffer): ByteString {
    if (this.#byteString === undefined || this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#byteString = byteStringOf(bytes);
    }
    return this.#byteString;
  }
}
