// Finds all that is wrong with a database, in words. It trusts nothing in the database: no schema, page or row can keep
// it from ending, or take all memory.
import { DamageError } from '../damage.js';
import { decodeRun, type RunColumns } from '../run-format.js';
import { DatabaseError, type Database, type Row } from './database.js';
import { firstWithBytes, firstWithOrder, firstWithoutSkeletons, olderMessages, shapesAt } from './older.js';
import { danglingReferences, EditsInRuns, Strangers, type EditInRun } from './references.js';
import { strangeSchema } from './schema.js';
import { isWhole, rowsOf, tableNames, tables, type Shape, type Table } from './sums.js';
import { problemOfRow, type RowRules } from './values.js';

/** The most findings of one kind of check. More would say nothing new. */
const most = 10;

/** Bytes of a value at most: of a run of the longest messages (run-format.ts, or older JSON), and of anything else. */
const maxBytes = { messages: 4 * 1024 * 1024, other: 64 * 1024 } as const;

/**
 * What SQLite's own check finds wrong, a sentence each. It stops at the first finding: in a tree whose branches lead
 * to one another it would follow every path.
 */
export async function structure(database: Database, table?: Table): Promise<readonly string[]> {
  const rows = await database.all(`PRAGMA integrity_check(${table ?? 1})`);
  return rows
    .map((row) => String(row['integrity_check']))
    .filter((text) => text !== 'ok')
    .map((text) => text.replaceAll('\n', ' '));
}

/** Finds values so long that reading a hundred of them could take all memory, a sentence each. */
export async function longValues(
  database: Database,
  table: Table,
  { place, columns }: Shape = tables[table],
): Promise<readonly string[]> {
  const shown = place
    .map((each) => `iif(typeof(${each}) = 'text', substr(${each}, 1, 80), ${each}) AS ${each}`)
    .join(', ');
  const cases = columns.map((column) => `WHEN octet_length(${column}) > ${maxBytesOf(column)} THEN '${column}'`);
  const sql = `SELECT ${shown}, CASE ${cases.join(' ')} END AS "long column" FROM ${table}
    WHERE "long column" IS NOT NULL LIMIT 1`;
  return (await database.all(sql)).map((row) => {
    const column = String(row['long column']);
    return `a row of ${table} has a ${column} of more than ${maxBytesOf(column)} bytes: ${placed(row, place)}`;
  });
}

/** As `longValues`, of all tables at a version of the schema that has checksums. */
export async function longValuesAt(database: Database, version: number): Promise<readonly string[]> {
  return longValuesOf(database, shapedTables(version));
}

async function longValuesOf(
  database: Database,
  shaped: readonly (readonly [Table, Shape])[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [table, shape] of shaped) found.push(...(await longValues(database, table, shape)));
  return found;
}

/** The tables that have rows: in a new database there are some twenty that have none. */
async function withRows(
  database: Database,
  shaped: readonly (readonly [Table, Shape])[],
): Promise<readonly (readonly [Table, Shape])[]> {
  const columns = shaped.map(([table]) => `EXISTS (SELECT 1 FROM ${table} NOT INDEXED) AS ${table}`);
  const [row] = await database.all(`SELECT ${columns.join(', ')}`);
  return shaped.filter(([table]) => row?.[table] !== 0);
}

function maxBytesOf(column: string): number {
  return column === 'messages' ? maxBytes.messages : maxBytes.other;
}

/** The tables that there are at a version of the schema, with what they are like. */
function shapedTables(version: number): readonly (readonly [Table, Shape])[] {
  const shapes = shapesAt(version);
  return tableNames.flatMap((table) => {
    const shape = shapes[table];
    return shape === undefined ? [] : [[table, shape] as const];
  });
}

function placed(row: Row, place: readonly string[]): string {
  return place.map((column) => `${column} ${JSON.stringify(row[column])}`).join(', ');
}

/**
 * Rows that are not what was written, or that nobody could have written, a sentence each.
 * @param look is handed the rows that are right, a hundred at a time
 */
export async function wrongRows(
  database: Database,
  table: Table,
  rules?: RowRules,
  shape: Shape = tables[table],
  look?: (rows: readonly Row[]) => Promise<void>,
): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const rows of rowsOf(database, table, shape)) {
    const before = found.length;
    for (const row of rows) {
      if (found.length === most) return found;
      const isSound = isWhole(table, row, shape);
      const problem = isSound ? problemOf(table, row, rules, shape) : undefined;
      if (!isSound) found.push(`a row of ${table} is not what was written: ${placed(row, shape.place)}`);
      if (problem !== undefined)
        found.push(`a row of ${table} can't be salond's: ${placed(row, shape.place)}: ${problem}`);
    }
    if (found.length === before) await look?.(rows);
  }
  return found;
}

function problemOf(table: Table, row: Row, rules: RowRules | undefined, shape: Shape): string | undefined {
  const problem = problemOfRow(table, row) ?? rules?.(table, row);
  if (problem !== undefined || table !== 'runs') return problem;
  const content = contentOf(row, shape);
  return typeof content === 'string' ? content : undefined;
}

/** What a run has that refers to other rows. */
interface Content {
  readonly authors: readonly number[];
  readonly edits: readonly EditInRun[];
}

/** Reads what a run refers to, of bytes or of JSON. Answers a sentence where the messages are wrong. */
function contentOf(row: Row, { isJson = false }: Shape): Content | string {
  const { messages, first, last } = row;
  if (isJson) {
    const older = olderMessages(row);
    return typeof older === 'string' ? older : { authors: older.map(([author]) => author), edits: [] };
  }
  if (!(messages instanceof Buffer)) return 'it is not of bytes';
  try {
    const columns = decodeRun(messages, Number(last) - Number(first) + 1);
    return { authors: columns.authors, edits: editsOf(Number(row['room']), Number(first), columns) };
  } catch (error) {
    if (error instanceof DamageError) return error.problem;
    throw error;
  }
}

/** The edits of a run that were not deleted. */
function editsOf(
  room: number,
  first: number,
  { authors, kinds, about, begins, ends }: RunColumns,
): readonly EditInRun[] {
  const edits: EditInRun[] = [];
  for (const [at, kind] of kinds.entries())
    if (kind === 'edit' && begins[at] !== ends[at]) edits.push([room, about[at] ?? 0, first + at, authors[at] ?? 0]);
  return edits;
}

/**
 * All that is wrong with the database, a sentence each. An older salond's database, from 0.1.0 on, is checked by its
 * own schema.
 * @param rules checks rows beyond what the store itself can check
 */
export async function findDamage(database: Database, rules?: RowRules): Promise<readonly string[]> {
  try {
    const [row] = await database.all('PRAGMA user_version');
    const version = Number(row?.['user_version']);
    const strange = await strangeSchema(database, version);
    if (strange !== undefined) return [strange];
    const broken = await structure(database);
    // A broken structure can't be queried further.
    if (broken.length > 0) return broken;
    return await findInRows(database, version, rules);
  } catch (error) {
    if (error instanceof DatabaseError) return [error.message];
    throw error;
  }
}

async function findInRows(database: Database, version: number, rules?: RowRules): Promise<readonly string[]> {
  const filled = await withRows(database, shapedTables(version));
  const found = [...(await longValuesOf(database, filled))];
  if (found.length > 0) return found;
  const strangers = new Strangers(database);
  const { runs = tables.runs, edits: table } = shapesAt(version);
  const edits = table === undefined ? undefined : new EditsInRuns(database);
  const look = async (rows: readonly Row[]): Promise<void> => {
    const contents = rows.map((row) => [Number(row['room']), contentOf(row, runs)] as const);
    const sound = contents.flatMap(([room, content]) =>
      typeof content === 'string' ? [] : [[room, content] as const],
    );
    await strangers.look(sound.map(([room, { authors }]) => [room, authors] as const));
    await edits?.look(sound.flatMap(([, content]) => content.edits));
  };
  for (const [table, shape] of filled)
    found.push(...(await wrongRows(database, table, rules, shape, table === 'runs' ? look : undefined)));
  if (found.length > 0) return found;
  const hasOrder = version >= firstWithOrder;
  return danglingReferences(database, strangers, {
    edits,
    isOlder: version < firstWithBytes,
    hasSkeletons: version >= firstWithoutSkeletons,
    hasConversations: hasOrder,
    hasTokens: hasOrder,
    hasMembers: hasOrder,
    hasErased: hasOrder,
    most,
  });
}
