// Reads rows of runs by their numbers, and passes over those on a damaged page: it would fail a read of many, however
// few of them stand on it.
import { DatabaseError, type Database, type Row } from './database.js';
import type { JobLength } from './connection-jobs.js';
import { prepareAll, type Prepared } from './prepared.js';
import { nextRunRows, runRowsIn, runRowsOfNumbers } from './run-rows.js';
import { runColumns } from './runs.js';

const sql = {
  many: nextRunRows,
  next: `SELECT seq, ${runColumns} FROM runs r WHERE seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT 1`,
  of: runRowsOfNumbers,
} as const;

/** The bytes of messages of a row of which no more are read at a time. Only those of older data have more. */
const longBytes = 65_536;

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
    // A long row is not read together with others.
    for (let looked = 0, isLong = false; looked < limit && upTo < last && !isLong; looked += 1) {
      try {
        // Also behind a gap, where that can be read.
        const [row] = await this.#statements.next.all(upTo, last);
        upTo = Number(row?.['seq'] ?? last);
        if (row !== undefined) rows.push(row);
        isLong = row?.['messages'] instanceof Buffer && row['messages'].length > longBytes;
      } catch (error) {
        if (!isDamagedPage(error)) throw error;
        upTo += 1;
        const { rows: found, unreadable: failed } = await this.of([upTo], 1);
        rows.push(...found);
        unreadable.push(...failed);
      }
    }
    return { rows, unreadable, upTo };
  }

  /**
   * Reads the runs that have these ascending numbers, up to the first with which they have `maxBytes` of messages.
   * Answers how many of the numbers it has looked at too.
   */
  async of(
    numbers: readonly number[],
    maxBytes: number,
  ): Promise<Omit<ReadRuns, 'upTo'> & { readonly looked: number }> {
    try {
      const rows = runRowsIn(await this.#statements.of.all(JSON.stringify(numbers), maxBytes));
      const isCut = rows.reduce((bytes, { messages }) => bytes + messages.length, 0) >= maxBytes;
      const looked = isCut ? numbers.findLastIndex((number) => number <= (rows.at(-1)?.seq ?? 0)) + 1 : numbers.length;
      return { rows, unreadable: [], looked };
    } catch (error) {
      if (!isDamagedPage(error)) throw error;
      const [only] = numbers;
      if (only !== undefined && numbers.length === 1) return { rows: [], unreadable: [only], looked: 1 };
    }
    // A part, so that it does not take long, however much is damaged.
    const half = numbers.length >> 1;
    return this.of(numbers.slice(0, half), maxBytes);
  }
}

/** What was found of all that was asked for, and for what of it nothing could be read. */
interface Readable<Asked, Found> {
  readonly found: readonly Found[];
  readonly unreadable: readonly Asked[];
}

/**
 * Reads what is asked for. Where a damaged page prevents that, reads each half by itself, and leaves out what can't be
 * read alone. Rejects as `read` does for any other reason.
 */
export async function withoutDamage<Asked, Found>(
  asked: readonly Asked[],
  read: (asked: readonly Asked[]) => Promise<readonly Found[]>,
): Promise<Readable<Asked, Found>> {
  try {
    return { found: await read(asked), unreadable: [] };
  } catch (error) {
    if (!isDamagedPage(error)) throw error;
    if (asked.length < 2) return { found: [], unreadable: asked };
    const half = asked.length >> 1;
    const one = await withoutDamage(asked.slice(0, half), read);
    const other = await withoutDamage(asked.slice(half), read);
    return { found: [...one.found, ...other.found], unreadable: [...one.unreadable, ...other.unreadable] };
  }
}
