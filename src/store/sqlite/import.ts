// Lines of JSON as export.ts writes them → the data of a new folder, all of it or nothing.
import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Database, Value } from './database.js';
import { exportFormat, lineColumns, plainTables, type PlainTable } from './export.js';
import { claimFolder, DataError } from './folder.js';
import { configure, create, migrate, settle } from './open.js';
import { maxRun } from './runs.js';
import { makeSkeletons } from './skeletons.js';
import { summed, summedValues, sumOf } from './sums.js';
import { findDamage } from './verify.js';

/** Runs that one statement inserts. */
const batchRuns = 500;

type Line = Readonly<Record<string, unknown>>;

interface MessageLine {
  readonly room: number;
  readonly id: number;
  readonly author: number;
  readonly time: number;
  readonly message: string;
  readonly key?: string;
}

/** A run while its messages come. */
interface OpenRun {
  readonly room: number;
  readonly first: number;
  readonly time: number;
  readonly messages: [number, string][];
}

/**
 * Fills `folder`, which has no data yet, and answers how many messages there are. Rejects with DataError, and leaves no data behind,
 * where a line is none of an export's or what they say does not fit together.
 */
export async function imported(lines: AsyncIterable<string>, folder: string): Promise<number> {
  const { path, fresh, lock } = await claimFolder(folder);
  if (!fresh) throw new DataError(`${path} is there already`);
  let database: Database | undefined;
  try {
    await create(path);
    database = await configure(path, 'full');
    await migrate(database, path);
    await database.exec('BEGIN IMMEDIATE');
    const messages = await fill(database, lines);
    await makeSkeletons(database);
    await database.exec('COMMIT');
    const [damage] = await findDamage(database);
    if (damage !== undefined) throw new DataError(`the lines do not fit together: ${damage}`);
    await settle(database, path);
    await database.close();
    await lock.close();
    return messages;
  } catch (error) {
    await database?.close().catch(() => undefined);
    for (const suffix of ['', '-wal', '-shm', '-new']) rmSync(join(resolve(folder), `salond.db${suffix}`), { force: true });
    await lock.close();
    throw error;
  }
}

async function fill(database: Database, lines: AsyncIterable<string>): Promise<number> {
  const filler = new Filler(database);
  let number = 0;
  for await (const text of lines) {
    number += 1;
    try {
      const line = JSON.parse(text) as Line;
      if (number === 1) checkFirst(line);
      else await filler.add(line);
    } catch (error) {
      throw new DataError(`line ${number} can't be taken: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (number === 0) throw new DataError('there are no lines');
  await filler.end();
  return filler.messages;
}

function checkFirst({ salond, format }: Line): void {
  if (salond !== 'export') throw new Error('it does not begin an export');
  if (format !== exportFormat) throw new Error(`its format is ${String(format)}, and this salond knows ${exportFormat}`);
}

class Filler {
  messages = 0;
  readonly #database: Database;
  #run: OpenRun | undefined;
  #runs: string[] = [];
  #keys: string[] = [];

  constructor(database: Database) {
    this.#database = database;
  }

  async add(line: Line): Promise<void> {
    const table = line['in'];
    if (table === 'messages') await this.#addMessage(line as unknown as MessageLine);
    else if (isPlain(table)) await this.#addRow(table, line);
    else throw new Error(`it is in ${JSON.stringify(table)}`);
  }

  async #addRow(table: PlainTable, line: Line): Promise<void> {
    const columns = lineColumns(table);
    const row = Object.fromEntries(columns.map((column) => {
      const value = line[column];
      if (typeof value !== 'string' && !Number.isSafeInteger(value)) throw new Error(`${column} is ${JSON.stringify(value)}`);
      return [column, column === 'password' ? Buffer.from(String(value), 'base64') : value as Value];
    }));
    const values = [...columns.map((column) => row[column] ?? null), sumOf(summedValues(table, row))];
    await this.#database.all(`INSERT INTO ${table} (${columns.join(', ')}, crc) VALUES (${values.map(() => '?').join(', ')})`, ...values);
  }

  /** Messages of one room, time and commit follow one another: they are a run, as they were. */
  async #addMessage({ room, id, author, time, message, key }: MessageLine): Promise<void> {
    if (![room, id, author, time].every(Number.isSafeInteger) || typeof message !== 'string') throw new Error('it is no message');
    const run = this.#run;
    const goesOn = run !== undefined && run.room === room && run.time === time && run.first + run.messages.length === id && run.messages.length < maxRun;
    if (goesOn) {
      run.messages.push([author, message]);
    } else {
      await this.#endRun();
      this.#run = { room, first: id, time, messages: [[author, message]] };
    }
    if (key !== undefined) this.#keys.push(JSON.stringify([room, author, key, id, sumOf([room, author, key, id])]));
    this.messages += 1;
  }

  async #endRun(): Promise<void> {
    if (this.#run === undefined) return;
    const { room, first, time, messages } = this.#run;
    const last = first + messages.length - 1;
    const list = JSON.stringify(messages);
    this.#runs.push(`[${room},${first},${last},${time},${list},${sumOf([room, first, last, time, list])}]`);
    this.#run = undefined;
    if (this.#runs.length >= batchRuns) await this.#write();
  }

  async #write(): Promise<void> {
    await this.#database.all(
      `INSERT INTO runs (${summed('runs')}) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value -> 4, value ->> 5 FROM json_each(?)`,
      `[${this.#runs.join(',')}]`,
    );
    await this.#database.all(
      `INSERT INTO keys (${summed('keys')}) SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)`,
      `[${this.#keys.join(',')}]`,
    );
    this.#runs = [];
    this.#keys = [];
  }

  async end(): Promise<void> {
    await this.#endRun();
    await this.#write();
  }
}

function isPlain(name: unknown): name is PlainTable {
  return plainTables.some((table) => table === name);
}
