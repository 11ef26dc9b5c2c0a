// Turns node-sqlite3's callbacks into promises, and runs one statement at a time on each connection. No other file
// knows the package, whose upstream is no longer maintained.
import { pathToFileURL } from 'node:url';
import sqlite3 from 'sqlite3';
import { ConnectionJobs, type Callback, type JobLength } from './connection-jobs.js';
import { asDatabaseError, DatabaseError } from './database-error.js';

export { DatabaseError, isHarmless, isOfTheData } from './database-error.js';

/** What a parameter of a statement may be. */
export type Value = string | number | null | Uint8Array;
/** A row of a result, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

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

/**
 * A statement that is used again. It is prepared in its first call: a store has almost two hundred, most starts use
 * few, and to prepare them all takes longer than to open an empty database. After `Database.takeOver` it is prepared on
 * the new connection.
 */
export class Statement {
  readonly #sql: string;
  readonly #jobs: ConnectionJobs;
  readonly #length: JobLength;
  readonly #handle: () => sqlite3.Database;
  #statement: sqlite3.Statement | undefined;

  /**
   * @param jobs those of the connection
   * @param handle the connection of a job whose turn it is; throws DatabaseError where there is none
   */
  constructor(sql: string, jobs: ConnectionJobs, length: JobLength, handle: () => sqlite3.Database) {
    this.#sql = sql;
    this.#jobs = jobs;
    this.#length = length;
    this.#handle = handle;
  }

  run(...values: readonly Value[]): Promise<void> {
    return this.#use((statement, callback: (error: Error | null) => void) => statement.run(...values, callback));
  }

  all(...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#use<readonly Row[]>((statement, callback) => statement.all(...values, callback));
  }

  /** Finalizes it, on a connection that runs nothing. */
  finalize(): Promise<void> {
    const statement = this.#statement;
    this.#statement = undefined;
    return new Promise((resolve) => (statement === undefined ? resolve() : statement.finalize(() => resolve())));
  }

  #use<Result>(start: (statement: sqlite3.Statement, callback: Callback<Result>) => void): Promise<Result> {
    return this.#jobs.run<Result>((callback) => {
      if (this.#statement === undefined) this.#prepare(start, callback);
      else start(this.#statement, callback);
    }, this.#length);
  }

  /** Prepares the statement and starts it, in the same job. */
  #prepare<Result>(
    start: (statement: sqlite3.Statement, callback: Callback<Result>) => void,
    callback: Callback<Result>,
  ): void {
    const statement = this.#handle().prepare(this.#sql, (error: Error | null) => {
      if (error !== null) {
        callback(error, undefined as Result);
        return;
      }
      this.#statement = statement;
      try {
        start(statement, callback);
      } catch (thrown) {
        callback(thrown as Error, undefined as Result);
      }
    });
  }
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
  exec(sql: string): Promise<void> {
    return this.#jobs.run((callback) => this.#open.exec(sql, callback as (error: Error | null) => void));
  }

  /** Runs a statement that is not used again. */
  all(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#jobs.run((callback) => runOnce(this.#open, sql, values, callback));
  }

  /** Takes a statement that is used again, and that its first call prepares. */
  async prepare(sql: string, length: JobLength = { isLong: false }): Promise<Statement> {
    const statement = new Statement(sql, this.#jobs, length, () => this.#open);
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
