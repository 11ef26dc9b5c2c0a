// Makes one batch durable: one statement over one JSON parameter, in one transaction, whose commit
// syncs the WAL where durability is full.
import type { Committer } from '../group-commit.js';
import type { KnownMessage } from '../numbering.js';
import { StoreFailure, type Entry, type RoomLog } from '../store.js';
import type { Checkpoints } from './checkpoint.js';
import { isHarmless, isOfTheData, type Database, type Statement } from './database.js';
import { Keys } from './keys.js';
import { migrations } from './migrations.js';
import { maxRun } from './runs.js';
import { sumOf } from './sums.js';

// `jsonb_each` hands each row on as it was parsed, in less time than `json_each`, which writes it out again.
const insert = `INSERT INTO runs (room, first, last, time, messages, crc)
  SELECT value ->> 0, value ->> 1, value ->> 2, ?, value -> 3, value ->> 4 FROM jsonb_each(?)`;
const insertKeys = `INSERT INTO keys (room, author, key, id, crc)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM jsonb_each(?)`;

/** Whether the database can be written to (connections.ts). */
export interface Access {
  /** Whether the database is open to write. */
  readonly opensToWrite: boolean;
  /** Opens it, where it was opened on a full disk. Rejects with DatabaseError where there still is no room. */
  openToWrite(): Promise<void>;
}

const noFailures: ReadonlyMap<number, StoreFailure> = new Map();

interface Statements {
  readonly insert: Statement;
  readonly insertKeys: Statement;
}

export class SqliteCommitter<E extends Entry> implements Committer<E> {
  readonly #database: Database;
  readonly #checkpoints: Checkpoints;
  readonly #statements: Statements;
  readonly #keys: Keys;
  readonly #access: Access;
  readonly allowEarlier: () => Promise<void>;

  private constructor(
    database: Database,
    checkpoints: Checkpoints,
    statements: Statements,
    keys: Keys,
    access: Access,
    allowEarlier: () => Promise<void>,
  ) {
    this.#database = database;
    this.#checkpoints = checkpoints;
    this.#statements = statements;
    this.#keys = keys;
    this.#access = access;
    this.allowEarlier = () => this.#guarded(allowEarlier);
  }

  static async prepare<E extends Entry>(
    database: Database,
    checkpoints: Checkpoints,
    access: Access,
    allowEarlier: () => Promise<void>,
  ): Promise<SqliteCommitter<E>> {
    const statements = { insert: await database.prepare(insert), insertKeys: await database.prepare(insertKeys) };
    return new SqliteCommitter(database, checkpoints, statements, await Keys.prepare(database), access, allowEarlier);
  }

  async findKeys(entries: readonly E[]): Promise<ReadonlyMap<number, KnownMessage | StoreFailure>> {
    // A read that fails leaves nothing undone: each entry's failure is its own.
    await this.#ready();
    return this.#keys.findEach(entries.map(({ log, author, key = '' }) => [log.id, author, key]));
  }

  async commit(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly E[],
    time: number,
  ): Promise<ReadonlyMap<number, StoreFailure>> {
    let failures = noFailures;
    if (!this.#access.opensToWrite) await this.#ready();
    if (jobs.length === 0 && !entries.some(({ key }) => key !== undefined)) {
      // One statement is a transaction of its own: one trip to the thread pool instead of three or four.
      if (entries.length > 0) await this.#guarded(() => this.#insert(entries, time));
    } else {
      failures = await this.#guarded(() => this.#transaction(jobs, entries, time));
    }
    await this.#checkpoints.committed();
    return failures;
  }

  touch(): Promise<void> {
    // Writes the database's first page as it is.
    return this.#database.exec(`PRAGMA user_version = ${migrations.length}`);
  }

  async #transaction(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly E[],
    time: number,
  ): Promise<ReadonlyMap<number, StoreFailure>> {
    const failures = new Map<number, StoreFailure>();
    await this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const [place, job] of jobs.entries()) {
        const failure = await this.#carryOut(job);
        if (failure !== undefined) failures.set(place, failure);
      }
      if (entries.length > 0) await this.#insert(entries, time);
      await this.#database.exec('COMMIT');
      return failures;
    } catch (error) {
      // Some errors have rolled back already; then this one finds nothing to do.
      await this.#database.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Carries out a job by itself: where it finds damage, what it did is undone, and the transaction goes on without it. */
  async #carryOut(job: () => Promise<void>): Promise<StoreFailure | undefined> {
    await this.#database.exec('SAVEPOINT job');
    try {
      await job();
    } catch (error) {
      if (!(error instanceof StoreFailure) && !isOfTheData(error)) throw error;
      await this.#database.exec('ROLLBACK TO job; RELEASE job');
      return error instanceof StoreFailure ? error : new StoreFailure(error.message);
    }
    await this.#database.exec('RELEASE job');
    return undefined;
  }

  async #insert(entries: readonly E[], time: number): Promise<void> {
    await this.#statements.insert.run(time, runsOf(entries, time));
    const keyed = entries.filter(({ key }) => key !== undefined);
    if (keyed.length === 0) return;
    await this.#statements.insertKeys.run(
      JSON.stringify(
        keyed.map(({ log, author, key = '', id }) => {
          const row = [log.id, author, key, id] as const;
          return [...row, sumOf(row)];
        }),
      ),
    );
  }

  /** Opens the database to write where it is not. Rejects with StoreFailure. */
  async #ready(): Promise<void> {
    if (!this.#access.opensToWrite) await this.#guarded(() => this.#access.openToWrite());
  }

  /** Tells what left nothing behind from what can't be known: after a failed sync the pages may be gone, so no retry. */
  async #guarded<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (isHarmless(error)) throw new StoreFailure(error.message);
      throw error;
    }
  }
}

/** The rows for `insert` as JSON: each room's entries, whose ids follow one another, in runs of `maxRun` at most. */
function runsOf(entries: readonly Entry[], time: number): string {
  const runs: { readonly room: number; readonly first: number; last: number; messages: string }[] = [];
  const open = new Map<RoomLog, (typeof runs)[number]>();
  for (const { log, id, author, message } of entries) {
    const run = open.get(log);
    if (run !== undefined && id - run.first < maxRun) {
      run.last = id;
      run.messages += `,[${author},${message}]`;
    } else {
      const begun = { room: log.id, first: id, last: id, messages: `[${author},${message}]` };
      open.set(log, begun);
      runs.push(begun);
    }
  }
  return `[${runs
    .map(({ room, first, last, messages }) => {
      const list = `[${messages}]`;
      return `[${room},${first},${last},${list},${sumOf([room, first, last, time, list])}]`;
    })
    .join(',')}]`;
}
