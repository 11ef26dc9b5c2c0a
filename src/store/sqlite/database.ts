// Turns node-sqlite3's callbacks into promises. No other file knows the package, whose upstream is no longer
// maintained.
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

/** Calls `start` with a node-style callback and promises what it is called back with. */
function called<Result>(start: (callback: (error: Error | null, result: Result) => void) => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    start((error, result) => (error === null ? resolve(result) : reject(asError(error))));
  });
}

/** As `called`, for calls without a result. */
function completed(start: (callback: (error: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => (error === null ? resolve() : reject(asError(error))));
  });
}

/** Opens a handle on a path or a URI. Rejects with DatabaseError. */
function openHandle(path: string, mode = sqlite3.OPEN_READWRITE | sqlite3.OPEN_CREATE): Promise<sqlite3.Database> {
  return new Promise((resolve, reject) => {
    const handle = new sqlite3.Database(path, mode, (error) => {
      if (error !== null) {
        reject(asError(error));
        return;
      }
      // One statement at a time: two would not run side by side on one connection, but each would hold a thread of the
      // pool.
      handle.serialize();
      resolve(handle);
    });
  });
}

function prepareOn(handle: sqlite3.Database, sql: string): Promise<sqlite3.Statement> {
  return new Promise((resolve, reject) => {
    const statement = handle.prepare(sql, (error: Error | null) =>
      error === null ? resolve(statement) : reject(asError(error)),
    );
  });
}

/**
 * A prepared statement, which is used again for each call. After `Database.takeOver` it is prepared on the new
 * connection.
 */
export class Statement {
  readonly #sql: string;
  readonly #handle: () => Promise<sqlite3.Database>;
  #statement: sqlite3.Statement | undefined;

  /** @param handle the connection, as soon as there is one */
  constructor(sql: string, handle: () => Promise<sqlite3.Database>) {
    this.#sql = sql;
    this.#handle = handle;
  }

  run(...values: readonly Value[]): Promise<void> {
    const statement = this.#statement;
    // Usually there is one, and this call makes no promise but the one that it answers.
    if (statement === undefined) return this.#later(() => this.run(...values));
    return completed((callback) => statement.run(...values, callback));
  }

  all(...values: readonly Value[]): Promise<readonly Row[]> {
    const statement = this.#statement;
    if (statement === undefined) return this.#later(() => this.all(...values));
    return called((callback) => statement.all(...values, callback));
  }

  async prepareOn(handle: sqlite3.Database): Promise<void> {
    this.#statement = await prepareOn(handle, this.#sql);
  }

  finalize(): Promise<void> {
    const statement = this.#statement;
    this.#statement = undefined;
    return new Promise((resolve) => (statement === undefined ? resolve() : statement.finalize(() => resolve())));
  }

  async #later<Result>(again: () => Promise<Result>): Promise<Result> {
    await this.#handle();
    return again();
  }
}

/** A connection. `suspend` closes it and `takeOver` puts another in its place; calls in between wait for that. */
export class Database {
  #handle: sqlite3.Database | undefined;
  /** Why there is no connection. Calls reject with it. */
  #shut: DatabaseError | undefined;
  /** Calls that wait for the next connection. */
  #waiting: ((handle: sqlite3.Database) => void)[] = [];
  readonly #statements: Statement[] = [];

  private constructor(handle: sqlite3.Database | undefined, shut: DatabaseError | undefined) {
    this.#handle = handle;
    this.#shut = shut;
  }

  /** Opens `path`, creating the file if need be, or for reading alone. Rejects with DatabaseError. */
  static async open(path: string, { readOnly = false }: { readonly readOnly?: boolean } = {}): Promise<Database> {
    return new Database(await openHandle(path, readOnly ? sqlite3.OPEN_READONLY : undefined), undefined);
  }

  /**
   * Opens a file that nobody changes meanwhile to be read: nothing is made beside it. What stands in a log is not seen.
   * Rejects with DatabaseError.
   */
  static async openUnchanging(path: string): Promise<Database> {
    return new Database(
      await openHandle(`${pathToFileURL(path).href}?immutable=1`, sqlite3.OPEN_READONLY | sqlite3.OPEN_URI),
      undefined,
    );
  }

  /** Makes a Database without a connection. Until it takes one over, every call rejects with `error`. */
  static shut(error: DatabaseError): Database {
    return new Database(undefined, error);
  }

  /** Runs statements without parameters or results. */
  async exec(sql: string): Promise<void> {
    const handle = this.#handle ?? (await this.#present());
    return completed((callback) => handle.exec(sql, callback));
  }

  async all(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    const handle = this.#handle ?? (await this.#present());
    return called((callback) => handle.all(sql, ...values, callback));
  }

  async prepare(sql: string): Promise<Statement> {
    const statement = new Statement(sql, () => this.#present());
    if (this.#handle !== undefined) await statement.prepareOn(this.#handle);
    this.#statements.push(statement);
    return statement;
  }

  /** Closes the connection. Calls from now on wait for `takeOver`. */
  async suspend(): Promise<void> {
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
    const handle = await other.#present();
    other.#handle = undefined;
    for (const statement of this.#statements) await statement.prepareOn(handle);
    this.#handle = handle;
    this.#shut = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve(handle);
  }

  async close(): Promise<void> {
    await this.suspend();
  }

  #present(): Promise<sqlite3.Database> {
    if (this.#handle !== undefined) return Promise.resolve(this.#handle);
    if (this.#shut !== undefined) return Promise.reject(this.#shut);
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}
