// Writes bytes and numbers into a buffer, for the rows that an adapter stores (run-format.ts, sqlite/runs.ts). It goes
// byte by byte where that takes less time than a call of Buffer's methods, and makes no objects.

/** Ranges of up to this many bytes are copied byte by byte: `Buffer.copy` makes a view, which takes longer. */
const longRange = 256;

/** Bytes that the longest varint takes. */
const maxVarintBytes = 8;

/** Decimal digits of the largest safe integer. */
const maxDigits = 16;

/** Larger integers are cut in two here, since integers of 32 bits are divided in a fraction of the time. */
const billion = 1e9;

const zero = 0x30;

/** Writes one thing after the other into one buffer, which grows and is used again. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  /** How many bytes were written since the start or the last `clear`. */
  get length(): number {
    return this.#length;
  }

  /** The bytes that were written, without a copy: the next call changes them. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * The buffer that begins with the bytes that were written, and is longer. To read them there takes no view. The next
   * call may replace it by a larger one.
   */
  get buffer(): Buffer {
    return this.#bytes;
  }

  /** Takes back all but the first `length` bytes. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** Writes one byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  /** Writes an integer from 0 on with seven bits of it in each byte, the lowest first, as run-format.ts describes. */
  varint(value: number): void {
    this.#reserve(maxVarintBytes);
    const bytes = this.#bytes;
    let at = this.#length;
    let rest = value;
    for (; rest > 0x7f; at += 1) {
      bytes[at] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    bytes[at] = rest;
    this.#length = at + 1;
  }

  /** Writes an integer from 0 on in decimal digits. */
  decimal(value: number): void {
    this.#reserve(maxDigits);
    if (value < billion) {
      let count = 1;
      for (let limit = 10; value >= limit; limit *= 10) count += 1;
      this.#digits(value, count);
    } else {
      const high = Math.floor(value / billion);
      this.decimal(high);
      this.#digits(value - high * billion, 9);
    }
  }

  /** Copies the bytes from `begin` to `end` of `source`. */
  copy(source: Buffer, begin: number, end: number): void {
    this.#reserve(end - begin);
    if (end - begin > longRange) {
      this.#length += source.copy(this.#bytes, this.#length, begin, end);
      return;
    }
    const bytes = this.#bytes;
    let at = this.#length;
    for (let from = begin; from < end; from += 1, at += 1) bytes[at] = source[from] ?? 0;
    this.#length = at;
  }

  /** Writes a string in UTF-8. @param byteLength how many bytes that takes */
  text(text: string, byteLength: number): void {
    this.#reserve(byteLength);
    this.#length += this.#bytes.write(text, this.#length);
  }

  /** Writes the last `count` digits of an integer below a billion. */
  #digits(value: number, count: number): void {
    const bytes = this.#bytes;
    let rest = value | 0;
    for (let at = this.#length + count - 1; at >= this.#length; at -= 1) {
      const tenth = (rest / 10) | 0;
      bytes[at] = zero + rest - 10 * tenth;
      rest = tenth;
    }
    this.#length += count;
  }

  #reserve(more: number): void {
    if (this.#length + more > this.#bytes.length) this.#grow(this.#length + more);
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
