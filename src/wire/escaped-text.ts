// A long text as it is written in one form, with the bytes of each of its beginnings. Sessions of many different
// `max_line`s may read one message: each of them costs a search then, and not a look at every character.

import { writtenCharacter } from './escapes.js';

/** Writes a text as it stands in a line. */
type Escape = (text: string) => string;

/** A text that was escaped once. */
export class EscapedText {
  readonly #escaped: string;
  /** For each character of the text: the bytes, and the UTF-16 units, of what is written up to its end. */
  readonly #bytes: Uint32Array;
  readonly #units: Uint32Array;

  constructor(text: string, escape: Escape) {
    const characters = [...text];
    this.#bytes = new Uint32Array(characters.length);
    this.#units = new Uint32Array(characters.length);
    let [escaped, bytes] = ['', 0];
    for (const [place, character] of characters.entries()) {
      const written = writtenCharacter(character, escape);
      escaped += written;
      bytes += Buffer.byteLength(written);
      this.#bytes[place] = bytes;
      this.#units[place] = escaped.length;
    }
    this.#escaped = escaped;
  }

  /** The bytes of the whole text as it is written. */
  get length(): number {
    return this.#bytes.at(-1) ?? 0;
  }

  /** The longest beginning, as it is written, that has at most so many bytes. It ends between two characters. */
  beginning(bytes: number): string {
    let [low, high] = [0, this.#bytes.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#bytes[middle] ?? 0) <= bytes) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? '' : this.#escaped.slice(0, this.#units[low - 1]);
  }
}

/** So many texts are kept for each form: those of the batch that is shown. */
const mostKept = 16;

/** The texts that were escaped last, by how. */
const kept = new WeakMap<Escape, Map<string, EscapedText>>();

/** The text, escaped. @param escape the function of a form, which is the same each time */
export function escapedText(text: string, escape: Escape): EscapedText {
  let texts = kept.get(escape);
  if (texts === undefined) kept.set(escape, (texts = new Map<string, EscapedText>()));
  let found = texts.get(text);
  if (found === undefined) {
    if (texts.size >= mostKept) texts.clear();
    texts.set(text, (found = new EscapedText(text, escape)));
  }
  return found;
}
