// Reads rows of runs by their numbers, and passes over those on a damaged page: it would fail a read of many, however
// few of them stand on it.
import { DatabaseError, type Database, type Row } from './database.js';
import type { JobLength } from './connection-jobs.js';
import { prepareAll, type Prepared } from './prepared.js';
import { nextRunRows, runRowsIn } from './run-rows.js';
import { runColumns } from './runs.js';

const sql = {
  many: nextRunRows,
  next: `SELECT seq, ${runColumns} FROM runs r WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1`,
  all: `SELECT seq, ${runColumns} FROM runs r WHERE seq IN (SELECT value FROM json_each(?)) ORDER BY seq`,
  one: `SELECT seq, ${runColumns} FROM runs r WHERE seq = ?`,
} as const;

/** Rows of runs, with the columns that `runOf` needs and `seq`. */
export interface ReadRuns {
  readonly rows: readonly Row[];
  /** The numbers at which nothing can be read: those of rows on a damaged page, and others between them. */
  readonly unreadable: readonly number[];
  /** The number up to which it has read; undefined where nothing is left. */
  readonly upTo: number | undefined;
}

/** Whether the error says that a page is damaged. */
export function isDamagedPage(error: unknown): boolean {
  return error instanceof DatabaseError && error.symbol === 'SQLITE_CORRUPT';
}

/** Reads runs. Its methods reject with DatabaseError for any other reason than a damaged page. */
export class ReadableRuns {
  readonly #statements: Prepared<typeof sql>;

  private constructor(statements: Prepared<typeof sql>) {
    this.#statements = statements;
  }

  static async prepare(reader: Database, length: JobLength): Promise<ReadableRuns> {
    return new ReadableRuns(await prepareAll(reader, sql, length));
  }

  /** Reads runs behind the number `after` up to `last`, at most `limit`. */
  async behind(after: number, last: number, limit: number): Promise<ReadRuns> {
    try {
      const rows = runRowsIn(await this.#statements.many.all(after, limit)).filter(({ seq }) => seq <= last);
      return { rows, unreadable: [], upTo: rows.at(-1)?.seq };
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
    }
    const rows: Row[] = [];
    const unreadable: number[] = [];
    let upTo = after;
    for (let looked = 0; looked < limit && upTo < last; looked += 1) {
      try {
        // Also behind a gap, where that can be read.
        const [row] = await this.#statements.next.all(upTo, last);
        upTo = Number(row?.['seq'] ?? last);
        if (row !== undefined) rows.push(row);
      } catch (error) {
        if (!isDamagedPage(error)) throw error;
        upTo += 1;
        const { rows: found, unreadable: failed } = await this.#one(upTo);
        rows.push(...found);
        unreadable.push(...failed);
      }
    }
    return { rows, unreadable, upTo };
  }

  /** Reads the runs that have these numbers. */
  async of(numbers: readonly number[]): Promise<Omit<ReadRuns, 'upTo'>> {
    try {
      return { rows: await this.#statements.all.all(JSON.stringify(numbers)), unreadable: [] };
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
    }
    const each: Omit<ReadRuns, 'upTo'>[] = [];
    for (const number of numbers) each.push(await this.#one(number));
    return { rows: each.flatMap(({ rows }) => rows), unreadable: each.flatMap(({ unreadable }) => unreadable) };
  }

  async #one(number: number): Promise<Omit<ReadRuns, 'upTo'>> {
    try {
      return { rows: await this.#statements.one.all(number), unreadable: [] };
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
      return { rows: [], unreadable: [number] };
    }
  }
}
