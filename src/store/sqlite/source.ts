// Reads a database that an operator names: a backup, or a copy of a data folder with the log beside it. It is never
// changed. SQLite would copy the log into the database and remove it, so where there is a log, SQLite gets a copy of
// both files.
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
  writeSync,
  type BigIntStats,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { DataError, isCode } from './data-error.js';
import { judgeHeader, readBeginning } from './header.js';
import { makePrivate, rememberUnfinished } from './private-files.js';
import { checkWal } from './wal.js';
import { reasonOf } from '../../text/reason.js';

const pieceBytes = 1024 * 1024;

/**
 * Milliseconds after which a write surely gives a file another time. The times of files are as coarse as the system's
 * clock tick, 10 ms at most.
 */
const grain = 50;

/**
 * The logs that may belong to a database, with the first bytes of such a file. They are zero in a journal that is
 * finished.
 */
const logs = { '-wal': ['377f0682', '377f0683'], '-journal': ['d9d505f9'] } as const;

interface Part {
  readonly suffix: string;
  readonly file: number;
  readonly stats: BigIntStats;
}

/** The files of a database, open for reading. */
export class Source {
  /** As it was named, for messages. */
  readonly path: string;
  /** The version of the schema that its header says. */
  readonly version: number;
  /** Whether a log beside it belongs to it. */
  readonly hasLog: boolean;
  /** Whether its log is missing: it was in use when it was copied, or was not closed. */
  readonly lacksLog: boolean;
  readonly #database: string;
  readonly #parts: readonly Part[];

  private constructor(path: string, database: string, parts: readonly Part[], header: Buffer) {
    this.path = path;
    this.#database = database;
    this.#parts = parts;
    this.version = judgeHeader(path, header);
    this.hasLog = parts.length > 1;
    this.lacksLog = header[18] === 2 && !this.hasLog;
  }

  /**
   * @param path a database, or a folder with `salond.db` in it. Rejects with DataError where it is no database of
   * salond's.
   */
  static async open(path: string): Promise<Source> {
    const parts: Part[] = [];
    try {
      const named = statSync(path).isDirectory() ? join(path, 'salond.db') : path;
      const database = realpathSync(named);
      const main = openPart(database, '', constants.O_NONBLOCK);
      parts.push(main);
      for (const suffix of Object.keys(logs) as (keyof typeof logs)[]) parts.push(...openLog(database, suffix, main));
      const source = new Source(named, database, parts, readBeginning(main.file));
      checkWal(database);
      // From now on every write changes a time.
      await wait(grain);
      return source;
    } catch (error) {
      for (const { file } of parts) closeSync(file);
      if (isCode(error, 'ENOENT')) throw new DataError(`${path} is not there`);
      throw error instanceof DataError ? error : new DataError(`${path} can't be read: ${reasonOf(error)}`);
    }
  }

  /** Where the database is, links followed. */
  get database(): string {
    return this.#database;
  }

  /**
   * Copies the database and its log to new files, which are removed when a signal ends the process.
   */
  async copyTo(path: string): Promise<void> {
    rememberUnfinished(path);
    for (const { suffix, file } of this.#parts) {
      const copy = makePrivate(path + suffix);
      try {
        await copyAll(file, copy);
      } finally {
        closeSync(copy);
      }
    }
  }

  /**
   * Throws DataError where somebody has written to it since it was opened: then the parts of a copy may not fit
   * together.
   */
  checkUnchanged(): void {
    const changed =
      this.#parts.some(({ file, stats }) => !isSame(fstatSync(file, { bigint: true }), stats)) ||
      Object.keys(logs).some(
        (suffix) => this.#parts.every((part) => part.suffix !== suffix) && isFilled(this.#database + suffix),
      );
    if (!changed) return;
    throw new DataError(
      `${this.path} is being written to: is it a running daemon's? Make a backup with "salonctl backup", and use that`,
    );
  }

  close(): void {
    for (const { file } of this.#parts) closeSync(file);
  }
}

function openPart(database: string, suffix: string, flags: number): Part {
  const file = openSync(database + suffix, constants.O_RDONLY | flags);
  const stats = fstatSync(file, { bigint: true });
  if (stats.isFile()) return { suffix, file, stats };
  closeSync(file);
  throw new DataError(`${database + suffix} is not a file`);
}

/**
 * Opens a log, if it is not empty. It follows no link: anybody who can write to the folder could link to a file that
 * only root may read.
 */
function openLog(database: string, suffix: keyof typeof logs, main: Part): Part[] {
  const path = database + suffix;
  if (!isFilled(path)) return [];
  let part: Part;
  try {
    part = openPart(database, suffix, constants.O_NONBLOCK | constants.O_NOFOLLOW);
  } catch (error) {
    throw isCode(error, 'ELOOP') ? new DataError(`${path} is a link, and belongs beside its database`) : error;
  }
  const beginning = readBeginning(part.file).toString('hex', 0, 4);
  const isOurs = part.stats.uid === main.stats.uid && logs[suffix].some((each) => each === beginning);
  if (isOurs) return [part];
  closeSync(part.file);
  if (suffix === '-journal' && beginning === '00000000') return [];
  throw new DataError(`${path} is not the log of ${database}: remove it, if the database is whole without it`);
}

function isFilled(path: string): boolean {
  return existsSync(path) && statSync(path).size > 0;
}

function isSame(one: BigIntStats, other: BigIntStats): boolean {
  return one.size === other.size && one.mtimeNs === other.mtimeNs && one.ctimeNs === other.ctimeNs;
}

/** Copies a file. The event loop gets a turn after each piece, so that signals are handled. */
async function copyAll(from: number, to: number): Promise<void> {
  const piece = Buffer.alloc(pieceBytes);
  let at = 0;
  for (
    let length = readSync(from, piece, 0, pieceBytes, at);
    length > 0;
    length = readSync(from, piece, 0, pieceBytes, at)
  ) {
    for (let done = 0; done < length; ) done += writeSync(to, piece, done, length - done, at + done);
    at += length;
    await turn();
  }
}
