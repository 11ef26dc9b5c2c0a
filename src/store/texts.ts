// The texts of messages as bytes. They stand as between the quotes of a JSON string in UTF-8, so a text is shown and
// stored by copying its bytes.

/** Texts in one buffer: text `n` is the bytes from `begins[n]` to `ends[n]`. Nobody may change them. */
export interface Texts {
  readonly bytes: Buffer;
  readonly begins: readonly number[];
  /** Offsets behind the last byte of each text. */
  readonly ends: readonly number[];
}

/** The JSON text at `place` as a string; empty where there is none. */
export function textAt({ bytes, begins, ends }: Texts, place: number): string {
  return bytes.toString('utf8', begins[place] ?? 0, ends[place] ?? 0);
}

/** Whether the texts at two places are the same bytes. */
export function isSameText({ bytes, begins, ends }: Texts, one: number, other: number): boolean {
  const [begin, end, otherBegin, otherEnd] = [begins[one], ends[one], begins[other], ends[other]];
  return bytes.compare(bytes, begin, end, otherBegin, otherEnd) === 0;
}

/** Joins texts in a new buffer. */
export function joinTexts(texts: readonly string[]): Texts {
  const joined = texts.join('');
  const bytes = Buffer.from(joined);
  const isAscii = bytes.length === joined.length;
  const begins = new Array<number>(texts.length);
  const ends = new Array<number>(texts.length);
  let at = 0;
  for (let place = 0; place < texts.length; place += 1) {
    const text = texts[place] ?? '';
    begins[place] = at;
    at += isAscii ? text.length : Buffer.byteLength(text);
    ends[place] = at;
  }
  return { bytes, begins, ends };
}
