// A checksum in every row. SQLite notices a malformed page, and its log has checksums, but it would serve a text or a
// number with a flipped bit as if it had been written so.
import { crc32 } from 'node:zlib';
import { damaged } from './damaged.js';
import { DatabaseError, type Database, type Row, type Value } from './database.js';
import { newTables } from './migrations/7.js';
import type { NewTable } from './migrations/part.js';
import { runRowsOf } from './run-rows.js';
import { problemOfRow, shownValue } from './values.js';

/** The columns and the checksum of a table's rows, in this version of the schema or an older one (older.ts). */
export interface Shape {
  /** The columns that identify a row. */
  readonly place: readonly string[];
  /** The columns that the checksum covers, in their order. */
  readonly columns: readonly string[];
  /** Makes the checksum from their values. */
  readonly sum: (values: readonly Value[]) => number;
  /** Whether `messages` is JSON, in bytes, and not what run-format.ts defines. */
  readonly isJson?: boolean;
}

function shape(place: readonly string[], columns: readonly string[]): Shape {
  return { place, columns, sum: sumOf };
}

/** The shapes of tables that a part of a migration makes. */
function shapesOf<Name extends string>(made: Readonly<Record<Name, NewTable>>): Readonly<Record<Name, Shape>> {
  const shapes = Object.entries<NewTable>(made).map(([name, { place, columns }]) => [
    name,
    shape(place, Object.keys(columns)),
  ]);
  return Object.fromEntries(shapes) as Record<Name, Shape>;
}

/** The tables of this version. */
export const tables = {
  users: shape(['id'], ['name', 'key', 'first_name', 'last_name', 'password', 'created', 'state', 'version', 'status']),
  rooms: shape(['id'], ['name', 'key', 'topic', 'created', 'state', 'version', 'settings', 'erased']),
  skeletons: shape(['kind', 'skeleton', 'id'], ['kind', 'skeleton', 'id']),
  roles: shape(['room', 'user'], ['room', 'user', 'role', 'seq']),
  bans: shape(['kind', 'target'], ['kind', 'target', 'reason', 'created', 'until']),
  runs: shape(['seq'], ['room', 'first', 'last', 'time', 'messages']),
  keys: shape(['room', 'author', 'key'], ['room', 'author', 'key', 'id']),
  ...shapesOf(newTables),
} as const;

/** The name of a table. */
export type Table = keyof typeof tables;

/** The names of all tables. */
export const tableNames = Object.keys(tables) as readonly Table[];

/**
 * The checksum of a row's values, CRC-32: it finds every change of up to 32 neighbouring bits, and all but one in 2^32
 * of the others. Texts and numbers count as UTF-8, bytes as they are, with a zero byte between two values.
 */
export function sumOf(values: readonly Value[]): number {
  let sum = 0;
  let text = '';
  for (const [at, value] of values.entries()) {
    if (at > 0) text += '\0';
    if (value instanceof Uint8Array) {
      sum = continued(continued(sum, text), value);
      text = '';
    } else text += String(value);
  }
  return continued(sum, text);
}

/** The checksum of a run's values, as `sumOf` makes it. It is that of an older run too, whose messages are JSON. */
export function sumOfRun(room: number, first: number, last: number, time: number, messages: Uint8Array): number {
  return continued(crc32(`${room}\0${first}\0${last}\0${time}\0`), messages);
}

/** Continues the checksum `sum` with `data`. */
function continued(sum: number, data: string | Uint8Array): number {
  // zlib answers 0 for no bytes, whatever stood before them.
  return data.length === 0 ? sum : crc32(data, sum);
}

/** SQL: the columns that `checked` needs. */
export function summed(table: Table, prefix = ''): string {
  return [...tables[table].columns, 'crc'].map((column) => prefix + column).join(', ');
}

/** The checksum that the row should have. */
export function sumOfRow(table: Table, row: Row, { columns, sum }: Shape = tables[table]): number {
  return sum(columns.map((column) => row[column] as Value));
}

/** Whether the row, which has all columns that `summed` names, is as it was written. */
export function isWhole(table: Table, row: Row, shape: Shape = tables[table]): boolean {
  return sumOfRow(table, row, shape) === row['crc'];
}

/** Answers the row. Throws DamageError where it is not as it was written, or has values that no reader can use. */
export function checked(table: Table, row: Row): Row {
  if (!isWhole(table, row)) throw damaged(`a row of ${table} is not what was written`);
  const problem = problemOfRow(table, row);
  if (problem !== undefined) throw damaged(`a row of ${table} can't be salond's: ${problem}`);
  return row;
}

/**
 * All rows of a table in the order of their places, a hundred at a time, or as many runs as `runRowsOf` reads. Rejects
 * with DatabaseError where a row's place can't be asked for: the rows behind it would never come.
 */
export async function* rowsOf(
  database: Database,
  table: Table,
  { place, columns }: Shape = tables[table],
): AsyncIterable<readonly Row[]> {
  if (table === 'runs') yield* runRowsOf(database);
  else yield* plainRowsOf(database, table, place, columns);
}

async function* plainRowsOf(
  database: Database,
  table: Table,
  place: readonly string[],
  columns: readonly string[],
): AsyncIterable<readonly Row[]> {
  const order = place.join(', ');
  const selected = [...new Set([...place, ...columns, 'crc'])].join(', ');
  const values = place.map(() => '?').join(', ');
  let rows = await database.all(`SELECT ${selected} FROM ${table} ORDER BY ${order} LIMIT 100`);
  while (rows.length > 0) {
    yield rows;
    const last = rows[rows.length - 1];
    const after = place.map((column) => last?.[column] as Value);
    if (!(await canBeAskedFor(database, table, place, after))) {
      const shown = place.map((column, at) => `${column} ${shownValue(after[at])}`).join(', ');
      throw new DatabaseError('SQLITE_CORRUPT', `a row of ${table} is in a place that salond gives to none: ${shown}`);
    }
    rows = await database.all(
      `SELECT ${selected} FROM ${table} WHERE (${order}) > (${values}) ORDER BY ${order} LIMIT 100`,
      ...after,
    );
  }
}

/**
 * Whether these values, as JavaScript has them, are those of a row: no integer was rounded, and no bytes were replaced.
 */
async function canBeAskedFor(
  database: Database,
  table: Table,
  place: readonly string[],
  values: readonly Value[],
): Promise<boolean> {
  if (values.some((value) => typeof value === 'number' && !Number.isSafeInteger(value))) return false;
  // What is not UTF-8 comes as U+FFFD, which a text may also have.
  if (!values.some((value) => typeof value === 'string' && value.includes('\ufffd'))) return true;
  const found = place.map((column) => `${column} = ?`).join(' AND ');
  return (await database.all(`SELECT 1 FROM ${table} WHERE ${found}`, ...values)).length > 0;
}

/** What identifies a row: the values of its table's `place`. */
type Place = readonly Value[];

/** The places of the rows that are not as they were written. */
export async function damagedPlaces(database: Database, table: Table, shape: Shape): Promise<readonly Place[]> {
  const found: Place[] = [];
  for await (const rows of rowsOf(database, table, shape)) {
    for (const row of rows)
      if (!isWhole(table, row, shape)) found.push(shape.place.map((column) => row[column] as Value));
  }
  return found;
}

/** Gives rows a wrong checksum, because they were damaged before and must stay known as damaged. */
export async function spoilSums(database: Database, table: Table, damaged: readonly Place[]): Promise<void> {
  const found = tables[table].place.map((column, at) => `${table}.${column} = damaged.value ->> ${at}`).join(' AND ');
  const sql = `UPDATE ${table} SET crc = crc + 1 FROM json_each(?) damaged WHERE ${found}`;
  await database.all(sql, JSON.stringify(damaged));
}

/** Gives every row of these tables the checksum of its values. Needs an open transaction: a migration's last step. */
export async function makeSums(database: Database, which: readonly Table[] = tableNames): Promise<void> {
  for (const table of which) {
    const { place } = tables[table];
    const found = place.map((column, at) => `${table}.${column} = made.value ->> ${at + 1}`).join(' AND ');
    for await (const rows of rowsOf(database, table)) {
      const made = rows.map((row) => [sumOfRow(table, row), ...place.map((column) => row[column])]);
      await database.all(
        `UPDATE ${table} SET crc = made.value ->> 0 FROM json_each(?) made WHERE ${found}`,
        JSON.stringify(made),
      );
    }
  }
}
