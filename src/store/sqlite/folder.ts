// Checks that a data folder is fit before anything in it is touched, and locks it for one daemon at a time.
import { accessSync, closeSync, constants, lstatSync, mkdirSync, openSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DataError, isCode } from './data-error.js';
import { Database, DatabaseError } from './database.js';
import { checkHeader } from './header.js';
import { checkKinds } from './kinds.js';
import { finishPlacing, isToBeFinished, sync } from './place.js';
import { makeEmpty } from './private-files.js';
import { reasonOf } from '../../text/reason.js';

/**
 * Creates the folder, for this user alone, where it is missing. Answers the outermost folder that was created. Throws
 * DataError.
 */
export function makeFolder(data: string): string | undefined {
  try {
    const made = makeMissing(data);
    // A new folder is on disk when the one that holds it is.
    if (made !== undefined) sync(dirname(made));
    if (!statSync(data).isDirectory()) throw new DataError(`${data} is not a folder`);
    return made;
  } catch (error) {
    if (error instanceof DataError) throw error;
    if (isCode(error, 'EEXIST') || isCode(error, 'ENOTDIR')) throw new DataError(`${data} is not a folder`);
    throw new DataError(`${data} can't be made: ${reasonOf(error)}`);
  }
}

/**
 * Creates the folders that are missing on the way to `path`; where one can't be created, none is. Node.js can do it
 * too, but tries for ever where a file system takes no folders and says so by ENOENT, as /proc does. Throws the
 * system's errors.
 */
function makeMissing(path: string): string | undefined {
  const missing: string[] = [];
  for (let at = path; statSync(at, { throwIfNoEntry: false }) === undefined; at = dirname(at)) missing.unshift(at);
  const made: string[] = [];
  try {
    for (const each of missing) if (makeOne(each)) made.push(each);
  } catch (error) {
    removeEmpty(made);
    throw error;
  }
  return made[0];
}

/** Creates one folder. Answers false where another program has just created it. */
function makeOne(path: string): boolean {
  try {
    mkdirSync(path, 0o700);
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST') && statSync(path).isDirectory()) return false;
    throw error;
  }
}

/** Removes empty folders, from the last, which is the innermost, to the first. Stops at one that is not empty. */
export function removeEmpty(folders: readonly string[]): void {
  try {
    for (const each of folders.toReversed()) rmdirSync(each);
  } catch {
    // Somebody has put something there.
  }
}

/**
 * Creates the folder where it is missing, checks the database in it, locks the folder, and finishes a restore that was
 * interrupted. The lock is an SQLite lock on a file of its own: the system drops it with the process, however that
 * ends. Rejects with DataError.
 * @returns the database's path, whether it is still to be created, and the lock, to be closed at the end
 */
export async function claimFolder(
  folder: string,
): Promise<{ readonly path: string; readonly fresh: boolean; readonly lock: Database }> {
  const data = resolve(folder);
  makeFolder(data);
  const path = join(data, 'salond.db');
  // These checks change nothing. An unfinished restore has not put its database there yet.
  checkKinds(data);
  if (!isToBeFinished(data)) checkHeader(path);
  // SQLite opens a file that it may not write for reading, and a lock on that excludes nobody.
  for (const each of [data, path, join(data, 'salond.lock')]) checkWritable(each);
  const lock = await lockFolder(data);
  try {
    finishPlacing(data);
    // A restore may have ended since.
    return { path, fresh: checkHeader(path), lock };
  } catch (error) {
    await lock.close();
    throw error instanceof DataError ? error : new DataError(`${data} can't be used: ${reasonOf(error)}`);
  }
}

/** Throws DataError where `path` can't be written to; not where there is nothing. */
export function checkWritable(path: string): void {
  try {
    // access(2) asks with the rights of the real user, which is root where root works as the folder's owner (owner.ts).
    if (process.getuid?.() === process.geteuid?.()) accessSync(path, constants.W_OK);
    else if (!statSync(path).isDirectory()) closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw new DataError(`${path} is not writable: ${reasonOf(error)}`);
  }
}

/** Locks the folder. Rejects with DataError where another process holds the lock. */
export async function lockFolder(data: string): Promise<Database> {
  const path = join(data, 'salond.lock');
  let lock: Database | undefined;
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) makeLock(path);
    const before = lstatSync(path);
    if (!before.isFile()) throw new DataError(`${path} is not a file`);
    // One that SQLite made here might have the number of the file that was removed.
    lock = await Database.openExisting(path);
    // Nothing is ever written to it: a journal on the disk would need room.
    await lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    // A restore that failed may have removed it meanwhile with the folder that it had made: a lock on that excludes
    // nobody.
    if (lstatSync(path, { throwIfNoEntry: false })?.ino !== before.ino)
      throw new DataError(`${data} is in use by another salond`);
    return lock;
  } catch (error) {
    await lock?.close().catch(() => undefined);
    if (error instanceof DataError) throw error;
    const isRemoved = lock === undefined && lstatSync(path, { throwIfNoEntry: false }) === undefined;
    if (error instanceof DatabaseError && (error.symbol === 'SQLITE_BUSY' || isRemoved))
      throw new DataError(`${data} is in use by another salond`);
    if (error instanceof DatabaseError && error.symbol === 'SQLITE_NOTADB')
      throw new DataError(`${path} is no lock of salond's: remove it`);
    throw new DataError(`${data} is not writable: ${reasonOf(error)}`);
  }
}

function makeLock(path: string): void {
  try {
    makeEmpty(path);
  } catch (error) {
    // Another process made it just now. Only one of the two will get the lock.
    if (!isCode(error, 'EEXIST')) throw error;
  }
}
