// Turns the lines of an export into rows with checksums. It checks each line, so that a refusal can name the line.
import { isKind } from '../run-format.js';
import { loneSurrogate } from '../stored-text.js';
import type { Kind } from '../log.js';
import { jsonText } from '../../text/json.js';
import { DatabaseError, type Database, type Row, type Statement, type Value } from './database.js';
import { lineColumns, plainTables, type PlainTable } from './export.js';
import { insertKeys, keyRow } from './keys.js';
import { newTables } from './migrations/7.js';
import type { NewTable } from './migrations/part.js';
import { insertRuns, RunBatch } from './runs.js';
import { sumOf, tables } from './sums.js';
import { isId, maxTime, problemOfRow, problemOfText, shownValue, type RowRules } from './values.js';

/** Bytes of messages that one statement inserts. */
const batchBytes = 1024 * 1024;

/** The most users, and rooms, that are remembered to exist. Beyond it the set is emptied. */
const maxKnown = 100_000;

/** How far a message may be ahead of this machine's clock, which may be wrong, in milliseconds: a hundred years. */
const maxAhead = 100 * 366 * 86_400_000;

type Line = Readonly<Record<string, unknown>>;

/** Adds what a line may leave out to its row. Throws an error that says what is wrong with the row. */
export type Completing = (table: PlainTable, row: Row) => Row;

interface Message {
  readonly room: number;
  readonly id: number;
  readonly author: number;
  readonly time: number;
  readonly message: string;
  readonly kind: Kind;
  /** 0 where it is about no other message. */
  readonly about: number;
  readonly key: string | undefined;
}

/** A run while its messages come. */
interface OpenRun {
  readonly room: number;
  readonly time: number;
}

const order = [...plainTables, 'messages'] as const;

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
  /** How many messages were added. */
  messages = 0;
  readonly #database: Database;
  readonly #complete: Completing;
  readonly #rules: RowRules;
  readonly #latest = Date.now() + maxAhead;
  #table = 0;
  #place: readonly Value[] = [];
  #time = 0;
  /** The newest message of each room that has one. */
  readonly #heads = new Map<number, number>();
  /** The rows that are known to exist. */
  readonly #known = { users: new Set<number>(), rooms: new Set<number>() };
  readonly #inserts = new Map<PlainTable, Statement>();
  #run: OpenRun | undefined;
  readonly #runs = new RunBatch();
  #keys: string[] = [];

  /**
   * Whether no message may have an earlier time than the one before it. This applies to exports of salond 0.1.0, whose
   * end can't be checked. In later ones an operator may have let times go back.
   */
  isInTime = false;

  /** @param rules checks the key of a message, which `complete` does not see */
  constructor(database: Database, complete: Completing, rules: RowRules) {
    this.#database = database;
    this.#complete = complete;
    this.#rules = rules;
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
    if (plain === undefined) await this.#addMessage(this.#messageOf(line));
    else await this.#addRow(plain, line);
  }

  async end(): Promise<void> {
    this.#endRun();
    await this.#write();
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
    if (table === 'roles') await this.#checkRole(Number(row['room']), Number(row['user']));
    // The first message that is left follows those that were erased.
    if (table === 'rooms' && Number(row['erased']) > 0) this.#heads.set(Number(row['id']), Number(row['erased']));
    const values = insertedValues(table, row);
    try {
      await (await this.#insert(table, [...values.keys()])).run(...values.values());
    } catch (error) {
      throw readable(error);
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

  async #checkRole(room: number, user: number): Promise<void> {
    if (!(await this.#isThere('rooms', room))) throw new Error(`there is no room ${room}`);
    if (!(await this.#isThere('users', user))) throw new Error(`there is no user ${user}`);
  }

  async #isThere(table: 'users' | 'rooms', id: number): Promise<boolean> {
    const known = this.#known[table];
    if (known.has(id)) return true;
    if ((await this.#database.all(`SELECT 1 FROM ${table} WHERE id = ?`, id)).length === 0) return false;
    if (known.size >= maxKnown) known.clear();
    known.add(id);
    return true;
  }

  #messageOf(line: Line): Message {
    const { in: _, room, id, author, time, message, kind = 'text', about = 0, key, ...others } = line;
    const [unknown] = Object.keys(others);
    if (unknown !== undefined) throw new Error(`messages have no ${shownValue(unknown)}`);
    const keyed = { room, author, key: key === undefined ? '' : key, id };
    const problem =
      missingOf({ room, id, author, time, message }) ??
      problemOfRow('runs', { room, first: id, last: id, time }) ??
      problemOfRow('keys', keyed) ??
      this.#rules('keys', keyed) ??
      problemOfText(message) ??
      problemOfKind(kind, about);
    if (problem !== undefined) throw new Error(problem);
    return {
      room: Number(room),
      id: Number(id),
      author: Number(author),
      time: Number(time),
      message: String(message),
      kind: kind as Kind,
      about: Number(about),
      key: key as string | undefined,
    };
  }

  /** Adds a message to the run of its room and time, or begins a new run. */
  async #addMessage({ room, id, author, time, message, kind, about, key }: Message): Promise<void> {
    await this.#checkMessage(room, id, author, time);
    const text = jsonText(message);
    let run = this.#run;
    if (run?.room !== room || run.time !== time || this.#runs.isFull(Buffer.byteLength(text))) {
      this.#endRun();
      if (this.#runs.bytes > batchBytes) await this.#write();
      run = { room, time };
      this.#run = run;
      this.#runs.begin(room, id, time);
    }
    this.#runs.addText(author, kind, about, text);
    if (key !== undefined) this.#keys.push(keyRow(room, author, key, id));
    this.messages += 1;
  }

  async #checkMessage(room: number, id: number, author: number, time: number): Promise<void> {
    const head = this.#heads.get(room) ?? 0;
    if (head === 0 && !(await this.#isThere('rooms', room))) throw new Error(`there is no room ${room}`);
    if (id !== head + 1) throw new Error(`id is ${id}, and the next one of room ${room} is ${head + 1}`);
    this.#heads.set(room, id);
    if (!(await this.#isThere('users', author))) throw new Error(`there is no user ${author}`);
    if (time > Math.min(this.#latest, maxTime))
      throw new Error(`time is ${time}, which is more than a hundred years from now`);
    if (this.isInTime && time < this.#time)
      throw new Error(`time is ${time}, and that of the message before is ${this.#time}`);
    this.#time = time;
  }

  #endRun(): void {
    if (this.#run !== undefined) this.#runs.end();
    this.#run = undefined;
  }

  async #write(): Promise<void> {
    try {
      await this.#database.all(insertRuns, ...this.#runs.take());
      await this.#database.all(insertKeys, `[${this.#keys.join(',')}]`);
    } catch (error) {
      throw readable(error);
    }
    this.#keys = [];
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

function problemOfKind(kind: unknown, about: unknown): string | undefined {
  if (!isKind(kind)) return `kind is ${shownValue(kind)}`;
  return about === 0 || isId(about) ? undefined : `about is ${shownValue(about)}`;
}

function missingOf(members: Line): string | undefined {
  const missing = Object.keys(members).find((name) => members[name] === undefined);
  return missing === undefined ? undefined : `it has no ${missing}`;
}

function decoded(text: unknown): Uint8Array {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
  if (bytes === undefined || bytes.toString('base64') !== text) throw new Error('password is not the base64 of a hash');
  return bytes;
}

/** Turns a violated constraint into a sentence that says what a line repeats. Other errors stay as they are. */
function readable(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.symbol !== 'SQLITE_CONSTRAINT') return error;
  const [, table, columns] = /failed: (\w+)\.(.*)$/.exec(error.message) ?? [];
  return new Error(
    `a line up to this one has ${table === undefined ? 'what may be there once' : `a row of ${table} with the ${columns?.replaceAll(`${table}.`, '') ?? ''} of another`}: it is there a second time`,
  );
}
