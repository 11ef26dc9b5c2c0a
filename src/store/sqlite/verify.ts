// Whether the data is as it was written. What a start has time for: all of a small database; of a large one what finds users
// and rooms, while rows are checked as they are read (sums.ts, history.ts). All of any: `salond --check-data`.
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseError, type Database, type Row } from './database.js';
import { DataError } from './data-error.js';
import { claimFolder } from './folder.js';
import { migrations } from './migrations.js';
import { asDataError, configure } from './open.js';
import { asOwnerOf } from './owner.js';
import { isToBeFinished } from './place.js';
import { parsed } from './runs.js';
import { strangeSchema } from './schema.js';
import { isWhole, rowsOf, shapesAt, tableNames, tables, type Shape, type Table } from './sums.js';
import { problemOfMessages, problemOfRow, type RowRules } from './values.js';
import { checkWal } from './wal.js';

/** A database of so many bytes is checked whole in about a quarter of a second. */
const smallBytes = 32 * 1024 * 1024;

/** What is looked at of a larger one. */
const findsNames = ['users', 'rooms', 'skeletons', 'roles', 'bans'] as const satisfies readonly Table[];

/** Findings in one kind of check: more say nothing more. */
const most = 10;

const gaps = `SELECT DISTINCT room FROM (SELECT room, first, lag(last, 1, 0) OVER (PARTITION BY room ORDER BY first) AS before FROM runs)
  WHERE first <> before + 1 LIMIT ${most}`;
const strangers = `SELECT DISTINCT r.room FROM runs r, json_each(r.messages) m
  WHERE NOT EXISTS (SELECT 1 FROM users WHERE id = m.value ->> 0) LIMIT ${most}`;
const homeless = `SELECT DISTINCT room FROM runs WHERE room NOT IN (SELECT id FROM rooms) LIMIT ${most}`;
// The run that begins last before the message, by its index: a search among all that begin before it would take hours.
const lostKeys = `SELECT DISTINCT room FROM keys k WHERE NOT EXISTS (SELECT 1 FROM runs r
  WHERE r.room = k.room AND r.first = (SELECT max(first) FROM runs WHERE room = k.room AND first <= k.id)
  AND r.last >= k.id AND r.messages ->> ('$[' || (k.id - r.first) || '][0]') = k.author) LIMIT ${most}`;
const lostRoles = `SELECT DISTINCT room FROM roles WHERE room NOT IN (SELECT id FROM rooms) OR user NOT IN (SELECT id FROM users) LIMIT ${most}`;

const unseen = (kind: string, table: string): string =>
  `SELECT id AS room FROM ${table} WHERE id NOT IN (SELECT id FROM skeletons WHERE kind = '${kind}') LIMIT ${most}`;

const unseenNames = {
  'what the name looks like is missing of the user with the number': unseen('user', 'users'),
  'what the name looks like is missing of the room with the number': unseen('room', 'rooms'),
} as const;

const questions = {
  'messages are missing in the room with the number': gaps,
  'messages are in a room that is not there, the number': homeless,
  'messages are by nobody in the room with the number': strangers,
  'keys are of no message in the room with the number': lostKeys,
  'a role is of nobody, or in a room that is not there, the number': lostRoles,
} as const;

/** Bytes of a text: of a run of the longest messages, each byte of which JSON writes as six, and of anything else. */
const maxBytes = { messages: 4 * 1024 * 1024, other: 64 * 1024 } as const;

/**
 * What SQLite itself finds wrong, a sentence, first in the pages and then in their order. It stops at the first: of a tree whose branches
 * lead to one another it would look at every path through them.
 */
export async function structure(database: Database, table?: Table): Promise<readonly string[]> {
  const rows = await database.all(`PRAGMA integrity_check(${table ?? 1})`);
  return rows
    .map((row) => String(row['integrity_check']))
    .filter((text) => text !== 'ok')
    .map((text) => text.replaceAll('\n', ' '));
}

/** Where a value is so long that reading it, with a hundred others, could take all memory. */
async function longValues(database: Database, table: Table, shape: Shape = tables[table]): Promise<readonly string[]> {
  const found: string[] = [];
  for (const column of shape.columns) {
    const place = tables[table].place
      .map((each) => `iif(typeof(${each}) = 'text', substr(${each}, 1, 80), ${each}) AS ${each}`)
      .join(', ');
    const max = column === 'messages' ? maxBytes.messages : maxBytes.other;
    const rows = await database.all(`SELECT ${place} FROM ${table} WHERE octet_length(${column}) > ${max} LIMIT 1`);
    for (const row of rows)
      found.push(`a row of ${table} has a ${column} of more than ${max} bytes: ${placed(table, row)}`);
  }
  return found;
}

function placed(table: Table, row: Row): string {
  return tables[table].place.map((column) => `${column} ${JSON.stringify(row[column])}`).join(', ');
}

/** Rows that are not what was written, or that nobody could have written. */
async function wrongRows(
  database: Database,
  table: Table,
  rules?: RowRules,
  shape: Shape = tables[table],
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const rows of rowsOf(database, table, shape)) {
    for (const row of rows) {
      if (found.length === most) return found;
      if (!isWhole(table, row, shape)) found.push(`a row of ${table} is not what was written: ${placed(table, row)}`);
      const problem = isWhole(table, row, shape) ? problemOf(table, row, rules) : undefined;
      if (problem !== undefined) found.push(`a row of ${table} can't be salond's: ${placed(table, row)}: ${problem}`);
    }
  }
  return found;
}

function problemOf(table: Table, row: Row, rules?: RowRules): string | undefined {
  const problem = problemOfRow(table, row) ?? rules?.(table, row);
  if (problem !== undefined || table !== 'runs') return problem;
  return problemOfMessages(parsed(row['messages']), Number(row['first']), Number(row['last']));
}

/**
 * All that is wrong with the database, a sentence each. What it holds is not trusted: neither its schema nor its pages nor its rows keep
 * this from ending, or take all memory. An older salond's is looked at in its own shape, from 0.1.0 on.
 * @param rules what a row may be beyond what the store knows itself
 */
export async function findDamage(database: Database, rules?: RowRules): Promise<readonly string[]> {
  try {
    const [row] = await database.all('PRAGMA user_version');
    const version = Number(row?.['user_version']);
    const strange = await strangeSchema(database, version);
    if (strange !== undefined) return [strange];
    const broken = await structure(database);
    // Nothing further can be asked of it.
    if (broken.length > 0) return broken;
    const found: string[] = [];
    const shapes = shapesAt(version);
    const shaped = tableNames.flatMap((table) =>
      shapes[table] === undefined ? [] : [[table, shapes[table]] as const],
    );
    for (const [table, shape] of shaped) found.push(...(await longValues(database, table, shape)));
    if (found.length > 0) return found;
    for (const [table, shape] of shaped) found.push(...(await wrongRows(database, table, rules, shape)));
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
