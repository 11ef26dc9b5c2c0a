// Reads all runs of a database, of this version or an older one, many rows in one answer: the driver takes longer to
// hand over a row than anybody takes to check or to convert it.
import { DatabaseError, type Database, type Row } from './database.js';

/** The most rows that are read at a time. */
const maxRows = 1000;

/** The most bytes of messages that are read at a time, where it is more than one row. */
const maxBytes = 4 * 1024 * 1024;

const sizes = `SELECT seq, octet_length(messages) AS bytes FROM runs WHERE seq > ?1 ORDER BY seq LIMIT ${maxRows}`;

// A running sum takes as long as all the rest, and rows are seldom so long that it is needed.
const limit = `SELECT CASE WHEN sum(bytes) <= ${maxBytes} THEN ${maxRows} ELSE
    (SELECT max(1, count(*)) FROM (SELECT sum(bytes) OVER (ORDER BY seq) AS total FROM (${sizes})) WHERE total <= ${maxBytes})
  END FROM (${sizes})`;

const inOneRow = `SELECT group_concat(concat_ws(',', seq, room, first, last, time, crc, octet_length(messages)))
    AS numbers,
    CAST(group_concat(CAST(messages AS TEXT), '') AS BLOB) AS bytes`;

/**
 * SQL: the runs behind the number ?1, at most ?2 of them, a thousand and 4 MiB, or one, in one row for `runRowsIn`.
 */
export const nextRunRows = `${inOneRow}
  FROM (SELECT * FROM runs WHERE seq > ?1 ORDER BY seq LIMIT min(?2, (${limit})))`;

// Without the limit SQLite would gather the messages beside their lengths.
const sizesOfNumbers = `SELECT seq, octet_length(messages) AS bytes FROM runs
  WHERE seq IN (SELECT value FROM json_each(?1)) ORDER BY seq LIMIT ${maxRows}`;

/**
 * SQL: the runs with the numbers in the JSON array ?1, a thousand at most, in their order, up to the first with which
 * they have ?2 bytes of messages, in one row for `runRowsIn`.
 */
export const runRowsOfNumbers = `${inOneRow}
  FROM (SELECT r.* FROM (SELECT seq, sum(bytes) OVER (ORDER BY seq) - bytes AS before FROM (${sizesOfNumbers})) asked
    CROSS JOIN runs r ON r.seq = asked.seq WHERE asked.before < ?2 ORDER BY asked.seq)`;

/** How many numbers the answer has for each row. */
const width = 7;

/** A row of runs. */
export interface RunRow extends Row {
  readonly seq: number;
  readonly room: number;
  readonly first: number;
  readonly last: number;
  readonly time: number;
  /** As they are stored: run-format.ts defines them, in an older database they are JSON. */
  readonly messages: Buffer;
  readonly crc: number;
}

/**
 * All runs by their numbers, at most a thousand rows and 4 MiB at a time, or one row. The next ones are read
 * while the caller works. Rejects with DatabaseError where a row's number can't be asked for: the rows behind it would
 * never come.
 */
export async function* runRowsOf(database: Database): AsyncIterable<readonly RunRow[]> {
  const read = async (after: number): Promise<readonly RunRow[]> =>
    runRowsIn(await database.all(nextRunRows, after, maxRows));
  for (let rows = await read(-Number.MAX_VALUE); rows.length > 0; ) {
    const reading = read(rows.at(-1)?.seq ?? 0);
    // The caller may never wait for it.
    reading.catch(() => undefined);
    yield rows;
    rows = await reading;
  }
}

/**
 * The runs in what `nextRunRows` answers. Throws DatabaseError where a row's number can't be asked for: the rows behind
 * it would never come.
 */
export function runRowsIn([answer]: readonly Row[]): readonly RunRow[] {
  const list = answer?.['numbers'];
  // Null where there are no rows behind.
  if (typeof list !== 'string') return [];
  const numbers = JSON.parse(`[${list}]`) as readonly number[];
  const all = answer?.['bytes'] as Buffer;
  const rows: RunRow[] = [];
  let begin = 0;
  for (let at = 0; at < numbers.length; at += width) {
    const end = begin + (numbers[at + 6] ?? 0);
    rows.push({
      seq: numbers[at] ?? 0,
      room: numbers[at + 1] ?? 0,
      first: numbers[at + 2] ?? 0,
      last: numbers[at + 3] ?? 0,
      time: numbers[at + 4] ?? 0,
      crc: numbers[at + 5] ?? 0,
      messages: all.subarray(begin, end),
    });
    begin = end;
  }
  const seq = rows.at(-1)?.seq ?? 0;
  if (Number.isSafeInteger(seq)) return rows;
  throw new DatabaseError('SQLITE_CORRUPT', `a row of runs is in a place that salond gives to none: seq ${seq}`);
}
