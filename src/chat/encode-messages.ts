// Encodes stored messages as lines, for the members of a room and for requests of its past. It copies the bytes of
// texts unchanged.
import type { Author, Messages, Page } from '../store/log.js';
import { byteStringOf, sliceByteString, type ByteString } from '../text/byte-string.js';
import {
  authorPart,
  markedTimePart,
  textlessPart,
  textlessTimePart,
  timePart,
  type MessageLines,
} from '../wire/message-lines.js';

const noEdits: Page['edited'] = new Map();
const noText = '' as ByteString;

/** Encodes who wrote a message. */
export interface AuthorParts {
  /** The part of a line before the text. */
  before(author: Author): ByteString;
  /** What stands in the place of that part and the text, where the text is left out. */
  instead(author: Author): ByteString;
}

const authorParts = new WeakMap<Author, ByteString>();

function roomPartOf(author: Author): ByteString {
  let part = authorParts.get(author);
  if (part === undefined) {
    part = authorPart(author.name);
    authorParts.set(author, part);
  }
  return part;
}

const roomParts: AuthorParts = { before: roomPartOf, instead: ({ name }) => textlessPart(name) };

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
   * Adds messages.
   * @param edited the newest edit of each of them that has one
   * @param isTextless whether their texts are left out
   * @param parts encode who wrote
   */
  add(
    lines: MessageLines,
    messages: Messages,
    edited: Page['edited'] = noEdits,
    isTextless = false,
    parts: AuthorParts = roomParts,
  ): void {
    const { first, time, authors, texts, kinds, about } = messages;
    const bytes = this.#read(texts.bytes);
    const ending = this.#endingOf(time);
    const hasEdits = edited.size > 0;
    for (let place = 0; place < authors.length; place += 1) {
      const author = authors[place];
      if (author === undefined) return;
      const [begin, end] = [texts.begins[place] ?? 0, texts.ends[place] ?? 0];
      const text = sliceByteString(bytes, begin, end);
      const id = first + place;
      const isMarked = isTextless || kinds[place] !== 'text' || about[place] !== 0 || begin === end;
      if (!isMarked && !(hasEdits && edited.has(id))) {
        lines.add(id, parts.before(author), text, ending);
        continue;
      }
      const marks = {
        kind: kinds[place] ?? 'text',
        re: about[place] ?? 0,
        edited: edited.get(id),
        isDeleted: end === begin,
      };
      if (isTextless || marks.isDeleted) lines.add(id, parts.instead(author), noText, textlessTimePart(time, marks));
      else lines.add(id, parts.before(author), text, markedTimePart(time, marks));
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
