// Opens the two connections of a store, on a full disk too. To write, SQLite needs some room beside the database, for
// the index of its log. Without that room the database can still be read, by one connection alone, which keeps the
// index in memory. So a daemon starts on a full disk, and opens the database to write at the first write after there is
// room again.
import { existsSync } from 'node:fs';
import type { Durability } from '../log.js';
import { Database, DatabaseError } from './database.js';
import { DataError } from './data-error.js';
import { migrations } from './migrations.js';
import { migrate, type ConversionReports } from './migrate.js';
import { asDataError, configure, settle } from './open.js';
import { lackOfRoom } from './room.js';
import type { RowRules } from './values.js';
import { checkAtStart, checkOlderAtStart } from './verify.js';

/** Looks for room no more often than this; milliseconds. */
const betweenLooks = 1000;

/** The connection that writes and the one that reads. */
export class Connections {
  readonly #path: string;
  readonly #durability: Durability;
  readonly writer: Database;
  readonly reader: Database;
  /** Why it is not open to write, if it is not. */
  #full: DatabaseError | undefined;
  #looked = -Infinity;

  readonly #rules: RowRules | undefined;

  private constructor(
    path: string,
    durability: Durability,
    writer: Database,
    reader: Database,
    full: DatabaseError | undefined,
    rules: RowRules | undefined,
  ) {
    this.#rules = rules;
    this.#path = path;
    this.#durability = durability;
    this.writer = writer;
    this.reader = reader;
    this.#full = full;
  }

  /**
   * Opens the database, migrates it and checks it. Where there is no room to write, opens it to read.
   * Rejects with DataError.
   * @param rules checks rows beyond what the store itself can check
   */
  static async open(
    path: string,
    durability: Durability,
    rules?: RowRules,
    reports?: ConversionReports,
  ): Promise<Connections> {
    try {
      const [writer, reader] = await openBoth(path, durability, { rules, reports });
      return new Connections(path, durability, writer, reader, undefined, rules);
    } catch (error) {
      const lack = await lackOfRoom(path);
      if (lack === undefined) throw error;
      const full = new DatabaseError('SQLITE_FULL', lack);
      return new Connections(
        path,
        durability,
        Database.shut(full),
        await openToRead(path, durability, lack, rules),
        full,
        rules,
      );
    }
  }

  /** Why the database is not open to write, if it is not. */
  get lack(): string | undefined {
    return this.#full?.message;
  }

  get opensToWrite(): boolean {
    return this.#full === undefined;
  }

  /**
   * Opens the database to write, where it is not, if there is room now. Rejects with DatabaseError where there is none.
   * Must not run twice at a time.
   */
  async openToWrite(): Promise<void> {
    if (this.#full === undefined) return;
    // Counted from the last look, not from the last call: otherwise many calls would delay the next look for ever.
    if (performance.now() - this.#looked < betweenLooks) throw this.#full;
    this.#looked = performance.now();
    if ((await lackOfRoom(this.#path)) !== undefined) throw this.#full;
    // The reading connection has locked the database for itself. Its queries wait meanwhile.
    await this.reader.suspend();
    let both: readonly [Database, Database];
    try {
      both = await openBoth(this.#path, this.#durability);
    } catch {
      await this.reader.takeOver(await openToRead(this.#path, this.#durability, this.#full.message, this.#rules));
      throw this.#full;
    }
    await this.writer.takeOver(both[0]);
    await this.reader.takeOver(both[1]);
    this.#full = undefined;
  }

  async close(): Promise<void> {
    await this.reader.close();
    // The last connection to close copies the log into the database.
    await this.writer.close();
  }
}

/** @param check given where the database has to be migrated and checked first */
async function openBoth(
  path: string,
  durability: Durability,
  check?: { readonly rules: RowRules | undefined; readonly reports: ConversionReports | undefined },
): Promise<readonly [writer: Database, reader: Database]> {
  const opened: Database[] = [];
  try {
    const writer = await configure(path, durability);
    opened.push(writer);
    if (check !== undefined) {
      const checks = {
        before: () => checkOlderAtStart(writer, path),
        after: () => checkAtStart(writer, path, check.rules),
      };
      await migrate(writer, path, checks, check.reports);
    }
    await settle(writer, path);
    const reader = await configure(path, durability);
    return [writer, reader];
  } catch (error) {
    for (const database of opened) await database.close().catch(() => undefined);
    throw error;
  }
}

/**
 * @param lack why it can't be opened to write. Rejects with DataError: it is damaged, say, or has to be brought up to
 * date.
 */
async function openToRead(
  path: string,
  durability: Durability,
  lack: string,
  rules: RowRules | undefined,
): Promise<Database> {
  // Without a free inode there can't even be an empty log.
  const database = await configure(path, durability, true).catch((error: unknown) => {
    if (existsSync(`${path}-wal`)) throw error;
    return Database.openUnchanging(path);
  });
  try {
    const [row] = await database.all('PRAGMA user_version').catch((error: unknown) => {
      throw asDataError(path, error);
    });
    const version = Number(row?.['user_version']);
    if (version === 0) throw new DataError(`${path} can't be opened: ${lack}: make room, then start again`);
    if (version !== migrations.length) {
      throw new DataError(
        `${path} is an older salond's and has to be brought up to date, but ${lack}: make room, then start again`,
      );
    }
    await checkAtStart(database, path, rules);
    await settle(database, path);
    return database;
  } catch (error) {
    await database.close().catch(() => undefined);
    throw error;
  }
}
