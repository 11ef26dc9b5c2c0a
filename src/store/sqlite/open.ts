// Opens one connection, and creates databases.
import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Durability } from '../log.js';
import { Database, DatabaseError } from './database.js';
import { applicationId } from './migrations.js';
import { DataError } from './data-error.js';
import { sync } from './place.js';
import { makeEmpty } from './private-files.js';

/**
 * Creates an empty database that is marked as salond's. It is created under another name and before WAL mode: so the
 * file has the mark as soon as it has its name, and no crash leaves a file that is empty or looks like another
 * program's. Rejects with DataError.
 */
export async function create(path: string): Promise<void> {
  const unfinished = `${path}-new`;
  try {
    for (const left of [unfinished, `${unfinished}-journal`]) rmSync(left, { force: true });
    await makeMarked(unfinished);
    renameSync(unfinished, path);
    sync(dirname(path));
  } catch (error) {
    throw asDataError(path, error);
  }
}

/**
 * Creates an empty database with salond's mark, for its owner alone; so are the files that SQLite puts beside it.
 * Rejects where the file exists.
 */
export async function makeMarked(path: string): Promise<void> {
  makeEmpty(path);
  const database = await Database.open(path);
  try {
    // Before anything is in it: then it can give pages back to the disk (trimming.ts).
    await database.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA application_id = ${applicationId}`);
  } finally {
    await database.close();
  }
}

/**
 * The setting `synchronous` for each durability. In WAL mode NORMAL syncs only in a commit that begins the log anew,
 * the log's header before the rest; checkpoints sync as with FULL. The checksums of the log's frames show where it is
 * still intact after a power loss, so only the newest commits are lost.
 */
const synchronous = { full: 'FULL', relaxed: 'NORMAL' } as const satisfies Record<Durability, string>;

/**
 * Opens a connection with the settings that durability rests on: `synchronous` is per connection, and the same on each.
 * Rejects with DataError.
 * @param alone keeps all other connections out, and needs no room on the disk to read
 */
export async function configure(path: string, durability: Durability, alone = false): Promise<Database> {
  let database: Database | undefined;
  try {
    database = await Database.open(path);
    // Before the log is looked at: then its index is kept in memory (SQLite's "Write-Ahead Logging", §7).
    if (alone) await database.exec('PRAGMA locking_mode = EXCLUSIVE');
    const [mode] = await database.all('PRAGMA journal_mode = WAL');
    if (mode?.['journal_mode'] !== 'wal')
      throw new DataError(`${path} can't be used in WAL mode: is its file system a network's?`);
    // A backup copies whole pages, also those that nothing uses any more: what is deleted, a password hash say, must
    // not be left in them.
    await database.exec(
      `PRAGMA synchronous = ${synchronous[durability]}; PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -65536; PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF`,
    );
    return database;
  } catch (error) {
    await database?.close();
    throw asDataError(path, error);
  }
}

/** Turns an error of SQLite into a DataError that names the database. Answers any other error as it is. */
export function asDataError(path: string, error: unknown): unknown {
  if (!(error instanceof DatabaseError)) return error;
  if (error.symbol === 'SQLITE_NOTADB') return new DataError(`${path} is not a database`);
  return new DataError(`${path} can't be opened: ${error.message}`);
}

/**
 * Copies the log into the database, whose header an older salond looks at before it opens anything. It syncs, whatever
 * `synchronous` is: what a killed process wrote to the log without a sync is read from now on, and has to be on disk
 * before anyone is shown it. On a full disk the log stays, synced, until a later checkpoint finds room. Rejects with
 * DataError.
 */
export async function settle(database: Database, path: string): Promise<void> {
  try {
    const [result] = await database.all('PRAGMA wal_checkpoint(TRUNCATE)').catch((error: unknown) => {
      if (error instanceof DatabaseError && error.symbol === 'SQLITE_FULL') return [];
      throw error;
    });
    // Another program that reads the database blocks this, and then SQLite may not sync the log either.
    if (result?.['busy'] !== 0) sync(`${path}-wal`);
  } catch (error) {
    throw asDataError(path, error);
  }
}
