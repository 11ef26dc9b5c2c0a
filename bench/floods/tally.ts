// Counts the lines that a daemon sends on a connection, by code, without parsing them. A flood may bring thousands of
// lines a second, so only the first bytes of each line are kept.

/** How many characters of a line are kept: more than any error reply or 199 has. */
const headLength = 300;

const lineFeed = 10;

/** Counts lines by their code, and the 199s by their reason. */
export class Tally {
  /** Lines by code. */
  readonly codes = new Map<number, number>();
  /** Events 199 by their reason. */
  readonly reasons = new Map<string, number>();
  readonly #onLine: ((code: number, head: string) => void) | undefined;
  #head = '';

  /** @param onLine called for each line with its code and its first characters */
  constructor(onLine?: (code: number, head: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes the next bytes of a connection. */
  add(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const found = chunk.indexOf(lineFeed, at);
      const end = found === -1 ? chunk.length : found;
      if (this.#head.length < headLength)
        this.#head += chunk.toString('latin1', at, Math.min(end, at + headLength - this.#head.length));
      if (found === -1) return;
      this.#line(this.#head);
      this.#head = '';
      at = end + 1;
    }
  }

  #line(head: string): void {
    const code = Number.parseInt(head, 10);
    increment(this.codes, code);
    if (code === 199) increment(this.reasons, /"reason":"([^"]*)"/.exec(head)?.[1] ?? '');
    this.#onLine?.(code, head);
  }
}

/** Adds `by` to the count of a key. */
export function increment<Key>(counts: Map<Key, number>, key: Key, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}

/** The sum of several tallies, in words: `1 × 20,000, 14 × 3; put out: too many connections × 2`. */
export function summary(tallies: Iterable<Pick<Tally, 'codes' | 'reasons'>>): string {
  const codes = new Map<number, number>();
  const reasons = new Map<string, number>();
  for (const tally of tallies) {
    for (const [code, count] of tally.codes) increment(codes, code, count);
    for (const [reason, count] of tally.reasons) increment(reasons, reason, count);
  }
  const answers = [...codes].filter(([code]) => code < 100).sort(([a], [b]) => a - b);
  const parts = [answers.length === 0 ? 'no answers read' : `answers: ${counted(answers)}`];
  if (reasons.size > 0) parts.push(`told 199: ${counted([...reasons])}`);
  return parts.join('; ');
}

/** Counts in words: `too slow × 1,000, banned × 2`. */
export function counted(counts: readonly (readonly [name: string | number, count: number])[]): string {
  return counts.map(([name, count]) => `${name} × ${count.toLocaleString('en-US')}`).join(', ');
}
