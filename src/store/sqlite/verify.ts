// Whether the data is as it was written. A start checks all of a small database; of a large one it checks what finds
// users and rooms, and rows are checked as they are read (sums.ts, runs.ts). `salond --check-data` checks all of any.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Database } from './database.js';
import { DataError } from './data-error.js';
import { findDamage, longValues, structure, wrongRows } from './find-damage.js';
import { claimFolder } from './folder.js';
import { migrations } from './migrations.js';
import { asDataError, configure } from './open.js';
import { asOwnerOf } from './owner.js';
import { isToBeFinished } from './place.js';
import type { Table } from './sums.js';
import type { RowRules } from './values.js';
import { checkWal } from './wal.js';

/** A database of so many bytes is checked whole in about a quarter of a second. */
const smallBytes = 32 * 1024 * 1024;

/** The tables that a start checks of a larger one. */
const findsNames = ['users', 'rooms', 'skeletons', 'roles', 'bans'] as const satisfies readonly Table[];

/** What a start checks of a large database: the tables that find users and rooms, and the tables that it reads whole. */
async function findAtStart(database: Database, rules?: RowRules): Promise<readonly string[]> {
  const found = (await Promise.all(findsNames.map((table) => structure(database, table)))).flat();
  if (found.length > 0) return found;
  const long = await longValues(database, 'bans');
  return long.length > 0 ? long : wrongRows(database, 'bans', rules);
}

/** Rejects with DataError when what a start looks at is damaged. */
export async function checkAtStart(database: Database, path: string, rules?: RowRules): Promise<void> {
  try {
    const found =
      statSync(path).size <= smallBytes ? await findDamage(database, rules) : await findAtStart(database, rules);
    if (found.length > 0) throw new DataError(`${path} is damaged: ${found[0] ?? ''}; salond --check-data tells all`);
  } catch (error) {
    throw asDataError(path, error);
  }
}

/**
 * All that is wrong with the data in a folder, a sentence each. Rejects with DataError when it can't be looked at: it is not
 * there or in use, say. Root looks at it as the folder's owner. Leaves the database open, so that its log stays as it is: whoever calls this ends the process.
 */
export function checkData(folder: string, rules?: RowRules): Promise<readonly string[]> {
  return asOwnerOf(folder, async () => {
    const path = join(resolve(folder), 'salond.db');
    if (!existsSync(path) && !isToBeFinished(resolve(folder))) throw new DataError(`${path} is not there`);
    await claimFolder(folder);
    checkWal(path);
    // Alone: that takes no room on the disk, which may be full.
    const database = await configure(path, 'full', true);
    const [row] = await database.all('PRAGMA user_version').catch((error: unknown) => {
      throw asDataError(path, error);
    });
    if (Number(row?.['user_version']) === migrations.length)
      return (await findDamage(database, rules)).map((text) => `${path} is damaged: ${text}`);
    throw new DataError(`${path} is an older salond's: start this one once, which brings it up to date`);
  });
}
