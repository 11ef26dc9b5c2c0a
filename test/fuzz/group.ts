// Lines that are sent together, and what may answer each that is not blank. What telnet sequences and blanks do to a
// line is modelled here again, apart from the daemon's own code, since the number of replies depends on it.
import { limits } from '../../src/wire/generated/limits.js';

/** Sets of codes as bits. */
export function bits(...codes: readonly number[]): number {
  return codes.reduce((set, code) => set | (1 << code), 0);
}

/** Whatever may answer a line: never 2 (a failure), 14 and 17 (loopback is exempt), or 16 (no queue gets that long). */
export const anyCode = bits(1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 15, 18);
/** What may answer a line that can be parsed. */
export const readable = anyCode & ~bits(5, 15);
/** What answers a line that can't be parsed. */
export const malformed = bits(5);
const tooLong = bits(15);

/** In place of a line's `ref`, a positive number that its reply must have: the reply has none. */
export const noRef = 0;
/** In place of a line's `ref`: the reply may have any, or none. */
export const anyRef = -1;

const IAC = 255;

/** A line without its telnet sequences (PROTOCOL.md §1.5); `whole` is false where the last of them is cut short. */
function withoutTelnet(line: Buffer): { readonly data: Buffer; readonly whole: boolean; readonly timingMarks: number } {
  const data: number[] = [];
  let [whole, timingMarks, at] = [true, 0, 0];
  while (at < line.length) {
    const [byte = 0, verb = -1, option = -1] = line.subarray(at, at + 3);
    if (byte !== IAC) {
      data.push(byte);
      at += 1;
    } else if (verb === 250) {
      at += 2;
      // In a subnegotiation IAC goes with the byte after it; only IAC SE ends it.
      while (at < line.length && !(line[at] === IAC && line[at + 1] === 240)) at += line[at] === IAC ? 2 : 1;
      if (at >= line.length) whole = false;
      at += 2;
    } else if (verb >= 251 && verb < IAC) {
      if (option === -1) whole = false;
      if (verb === 253 && option === 6) timingMarks += 1;
      at += 3;
    } else {
      // No command of telnet's is below 236: what follows the byte 255 is then no sequence, and 255 is in no UTF-8.
      if (verb < 236 || verb === IAC) whole = false;
      at += 2;
    }
  }
  return { data: Buffer.from(data), whole, timingMarks };
}

/** §1.1: one CR before the LF and leading blanks do not count, and a line with nothing left is ignored. */
function isBlank(line: Buffer): boolean {
  const end = line.length > 0 && line[line.length - 1] === 13 ? line.length - 1 : line.length;
  for (let at = 0; at < end; at += 1) if (line[at] !== 32 && line[at] !== 9) return false;
  return true;
}

/** Lines that are sent together, and what must answer them. */
export class Group {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #length = 0;
  /** All lines, the ignored ones too. */
  inputs = 0;
  /** How many WONT TIMING-MARK the daemon must send. */
  timingMarks = 0;
  /** By reply: its ref, its possible codes, and where its line begins. */
  readonly refs: number[] = [];
  readonly codes: number[] = [];
  readonly #starts: number[] = [];

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** The line that the reply of this index answers, for a message. */
  lineOf(reply: number): string {
    const line = this.bytes.subarray(this.#starts[reply] ?? 0, this.#starts[reply + 1] ?? this.#length);
    return JSON.stringify(line.toString('latin1').slice(0, 2000));
  }

  /** Adds a line without an LF that is answered all the same, because the connection ends. */
  unended(text: Buffer | string, ref: number, codes: number): void {
    const start = this.#length;
    this.raw(text);
    this.inputs += 1;
    this.#expect(start, ref, codes);
  }

  /** Adds bytes that are not answered: what follows a `quit`, say. */
  raw(bytes: Buffer | string): void {
    const most = typeof bytes === 'string' ? 3 * bytes.length : bytes.length;
    if (this.#length + most > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(2 * (this.#length + most));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    if (typeof bytes === 'string') this.#length += this.#bytes.write(bytes, this.#length);
    else this.#length += bytes.copy(this.#bytes, this.#length);
  }

  /**
   * Adds a line, given without its LF. Where it is too long, blank or a broken telnet sequence, `ref` and `codes` do
   * not count.
   */
  line(text: Buffer | string, ref: number, codes: number): void {
    const start = this.#length;
    this.raw(text);
    const line = this.#bytes.subarray(start, this.#length);
    this.raw('\n');
    this.inputs += 1;
    if (line.includes(IAC)) {
      const { data, whole, timingMarks } = withoutTelnet(line);
      this.timingMarks += timingMarks;
      if (!whole) this.#expect(start, noRef, data.length > limits.line_bytes ? tooLong : malformed);
      else this.#judge(start, data, ref, codes);
    } else {
      this.#judge(start, line, ref, codes);
    }
  }

  #judge(start: number, line: Buffer, ref: number, codes: number): void {
    const length = line.length - (line[line.length - 1] === 13 ? 1 : 0);
    if (length > limits.line_bytes) this.#expect(start, noRef, tooLong);
    else if (!isBlank(line)) this.#expect(start, ref, codes);
  }

  #expect(start: number, ref: number, codes: number): void {
    this.#starts.push(start);
    this.refs.push(ref);
    this.codes.push(codes);
  }
}
