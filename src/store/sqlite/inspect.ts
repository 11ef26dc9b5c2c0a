// Finds out whether a start could use a data folder, and changes nothing in it or beside it.
import { accessSync, constants, existsSync, statSync, type Stats } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { Database, DatabaseError } from './database.js';
import { DataError, isCode } from './data-error.js';
import { checkWritable } from './folder.js';
import { checkHeader } from './header.js';
import { checkKinds } from './kinds.js';
import { reasonOf } from '../../text/reason.js';

/** The findings about a folder that a start could use. */
export interface Inspected {
  readonly exists: boolean;
  /** Whether a daemon uses the folder. */
  readonly running: boolean;
  /** The user id of the folder's owner. Undefined where the folder does not exist yet. */
  readonly owner: number | undefined;
}

/**
 * Checks the folder as a start does. Rejects with DataError where a start could not use it. A folder that a daemon
 * uses is not an error.
 */
export async function inspectFolder(folder: string): Promise<Inspected> {
  const data = resolve(folder);
  const found = lookAt(data);
  if (found === undefined) {
    checkCanBeMade(data);
    return { exists: false, running: false, owner: undefined };
  }
  if (!found.isDirectory()) throw new DataError(`${data} is not a folder`);
  const path = join(data, 'salond.db');
  checkKinds(data);
  checkHeader(path);
  const lock = join(data, 'salond.lock');
  for (const each of [data, path, lock]) checkWritable(each);
  return { exists: true, running: existsSync(lock) && (await isLocked(lock)), owner: found.uid };
}

function lookAt(data: string): Stats | undefined {
  try {
    return statSync(data, { throwIfNoEntry: false });
  } catch (error) {
    if (isCode(error, 'ENOTDIR')) throw new DataError(`${data} is not a folder`);
    throw new DataError(`${data} can't be made: ${reasonOf(error)}`);
  }
}

/** Throws DataError where the nearest folder above that exists can't take a new one. */
function checkCanBeMade(data: string): void {
  let above = dirname(data);
  while (lookAt(above) === undefined && above !== dirname(above)) above = dirname(above);
  if (lookAt(above)?.isDirectory() !== true) throw new DataError(`${data} is not a folder`);
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataError(`${data} can't be made: ${reasonOf(error)}`);
  }
}

/** Whether a daemon holds the lock, which excludes readers too. Rejects with DataError where it is no lock. */
async function isLocked(path: string): Promise<boolean> {
  let lock: Database | undefined;
  try {
    lock = await Database.open(path, { readOnly: true });
    await lock.exec('PRAGMA busy_timeout = 0');
    await lock.all('SELECT * FROM sqlite_master');
    return false;
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    if (error.symbol === 'SQLITE_BUSY') return true;
    throw new DataError(`${path} is no lock of salond's: ${error.message}`);
  } finally {
    await lock?.close();
  }
}
