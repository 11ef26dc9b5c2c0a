// Turns the lines of an export into rows with checksums. It checks each line, so that a refusal can name the line.
// Messages, which come last, are the matter of message-filler.ts.
import { loneSurrogate } from '../stored-text.js';
import type { Database, Row, Statement, Value } from './database.js';
import { lineColumns, plainTables, type PlainTable } from './export.js';
import { KnownRows } from './known-rows.js';
import { MessageFiller } from './message-filler.js';
import type { Line } from './message-line.js';
import { newTables } from './migrations/7.js';
import type { NewTable } from './migrations/part.js';
import { asRepeatedRow } from './repeated-row.js';
import { sumOf, tables } from './sums.js';
import { problemOfRow, shownValue, type RowRules } from './values.js';

/** Adds what a line may leave out to its row. Throws an error that says what is wrong with the row. */
export type Completing = (table: PlainTable, row: Row) => Row;

const order = [...plainTables, 'messages'] as const;

/** Tables whose rows name a room and a user, and those whose rows name a user alone. */
const namesRoom: ReadonlySet<PlainTable> = new Set(['roles', 'members', 'room_bans']);
const namesUser: ReadonlySet<PlainTable> = new Set(['seen', 'erasures', 'tokens']);

/** The columns of the table that hold bytes, which a line has in base64. */
function bytesOf(table: PlainTable): readonly string[] {
  if (table === 'users') return ['password'];
  const made: Readonly<Record<string, NewTable>> = newTables;
  const columns = Object.entries(made[table]?.columns ?? {});
  return columns.filter(([, kind]) => kind === 'bytes').map(([column]) => column);
}

/** Whether a row comes after another in SQLite's order, which an export has: numbers by value, texts by their bytes. */
function follows(place: readonly Value[], before: readonly Value[]): boolean {
  for (const [at, value] of place.entries()) {
    const other = before[at] ?? null;
    if (value === other) continue;
    if (typeof value === 'number' && typeof other === 'number') return value > other;
    return Buffer.compare(Buffer.from(String(value)), Buffer.from(String(other))) > 0;
  }
  return false;
}

/** Fills the tables of a new database with the rows of an export, in the order of its lines. */
export class Filler {
  /** The messages of the export. */
  readonly messages: MessageFiller;
  readonly #database: Database;
  readonly #complete: Completing;
  readonly #known: KnownRows;
  readonly #inserts = new Map<PlainTable, Statement>();
  /** The table of the last line, by its place in `order`, and what identifies its row. */
  #table = 0;
  #place: readonly Value[] = [];

  /** @param rules checks the key of a message, which `complete` does not see */
  constructor(database: Database, complete: Completing, rules: RowRules) {
    this.#database = database;
    this.#complete = complete;
    this.#known = new KnownRows(database);
    this.messages = new MessageFiller(database, this.#known, rules);
  }

  /** Adds the row of a line. Rejects with an error that says what is wrong with the line. */
  async add(line: Line): Promise<void> {
    const table = order.findIndex((each) => each === line['in']);
    if (table === -1) throw new Error(`it is in ${shownValue(line['in'])}`);
    if (table < this.#table)
      throw new Error(`${String(line['in'])} stand before ${String(order[this.#table])} in an export`);
    if (table > this.#table) this.#place = [];
    this.#table = table;
    for (const [name, value] of Object.entries(line)) {
      if (typeof value === 'string' && loneSurrogate.test(value))
        throw new Error(`${name} has half of a surrogate pair`);
    }
    const plain = plainTables[table];
    if (plain === undefined) await this.messages.add(line);
    else await this.#addRow(plain, line);
  }

  /** Inserts what is left. Rejects with an error that says what the lines repeat. */
  end(): Promise<void> {
    return this.messages.end();
  }

  async #addRow(table: PlainTable, line: Line): Promise<void> {
    const { in: _, ...members }: Record<string, unknown> = line;
    for (const column of bytesOf(table)) members[column] = decoded(members[column]);
    const row = this.#complete(table, members);
    const columns = lineColumns(table);
    const unknown = Object.keys(row).find((name) => !columns.includes(name));
    if (unknown !== undefined) throw new Error(`${table} have no ${shownValue(unknown)}`);
    const missing = columns.find((column) => row[column] === undefined);
    if (missing !== undefined) throw new Error(`it has no ${missing}`);
    const problem = problemOfRow(table, row);
    if (problem !== undefined) throw new Error(problem);
    const place = tables[table].place.map((column) => row[column] as Value);
    if (this.#place.length > 0 && !follows(place, this.#place))
      throw new Error('it does not follow the line before: it is there twice, or not in its order');
    this.#place = place;
    await this.#checkNamed(table, row);
    if (table === 'rooms' && Number(row['erased']) > 0)
      this.messages.startAfter(Number(row['id']), Number(row['erased']));
    const values = insertedValues(table, row);
    try {
      await (await this.#insert(table, [...values.keys()])).run(...values.values());
    } catch (error) {
      throw asRepeatedRow(error);
    }
  }

  /** The statement that inserts a row of the table, which is prepared once. */
  async #insert(table: PlainTable, columns: readonly string[]): Promise<Statement> {
    const places = columns.map(() => '?').join(', ');
    const statement =
      this.#inserts.get(table) ??
      (await this.#database.prepare(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${places})`));
    this.#inserts.set(table, statement);
    return statement;
  }

  /** Rejects with an error that says so where the user or the room is not there that a row names. */
  async #checkNamed(table: PlainTable, row: Row): Promise<void> {
    if (namesRoom.has(table)) await this.#known.requireRoom(Number(row['room']));
    if (namesRoom.has(table) || namesUser.has(table)) await this.#known.requireUser(Number(row['user']));
  }
}

/**
 * The values to insert for a line of a plain table, by column. A version that the line leaves out is that of a new row.
 */
function insertedValues(table: PlainTable, row: Row): ReadonlyMap<string, Value> {
  const complete: Row = { version: 1, ...row };
  const { place, columns } = tables[table];
  const values = new Map([...place, ...columns].map((column) => [column, complete[column] as Value]));
  return values.set('crc', sumOf(columns.map((column) => complete[column] as Value)));
}

/** Reads the base64 of some bytes. */
function decoded(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
  if (bytes === undefined || bytes.toString('base64') !== text) throw new Error('password is not the base64 of a hash');
  return bytes;
}
