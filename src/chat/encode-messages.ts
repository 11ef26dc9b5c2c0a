// Encodes stored messages as lines, for the members of a room and for requests of its past. In the forms `json` and
// `tsv` it copies the bytes of texts; other lines, and those that have to be cut, are encoded one by one.
import type { Author, Messages, Page } from '../store/log.js';
import { byteStringOf, sliceByteString, toByteString, type ByteString } from '../text/byte-string.js';
import { encodeEvent } from '../wire/encode-event.js';
import { encodeTime } from '../wire/encode.js';
import type { LineFormat, Written } from '../wire/format.js';
import type { Ref } from '../wire/refusal.js';
import {
  jsonLayout,
  MessageLines,
  tsvLayout,
  type Marks,
  type MessageLayout,
  type MessagePlace,
} from '../wire/message-lines.js';

/** Whose messages are encoded, and how they are shown. */
export interface Shape extends MessagePlace {
  /** To whom an author wrote, in a private conversation. */
  readonly toOf?: (author: Author) => string;
  /** The other user of a private conversation, seen from who reads it. */
  readonly partner?: string;
  /** The newest edit of each message that has one. */
  readonly edited?: Page['edited'];
  /** Whether the texts are left out. */
  readonly isTextless?: boolean;
  /** The `prev` of the first message, where it is not the id before. */
  readonly prev?: number | undefined;
}

/** The shape of messages of a private conversation. @param reader the user who reads them */
export function directShape(
  event: 'direct_message' | 'past_direct_message',
  conversation: { toOf(author: Pick<Author, 'id'>): string },
  reader: Pick<Author, 'id'>,
  more: Pick<Shape, 'edited' | 'isTextless'> & { readonly ref?: Ref | undefined } = {},
): Shape {
  const partner = conversation.toOf(reader);
  return { room: undefined, ref: undefined, ...more, event, toOf: (author) => conversation.toOf(author), partner };
}

/** Lines of messages. */
export interface EncodedMessages extends Written {
  readonly bytes: Buffer;
  /** Where each line begins in the bytes. */
  readonly begins: readonly number[];
}

/** The parts from which a format's lines are joined; undefined where each line is encoded by itself. */
function partsOf({ form, ascii }: LineFormat): SharedParts | undefined {
  if (ascii || form === 'text') return undefined;
  return form === 'json' ? inJson : inTsv;
}

const noEdits: Page['edited'] = new Map();
const noText = '' as ByteString;

/** The parts of lines that many messages share: the heads of rooms, and the writers in rooms. */
class SharedParts {
  readonly #heads = new WeakMap<Shape, ByteString>();
  readonly #writers = new WeakMap<Author, ByteString>();

  constructor(readonly layout: MessageLayout) {}

  head(shape: Shape): ByteString {
    let part = this.#heads.get(shape);
    if (part === undefined) this.#heads.set(shape, (part = this.layout.head(shape)));
    return part;
  }

  writer({ toOf }: Shape, author: Author): ByteString {
    if (toOf !== undefined) return this.layout.writer({ name: author.name, to: toOf(author) });
    let part = this.#writers.get(author);
    if (part === undefined)
      this.#writers.set(author, (part = this.layout.writer({ name: author.name, to: undefined })));
    return part;
  }
}

const inJson = new SharedParts(jsonLayout);
const inTsv = new SharedParts(tsvLayout);

/** Encodes the messages of a commit or of a page: their texts share buffers, which are read once. */
export class MessageEncoder {
  /** The last ending that was made: the messages of a commit have the same time, in all rooms. */
  #ending:
    | { readonly layout: MessageLayout; readonly event: string; readonly time: number; readonly part: ByteString }
    | undefined;
  #bytes: Buffer | undefined;
  #byteString: ByteString | undefined;

  /** Encodes messages of one room or conversation. */
  encode(shape: Shape, all: readonly Messages[], format: LineFormat): EncodedMessages {
    const parts = partsOf(format);
    const { layout } = parts ?? inJson;
    const lines = new MessageLines((parts ?? inJson).head(shape), layout, parts === undefined ? 0 : format.maxLine);
    const first = all[0]?.first ?? 0;
    if (shape.prev !== undefined && shape.prev !== first - 1) lines.follow(first, shape.prev);
    for (const messages of all) this.#add(lines, shape, messages, parts, format);
    return { bytes: lines.toBuffer(), begins: lines.begins, longest: lines.longest };
  }

  #add(
    lines: MessageLines,
    shape: Shape,
    { first, time, authors, texts, kinds, about }: Messages,
    parts: SharedParts | undefined,
    format: LineFormat,
  ): void {
    const { edited = noEdits, isTextless = false } = shape;
    const bytes = this.#read(texts.bytes);
    const plainEnding = parts === undefined ? noText : this.#endingOf(parts.layout, shape, time);
    const hasEdits = edited.size > 0;
    for (let place = 0; place < authors.length; place += 1) {
      const author = authors[place];
      if (author === undefined) return;
      const [begin, end] = [texts.begins[place] ?? 0, texts.ends[place] ?? 0];
      const text = isTextless ? noText : sliceByteString(bytes, begin, end);
      const id = first + place;
      const isPlain = text.length > 0 && kinds[place] === 'text' && about[place] === 0 && !(hasEdits && edited.has(id));
      // Most lines are these.
      if (isPlain && parts?.layout !== undefined) {
        const writer = parts.writer(shape, author);
        if (lines.add(id, writer, parts.layout.text(text), plainEnding)) continue;
      }
      const marks = {
        kind: kinds[place] ?? 'text',
        re: about[place] ?? 0,
        edited: edited.get(id),
        isDeleted: end === begin,
      };
      const message = { id, author, text, time, marks };
      if (parts === undefined || isPlain || !addMarked(lines, shape, message, parts))
        lines.addLine(encodeOne(shape, message, lines.prevOf(id), format));
    }
  }

  /** The ending of lines of plain texts. */
  #endingOf(layout: MessageLayout, shape: Shape, time: number): ByteString {
    const { event, ref } = shape;
    const last = this.#ending;
    if (ref === undefined && last?.time === time && last.layout === layout && last.event === event) return last.part;
    const part = layout.ending(shape, time, undefined);
    if (ref === undefined) this.#ending = { layout, event, time, part };
    return part;
  }

  #read(bytes: Buffer): ByteString {
    if (this.#byteString === undefined || this.#bytes !== bytes) {
      this.#bytes = bytes;
      this.#byteString = byteStringOf(bytes);
    }
    return this.#byteString;
  }
}

interface OneMessage {
  readonly id: number;
  readonly author: Author;
  /** As it stands between the quotes in JSON; empty where it is left out, or deleted. */
  readonly text: ByteString;
  readonly time: number;
  readonly marks: Marks;
}

/** Adds the line of a message that is more than a plain text. False where it is too long. */
function addMarked(
  lines: MessageLines,
  shape: Shape,
  { id, author, text, time, marks }: OneMessage,
  parts: SharedParts,
): boolean {
  const { layout } = parts;
  if (text.length > 0)
    return lines.add(id, parts.writer(shape, author), layout.text(text), layout.ending(shape, time, marks));
  const writer = { name: author.name, to: shape.toOf?.(author) };
  return lines.add(id, layout.writerWithoutText(writer), noText, layout.endingWithoutText(shape, time, marks));
}

/** Encodes a line by its members. */
function encodeOne(
  { event, room, ref, toOf, partner }: Shape,
  { id, author, text, time, marks: { kind, re, edited, isDeleted } }: OneMessage,
  prev: number,
  format: LineFormat,
): ByteString {
  const members = {
    ref,
    room,
    id,
    prev,
    ...(toOf === undefined ? { username: author.name } : { from: author.name, to: toOf(author) }),
    message: text.length === 0 ? undefined : textOf(text),
    time: encodeTime(time),
    kind: kind === 'text' ? undefined : kind,
    re: re === 0 ? undefined : re,
    edited,
    deleted: isDeleted || undefined,
  };
  return toByteString(encodeEvent(event, members, format, partner));
}

/** The text whose JSON has these bytes between its quotes. */
function textOf(bytes: ByteString): string {
  return JSON.parse(`"${Buffer.from(bytes, 'latin1').toString('utf8')}"`) as string;
}
