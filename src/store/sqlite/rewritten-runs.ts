// Runs of messages that are written anew without some of their texts: their bytes are made beside the commits, and one
// statement writes many of them.
import type { LogId } from '../log.js';
import { RunEncoder } from '../run-format.js';
import type { Run } from './runs.js';
import { sumOfRun } from './sums.js';

/**
 * SQL: writes the runs that ?1 describes, as JSON of `RewrittenRun.description`, each with its part of the joined bytes
 * ?2. Answers the numbers of those that were written: one that others have changed since it was read stays as it is. A
 * run never has the same length again after a change that leaves its first message.
 */
export const rewriteRuns = `UPDATE runs SET messages = substr(?2, anew.value ->> 1, anew.value ->> 2),
  crc = anew.value ->> 3
  FROM jsonb_each(?1) anew WHERE runs.seq = anew.value ->> 0 AND runs.first = anew.value ->> 4
    AND octet_length(runs.messages) = anew.value ->> 5 RETURNING runs.seq`;

/** The edits of a log that have lost their texts: what they are about, and their ids. */
export type LostEdit = readonly [room: LogId, about: number, id: number];

/** A run that is to be written anew. */
export interface RewrittenRun {
  readonly seq: number;
  readonly room: LogId;
  /** What `rewriteRuns` needs to know of it. */
  readonly description: readonly number[];
  readonly edits: readonly LostEdit[];
}

/** Makes the bytes of runs anew, one behind the other. */
export class RewrittenRuns {
  readonly #encoder = new RunEncoder();
  #runs: RewrittenRun[] = [];
  #read = 0;

  /** The runs since the last `clear`. */
  get runs(): readonly RewrittenRun[] {
    return this.#runs;
  }

  /** About how many bytes it takes to read and to write them. */
  get work(): number {
    return this.#read + this.#encoder.length;
  }

  /** The joined bytes, without a copy: the next call changes them. */
  get bytes(): Buffer {
    return this.#encoder.bytes;
  }

  /** Forgets all runs. */
  clear(): void {
    this.#encoder.clear();
    this.#runs = [];
    this.#read = 0;
  }

  /** Adds a run. @param isGone whether the message at that place in it has no text from now on */
  add(seq: number, run: Run, isGone: (at: number) => boolean): void {
    const encoder = this.#encoder;
    const start = encoder.length;
    const { room, first, count, time, bytes: old } = run;
    const { authors, kinds, about, begins, ends } = run.columns;
    const edits: LostEdit[] = [];
    encoder.begin();
    for (const [at, author] of authors.entries()) {
      const [kind, id, begin, end] = [kinds[at] ?? 'text', about[at] ?? 0, begins[at] ?? 0, ends[at] ?? 0];
      const isLost = isGone(at);
      if (isLost && kind === 'edit') edits.push([room, id, first + at]);
      if (isLost || begin === end) encoder.addDeleted(author, kind, id);
      else encoder.add(author, kind, id, old, begin, end);
    }
    const bytes = encoder.bytes.subarray(start);
    const crc = sumOfRun(room, first, first + count - 1, time, bytes);
    this.#runs.push({ seq, room, edits, description: [seq, start + 1, bytes.length, crc, first, old.length] });
    this.#read += old.length;
  }
}

/** The descriptions of runs, for `rewriteRuns`. */
export function describedRuns(runs: readonly RewrittenRun[]): string {
  return JSON.stringify(runs.map(({ description }) => description));
}
