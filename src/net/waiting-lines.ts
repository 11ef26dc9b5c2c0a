// The lines of an outbox that are not written yet, in their order. Most outboxes hold nothing or one entry, so the
// first entry has a place of its own, and lists are made for the second: two lists in each of 10,000 idle connections
// would take 3 MB.

import { join } from './joined-lines.js';
import { sizeOf, type Lines } from './lines.js';

const LF = 10;

/** Lines that wait for a write: replies, and events, which the outbox limits. */
export class WaitingLines {
  #first: Lines | undefined;
  /** The size of `#first` in bytes if it holds events, 0 if it holds replies. */
  #firstEventSize = 0;
  /** All entries and their sizes, as the two above, where there is more than one. `#first` is empty then. */
  #entries: Lines[] | undefined;
  #eventSizes: number[] = none;
  #bytes = 0;
  #eventBytes = 0;

  /** The bytes of all entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The bytes of the entries that hold events. */
  get eventBytes(): number {
    return this.#eventBytes;
  }

  /** The entry that is written first. */
  get first(): Lines | undefined {
    return this.#entries === undefined ? this.#first : this.#entries[0];
  }

  /** Whether the first entry holds events. */
  get firstHoldsEvents(): boolean {
    return (this.#entries === undefined ? this.#firstEventSize : (this.#eventSizes[0] ?? 0)) > 0;
  }

  /** Adds an entry of `size` bytes behind the others. */
  add(lines: Lines, size: number, holdsEvents: boolean): void {
    const eventSize = holdsEvents ? size : 0;
    if (this.#entries !== undefined) {
      this.#entries.push(lines);
      this.#eventSizes.push(eventSize);
    } else if (this.#first === undefined) {
      this.#first = lines;
      this.#firstEventSize = eventSize;
    } else {
      this.#entries = [this.#first, lines];
      this.#eventSizes = [this.#firstEventSize, eventSize];
      this.#first = undefined;
    }
    this.#bytes += size;
    this.#eventBytes += eventSize;
  }

  /** Drops everything. */
  clear(): void {
    this.#first = undefined;
    this.#entries = undefined;
    this.#eventSizes = none;
    this.#bytes = 0;
    this.#eventBytes = 0;
  }

  /** Calls `visit` with each entry, in order. */
  each(visit: (lines: Lines, holdsEvents: boolean) => void): void {
    if (this.#first !== undefined) visit(this.#first, this.#firstEventSize > 0);
    const { length } = this.#entries ?? none;
    for (let place = 0; place < length; place += 1)
      visit(this.#entries?.[place] ?? '', (this.#eventSizes[place] ?? 0) > 0);
  }

  /** Removes and returns everything, or some `most` bytes if more than twice as many wait: whole lines. */
  take(most: number): Lines {
    if (this.#bytes <= 2 * most) {
      const lines = this.#entries === undefined ? (this.#first ?? '') : join(this.#entries, this.#bytes);
      this.clear();
      return lines;
    }
    if (this.#entries === undefined) this.#eventSizes = [this.#firstEventSize];
    const entries = (this.#entries ??= [this.#first ?? '']);
    this.#first = undefined;
    const taken: Lines[] = [];
    let bytes = 0;
    while (bytes < most && entries.length > taken.length) {
      const next = entries[taken.length] ?? '';
      const size = sizeOf(next);
      // An entry may be large, such as a page of history. The rest of it stays first in line.
      const part = size > 2 * most ? split(entries, this.#eventSizes, taken.length, most - bytes) : next;
      taken.push(part);
      bytes += sizeOf(part);
    }
    entries.splice(0, taken.length);
    for (const size of this.#eventSizes.splice(0, taken.length)) this.#eventBytes -= size;
    this.#bytes -= bytes;
    return join(taken, bytes);
  }
}

/** The sizes where there are no entries: never written to. */
const none: number[] = [];

/**
 * Splits a large entry: `entries[index]` becomes the shortest run of complete lines with at least `minBytes` bytes, and
 * the rest becomes an entry behind it. Returns that first part. An entry that has no more lines than that stays as it
 * is.
 */
function split(entries: Lines[], eventSizes: number[], index: number, minBytes: number): Buffer {
  const entry = entries[index] ?? '';
  const bytes = typeof entry === 'string' ? Buffer.from(entry) : entry;
  const end = bytes.indexOf(LF, minBytes - 1) + 1;
  if (end === 0 || end === bytes.length) return bytes;
  const [first, rest] = [bytes.subarray(0, end), bytes.subarray(end)];
  entries.splice(index, 1, first, rest);
  const holdsEvents = (eventSizes[index] ?? 0) > 0;
  eventSizes.splice(index, 1, holdsEvents ? first.length : 0, holdsEvents ? rest.length : 0);
  return first;
}
