// Turns node-sqlite3's callbacks into promises, and runs one statement at a time on each connection. Beside this file
// only statement.ts knows the package, whose upstream is no longer maintained.
import { pathToFileURL } from 'node:url';
import sqlite3 from 'sqlite3';
import { ConnectionJobs, type Callback, type JobLength } from './connection-jobs.js';
import { asDatabaseError, DatabaseError } from './database-error.js';
import { Script, type Value } from './script.js';
import { hasToSend, onlyReads, Statement, type Row } from './statement.js';

export { DatabaseError, isHarmless, isOfTheData } from './database-error.js';
export type { Value } from './script.js';
export type { Row, Statement } from './statement.js';

/** Calls `start` with a node-style callback that has no result, and promises it. */
function completed(start: (callback: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(asDatabaseError(error))));
  });
}

/** Opens a handle on a path or a URI. Rejects with DatabaseError. */
function openHandle(path: string, mode = sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const handle = new sqlite3.Database(path, mode, (error) =>
      error === null ? resolve(handle) : reject(asDatabaseError(error)),
    );
  });
}

/**
 * Prepares a statement, runs it and finalizes it. Calls back last of all: finalizing waits, in the event loop's thread,
 * for whatever runs on the connection.
 */
function runOnce(
  handle: sqlite3.Database,
  sql: string,
  values: readonly Value[],
  callback: Callback<readonly Row[]>,
): void {
  const statement = handle.prepare(sql, (failed: Error | null) => {
    // A statement that can't be prepared finalizes itself.
    if (failed !== null) {
      callback(failed, []);
      return;
    }
    const finish: Callback<readonly Row[]> = (error, rows) => statement.finalize(() => callback(error, rows));
    statement.all(...values, finish);
  });
}

/** What node-sqlite3 calls a backup; its types omit it. */
interface PageCopy {
  /** Whether there is nothing to step through: it could not begin, for lack of memory, or a step failed. */
  readonly failed: boolean;
  step(pages: number, callback: Callback<boolean>): void;
  finish(callback: Callback<undefined>): void;
}

/** A copy of a database that is being made in steps (sqlite.org/c3ref/backup_finish.html). */
export class DatabaseCopy {
  readonly #copy: PageCopy;
  readonly #jobs: ConnectionJobs;

  constructor(copy: PageCopy, jobs: ConnectionJobs) {
    this.#copy = copy;
    this.#jobs = jobs;
  }

  /** Copies so many pages, and fulfils with whether these were the last. After that the copy is synced. */
  step(pages: number): Promise<boolean> {
    return this.#jobs.run((callback) =>
      this.#copy.step(pages, (error, isLast) => {
        // Without an error, if it could not begin.
        callback(error ?? (this.#copy.failed ? new Error('the copy could not begin') : null), isLast);
      }),
    );
  }

  /** Closes the copy, whether it is complete or not. */
  finish(): Promise<void> {
    return this.#jobs.run<undefined>((callback) => this.#copy.finish(() => callback(null, undefined)));
  }
}

/**
 * A connection. It runs one statement at a time, and so holds one thread of the pool at most. `suspend` closes it and
 * `takeOver` puts another in its place; calls in between wait for that.
 */
export class Database {
  #handle: sqlite3.Database | undefined;
  readonly #jobs: ConnectionJobs;
  readonly #script = new Script((sql) => this.#exec(sql));
  readonly #statements: Statement[] = [];

  private constructor(handle: sqlite3.Database | undefined, refusal?: DatabaseError) {
    this.#handle = handle;
    this.#jobs = new ConnectionJobs(refusal);
  }

  /** Opens `path`, creating the file if need be, or for reading alone. Rejects with DatabaseError. */
  static async open(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): Promise<Database> {
    return new Database(await openHandle(path, readOnly ? sqlite3.OPEN_READONLY : undefined));
  }

  /** Opens a file that is there, to read and write. Rejects with DatabaseError. */
  static async openExisting(path: string): Promise<Database> {
    return new Database(await openHandle(path, sqlite3.OPEN_READWRITE));
  }

  /**
   * Opens a file that nobody changes meanwhile to be read: nothing is made beside it. What stands in a log is not seen.
   * Rejects with DatabaseError.
   */
  static async openUnchanging(path: string): Promise<Database> {
    const uri = `${pathToFileURL(path).href}?immutable=1`;
    return new Database(await openHandle(uri, sqlite3.OPEN_READONLY | sqlite3.OPEN_URI));
  }

  /** Makes a Database without a connection. Until it takes one over, every call rejects with `error`. */
  static shut(error: DatabaseError): Database {
    return new Database(undefined, error);
  }

  /** Runs statements without parameters or results. */
  async exec(sql: string): Promise<void> {
    if (!this.#script.isOpen) return this.#exec(sql);
    await this.#script.add(sql);
    await this.#script.send();
  }

  #exec(sql: string): Promise<void> {
    return this.#jobs.run((callback) => this.#open.exec(sql, callback as (error: Error | null) => void));
  }

  /**
   * Runs `work`, and commits what it has written, in one transaction. Few trips to the thread pool are needed, because
   * `Statement.run` only gathers (script.ts). `work` must not wait for a statement of another transaction. It may read
   * before the transaction has begun, so nobody else may write to the database. Rejects with DatabaseError.
   */
  async transaction<Outcome>(work: () => Promise<Outcome>): Promise<Outcome> {
    this.#script.open();
    try {
      const outcome = await work();
      await this.#script.commit();
      return outcome;
    } catch (error) {
      // SQLite has rolled back already after some errors; then this fails, which does no harm.
      await this.#script.undo('ROLLBACK').catch(() => undefined);
      throw error;
    } finally {
      this.#script.close();
    }
  }

  /** Runs statements that undo something of a transaction. What it has not run yet is forgotten. */
  undo(sql: string): Promise<void> {
    return this.#script.undo(sql);
  }

  /** Runs a statement that is not used again. */
  async all(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    if (hasToSend(this.#script, onlyReads(sql))) await this.#script.send();
    return this.#jobs.run((callback) => runOnce(this.#open, sql, values, callback));
  }

  /** Takes a statement that is used again, and that its first call prepares. */
  async prepare(sql: string, length: JobLength = { isLong: false }): Promise<Statement> {
    const statement = new Statement(sql, { jobs: this.#jobs, script: this.#script }, length, () => this.#open);
    this.#statements.push(statement);
    return statement;
  }

  /**
   * Begins to copy the database to the file at `path`, which is replaced. In a transaction the state that it reads is
   * copied. Outside of one, a commit of another connection makes the copy begin anew.
   */
  async beginCopy(path: string): Promise<DatabaseCopy> {
    let copy: PageCopy | undefined;
    await this.#jobs.run<undefined>((callback) => {
      const handle = this.#open as sqlite3.Database & {
        readonly backup: (path: string, callback: (error: Error | null) => void) => PageCopy;
      };
      copy = handle.backup(path, (error) => callback(error, undefined));
    });
    if (copy === undefined) throw new DatabaseError('SQLITE_MISUSE', 'the copy has not begun');
    return new DatabaseCopy(copy, this.#jobs);
  }

  /**
   * Runs some statements of this connection that nothing else uses meanwhile. The one that runs after so many
   * milliseconds is interrupted, and rejects with DatabaseError, SQLITE_INTERRUPT.
   */
  async within<Result>(milliseconds: number, statements: () => Promise<Result>): Promise<Result> {
    // Again and again: it does nothing to a statement that waits for a thread and has not begun.
    const timer = setInterval(() => this.#handle?.interrupt(), milliseconds);
    try {
      return await statements();
    } finally {
      clearInterval(timer);
    }
  }

  /** Closes the connection. Calls from now on wait for `takeOver`. */
  async suspend(): Promise<void> {
    await this.#jobs.pause();
    const handle = this.#handle;
    this.#handle = undefined;
    for (const statement of this.#statements) await statement.finalize();
    if (handle !== undefined) await completed((callback) => handle.close(callback));
  }

  /** Takes the connection of `other`, which has none afterwards. Lets calls that wait go on. */
  async takeOver(other: Database): Promise<void> {
    this.#handle = other.#open;
    other.#handle = undefined;
    this.#jobs.resume();
  }

  async close(): Promise<void> {
    await this.suspend();
  }

  /** The connection of a job whose turn it is. */
  get #open(): sqlite3.Database {
    if (this.#handle === undefined) throw new DatabaseError('SQLITE_MISUSE', 'the connection is closed');
    return this.#handle;
  }
}
