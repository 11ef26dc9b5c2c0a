// Judges a file by its first bytes alone, before SQLite opens it (SQLite's file format, §1.3).
import { closeSync, constants, existsSync, fstatSync, lstatSync, openSync, readSync } from 'node:fs';
import { DataError, isCode } from './data-error.js';
import { applicationId, migrations } from './migrations.js';
import { reasonOf } from '../../text/reason.js';

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
    // Does not wait for the writer of a pipe with that name.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (isCode(error, 'ENOENT')) {
      // Perhaps the disk that it leads to is not mounted. A new database in its place would hide the old one.
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
        throw new DataError(`${path} is a link to a file that is not there`);
      return undefined;
    }
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
 * Judges the database by its header alone (SQLite's file format, §1.3), so that a file of somebody else's is not
 * opened: SQLite would add files beside it. Answers whether there is none yet. Throws DataError.
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

/** Throws DataError where `path` is not itself a file, no link, that begins as a database of salond's does. */
export function checkIsDatabase(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) throw new DataError(`${path} is a link`);
  judgeHeader(path, readHeader(path) ?? Buffer.alloc(0));
}

/**
 * Answers the version of the schema. Throws DataError where the first bytes of `path` are not those of a database of
 * salond's.
 */
export function judgeHeader(path: string, header: Buffer): number {
  if (header.length === 0) throw new DataError(`${path} is empty: what was in it is lost, or it is not salond's`);
  if (header.length < headerBytes || header.toString('latin1', 0, magic.length) !== magic)
    throw new DataError(`${path} is not a database`);
  if (header.readUInt32BE(68) !== applicationId) throw new DataError(`${path} is another program's database`);
  const version = header.readUInt32BE(60);
  checkVersion(path, version);
  return version;
}

/** Throws DataError for a schema that this program does not know. */
export function checkVersion(path: string, version: number): void {
  if (version <= migrations.length) return;
  throw new DataError(
    `${path} has schema ${version}, and this salond knows no newer one than ${migrations.length}: start a newer salond`,
  );
}
