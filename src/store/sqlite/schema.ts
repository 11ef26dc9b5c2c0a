// Checks that a database has the tables, indexes and views of its version, and nothing else. This comes before any
// query of the data: a view or a trigger that is not salond's would run in the query, and may never end.
import { Database } from './database.js';
import { migrations } from './migrations.js';

/** The most entries that are read, more than any version has: a crafted schema may have any number. */
const most = 200;

const list = `SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat_' ESCAPE '\\' ORDER BY type, name LIMIT ${most}`;

type Schema = ReadonlyMap<string, string>;

const expected = new Map<number, Promise<Schema>>();

async function read(database: Database): Promise<Schema> {
  const rows = await database.all(list);
  return new Map(
    rows.map(({ type, name, sql }) => [`${String(type)} ${JSON.stringify(name)}`, String(sql).replace(/\s+/g, ' ')]),
  );
}

async function make(version: number): Promise<Schema> {
  const database = await Database.open(':memory:');
  try {
    await database.exec(migrations.slice(0, version).join(';\n'));
    return await read(database);
  } finally {
    await database.close();
  }
}

/**
 * Says what is wrong with the schema of a database with this version, in a sentence; undefined for nothing. Rejects
 * with DatabaseError.
 */
export async function strangeSchema(database: Database, version: number): Promise<string | undefined> {
  await database.exec('PRAGMA trusted_schema = OFF');
  const made = expected.get(version) ?? make(version);
  expected.set(version, made);
  const [right, found] = [await made, await read(database)];
  for (const [what, sql] of found) {
    if (!right.has(what)) return `it has the ${what}, which is not salond's`;
    if (right.get(what) !== sql) return `its ${what} is not as salond makes it`;
  }
  for (const what of right.keys()) if (!found.has(what)) return `it lacks the ${what}`;
  return undefined;
}
