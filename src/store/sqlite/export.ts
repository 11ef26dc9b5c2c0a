// All that is kept as lines of JSON, for moving to another program or for reading with any. Lossless (import.ts): ids, times, keys
// and password hashes are there. The first line says what it is; then users, rooms, roles, bans, and messages as they were stored.
import { Database, type Row } from './database.js';
import { checkHeader, DataError } from './folder.js';
import { runColumns, runOf } from './runs.js';
import { checked, rowsOf, shapesAt, summed, tables, type Table } from './sums.js';

/** The format of the lines; another number for what older readers can't take. */
export const exportFormat = 1;

/** Tables whose rows are lines as they stand; messages are cut out of their runs. */
export const plainTables = ['users', 'rooms', 'roles', 'bans'] as const satisfies readonly Table[];

export type PlainTable = (typeof plainTables)[number];

/** The columns of a row's line, its place among them. */
export function lineColumns(table: PlainTable): readonly string[] {
  return [...new Set([...tables[table].place, ...tables[table].columns])];
}

type Line = Readonly<Record<string, unknown>>;

/** The lines of a database that no daemon writes to: a backup, say. Rejects with DataError and DamageError. */
export async function* exported(path: string): AsyncIterable<string> {
  if (checkHeader(path)) throw new DataError(`${path} is not there`);
  const database = await Database.open(path);
  try {
    yield line({ salond: 'export', format: exportFormat });
    // A backup of an older salond's has rows of another shape.
    const [version] = await database.all('PRAGMA user_version');
    const shapes = shapesAt(Number(version?.['user_version']));
    for (const table of plainTables) {
      for await (const rows of rowsOf(database, table, shapes[table])) {
        for (const row of rows) yield line({ in: table, ...members(table, checked(table, row, shapes[table])) });
      }
    }
    yield* messages(database);
  } finally {
    await database.close();
  }
}

function members(table: PlainTable, row: Row): Line {
  return Object.fromEntries(lineColumns(table).map((column) => {
    const value = row[column];
    return [column, value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value];
  }));
}

async function* messages(database: Database): AsyncIterable<string> {
  const next = await database.prepare(`SELECT r.seq, ${runColumns} FROM runs r WHERE seq > ? ORDER BY seq LIMIT 100`);
  const keys = await database.prepare(`SELECT ${summed('keys')} FROM keys WHERE room = ? AND id BETWEEN ? AND ?`);
  for (let rows = await next.all(-1); rows.length > 0; rows = await next.all(Number(rows.at(-1)?.['seq']))) {
    for (const row of rows) {
      const { first, time, messages: list } = runOf(row);
      const room = Number(row['room']);
      const known = new Map((await keys.all(room, first, first + list.length - 1)).map((each) => [Number(checked('keys', each)['id']), each['key']]));
      for (const [at, [author, message]] of list.entries()) {
        yield line({ in: 'messages', room, id: first + at, author, time, message, key: known.get(first + at) });
      }
    }
  }
}

/** Some readers of lines take these two for a line's end. */
function line(value: Line): string {
  return `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}
