// Cuts bytes into lines, which is the first step of every request (PROTOCOL.md §1). Pure. The connection pushes bytes
// as they come, and pulls a frame when the session is ready for one. Bytes that were not pulled yet wait here.
import { isAscii, isUtf8 } from 'node:buffer';
import { limits } from './generated/limits.js';
import { closedFor } from './reasons.js';
import { refusal, type Refusal } from './refusal.js';
import { TelnetFilter } from './telnet.js';
import { say, type Sentence } from './words.js';

/** Why the connection can't go on: a refusal that is its last line, or the reason for its 199. */
export type Closing = { readonly refusal: Refusal } | { readonly reason: Sentence };

interface Closed {
  readonly closing: Closing;
}

/** A line's text, the refusal of a line that never became text, or the end of the connection. */
export type Frame = string | Refusal | Closed;

const LF = 10;
const CR = 13;
const BRACE = 123;
const nothing = Buffer.alloc(0);
/** The most empty lines that one call skips: each takes a microsecond, and 64 KiB may contain nothing else. */
const maxEmptyLines = 256;
const httpRequest = / HTTP\/\d(?:\.\d)?$/;

/** Cuts a connection's bytes into frames. */
export class Framer {
  /** Removes telnet's sequences from the bytes. */
  readonly telnet = new TelnetFilter();
  readonly #maxLineBytes: number;
  /** The bytes that came. Those from `#at` on are unread. */
  #bytes: Buffer = nothing;
  /** `#bytes` as text where they are ASCII, else empty. Made only once a line is cut from it: input may wait long. */
  #text = '';
  #isDecoded = false;
  #at = 0;
  #ended = false;
  /** The data of a line that has not ended is the first `#length` bytes: never many more than a line may have. */
  #begun: Buffer = nothing;
  #length = 0;
  /** How many bytes came since the last LF, the dropped ones included. */
  #sinceLf = 0;
  /** The line was too long and has been refused; the rest of it is dropped as it comes. */
  #discarding = false;
  /** Whether no byte has been looked at. */
  #untouched = true;
  /** Whether no line has ended. */
  #atStart = true;
  /** Whether every line so far was empty. */
  #silent = true;
  #interrupted = false;

  /** @param maxLineBytes the longest line in bytes, its end not counted (PROTOCOL.md §1.3) */
  constructor(maxLineBytes: number = limits.line_bytes) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes the next bytes of the connection. The Buffer must not change until it is read to its end. */
  push(bytes: Buffer): void {
    this.#bytes = this.#at === this.#bytes.length ? bytes : Buffer.concat([this.#bytes.subarray(this.#at), bytes]);
    this.#text = '';
    this.#isDecoded = false;
    this.#at = 0;
  }

  /** Reports the client's FIN. A last line without LF is a line (PROTOCOL.md §1.4). */
  end(): void {
    this.#ended = true;
  }

  /** Takes less memory until the next frame is pulled: then it decodes anew what is unread. */
  compact(): void {
    this.#text = '';
    this.#isDecoded = false;
  }

  /** Drops what was not read, because no frame is pulled any more. */
  drop(): void {
    this.#forgetBytes();
    this.#begun = nothing;
  }

  /** How many bytes of memory the input takes that is not read yet, or belongs to a line that has not ended. */
  get bytes(): number {
    return this.#bytes.length + this.#text.length + this.#begun.length;
  }

  /** Whether the client has ended its side and all of it has been read. */
  get exhausted(): boolean {
    return this.#ended && this.#at === this.#bytes.length && this.#sinceLf === 0;
  }

  /** How many bytes were pushed and not looked at. */
  get unread(): number {
    return this.#bytes.length - this.#at;
  }

  /**
   * Whether a line has begun and not ended. Telnet's negotiation is not a line. Valid only after `next` answered
   * undefined.
   */
  get midLine(): boolean {
    return this.#length > 0 || this.#discarding;
  }

  /** Whether `next` answered undefined only because it skipped many empty lines: call it again. */
  get interrupted(): boolean {
    return this.#interrupted;
  }

  /**
   * Answers the next frame, and skips empty lines. Undefined where more bytes have to come, or where it was
   * `interrupted`.
   */
  next(): Frame | undefined {
    this.#interrupted = false;
    const common = this.#nextCommon();
    if (common !== undefined) return common;
    if (this.#untouched) {
      const seen = this.#lookAtFirstBytes();
      if (seen === 'too few') return undefined;
      if (seen !== undefined) return seen;
    }
    for (let emptyLines = 0; emptyLines < maxEmptyLines; ) {
      const lf = this.#bytes.indexOf(LF, this.#at);
      const end = (lf === -1 ? this.#bytes.length : lf) - this.#at;
      // No step takes more than it can judge, so that the answers do not depend on how TCP cut the bytes.
      const most = limits.unterminated_bytes + 1 - this.#sinceLf;
      const step = Math.min(end, most, this.#discarding ? most : this.#maxLineBytes + 2 - this.#length);
      const data = this.telnet.strip(this.#bytes.subarray(this.#at, this.#at + step));
      const lineEnds = lf === this.#at + step;
      this.#at += lineEnds ? step + 1 : step;
      this.#sinceLf += step;

      const endless = this.#sinceLf > limits.unterminated_bytes;
      if (!this.#discarding) {
        if (lineEnds && !endless && this.#length === 0 && data.length <= this.#maxLineBytes) {
          const frame = this.#endLine(data);
          if (frame !== undefined) return frame;
          emptyLines += 1;
          continue;
        }
        this.#append(data);
        // One CR more than fits may still turn out to be part of the line's end.
        const spare = this.#begun[this.#length - 1] === CR ? 1 : 0;
        if (this.#length > this.#maxLineBytes + spare) {
          this.#discarding = !lineEnds || endless;
          this.#forgetLine(!this.#discarding);
          return refusal('line_too_long', say('line_too_long', { bytes: this.#maxLineBytes }));
        }
      }
      if (endless) return this.#close({ reason: closedFor.endlessLine });
      if (!lineEnds && this.#at < this.#bytes.length) continue;
      if (!lineEnds && (!this.#ended || this.#sinceLf === 0)) {
        // An idle connection takes no memory for what it has sent.
        this.#forgetBytes();
        return undefined;
      }
      const frame = this.#endLine(this.#begun.subarray(0, this.#length));
      if (frame !== undefined) return frame;
      emptyLines += 1;
    }
    this.#interrupted = true;
    return undefined;
  }

  /**
   * Answers the next line by the fast path, if it is a complete line of ASCII JSON and not the first one. The line is
   * cut from text that was decoded at once, in a twentieth of the time of the general path. A line in the plain form
   * takes the general path, because its values would keep the entire text in memory.
   */
  #nextCommon(): string | undefined {
    if (this.#bytes[this.#at] !== BRACE) return undefined;
    if (!this.#isDecoded) {
      this.#isDecoded = true;
      this.#text = isAscii(this.#bytes) ? this.#bytes.toString('latin1') : '';
    }
    if (this.#text === '') return undefined;
    if (this.#silent || this.#sinceLf > 0 || this.#discarding) return undefined;
    const lf = this.#text.indexOf('\n', this.#at);
    if (lf === -1 || lf - this.#at > this.#maxLineBytes) return undefined;
    const line = this.#text.slice(this.#at, this.#text.charCodeAt(lf - 1) === CR ? lf - 1 : lf);
    this.#at = lf + 1;
    return line;
  }

  /**
   * Recognizes a TLS ClientHello, which begins 16 03 and would otherwise be read as a long bad line (PROTOCOL.md §1.6).
   */
  #lookAtFirstBytes(): Closed | 'too few' | undefined {
    const first = this.#bytes[this.#at];
    const second = this.#bytes[this.#at + 1];
    if (first === undefined || (first === 0x16 && second === undefined && !this.#ended)) return 'too few';
    this.#untouched = false;
    if (first !== 0x16 || second !== 0x03) return undefined;
    return this.#close({
      refusal: refusal('malformed', say('looks_like_tls')),
    });
  }

  /** Copies into a buffer that doubles: a line that comes byte by byte costs no more than one that comes at once. */
  #append(data: Buffer): void {
    const length = this.#length + data.length;
    if (length > this.#begun.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(256, 2 * length));
      this.#begun.copy(grown, 0, 0, this.#length);
      this.#begun = grown;
    }
    data.copy(this.#begun, this.#length);
    this.#length = length;
  }

  #forgetBytes(): void {
    this.#bytes = nothing;
    this.#text = '';
    this.#at = 0;
  }

  #forgetLine(ended: boolean): void {
    this.#begun = nothing;
    this.#length = 0;
    this.#silent = false;
    if (!ended) return;
    this.#sinceLf = 0;
    this.#atStart = false;
    this.telnet.endLine();
  }

  #endLine(line: Buffer): Frame | undefined {
    const isIntact = this.telnet.endLine();
    const atStart = this.#atStart;
    this.#atStart = false;
    this.#sinceLf = 0;
    this.#begun = nothing;
    this.#length = 0;
    if (this.#discarding) {
      this.#discarding = false;
      return undefined;
    }
    if (!isIntact) {
      return this.#malformed(say('bad_telnet'));
    }
    if (!isUtf8(line)) return this.#malformed(say('not_utf8'));
    const end = line[line.length - 1] === CR ? line.length - 1 : line.length;
    return this.#request(line.toString('utf8', atStart && startsWithBom(line) ? 3 : 0, end));
  }

  #malformed(error: Sentence): Refusal {
    this.#silent = false;
    return refusal('malformed', error);
  }

  #request(line: string): Frame | undefined {
    const text = /^[ \t]/.test(line) ? line.replace(/^[ \t]+/, '') : line;
    if (text === '') return undefined;
    if (this.#silent && httpRequest.test(text)) {
      return this.#close({
        refusal: refusal('malformed', say('looks_like_http')),
      });
    }
    this.#silent = false;
    return text;
  }

  #close(closing: Closing): Closed {
    this.#forgetBytes();
    this.#begun = nothing;
    this.#ended = true;
    this.#sinceLf = 0;
    this.#untouched = false;
    return { closing };
  }
}

function startsWithBom(line: Buffer): boolean {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf;
}
