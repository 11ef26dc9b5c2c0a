// Whether the data is as it was written. What a start has time for: all of a small database; of a large one what finds users
// and rooms, while rows are checked as they are read (sums.ts, history.ts). All of any: `salond --check-data`.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Database, DatabaseError } from './database.js';
import { claimFolder, DataError } from './folder.js';
import { migrations } from './migrations.js';
import { asDataError, configure } from './open.js';
import { isWhole, rowsOf, shapesAt, tableNames, tables, type Shape, type Table } from './sums.js';
import { checkWal } from './wal.js';

/** A database of so many bytes is checked whole in about a quarter of a second. */
const smallBytes = 32 * 1024 * 1024;

/** What is looked at of a larger one. */
const findsNames = ['users', 'rooms', 'skeletons', 'roles'] as const satisfies readonly Table[];

/** Findings in one kind of check: more say nothing more. */
const most = 10;

const gaps = `SELECT DISTINCT room FROM (SELECT room, first, lag(last, 1, 0) OVER (PARTITION BY room ORDER BY first) AS before FROM runs)
  WHERE first <> before + 1 LIMIT ${most}`;
const strangers = `SELECT DISTINCT r.room FROM runs r, json_each(r.messages) m
  WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = m.value ->> 0) LIMIT ${most}`;
const homeless = `SELECT DISTINCT room FROM runs WHERE room NOT IN (SELECT id FROM rooms) LIMIT ${most}`;
const lostKeys = `SELECT DISTINCT room FROM keys k WHERE NOT EXISTS (SELECT 1 FROM runs r
  WHERE r.room = k.room AND r.first <= k.id AND r.last >= k.id AND r.messages ->> ('$[' || (k.id - r.first) || '][0]') = k.author) LIMIT ${most}`;

const unseen = (kind: string, table: string): string => (
  `SELECT id AS room FROM ${table} WHERE id NOT IN (SELECT id FROM skeletons WHERE kind = '${kind}') LIMIT ${most}`);

const unseenNames = {
  'what the name looks like is missing of the user with the number': unseen('user', 'users'),
  'what the name looks like is missing of the room with the number': unseen('room', 'rooms'),
} as const;

const questions = {
  'messages are missing in the room with the number': gaps,
  'messages are in a room that is not there, the number': homeless,
  'messages are by nobody in the room with the number': strangers,
  'keys are of no message in the room with the number': lostKeys,
} as const;

/** What SQLite itself finds wrong, a sentence each. */
export async function structure(database: Database, table?: Table): Promise<readonly string[]> {
  const rows = await database.all(`PRAGMA integrity_check(${table ?? most})`);
  return rows.map((row) => String(row['integrity_check'])).filter((text) => text !== 'ok').map((text) => text.replaceAll('\n', ' '));
}

async function changedRows(database: Database, table: Table, shape: Shape): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const rows of rowsOf(database, table, shape)) {
    for (const row of rows) {
      if (isWhole(table, row, shape) || found.length === most) continue;
      found.push(`a row of ${table} is not what was written: ${tables[table].place.map((column) => `${column} ${JSON.stringify(row[column])}`).join(', ')}`);
    }
  }
  return found;
}

/**
 * All that is wrong with the database, a sentence each. An older salond's is looked at in its own shape, from 0.1.0 on.
 */
export async function findDamage(database: Database): Promise<readonly string[]> {
  try {
    const broken = await structure(database);
    // Nothing further can be asked of it.
    if (broken.length > 0) return broken;
    const found: string[] = [];
    const [row] = await database.all('PRAGMA user_version');
    const shapes = shapesAt(Number(row?.['user_version']));
    for (const table of tableNames) {
      const shape = shapes[table];
      if (shape !== undefined) found.push(...await changedRows(database, table, shape));
    }
    if (found.length > 0) return found;
    const asked = shapes.skeletons === undefined ? questions : { ...questions, ...unseenNames };
    for (const [what, sql] of Object.entries(asked)) {
      for (const row of await database.all(sql)) found.push(`${what} ${String(row['room'])}`);
    }
    return found;
  } catch (error) {
    if (error instanceof DatabaseError) return [error.message];
    throw error;
  }
}

/** Rejects with DataError when what a start looks at is damaged. */
export async function checkAtStart(database: Database, path: string): Promise<void> {
  try {
    const found = statSync(path).size <= smallBytes ? await findDamage(database)
      : (await Promise.all(findsNames.map((table) => structure(database, table)))).flat();
    if (found.length > 0) throw new DataError(`${path} is damaged: ${found[0] ?? ''}; salond --check-data tells all`);
  } catch (error) {
    throw asDataError(path, error);
  }
}

/**
 * All that is wrong with the data in a folder, a sentence each. Rejects with DataError when it can't be looked at: it is not
 * there or in use, say. Leaves the database open, so that its log stays as it is: whoever calls this ends the process.
 */
export async function checkData(folder: string): Promise<readonly string[]> {
  const path = join(resolve(folder), 'salond.db');
  if (!existsSync(path)) throw new DataError(`${path} is not there`);
  await claimFolder(folder);
  checkWal(path);
  // Alone: that takes no room on the disk, which may be full.
  const database = await configure(path, 'full', true);
  const [row] = await database.all('PRAGMA user_version').catch((error: unknown) => { throw asDataError(path, error); });
  if (Number(row?.['user_version']) === migrations.length) return (await findDamage(database)).map((text) => `${path} is damaged: ${text}`);
  throw new DataError(`${path} is an older salond's: start this one once, which brings it up to date`);
}
