// A checksum in every row. SQLite notices a page that has lost its form, and its log carries checksums, but a bit that turns in
// a letter or a number of the database would be served as if it had been written.
import { crc32 } from 'node:zlib';
import { StoreFailure } from '../store.js';
import type { Database, Row, Value } from './database.js';
import { columnsWithSkeletons, firstWithoutSkeletons } from './migrations.js';
import { problemOfRow } from './values.js';

/** By table: what finds a row, and the columns that its `crc` is made of, in their order. */
export const tables = {
  users: { place: ['id'], columns: ['name', 'key', 'first_name', 'last_name', 'password', 'created', 'state'] },
  rooms: { place: ['id'], columns: ['name', 'key', 'topic', 'created', 'state'] },
  skeletons: { place: ['kind', 'skeleton', 'id'], columns: ['kind', 'skeleton', 'id'] },
  roles: { place: ['room', 'user'], columns: ['room', 'user', 'role'] },
  bans: { place: ['kind', 'target'], columns: ['kind', 'target', 'reason', 'created', 'until'] },
  runs: { place: ['seq'], columns: ['room', 'first', 'last', 'time', 'messages'] },
  keys: { place: ['room', 'author', 'key'], columns: ['room', 'author', 'key', 'id'] },
} as const;

export type Table = keyof typeof tables;

/** The columns that identify a row, and the columns that its checksum covers. */
export interface Shape {
  readonly place: readonly string[];
  readonly columns: readonly string[];
}

/** The tables at a step of the migrations, which may be an older one than the last; not before that of 0.1.0. */
export function shapesAt(version: number): Readonly<Partial<Record<Table, Shape>>> {
  if (version >= firstWithoutSkeletons) return tables;
  const { skeletons: _, ...others } = tables;
  return {
    ...others,
    users: { ...tables.users, columns: columnsWithSkeletons.users },
    rooms: { ...tables.rooms, columns: columnsWithSkeletons.rooms },
  };
}

export const tableNames = Object.keys(tables) as readonly Table[];

/** What is on disk is not what was written there. Nothing was done, and nothing of it was shown. */
export class DamageError extends StoreFailure {
  constructor(what: string) {
    super(`salond.db is damaged: ${what}`);
  }
}

/** The checksum of a row's values, CRC-32: it finds every change of up to 32 neighbouring bits, and all but one in 2^32 of the others. */
export function sumOf(values: readonly Value[]): number {
  return crc32(
    values
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
      .join('\0'),
  );
}

/** SQL: the columns that `checked` needs. */
export function summed(table: Table, prefix = ''): string {
  return [...tables[table].columns, 'crc'].map((column) => prefix + column).join(', ');
}

/** What a row's `crc` is made of. */
export function summedValues(table: Table, row: Row, { columns }: Shape = tables[table]): readonly Value[] {
  return columns.map((column) => row[column] as Value);
}

/** Whether the row, which has all that `summed` names, is as it was written. */
export function isWhole(table: Table, row: Row, shape: Shape = tables[table]): boolean {
  return sumOf(summedValues(table, row, shape)) === row['crc'];
}

/** The row, if it is as it was written and what was written can be worked with. Throws DamageError. */
export function checked(table: Table, row: Row, shape: Shape = tables[table]): Row {
  if (!isWhole(table, row, shape)) throw new DamageError(`a row of ${table} is not what was written`);
  const problem = problemOfRow(table, row);
  if (problem !== undefined) throw new DamageError(`a row of ${table} can't be salond's: ${problem}`);
  return row;
}

/** All rows of a table, some at a time. */
export async function* rowsOf(
  database: Database,
  table: Table,
  shape: Shape = tables[table],
): AsyncIterable<readonly Row[]> {
  const place = shape.place.join(', ');
  const columns = [...shape.place, ...shape.columns, 'crc'].join(', ');
  const values = shape.place.map(() => '?').join(', ');
  let rows = await database.all(`SELECT ${columns} FROM ${table} ORDER BY ${place} LIMIT 100`);
  while (rows.length > 0) {
    yield rows;
    const last = rows[rows.length - 1];
    const after = shape.place.map((column) => last?.[column] as Value);
    rows = await database.all(
      `SELECT ${columns} FROM ${table} WHERE (${place}) > (${values}) ORDER BY ${place} LIMIT 100`,
      ...after,
    );
  }
}

/** The ids of the rows that are not as they were written. */
export async function damagedIds(database: Database, table: Table, shape: Shape): Promise<readonly number[]> {
  const found: number[] = [];
  for await (const rows of rowsOf(database, table, shape)) {
    for (const row of rows) if (!isWhole(table, row, shape)) found.push(Number(row['id']));
  }
  return found;
}

/** Gives these rows, which have the checksum of what they hold, another: they are damaged, and stay known to be. */
export async function spoilSums(database: Database, table: Table, ids: readonly number[]): Promise<void> {
  const sql = `UPDATE ${table} SET crc = crc + 1 WHERE id IN (SELECT value FROM json_each(?))`;
  await database.all(sql, JSON.stringify(ids));
}

/** Gives every row of these tables the checksum of what it holds now. Inside a transaction: a migration's last step. */
export async function makeSums(database: Database, which: readonly Table[] = tableNames): Promise<void> {
  for (const table of which) {
    const { place } = tables[table];
    const found = place.map((column, at) => `${table}.${column} = made.value ->> ${at + 1}`).join(' AND ');
    for await (const rows of rowsOf(database, table)) {
      const made = rows.map((row) => [sumOf(summedValues(table, row)), ...place.map((column) => row[column])]);
      await database.all(
        `UPDATE ${table} SET crc = made.value ->> 0 FROM json_each(?) made WHERE ${found}`,
        JSON.stringify(made),
      );
    }
  }
}
