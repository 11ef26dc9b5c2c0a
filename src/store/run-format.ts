// The bytes of a run: neighbouring messages of one log as an adapter stores them in one row. They are the same in every
// database that salond uses. The row says which log, time and first id they have.
//
//   run      format message*        format: one byte, 1; another number is another layout
//   message  head author [about] length text, or head author [about] where it was deleted
//   head     one byte: bits 0 to 3 are the kind, by its place in `kindCodes`; bit 4 says that `about` is there; bit 5
//            says that the message was deleted and has no text; the others are 0
//   author   varint: the id of the user who wrote it, at least 1
//   about    varint: the id of the message that it is about, at least 1
//   length   varint: how many bytes the text has
//   text     the text as it stands between the quotes of its JSON string, in UTF-8 (stored-text.ts)
//
// A varint has seven bits of a number in each byte, the lowest first; bit 7 is set in each byte but the last. It is as
// short as it can be, and at most 2^53 − 1. Nothing stands behind the last message.
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { DamageError } from './damage.js';
import type { Kind } from './log.js';
import { problemOfStoredText } from './stored-text.js';

/** The most messages in a run. To read one message is to read its entire run. */
export const maxRun = 100;

/** Bytes of the longest message: each of a text's 4,096 bytes may be escaped as six. */
export const maxEntryBytes = 1 + 8 + 8 + 3 + 4096 * 6;

/** Bytes of the longest run. */
export const maxRunBytes = 1 + maxRun * maxEntryBytes;

const format = 1;

/** The kinds by their codes. Codes are stored: new kinds are appended. */
const kindCodes = ['text', 'action', 'notice', 'reply', 'edit', 'reaction'] as const satisfies readonly Kind[];

/** Whether the value is the name of a kind. */
export function isKind(value: unknown): value is Kind {
  return kindCodes.some((kind) => kind === value);
}

const kindBits = 0x0f;
const aboutBit = 0x10;
const deletedBit = 0x20;

/** The messages of a run in columns, as `decodeRun` finds them. */
export interface RunColumns {
  readonly authors: readonly number[];
  readonly kinds: readonly Kind[];
  /** 0 where a message is about none. */
  readonly about: readonly number[];
  /** Where each text begins and ends in the bytes of the run: in one place where the message was deleted. */
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

/** Writes runs one after the other into one buffer, which grows and is used again. */
export class RunEncoder {
  readonly #writer = new ByteWriter();

  /** How many bytes were written since the start or the last `clear`. */
  get length(): number {
    return this.#writer.length;
  }

  /** The bytes that were written, without a copy: the next call changes them. */
  get bytes(): Buffer {
    return this.#writer.bytes;
  }

  /** As `ByteWriter.buffer`. */
  get buffer(): Buffer {
    return this.#writer.buffer;
  }

  /** Empties the buffer. */
  clear(): void {
    this.#writer.truncate(0);
  }

  /** Begins a run. */
  begin(): void {
    this.#writer.byte(format);
  }

  /** Adds a message whose text, escaped, stands in `source`. @param about 0 where it is about no other message */
  add(author: number, kind: Kind, about: number, source: Buffer, begin: number, end: number): void {
    this.#addHead(author, kind, about, end - begin);
    this.#writer.copy(source, begin, end);
  }

  /** Adds a message. @param text escaped, as between the quotes of a JSON string @param about as in `add` */
  addText(author: number, kind: Kind, about: number, text: string): void {
    const byteLength = Buffer.byteLength(text);
    this.#addHead(author, kind, about, byteLength);
    this.#writer.text(text, byteLength);
  }

  /** Adds a message that was deleted. @param about as in `add` */
  addDeleted(author: number, kind: Kind, about: number): void {
    const writer = this.#writer;
    writer.byte(kindCodes.indexOf(kind) | (about === 0 ? 0 : aboutBit) | deletedBit);
    writer.varint(author);
    if (about !== 0) writer.varint(about);
  }

  /** Writes all of a message but its text. */
  #addHead(author: number, kind: Kind, about: number, textBytes: number): void {
    const writer = this.#writer;
    writer.byte(kindCodes.indexOf(kind) | (about === 0 ? 0 : aboutBit));
    writer.varint(author);
    if (about !== 0) writer.varint(about);
    writer.varint(textBytes);
  }
}

/**
 * Reads the messages of a run, without a copy of their texts. Throws DamageError where the bytes are not those of
 * `count` messages that a client can have sent, whoever wrote them.
 */
export function decodeRun(bytes: Buffer, count: number): RunColumns {
  const decoder = new RunDecoder(count);
  decoder.add(bytes, true);
  return decoder.columns;
}

/**
 * Reads the messages of a run from pieces of its bytes, so that a long run takes little memory and many short steps.
 * Checks them as `decodeRun` does.
 */
export class RunDecoder {
  readonly #count: number;
  readonly #columns = {
    authors: [] as number[],
    kinds: [] as Kind[],
    about: [] as number[],
    begins: [] as number[],
    ends: [] as number[],
  };
  #read = 0;

  /** @param count how many messages the run has. Throws DamageError where no run can have so many */
  constructor(count: number) {
    if (!Number.isSafeInteger(count) || count < 1 || count > maxRun)
      throw new DamageError(`a run has ${count} messages`);
    this.#count = count;
  }

  /** The messages so far: all, once the last piece was added. Their texts begin and end in the bytes of the run. */
  get columns(): RunColumns {
    return this.#columns;
  }

  /** How many bytes of the run were read. The next piece begins there. */
  get read(): number {
    return this.#read;
  }

  /**
   * Reads the messages in a piece, which has to have more than `maxEntryBytes` bytes unless it is the last one. Leaves
   * out those at its end that may be cut. Throws DamageError.
   */
  add(piece: Buffer, isLast: boolean): void {
    const reader = new ByteReader(piece, 0);
    if (this.#read === 0) {
      if (piece[0] !== format) throw new DamageError(`the format of a run is ${piece[0] ?? 'missing'}`);
      reader.at = 1;
    }
    const { ends } = this.#columns;
    // A message that may be cut is left, and an end that comes too early is found by the last piece.
    const stop = isLast ? Infinity : piece.length - maxEntryBytes;
    while (ends.length < this.#count && reader.at <= stop) this.#add(reader, piece);
    if (ends.length === this.#count && reader.at !== piece.length)
      throw new DamageError(`${piece.length - reader.at} bytes stand behind the last message of a run`);
    this.#read += reader.at;
  }

  #add(reader: ByteReader, piece: Buffer): void {
    const { authors, kinds, about, begins, ends } = this.#columns;
    const head = reader.byte();
    const kind = kindCodes[head & kindBits];
    if (kind === undefined || head > (kindBits | aboutBit | deletedBit))
      throw new DamageError(`a message begins with the byte ${head}`);
    kinds.push(kind);
    authors.push(reader.id());
    about.push((head & aboutBit) === 0 ? 0 : reader.id());
    const isDeleted = head >= deletedBit;
    const length = isDeleted ? 0 : reader.varint();
    const begin = reader.at;
    const end = begin + length;
    if (end > piece.length) throw new DamageError('a run is cut');
    const problem = isDeleted ? undefined : problemOfStoredText(piece, begin, end);
    if (problem !== undefined) throw new DamageError(problem);
    begins.push(this.#read + begin);
    ends.push(this.#read + end);
    reader.at = end;
  }
}
