// Turns node-sqlite3's callbacks into promises, and runs one statement at a time on each connection. No other file knows
// the package, whose upstream is no longer maintained.
import { pathToFileURL } from 'node:url';
import sqlite3 from 'sqlite3';

/** What a parameter of a statement may be. */
export type Value = string | number | null | Uint8Array;
/** A row of a result, by the names of its columns. */
export type Row = Readonly<Record<string, unknown>>;

/** An SQLite error; `symbol` is SQLite's name of its result code, `SQLITE_FULL` say. */
export class DatabaseError extends Error {
  constructor(
    readonly symbol: string,
    message: string,
  ) {
    super(message);
  }
}

/** Results of SQLite after which nothing of the statement or transaction is there and a later one may do better. */
const harmless = new Set([
  'SQLITE_FULL',
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  'SQLITE_READONLY',
  'SQLITE_NOMEM',
  'SQLITE_TOOBIG',
  'SQLITE_CONSTRAINT',
]);

/**
 * Results that concern the requested rows and not the disk: the transaction is still open, and what earlier statements
 * did can be undone.
 */
const ofTheData = new Set([
  'SQLITE_CORRUPT',
  'SQLITE_CONSTRAINT',
  'SQLITE_TOOBIG',
  'SQLITE_MISMATCH',
  'SQLITE_RANGE',
  'SQLITE_ERROR',
]);

/** Whether the error concerns the requested rows and not the disk. */
export function isOfTheData(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && ofTheData.has(error.symbol);
}

/**
 * Whether the database is certain to be as it was before the statement. After other errors, a failed sync for example,
 * it is not.
 */
export function isHarmless(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && harmless.has(error.symbol);
}

function asError(error: Error): DatabaseError {
  const symbol = 'code' in error && typeof error.code === 'string' ? error.code : 'SQLITE_ERROR';
  return new DatabaseError(symbol, error.message);
}

/** A node-style callback. */
type Callback<Result> = (error: Error | null, result: Result) => void;

/** Calls `start` with a node-style callback that has no result, and promises it. */
function completed(start: (callback: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(asError(error))));
  });
}

/** How many short jobs go before a long one that waits: so many logins take about as long as a part of a page. */
const mostShortBefore = 8;

/**
 * The jobs of a connection. They run one at a time, and none while they are paused: the short ones in the order in which
 * they came, and a long one while no short one waits, or after some of them.
 *
 * SQLite runs the statements of a connection one after the other anyway. But node-sqlite3 starts every prepared statement
 * at once, also after `serialize()`, and each that waits for the connection holds a thread of the process's pool. Reads
 * that wait for each other would hold all threads, and a commit on another connection would wait for them.
 */
class Jobs {
  readonly #waiting: (() => void)[] = [];
  readonly #longWaiting: { readonly begin: () => void; readonly waitsForAllShort: boolean }[] = [];
  /** How many short ones have gone before the long one that is next. */
  #wentBefore = 0;
  #isRunning = false;
  #isPaused = false;
  #refusal: DatabaseError | undefined;

  /** @param refusal jobs reject with it until they are resumed */
  constructor(refusal?: DatabaseError) {
    this.#refusal = refusal;
  }

  /** Calls `start` when it is the job's turn. The job ends when it calls back. */
  run<Result>(
    start: (callback: Callback<Result>) => void,
    { isLong = false, waitsForAllShort = false } = {},
  ): Promise<Result> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        this.#isRunning = true;
        try {
          start((error, result) => {
            // Comes first, so that the connection does not rest until this result is used.
            this.#end();
            if (error === null) resolve(result);
            else reject(asError(error));
          });
        } catch (error) {
          this.#end();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (!this.#isRunning && !this.#isPaused) begin();
      else if (isLong) this.#longWaiting.push({ begin, waitsForAllShort });
      else this.#waiting.push(begin);
    });
  }

  /** Starts no more jobs until `resume`. Fulfils when those that came before have ended. */
  pause(): Promise<void> {
    if (this.#isPaused || this.#refusal !== undefined) return Promise.resolve();
    return this.run(
      (callback) => {
        this.#isPaused = true;
        callback(null);
      },
      // Those that came before may be long or short.
      { isLong: true, waitsForAllShort: true },
    );
  }

  /** Starts the jobs that wait, and takes new ones. */
  resume(): void {
    this.#refusal = undefined;
    this.#isPaused = false;
    if (!this.#isRunning) this.#end();
  }

  #end(): void {
    this.#isRunning = false;
    if (!this.#isPaused) this.#next()?.();
  }

  #next(): (() => void) | undefined {
    const [long] = this.#longWaiting;
    const isDue = long !== undefined && !long.waitsForAllShort && this.#wentBefore >= mostShortBefore;
    if (!isDue && this.#waiting.length > 0) {
      this.#wentBefore += 1;
      return this.#waiting.shift();
    }
    this.#wentBefore = 0;
    return this.#longWaiting.shift()?.begin;
  }
}

/** Opens a handle on a path or a URI. Rejects with DatabaseError. */
function openHandle(path: string, mode = sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const handle = new sqlite3.Database(path, mode, (error) =>
      error === null ? resolve(handle) : reject(asError(error)),
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

/** Whether a statement reads much: then it waits until no short one does, so that a login waits for no pages. */
export interface StatementLength {
  readonly isLong: boolean;
}

/**
 * A prepared statement, which is used again for each call. After `Database.takeOver` it is prepared on the new
 * connection.
 */
export class Statement {
  readonly #sql: string;
  readonly #jobs: Jobs;
  readonly #length: StatementLength;
  #statement: sqlite3.Statement | undefined;

  /** @param jobs those of the connection */
  constructor(sql: string, jobs: Jobs, length: StatementLength) {
    this.#sql = sql;
    this.#jobs = jobs;
    this.#length = length;
  }

  run(...values: readonly Value[]): Promise<void> {
    return this.#jobs.run((callback) => this.#prepared.run(...values, callback), this.#length);
  }

  all(...values: readonly Value[]): Promise<readonly Row[]> {
    return this.#jobs.run((callback) => this.#prepared.all(...values, callback), this.#length);
  }

  /** Prepares it on a connection that runs nothing else meanwhile. */
  prepareOn(handle: sqlite3.Database, callback: (error: Error | null) => void): void {
    this.#statement = handle.prepare(this.#sql, callback);
  }

  /** Finalizes it, on a connection that runs nothing. */
  finalize(): Promise<void> {
    const statement = this.#statement;
    this.#statement = undefined;
    return new Promise((resolve) => (statement === undefined ? resolve() : statement.finalize(() => resolve())));
  }

  get #prepared(): sqlite3.Statement {
    if (this.#statement === undefined) throw new DatabaseError('SQLITE_MISUSE', 'the statement is not prepared');
    return this.#statement;
  }
}

/** What node-sqlite3 calls a backup; its types omit it. */
interface PageCopy {
  step(pages: number, callback: Callback<boolean>): void;
  finish(callback: Callback<undefined>): void;
}

/** A copy of a database that is being made in steps (sqlite.org/c3ref/backup_finish.html). */
export class DatabaseCopy {
  readonly #copy: PageCopy;
  readonly #jobs: Jobs;

  constructor(copy: PageCopy, jobs: Jobs) {
    this.#copy = copy;
    this.#jobs = jobs;
  }

  /** Copies so many pages, and fulfils with whether these were the last. After that the copy is synced. */
  step(pages: number): Promise<boolean> {
    return this.#jobs.run((callback) => this.#copy.step(pages, callback));
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
  readonly #jobs: Jobs;
  readonly #statements: Statement[] = [];

  private constructor(handle: sqlite3.Database | undefined, refusal?: DatabaseError) {
    this.#handle = handle;
    this.#jobs = new Jobs(refusal);
  }

  /** Opens `path`, creating the file if need be, or for reading alone. Rejects with DatabaseError. */
  static async open(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): Promise<Database> {
    return new Database(await openHandle(path, readOnly ? sqlite3.OPEN_READONLY : undefined));
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

  /** Prepares a statement that is used again. Rejects with DatabaseError. */
  async prepare(sql: string, length: StatementLength = { isLong: false }): Promise<Statement> {
    const statement = new Statement(sql, this.#jobs, length);
    if (this.#handle === undefined) this.#statements.push(statement);
    else {
      await this.#jobs.run<undefined>((callback) =>
        statement.prepareOn(this.#open, (error) => {
          // Comes before another job, which may finalize all statements.
          if (error === null) this.#statements.push(statement);
          callback(error, undefined);
        }),
      );
    }
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

  /** Closes the connection. Calls from now on wait for `takeOver`. */
  async suspend(): Promise<void> {
    await this.#jobs.pause();
    const handle = this.#handle;
    this.#handle = undefined;
    for (const statement of this.#statements) await statement.finalize();
    if (handle !== undefined) await completed((callback) => handle.close(callback));
  }

  /**
   * Takes the connection of `other`, which has none afterwards. Prepares the statements anew, and lets calls that wait
   * go on.
   */
  async takeOver(other: Database): Promise<void> {
    const handle = other.#open;
    other.#handle = undefined;
    for (const statement of this.#statements) {
      await completed((callback) => statement.prepareOn(handle, callback));
    }
    this.#handle = handle;
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
