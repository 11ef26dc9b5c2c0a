// Which rows of messages have messages of a user: a table in the file of the index of what was said (search-index.ts),
// which is written while the index follows. An erasure reads it in place of all messages (erased-runs.ts). So its rows
// have checksums, and each says which one comes next: what is missing or damaged is noticed.
import { ByteReader } from '../byte-reader.js';
import { ByteWriter } from '../byte-writer.js';
import { DamageError } from '../damage.js';
import { DatabaseError, type Database, type Row } from './database.js';
import { prepareAll, type Prepared } from './prepared.js';
import { sumOf } from './sums.js';

/**
 * The numbers of runs, ascending, by the users who wrote in them. `nobodyKnown` stands for whoever wrote in a run that
 * can't be read.
 */
export type RunsByUser = ReadonlyMap<number, readonly number[]>;

/** Where the authors of damaged runs stand in `RunsByUser`. */
export const nobodyKnown = 0;

/** What is known of the runs with messages of some users. */
export interface RunsOfUsers {
  /** The number of the run up to which it is known. */
  readonly upTo: number;
  /** The numbers of runs in which one of them wrote, ascending. */
  readonly written: readonly number[];
  /** The numbers of runs that could not be read when they were looked at. */
  readonly unsure: readonly number[];
}

/** How many bytes a row has at least before the next one is begun. A step may add some thousand. */
const fullRowBytes = 2048;

/** How many rows are read at a time. */
const rowsAtOnce = 100;

/**
 * SQL: makes the table. A row is about the runs from that behind `before` to `last`. `users` has for each user, in the
 * order of their ids, as varints: the difference to the id before, how many runs, and the differences of their numbers.
 */
export const authorsLayout = `CREATE TABLE authors (before INTEGER PRIMARY KEY, last INTEGER NOT NULL,
  users BLOB NOT NULL, crc INTEGER NOT NULL) STRICT;`;

const sql = {
  newest: 'SELECT before, last, users, crc FROM authors ORDER BY before DESC LIMIT 1',
  write: 'INSERT OR REPLACE INTO authors (before, last, users, crc) VALUES (?, ?, ?, ?)',
  next: `SELECT before, last, users, crc FROM authors WHERE before >= ? ORDER BY before LIMIT ${rowsAtOnce}`,
} as const;

/** A row of the table, checked. */
interface AuthorsRow {
  readonly before: number;
  readonly last: number;
  readonly users: Buffer;
}

/** The table. Its methods reject with DatabaseError, SQLITE_CORRUPT, where it is not what was written. */
export class AuthorRuns {
  readonly #statements: Prepared<typeof sql>;

  private constructor(statements: Prepared<typeof sql>) {
    this.#statements = statements;
  }

  /** @param writer the connection that writes the index */
  static async prepare(writer: Database): Promise<AuthorRuns> {
    return new AuthorRuns(await prepareAll(writer, sql));
  }

  /** Adds who wrote in the runs behind those that are known, up to `last`. Within a transaction. */
  async add(last: number, added: RunsByUser): Promise<void> {
    const [row] = await this.#statements.newest.all();
    const newest = row && checkedRow(row);
    const isFull = newest !== undefined && newest.users.length >= fullRowBytes;
    const before = isFull ? newest.last : (newest?.before ?? 0);
    const all = new Map<number, readonly number[]>(newest === undefined || isFull ? [] : runsIn(newest));
    for (const [user, runs] of added) all.set(user, [...(all.get(user) ?? []), ...runs]);
    const users = encoded(before, all);
    await this.#statements.write.run(before, last, users, sumOf([before, last, users]));
  }

  /** Finds the runs of users. @param upTo up to which run the index has followed */
  async find(users: ReadonlySet<number>, upTo: number): Promise<RunsOfUsers> {
    const written = new Set<number>();
    const unsure: number[] = [];
    const wanted = new Set([...users, nobodyKnown]);
    let known = 0;
    for (let rows = await this.#statements.next.all(0); rows.length > 0; ) {
      for (const each of rows) {
        const row = checkedRow(each);
        if (row.before !== known) throw corrupt();
        known = row.last;
        for (const [user, runs] of runsIn(row, wanted)) {
          if (user === nobodyKnown) unsure.push(...runs);
          else for (const run of runs) written.add(run);
        }
      }
      rows = rows.length < rowsAtOnce ? [] : await this.#statements.next.all(known);
    }
    if (known !== upTo) throw corrupt();
    return { upTo, written: [...written].sort((one, other) => one - other), unsure };
  }
}

function corrupt(): DatabaseError {
  return new DatabaseError('SQLITE_CORRUPT', 'its list of authors is not what was written');
}

function checkedRow({ before, last, users, crc }: Row): AuthorsRow {
  if (!(users instanceof Buffer) || sumOf([Number(before), Number(last), users]) !== crc) throw corrupt();
  return { before: Number(before), last: Number(last), users };
}

function encoded(before: number, runs: RunsByUser): Buffer {
  const writer = new ByteWriter();
  let user = 0;
  for (const id of [...runs.keys()].sort((one, other) => one - other)) {
    const numbers = [...(runs.get(id) ?? [])].sort((one, other) => one - other);
    writer.varint(id - user);
    writer.varint(numbers.length);
    let number = before;
    for (const next of numbers) {
      writer.varint(next - number);
      number = next;
    }
    user = id;
  }
  return Buffer.from(writer.bytes);
}

/** The runs of a row. @param wanted the users who are asked for; of all without it */
function runsIn({ before, users }: AuthorsRow, wanted?: ReadonlySet<number>): Map<number, number[]> {
  const found = new Map<number, number[]>();
  const reader = new ByteReader(users, 0);
  try {
    for (let user = 0; reader.at < users.length; ) {
      user += reader.varint();
      const numbers: number[] | undefined = wanted === undefined || wanted.has(user) ? [] : undefined;
      let number = before;
      for (let left = reader.varint(); left > 0; left -= 1) {
        number += reader.varint();
        numbers?.push(number);
      }
      if (numbers !== undefined) found.set(user, numbers);
    }
  } catch (error) {
    throw error instanceof DamageError ? corrupt() : error;
  }
  return found;
}
