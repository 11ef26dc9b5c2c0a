// The errors of SQLite, and which of them leave what behind.

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

/** Turns an error of node-sqlite3 into a DatabaseError. */
export function asDatabaseError(error: Error): DatabaseError {
  const symbol = 'code' in error && typeof error.code === 'string' ? error.code : 'SQLITE_ERROR';
  return new DatabaseError(symbol, error.message);
}
