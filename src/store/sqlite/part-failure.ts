// Tells the errors within a transaction apart: those of one part, which is left out, those that leave nothing behind,
// and those after which the outcome can't be known.
import { StoreFailure } from '../store.js';
import { DatabaseError, isHarmless, isOfTheData } from './database.js';

/** SQLite's result where a page is damaged. */
const corrupt = 'SQLITE_CORRUPT';

/** A part of a transaction failed, and nothing else is wrong. */
export class PartFailure extends Error {
  /** @param spoils whether the transaction can't be committed any more */
  constructor(
    readonly reason: StoreFailure,
    readonly spoils = false,
  ) {
    super(reason.message);
  }
}

/** A job has met a damaged page. The transaction has to begin again without it. */
export class SpoiledBy extends Error {
  constructor(
    readonly place: number,
    readonly reason: StoreFailure,
  ) {
    super(reason.message);
  }
}

/** Throws the error of a job: as a PartFailure where only the job is concerned, else as it is. */
export function throwAsPart(error: unknown): never {
  if (error instanceof StoreFailure) throw new PartFailure(error);
  if (!isOfTheData(error)) throw error;
  const spoils = error.symbol === corrupt;
  throw new PartFailure(spoils ? failureOf(error) : new StoreFailure(error.message), spoils);
}

/** Throws the error of rows: as a PartFailure where it is damage, else as it is, because it concerns all rows. */
export function throwAsPartOfRows(error: unknown): never {
  throw isDamage(error) ? new PartFailure(failureOf(error)) : error;
}

/**
 * Whether the error says that a page is damaged. SQLite meets such a page before it writes a log frame, so what others
 * write can still be stored.
 */
export function isDamage(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.symbol === corrupt;
}

/** Makes the failure that tells of a damaged page. */
export function failureOf({ message }: DatabaseError): StoreFailure {
  return new StoreFailure(`${message}: the database is damaged, and salond --check-data tells where`);
}

/**
 * Turns an error that left nothing behind into a StoreFailure. After any other error the outcome can't be known: after
 * a failed sync the pages may be gone, so there is no retry.
 */
export function asFailure(error: unknown): unknown {
  if (isHarmless(error)) return new StoreFailure(error.message);
  return isDamage(error) ? failureOf(error) : error;
}
