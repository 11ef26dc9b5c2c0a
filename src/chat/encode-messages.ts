// Stored messages → lines, for those who hear a room and those who ask for its past. The bytes of texts are copied as they are.
import type { Author, Messages } from '../store/log.js';
import { byteStringOf, sliceByteString, type ByteString } from '../text/byte-string.js';
import { authorPart, type MessageLines } from '../wire/message-lines.js';

const authorParts = new WeakMap<Author, ByteString>();

function partOf(author: Author): ByteString {
  let part = authorParts.get(author);
  if (part === undefined) {
    part = authorPart(author.name);
    authorParts.set(author, part);
  }
  return part;
}

/** Adds stored messages to lines. One encoder serves all messages of a commit or a page: their texts share buffers. */
export class MessageEncoder {
  #bytes: Buffer | undefined;
  #byteString: ByteString | undefined;

  /** Adds the messages from place `begin` to `end`, that one not included. */
  add(lines: MessageLines, { first, authors, texts }: Messages, begin = 0, end = authors.length): void {
    const bytes = this.#read(texts.bytes);
    for (let place = begin; place < end; place += 1) {
      const author = authors[place];
      if (author === undefined) return;
      const text = sliceByteString(bytes, texts.begins[place] ?? 0, texts.ends[place] ?? 0);
      lines.add(first + place, partOf(author), text);
    }
  }

  #read(bytes: Buffer): ByteString {
    if (this.#byteString === undefined || this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#byteString = byteStringOf(bytes);
    }
    return this.#byteString;
  }
}
