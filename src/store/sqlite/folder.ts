// The data folder: found fit before anything in it is touched, and held by one daemon at a time.
import { accessSync, closeSync, constants, existsSync, fstatSync, lstatSync, mkdirSync, openSync, readSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Database, DatabaseError } from './database.js';
import { applicationId, migrations } from './migrations.js';
import { finishPlacing, isToBeFinished, sync } from './place.js';
import { makeEmpty } from './private-files.js';

export { sync };

/** The data can't be used; the message is one line that names the file or folder. */
export class DataError extends Error {}

const headerBytes = 100;
const magic = 'SQLite format 3\0';

/** The first bytes of an open file, fewer where it is shorter. */
export function readBeginning(file: number): Buffer {
  const header = Buffer.alloc(headerBytes);
  return header.subarray(0, readSync(file, header, 0, headerBytes, 0));
}

/** The first bytes of the file, fewer where it is shorter; undefined where it is not there. */
function readHeader(path: string): Buffer | undefined {
  let file: number;
  try {
    // A pipe of that name is not waited for.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw new DataError(`${path} can't be read: ${reasonOf(error)}`);
  }
  try {
    if (!fstatSync(file).isFile()) throw new DataError(`${path} is not a file`);
    return readBeginning(file);
  } catch (error) {
    throw error instanceof DataError ? error : new DataError(`${path} can't be read: ${reasonOf(error)}`);
  } finally {
    closeSync(file);
  }
}

/**
 * Judges the database by its header alone (SQLite's file format, §1.3), so that a file of somebody else's is not opened:
 * SQLite would add files beside it. Answers whether there is none yet. Throws DataError.
 */
export function checkHeader(path: string): boolean {
  const header = readHeader(path);
  if (header === undefined) {
    if (existsSync(`${path}-wal`)) throw new DataError(`${path} is not there, and its log is`);
    return true;
  }
  judgeHeader(path, header);
  return false;
}

/** Answers the version of the schema. Throws DataError where the first bytes of `path` are not those of a database of salond's. */
export function judgeHeader(path: string, header: Buffer): number {
  if (header.length === 0) throw new DataError(`${path} is empty: what was in it is lost, or it is not salond's`);
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic) throw new DataError(`${path} is not a database`);
  if (header.readUInt32BE(68) !== applicationId) throw new DataError(`${path} is another program's database`);
  const version = header.readUInt32BE(60);
  checkVersion(path, version);
  return version;
}

/** Throws DataError for a schema that this program does not know. */
export function checkVersion(path: string, version: number): void {
  if (version <= migrations.length) return;
  throw new DataError(`${path} has schema ${version}, and this salond knows no newer one than ${migrations.length}: start a newer salond`);
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.replace(/^[A-Z]+: /, '').replace(/, \w+ '.*$/, '') : String(error);
}

/** Makes the folder, for this user only, where it is missing. Answers the first of the folders that were made. Throws DataError. */
export function makeFolder(data: string): string | undefined {
  try {
    const made = mkdirSync(data, { recursive: true, mode: 0o700 });
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
 * Makes the folder where it is missing, checks the database in it, locks the folder, and finishes a restore that was interrupted. The
 * lock is an SQLite lock on a file of its own: the system drops it with the process, however that ends. Rejects with DataError.
 * @returns the database's path, whether it is still to be made, and the lock to close at the end
 */
export async function claimFolder(folder: string): Promise<{ readonly path: string; readonly fresh: boolean; readonly lock: Database }> {
  const data = resolve(folder);
  makeFolder(data);
  const path = join(data, 'salond.db');
  // What is refused is not touched. A restore that is not finished has not put its database there yet.
  if (!isToBeFinished(data)) checkHeader(path);
  // SQLite opens what it may not write for reading, and a lock on that holds nobody off.
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

export function checkWritable(path: string): void {
  try {
    // access(2) asks with the rights of the real user, which is root where root works as the folder's owner (owner.ts).
    if (process.getuid?.() === process.geteuid?.()) accessSync(path, constants.W_OK);
    else if (!statSync(path).isDirectory()) closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK));
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw new DataError(`${path} is not writable: ${reasonOf(error)}`);
  }
}

/** Rejects with DataError where another holds it. */
export async function lockFolder(data: string): Promise<Database> {
  const path = join(data, 'salond.lock');
  let lock: Database | undefined;
  try {
    const stats = lstatSync(path, { throwIfNoEntry: false });
    if (stats === undefined) makeLock(path);
    else if (!stats.isFile()) throw new DataError(`${path} is not a file`);
    lock = await Database.open(path);
    // Nothing is ever written to it: a journal on the disk would need room.
    await lock.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    await lock?.close().catch(() => undefined);
    if (error instanceof DataError) throw error;
    if (error instanceof DatabaseError && error.symbol === 'SQLITE_BUSY') throw new DataError(`${data} is in use by another salond`);
    throw new DataError(`${data} is not writable: ${reasonOf(error)}`);
  }
}

function makeLock(path: string): void {
  try {
    makeEmpty(path);
  } catch (error) {
    // Another made it just now, and has it, or will be told that this one has.
    if (!isCode(error, 'EEXIST')) throw error;
  }
}
