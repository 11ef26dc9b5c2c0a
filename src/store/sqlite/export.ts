// Writes all data as lines of JSON, to be read by any program or imported again (import.ts). Nothing is lost: ids,
// times, keys and password hashes are there. The first line says what the file is; then come users, rooms, roles, bans,
// and the messages in the order in which they were stored. The last line has the number of the lines before it and the
// SHA-256 of their bytes, which tells an export that was cut or changed from a whole one.
import { createHash } from 'node:crypto';
import type { Database, Row } from './database.js';
import { newExported } from './migrations/7.js';
import { runRowsOf } from './run-rows.js';
import { runOf, type Run } from './runs.js';
import { checked, rowsOf, summed, tables, type Table } from './sums.js';

/**
 * The format of the lines; another number for what older readers can't take. Format 1, of salond 0.1.0, has no last
 * line.
 */
export const exportFormat = 2;

/** The tables whose rows are lines as they stand; messages are cut out of their runs. */
export const plainTables = ['users', 'rooms', 'roles', 'bans', ...newExported] as const satisfies readonly Table[];

/** The name of such a table. */
export type PlainTable = (typeof plainTables)[number];

/**
 * The columns of a row's line, its place among them. The version is left out: only readers of this data compare
 * versions, and imported data begins with new ones.
 */
export function lineColumns(table: PlainTable): readonly string[] {
  const columns = new Set([...tables[table].place, ...tables[table].columns]);
  columns.delete('version');
  return [...columns];
}

type Line = Readonly<Record<string, unknown>>;

/** The lines of a database of this version, which nobody writes to and which was checked. Rejects with DamageError. */
export async function* exported(database: Database): AsyncIterable<string> {
  const sum = createHash('sha256');
  let count = 0;
  for await (const text of contents(database)) {
    sum.update(text);
    count += 1;
    yield text;
  }
  yield line({ in: 'end', lines: count, sha256: sum.digest('hex') });
}

async function* contents(database: Database): AsyncIterable<string> {
  yield line({ salond: 'export', format: exportFormat });
  for (const table of plainTables) {
    for await (const rows of rowsOf(database, table)) {
      for (const row of rows) yield line({ in: table, ...members(table, checked(table, row)) });
    }
  }
  yield* messages(database);
}

/** The members of a row's line. */
export function members(table: PlainTable, row: Row): Line {
  return Object.fromEntries(
    lineColumns(table).map((column) => {
      const value = row[column];
      return [column, value instanceof Uint8Array ? Buffer.from(value).toString('base64') : value];
    }),
  );
}

async function* messages(database: Database): AsyncIterable<string> {
  // The table is ordered by authors, so each run would need a scan of all keys of its room. SQLite keeps this copy in a
  // file.
  await database.exec(
    `CREATE TEMP TABLE keys_by_id AS SELECT ${summed('keys')} FROM keys; CREATE INDEX temp.by_id ON keys_by_id (room, id)`,
  );
  const keys = await database.prepare(`SELECT ${summed('keys')} FROM keys_by_id WHERE room = ? AND id BETWEEN ? AND ?`);
  // What was not erased yet when the process ended is not there any more.
  const erased = new Map(
    (await database.all('SELECT id, erased FROM rooms WHERE erased > 0')).map((room) => [room['id'], room['erased']]),
  );
  for await (const rows of runRowsOf(database)) {
    for (const row of rows) {
      if (row.last <= Number(erased.get(row.room) ?? 0)) continue;
      const run = runOf(row);
      const { room, first, count, time } = run;
      const known = new Map(
        (await keys.all(room, first, first + count - 1)).map((each) => [
          Number(checked('keys', each)['id']),
          each['key'],
        ]),
      );
      for (const [at, message] of messagesOf(run).entries()) {
        const { author, ...others } = message;
        yield line({ in: 'messages', room, id: first + at, author, time, ...others, key: known.get(first + at) });
      }
    }
  }
}

/**
 * The members of each message's line. `kind` and `about` are left out where the message is a plain text. One that was
 * deleted has `deleted` in the place of its text.
 */
export function messagesOf(run: Run): readonly Line[] {
  return run.columns.authors.map((_, at) => messageAt(run, at));
}

/** The members of one message's line. @param at its place in the run */
export function messageAt({ bytes, columns }: Run, at: number): Line {
  const { authors, kinds, about, begins, ends } = columns;
  const isDeleted = begins[at] === ends[at];
  return {
    author: authors[at],
    message: isDeleted ? undefined : (JSON.parse(`"${bytes.toString('utf8', begins[at], ends[at])}"`) as string),
    kind: kinds[at] === 'text' ? undefined : kinds[at],
    about: about[at] === 0 ? undefined : about[at],
    deleted: isDeleted ? true : undefined,
  };
}

/** Encodes a line of an export. Some programs take U+2028 and U+2029 for a line end, so they are escaped. */
export function line(value: Line): string {
  return `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
}
