// From which time on messages are stored: from the newest one's, which no later one may be before. But where the
// machine's clock was ahead once, an operator lets the times go on from the present. That has to hold over a restart
// before anything is stored after it, so a small file beside the database says up to which message the times are not to
// be gone by.
import { closeSync, fsyncSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { StoreFailure } from '../store.js';
import type { Database } from './database.js';
import { DataError } from './data-error.js';
import { sync } from './place.js';
import { makePrivate } from './private-files.js';
import { runColumns } from './runs.js';
import { isWhole } from './sums.js';
import { isTime } from './values.js';

/** Rows among which the newest whole one is looked for. */
const looked = 20;

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

  /** The time that no message may be before, in milliseconds since 1970; 0 for none. Rejects with DatabaseError and DataError. */
  async floor(): Promise<number> {
    const newest = await this.#newest();
    if (newest === undefined) return 0;
    if (!isTime(newest.time))
      throw new DataError(`${this.#path} is damaged: the newest message is of the time ${newest.time}`);
    return this.#allowed() === text(newest) ? 0 : newest.time;
  }

  /**
   * Lets messages that are stored after the newest one have an earlier time. Rejects with StoreFailure where that can't
   * be kept.
   */
  async allow(): Promise<void> {
    const newest = await this.#newest();
    if (newest === undefined) return;
    const unfinished = `${this.#file}-new`;
    try {
      // What a killed daemon left.
      rmSync(unfinished, { force: true });
      const file = makePrivate(unfinished);
      try {
        writeSync(file, text(newest));
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, this.#file);
      sync(dirname(this.#file));
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw new StoreFailure(
        `${this.#file} can't be written: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }

  async #newest(): Promise<Newest | undefined> {
    const rows = await this.#reader.all(`SELECT r.seq, ${runColumns} FROM runs r ORDER BY seq DESC LIMIT ${looked}`);
    // A row that is not what was written may have any time, one far ahead too: it would hold all that is said from now on.
    const row = rows.find((each) => isWhole('runs', each));
    return row && { seq: Number(row['seq']), time: Number(row['time']) };
  }

  #allowed(): string {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch {
      // Not there, as a rule.
      return '';
    }
  }
}

interface Newest {
  readonly seq: number;
  readonly time: number;
}

/** The row by what tells it from any other: of data that was restored meanwhile the file says nothing. */
function text({ seq, time }: Newest): string {
  return `The times of messages after row ${seq}, of ${time}, go on from the clock.\n`;
}
