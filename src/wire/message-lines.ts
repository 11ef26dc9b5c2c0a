// Encodes messages as the lines of events 100, 104, 110 and 112 (PROTOCOL.md §4.1, §5.3), in the forms `json` and
// `tsv`. All lines of a room are joined at once from parts, most of which many lines share.
import { json } from '../text/json.js';
import { joinByteStrings, toByteString, type ByteString } from '../text/byte-string.js';
import { encodeTime } from './encode.js';
import { event } from './generated/events.js';
import type { Ref } from './refusal.js';
import { tsvField } from './tsv-form.js';

/** The events of messages. Those of the past are of messages that a request asked for. */
export type MessageEvent = 'message' | 'past_message' | 'direct_message' | 'past_direct_message';

/** The room whose messages they are, or the ends of a private conversation. */
export interface MessagePlace {
  readonly event: MessageEvent;
  /** The room's name; undefined for a private message. */
  readonly room: string | undefined;
  /** That of the request; undefined where none asked. */
  readonly ref: Ref | undefined;
}

/** Who wrote a message. */
export interface Writer {
  readonly name: string;
  /** To whom, in a private conversation. */
  readonly to: string | undefined;
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

/** How a form makes the parts of a line. A line is head, id, `betweenIds`, prev, writer, text, ending. */
export interface MessageLayout {
  /** The beginning, up to the id. */
  head(place: MessagePlace): ByteString;
  readonly betweenIds: ByteString;
  /** From behind `prev` up to the text. Cache it: it is the same for all messages of an author. */
  writer(writer: Writer): ByteString;
  /** A text, from how it stands between the quotes in JSON. */
  text(json: ByteString): ByteString;
  /** The end, after the text. `time` is in milliseconds since 1970, `marks` undefined for a plain text. */
  ending(place: MessagePlace, time: number, marks: Marks | undefined): ByteString;
  /** As `writer` and `ending`, of a line that has no text. */
  writerWithoutText(writer: Writer): ByteString;
  endingWithoutText(place: MessagePlace, time: number, marks: Marks): ByteString;
}

/** The form `json`. */
export const jsonLayout: MessageLayout = {
  head: ({ event: name, room, ref }) => {
    const asked = ref === undefined ? '' : `"ref":${json(ref)},`;
    const place = room === undefined ? '' : `"room":${json(room)},`;
    return toByteString(`${event[name]}\t{${asked}${place}"id":`);
  },
  betweenIds: toByteString(',"prev":'),
  writer: (writer) => toByteString(`${jsonNames(writer)},"message":"`),
  text: (text) => text,
  ending: (_place, time, marks) => `",${jsonTime(time)}${jsonMarks(marks)}}\n` as ByteString,
  writerWithoutText: (writer) => toByteString(jsonNames(writer)),
  endingWithoutText: (_place, time, marks) => `,${jsonTime(time)}${jsonMarks(marks)}}\n` as ByteString,
};

function jsonNames({ name, to }: Writer): string {
  return to === undefined ? `,"username":${json(name)}` : `,"from":${json(name)},"to":${json(to)}`;
}

function jsonTime(time: number): string {
  return `"time":"${encodeTime(time)}"`;
}

function jsonMarks(marks: Marks | undefined): string {
  if (marks === undefined) return '';
  const { kind, re, edited, isDeleted } = marks;
  const ofKind = kind === 'text' ? '' : `,"kind":"${kind}"`;
  const ofRe = re === 0 ? '' : `,"re":${re}`;
  const ofEdited = edited === undefined ? '' : `,"edited":${edited}`;
  return `${ofKind}${ofRe}${ofEdited}${isDeleted ? ',"deleted":true' : ''}`;
}

const tsvWriter = ({ name, to }: Writer): ByteString =>
  toByteString(to === undefined ? `\t${name}\t` : `\t${name}\t${to}\t`);

const tsvEnding: MessageLayout['ending'] = ({ event: name, ref }, time, marks) => {
  const kind = marks === undefined || marks.kind === 'text' ? '' : marks.kind;
  const re = marks === undefined || marks.re === 0 ? '' : String(marks.re);
  const beginning = `\t${encodeTime(time)}\t${kind}\t${re}\t`;
  if (name === 'message' || name === 'direct_message') return `${beginning}\n` as ByteString;
  const deleted = tsvField(marks === undefined ? undefined : marks.isDeleted || undefined);
  return toByteString(`${beginning}${tsvField(marks?.edited)}\t${deleted}\t\t${tsvField(ref)}\n`);
};

/** An escape of JSON that `tsv` does not have: all others are the same in both. */
const jsonEscape = /\\["\\bf]/g;
const inTsv: ReadonlyMap<string, string> = new Map([
  ['\\"', '"'],
  ['\\\\', '\\\\'],
  ['\\b', '\\u0008'],
  ['\\f', '\\u000c'],
]);

/** The form `tsv`. Names have nothing in them that is escaped. */
export const tsvLayout: MessageLayout = {
  head: ({ event: name, room }) => toByteString(room === undefined ? `${event[name]}\t` : `${event[name]}\t${room}\t`),
  betweenIds: toByteString('\t'),
  writer: tsvWriter,
  text: (text) =>
    text.includes('\\') ? (text.replace(jsonEscape, (escape) => inTsv.get(escape) ?? escape) as ByteString) : text,
  ending: tsvEnding,
  writerWithoutText: tsvWriter,
  endingWithoutText: tsvEnding,
};

/**
 * Gathers the parts of one room's lines, and joins all parts at once instead of encoding each line. Ids are dense, so
 * a line's `prev` is its id − 1, but for one that `follow` names.
 */
export class MessageLines {
  /** Where each line begins in the bytes of `toBuffer`. */
  readonly begins: number[] = [];
  readonly #head: ByteString;
  readonly #betweenIds: ByteString;
  readonly #maxLine: number;
  readonly #parts: ByteString[] = [];
  #length = 0;
  #longest = 0;
  #id = NaN;
  #idDigits = digits(0);
  /** The line with this id says that it follows `#followed`. */
  #following = NaN;
  #followed = 0;

  /** @param maxLine the most bytes of a line that `add` adds, its LF included */
  constructor(head: ByteString, { betweenIds }: Pick<MessageLayout, 'betweenIds'> = jsonLayout, maxLine = Infinity) {
    this.#head = head;
    this.#betweenIds = betweenIds;
    this.#maxLine = maxLine;
  }

  /** How many bytes all lines so far have. */
  get length(): number {
    return this.#length;
  }

  /** How many bytes the longest line so far has. */
  get longest(): number {
    return this.#longest;
  }

  /**
   * Adds a line. False where it would be too long: then it has to be added by `addLine`.
   * @param writer from the layout, as are `text` and `ending`
   */
  add(id: number, writer: ByteString, text: ByteString, ending: ByteString): boolean {
    const prev = id - 1 === this.#id ? this.#idDigits : digits(this.prevOf(id));
    const head = this.#head;
    const idDigits = digits(id);
    const length =
      head.length +
      idDigits.length +
      this.#betweenIds.length +
      prev.length +
      writer.length +
      text.length +
      ending.length;
    if (length > this.#maxLine) return false;
    this.#idDigits = idDigits;
    this.#id = id;
    this.#parts.push(head, idDigits, this.#betweenIds, prev, writer, text, ending);
    this.#added(length);
    return true;
  }

  /** Adds a line that is encoded already. */
  addLine(line: ByteString): void {
    this.#id = NaN;
    this.#parts.push(line);
    this.#added(line.length);
  }

  #added(length: number): void {
    this.begins.push(this.#length);
    this.#length += length;
    if (length > this.#longest) this.#longest = length;
  }

  /** Has the line with that id say that it follows `prev`: what lies between was trimmed (PROTOCOL.md §4.1). */
  follow(id: number, prev: number): void {
    this.#following = id;
    this.#followed = prev;
  }

  /** The `prev` of the line with that id. */
  prevOf(id: number): number {
    return id === this.#following ? this.#followed : id - 1;
  }

  /** The bytes of all lines. */
  toBuffer(): Buffer {
    return joinByteStrings(this.#parts);
  }
}

function digits(number: number): ByteString {
  return String(number) as ByteString;
}
