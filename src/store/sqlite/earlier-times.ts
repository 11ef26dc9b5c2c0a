// Finds the earliest time that new messages may have: that of the newest message. After the machine's clock was ahead,
// an operator may allow earlier times. That has to hold over a restart, so a small file beside the database names the
// message after which times may be earlier.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreFailure } from '../store.js';
import type { Database } from './database.js';
import { messageOf } from '../../text/reason.js';
import { DataError } from './data-error.js';
import { replaceFile } from './replace.js';
import { runColumns } from './runs.js';
import { isWhole } from './sums.js';
import { isTime } from './values.js';

/** How many of the newest rows are read: the newest that is not damaged counts. */
const looked = 20;

/** Reads the earliest time that new messages may have, and removes that limit. */
export class EarlierTimes {
  readonly #file: string;
  readonly #path: string;
  readonly #reader: Database;

  /** @param path the database's */
  constructor(path: string, reader: Database) {
    this.#path = path;
    this.#file = join(dirname(path), 'salond.time');
    this.#reader = reader;
  }

  /**
   * The time that no message may be before, in milliseconds since 1970; 0 for none. Rejects with DatabaseError and
   * DataError.
   */
  async floor(): Promise<number> {
    const newest = await this.#newest();
    if (newest === undefined) return 0;
    if (!isTime(newest.time))
      throw new DataError(`${this.#path} is damaged: the newest message is of the time ${newest.time}`);
    return this.#allowed() === text(newest) ? 0 : newest.time;
  }

  /**
   * Lets messages that are stored after the newest one have an earlier time. Rejects with StoreFailure where that
   * can't be stored.
   */
  async allow(): Promise<void> {
    const newest = await this.#newest();
    if (newest === undefined) return;
    try {
      replaceFile(this.#file, text(newest), 'full');
    } catch (error) {
      throw new StoreFailure(`${this.#file} can't be written: ${messageOf(error)}`);
    }
  }

  async #newest(): Promise<Newest | undefined> {
    const rows = await this.#reader.all(`SELECT r.seq, ${runColumns} FROM runs r ORDER BY seq DESC LIMIT ${looked}`);
    // A damaged row may have any time. One far ahead would hold back the time of all messages to come.
    const row = rows.find((each) => isWhole('runs', each));
    return row && { seq: Number(row['seq']), time: Number(row['time']) };
  }

  #allowed(): string {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch {
      // Usually the file is not there.
      return '';
    }
  }
}

interface Newest {
  readonly seq: number;
  readonly time: number;
}

/** Names the row by its number and time, so that the file does not apply to data that was restored meanwhile. */
function text({ seq, time }: Newest): string {
  return `The times of messages after row ${seq}, of ${time}, go on from the clock.\n`;
}
