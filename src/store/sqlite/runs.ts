// Stores runs in SQLite: the messages of one commit to one log, at most a hundred in a row. run-format.ts defines the
// bytes of a row.
import { ByteWriter } from '../byte-writer.js';
import { DamageError } from '../damage.js';
import type { Kind } from '../log.js';
import { decodeRun, maxRun, RunEncoder, type RunColumns } from '../run-format.js';
import { crcOfRange } from './crc.js';
import { damaged } from './damaged.js';
import type { Row } from './database.js';
import { lastRun } from './migrations/7-feed.js';
import { checked, summed } from './sums.js';

export { maxRun };

/**
 * The most bytes of a run of several messages that is written from now on. A page is read in entire runs, so this
 * limits how much memory it takes, and how long its bytes are checked in one step.
 */
const fullRunBytes = 65_536;

/** A row of runs, or neighbouring messages of it, checked. */
export interface Run {
  readonly room: number;
  readonly first: number;
  /** How many messages it has. */
  readonly count: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Where the texts of `columns` stand. */
  readonly bytes: Buffer;
  readonly columns: RunColumns;
}

/** SQL: the columns of the runs `r` that `runOf` needs. */
export const runColumns = summed('runs', 'r.');

/** Reads a row as a run. Throws DamageError where it is not what was written, or salond can't have written it. */
export function runOf(row: Row): Run {
  const { room, first, count, time, bytes } = checkedRun(row);
  return { room, first, count, time, bytes, columns: decoding(() => decodeRun(bytes, count)) };
}

/** Checks a row against its sum. Its messages are not looked at. Throws DamageError. */
export function checkedRun(row: Row): Omit<Run, 'columns'> {
  const { room, first, last, time, messages } = checked('runs', row);
  if (!(messages instanceof Buffer)) throw damaged('a run is not of bytes');
  const count = Number(last) - Number(first) + 1;
  return { room: Number(room), first: Number(first), count, time: Number(time), bytes: messages };
}

/**
 * The id of the last message of a run, whose row is checked against its sum. Nobody is shown its messages, so they are
 * not looked at. Throws DamageError.
 */
export function lastIn(row: Row): number {
  const { first, count } = checkedRun(row);
  if (count < 1 || count > maxRun) throw damaged(`a row of runs can't be salond's: a run has ${count} messages`);
  return first + count - 1;
}

/** The bytes of a run without its first messages. */
export function withoutFirst({ bytes, columns }: Run, count: number): Buffer {
  // A message begins where the text of the one before it ends; the first byte says the format.
  return Buffer.concat([bytes.subarray(0, 1), bytes.subarray(columns.ends[count - 1] ?? bytes.length)]);
}

/** Calls `decode`, which decodes bytes of a run. Throws a DamageError that names the database. */
export function decoding<Result>(decode: () => Result): Result {
  try {
    return decode();
  } catch (error) {
    throw error instanceof DamageError ? damaged(`a row of runs can't be salond's: ${error.problem}`) : error;
  }
}

// `jsonb_each` hands each row on as it was parsed, in less time than `json_each`, which writes it out again.
const described = `value ->> 0, value ->> 1, value ->> 2, value ->> 3, substr(?2, value ->> 4, value ->> 5), value ->> 6`;
const eachRow = 'FROM jsonb_each(CAST(?1 AS TEXT))';

/** SQL: inserts the runs that a `RunBatch` gathered, by its two parameters. */
export const insertRuns = `INSERT INTO runs (${summed('runs')}) SELECT ${described} ${eachRow}`;

/**
 * SQL: as `insertRuns`, with numbers above all that runs have ever had, though the newest runs may have been removed.
 * It takes longer, because the rows are copied before the first is inserted.
 */
export const insertRunsBehindAll = `INSERT INTO runs (${summed('runs')}, seq)
  SELECT ${described}, (SELECT ${lastRun}) + 1 + key ${eachRow}`;

/**
 * SQL: as `insertRuns`, into the table that a migration fills, with the number of each row. It leaves out a run whose
 * place another one has.
 */
export const insertNumberedRuns = `INSERT OR IGNORE INTO new_runs (${summed('runs')}, seq)
  SELECT ${described}, value ->> 7 ${eachRow}`;

const [nul, openBracket, comma, closeBracket] = [0, 0x5b, 0x2c, 0x5d];

/**
 * Gathers runs for one INSERT: JSON that describes them, and their joined bytes. Both are written byte by byte, because
 * the strings of the numbers would be most of what a commit leaves to the garbage collector.
 */
export class RunBatch {
  readonly #encoder = new RunEncoder();
  readonly #rows = new ByteWriter();
  #room = 0;
  #first = 0;
  #time = 0;
  #seq: number | undefined;
  #begin = 0;
  #count = 0;

  /** How many bytes were gathered. */
  get bytes(): number {
    return this.#encoder.length;
  }

  /** Whether a message whose text has so many bytes has to stand in another run than that which was begun. */
  isFull(textBytes: number): boolean {
    return this.#count === maxRun || this.#encoder.length - this.#begin + textBytes > fullRunBytes;
  }

  /** Begins a run. @param seq the number of its row, for `insertNumberedRuns` */
  begin(room: number, first: number, time: number, seq?: number): void {
    this.#room = room;
    this.#first = first;
    this.#time = time;
    this.#seq = seq;
    this.#begin = this.#encoder.length;
    this.#count = 0;
    this.#encoder.begin();
  }

  /** Adds a message, as `RunEncoder.add`. */
  add(author: number, kind: Kind, about: number, source: Buffer, begin: number, end: number): void {
    this.#encoder.add(author, kind, about, source, begin, end);
    this.#count += 1;
  }

  /** Adds a message, as `RunEncoder.addText`. */
  addText(author: number, kind: Kind, about: number, text: string): void {
    this.#encoder.addText(author, kind, about, text);
    this.#count += 1;
  }

  /** Adds a message, as `RunEncoder.addDeleted`. */
  addDeleted(author: number, kind: Kind, about: number): void {
    this.#encoder.addDeleted(author, kind, about);
    this.#count += 1;
  }

  /** Ends the run that was begun. */
  end(): void {
    const sum = this.#sum();
    const rows = this.#rows;
    rows.byte(rows.length === 0 ? openBracket : comma);
    this.#writeColumns(openBracket, comma);
    this.#write(comma, this.#begin + 1);
    this.#write(comma, this.#encoder.length - this.#begin);
    this.#write(comma, sum);
    if (this.#seq !== undefined) this.#write(comma, this.#seq);
    rows.byte(closeBracket);
  }

  /** The parameters of the INSERT. They are good until the next run begins; node-sqlite3 copies them at once. */
  take(): readonly [rows: Buffer, bytes: Buffer] {
    const rows = this.#rows;
    if (rows.length === 0) rows.byte(openBracket);
    rows.byte(closeBracket);
    const taken = [rows.bytes, this.#encoder.bytes] as const;
    rows.truncate(0);
    this.#encoder.clear();
    return taken;
  }

  /** The checksum of the run's row, as `sumOf` makes it, without a string or a view. */
  #sum(): number {
    const rows = this.#rows;
    const begin = rows.length;
    this.#writeColumns(nul, nul);
    rows.byte(nul);
    // Without the zero byte before the first column.
    const sum = crcOfRange(rows.buffer, begin + 1, rows.length);
    rows.truncate(begin);
    return crcOfRange(this.#encoder.buffer, this.#begin, this.#encoder.length, sum);
  }

  /** Writes the columns before the bytes, the first behind the byte `before` and the others behind `between`. */
  #writeColumns(before: number, between: number): void {
    this.#write(before, this.#room);
    this.#write(between, this.#first);
    this.#write(between, this.#first + this.#count - 1);
    this.#write(between, this.#time);
  }

  #write(separator: number, value: number): void {
    this.#rows.byte(separator);
    this.#rows.decimal(value);
  }
}
