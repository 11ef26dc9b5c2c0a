// Reads what byte-writer.ts has written: bytes and numbers from a buffer.
import { DamageError } from './damage.js';

/** The value of the lowest bit of a varint's eighth byte, which is the last that it may have. */
const maxUnit = 2 ** 49;

/** Reads numbers from bytes. Throws DamageError where they end too early or are not as the writer writes them. */
export class ByteReader {
  /** Where it reads next. */
  at: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  /** Reads one byte. */
  byte(): number {
    const byte = this.#bytes[this.at];
    if (byte === undefined) throw new DamageError('a run is cut');
    this.at += 1;
    return byte;
  }

  /** Reads an integer from 0 on, as `ByteWriter.varint` writes it. */
  varint(): number {
    let byte = this.byte();
    let value = byte & 0x7f;
    for (let unit = 0x80; byte > 0x7f; unit *= 0x80) {
      byte = this.byte();
      value += (byte & 0x7f) * unit;
      if (byte === 0) throw new DamageError('a number is not written as short as it can be');
      if (unit > maxUnit || value > Number.MAX_SAFE_INTEGER) throw new DamageError('a number is too large');
    }
    return value;
  }

  /** Reads an integer from 1 on. */
  id(): number {
    const id = this.varint();
    if (id === 0) throw new DamageError('an id is 0');
    return id;
  }
}
