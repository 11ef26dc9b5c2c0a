// node-sqlite3's callbacks as promises: the only file that knows the package, whose upstream is no longer maintained.
import { pathToFileURL } from 'node:url';
import sqlite3 from 'sqlite3';

export type Value = string | number | null | Uint8Array;
export type Row = Readonly<Record<string, unknown>>;

/** An SQLite error; `symbol` is SQLite's name of its result code, `SQLITE_FULL` say. */
export class DatabaseError extends Error {
  constructor(readonly symbol: string, message: string) {
    super(message);
  }
}

/** Results of SQLite after which nothing of the statement or transaction is there and a later one may do better. */
const harmless = new Set(['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_LOCKED', 'SQLITE_READONLY', 'SQLITE_NOMEM', 'SQLITE_TOOBIG', 'SQLITE_CONSTRAINT']);

/** Whether the database is known to be as it was. After any other error, a failed sync above all, it is not. */
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

/** A prepared statement, reused for every call. */
export class Statement {
  readonly #statement: sqlite3.Statement;

  constructor(statement: sqlite3.Statement) {
    this.#statement = statement;
  }

  run(...values: readonly Value[]): Promise<void> {
    return called<void>((callback) => this.#statement.run(...values, callback));
  }

  all(...values: readonly Value[]): Promise<readonly Row[]> {
    return called((callback) => this.#statement.all(...values, callback));
  }

  finalize(): Promise<void> {
    return new Promise((resolve) => this.#statement.finalize(() => resolve()));
  }
}

export class Database {
  readonly #database: sqlite3.Database;
  readonly #statements: Statement[] = [];

  private constructor(database: sqlite3.Database) {
    this.#database = database;
    // One statement at a time: two would not run side by side on one connection, but each would hold a thread of the pool.
    database.serialize();
  }

  /** Opens `path`, creating the file if need be. Rejects with DatabaseError. */
  static open(path: string): Promise<Database> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(path, (error) => (error === null ? resolve(new Database(database)) : reject(asError(error))));
    });
  }

  /**
   * Opens `path` for reading, without locks and without a file beside it: for one that nobody writes to and that has no log. Rejects with
   * DatabaseError.
   */
  static openUnchanging(path: string): Promise<Database> {
    return new Promise((resolve, reject) => {
      const database = new sqlite3.Database(
        `${pathToFileURL(path).href}?immutable=1`, sqlite3.OPEN_READONLY | sqlite3.OPEN_URI,
        (error) => (error === null ? resolve(new Database(database)) : reject(asError(error))),
      );
    });
  }

  /** Runs statements without parameters or results. */
  exec(sql: string): Promise<void> {
    return called<void>((callback) => this.#database.exec(sql, callback));
  }

  all(sql: string, ...values: readonly Value[]): Promise<readonly Row[]> {
    return called((callback) => this.#database.all(sql, ...values, callback));
  }

  async prepare(sql: string): Promise<Statement> {
    const prepared = await new Promise<sqlite3.Statement>((resolve, reject) => {
      const statement = this.#database.prepare(sql, (error: Error | null) => (error === null ? resolve(statement) : reject(asError(error))));
    });
    const statement = new Statement(prepared);
    this.#statements.push(statement);
    return statement;
  }

  async close(): Promise<void> {
    for (const statement of this.#statements) await statement.finalize();
    await called<void>((callback) => this.#database.close(callback));
  }
}
