// Checks that the names of a data folder belong to files: opening a pipe, a device or a socket may never end, in SQLite
// as in this program.
import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DataError } from './data-error.js';
import { companions } from './private-files.js';
import { reasonOf } from '../../text/reason.js';

/** Databases, each with what SQLite may put beside it. */
const databases = ['salond.db', 'salond.db-new', 'salond.lock', 'backup.db'] as const;
const others = [
  'salond.time',
  'salond.time-new',
  'salond.known-addresses',
  'salond.known-addresses-new',
  'salond.erasures',
  'salond.erasures-new',
  'salond.db-room',
  'salond.db-room2',
] as const;

/** Throws DataError where one of the folder's names leads to something that is not a file. */
export function checkKinds(data: string): void {
  for (const name of [...databases.flatMap((each) => [each, ...companions.map((suffix) => each + suffix)]), ...others])
    checkKind(join(data, name));
}

/** Throws DataError where `path` leads to something that is not a file. Nothing at all is not an error. */
export function checkKind(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return;
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) throw new DataError(`${path} is a link to a file that is not there`);
    if (!stats.isFile()) throw new DataError(`${path} is not a file`);
  } catch (error) {
    throw error instanceof DataError ? error : new DataError(`${path} can't be read: ${reasonOf(error)}`);
  }
}
