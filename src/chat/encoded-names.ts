// A list of names that is encoded already, in pieces that the lists of many replies share.
import type { EncodedItems } from '../wire/encode.js';
import { limits } from '../wire/generated/limits.js';

/** Some names as JSON, with commas between. */
export interface EncodedPiece {
  readonly text: string;
  /** The bytes of the names, and one more for each. */
  readonly bytes: number;
}

/** Names as they were when this was made. */
export class EncodedNames implements EncodedItems, Iterable<string> {
  /** No list of names takes more bytes in a line. */
  static readonly mostBytes = limits.server_line_bytes;
  readonly #pieces: readonly EncodedPiece[];
  /** What `upTo` returned last: those who join together ask for the same. */
  #last: { readonly most: number; readonly items: string; readonly isAll: boolean } | undefined;
  /** The line that `lineOf` returned last: one for each who joins would be 32 KiB of garbage thousands of times. */
  #line: { readonly key: string; readonly bytes: Buffer } | undefined;

  constructor(pieces: readonly EncodedPiece[]) {
    this.#pieces = pieces;
  }

  /** The first names, as many as fit in that many bytes where each takes one more for a comma. */
  upTo(most: number): { readonly items: string; readonly isAll: boolean } {
    if (this.#last?.most !== most) this.#last = { most, ...this.#cut(most) };
    return this.#last;
  }

  /** As `EncodedItems.lineOf`. */
  lineOf(key: string, make: () => string): Buffer {
    if (this.#line?.key !== key) this.#line = { key, bytes: Buffer.from(make()) };
    return this.#line.bytes;
  }

  #cut(most: number): { readonly items: string; readonly isAll: boolean } {
    const texts: string[] = [];
    let left = most;
    for (const { text, bytes } of this.#pieces) {
      const isWhole = bytes <= left;
      const fitting = isWhole ? text : beginning(text, left);
      if (fitting !== '') texts.push(fitting);
      if (!isWhole) return { items: texts.join(','), isAll: false };
      left -= bytes;
    }
    return { items: texts.join(','), isAll: true };
  }

  /** The names themselves. */
  *[Symbol.iterator](): Iterator<string> {
    for (const { text } of this.#pieces) yield* JSON.parse(`[${text}]`) as string[];
  }
}

/** Between two strings of a list. No string has it inside, because a quote there is escaped. */
const between = '","';

/** The first strings of a list that fit in that many bytes, with one byte more for a comma. */
function beginning(text: string, bytes: number): string {
  if (bytes < between.length) return '';
  const all = Buffer.from(text);
  const end = all.lastIndexOf(between, bytes - 2);
  return end === -1 ? '' : all.toString('utf8', 0, end + 1);
}
