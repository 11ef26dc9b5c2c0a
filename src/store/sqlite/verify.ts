// Checks that the data is as it was written. A start checks all of a small database. In a large one it checks the
// tables that find users and rooms; other rows are checked when they are read (sums.ts, runs.ts). `salond --check-data`
// checks everything.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Database } from './database.js';
import { DataError } from './data-error.js';
import { ErasureList } from './erasure-list.js';
import { findDamage, longValues, structure, wrongRows } from './find-damage.js';
import { claimFolder } from './folder.js';
import { checkVersion } from './header.js';
import { firstReleased } from './older.js';
import { asDataError, configure } from './open.js';
import { asOwnerOf } from './owner.js';
import { isToBeFinished } from './place.js';
import type { Table } from './sums.js';
import type { RowRules } from './values.js';
import { checkWal } from './wal.js';
import { messageOf } from '../../text/reason.js';

/** The size, in bytes, up to which a start checks all of a database, in about a quarter of a second. */
const smallBytes = 32 * 1024 * 1024;

/** The tables that a start checks in a larger one. */
const findsNames = ['users', 'rooms', 'skeletons', 'roles', 'bans'] as const satisfies readonly Table[];

/**
 * Checks a large database at a start: the tables that find users and rooms, and those that the start reads completely.
 */
async function findAtStart(database: Database, rules?: RowRules): Promise<readonly string[]> {
  const found = await structureOfNames(database);
  if (found.length > 0) return found;
  const long = await longValues(database, 'bans');
  return long.length > 0 ? long : wrongRows(database, 'bans', rules);
}

/** What is wrong with the structure of the tables that find users and rooms, as far as there are such tables. */
async function structureOfNames(database: Database): Promise<readonly string[]> {
  const rows = await database.all("SELECT name FROM sqlite_schema WHERE type = 'table'");
  const there = findsNames.filter((table) => rows.some(({ name }) => name === table));
  return (await Promise.all(there.map((table) => structure(database, table)))).flat();
}

/** Checks a database at a start. Rejects with DataError when what it checks is damaged. */
export function checkAtStart(database: Database, path: string, rules?: RowRules): Promise<void> {
  return checking(path, () => (isSmall(path) ? findDamage(database, rules) : findAtStart(database, rules)));
}

/**
 * Checks the structure of what a start checks in a database that is to be migrated, which makes most of it anew.
 * Rejects with DataError when it is damaged.
 */
export function checkOlderAtStart(database: Database, path: string): Promise<void> {
  return checking(path, () => (isSmall(path) ? structure(database) : structureOfNames(database)));
}

function isSmall(path: string): boolean {
  return statSync(path).size <= smallBytes;
}

async function checking(path: string, find: () => Promise<readonly string[]>): Promise<void> {
  try {
    const found = await find();
    if (found.length > 0) throw new DataError(`${path} is damaged: ${found[0] ?? ''}; salond --check-data tells all`);
  } catch (error) {
    throw asDataError(path, error);
  }
}

/**
 * Finds all that is wrong with the data in a folder, a sentence each. Rejects with DataError when it can't be checked:
 * it is not there or in use, for example. Root checks it as the folder's owner. Leaves the database open, so that its
 * log stays as it is; the caller has to end the process.
 */
export function checkData(folder: string, rules?: RowRules): Promise<readonly string[]> {
  return asOwnerOf(folder, async () => {
    const path = join(resolve(folder), 'salond.db');
    if (!existsSync(path) && !isToBeFinished(resolve(folder))) throw new DataError(`${path} is not there`);
    await claimFolder(folder);
    checkWal(path);
    // Opens it exclusively, which needs no room on the disk.
    const database = await configure(path, 'full', true);
    const [row] = await database.all('PRAGMA user_version').catch((error: unknown) => {
      throw asDataError(path, error);
    });
    const version = Number(row?.['user_version']);
    checkVersion(path, version);
    if (version >= firstReleased) {
      const found = (await findDamage(database, rules)).map((text) => `${path} is damaged: ${text}`);
      return [...found, ...damageOfList(resolve(folder))];
    }
    throw new DataError(`${path} is an older salond's: start this one once, which brings it up to date`);
  });
}

function damageOfList(folder: string): readonly string[] {
  try {
    ErasureList.in(folder);
    return [];
  } catch (error) {
    return [messageOf(error)];
  }
}
