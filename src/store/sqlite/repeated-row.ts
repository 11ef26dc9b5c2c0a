// Says which row the lines of an export repeat, where the database refuses it.
import { DatabaseError } from './database.js';

/** Turns a violated constraint into a sentence that says what a line repeats. Other errors stay as they are. */
export function asRepeatedRow(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.symbol !== 'SQLITE_CONSTRAINT') return error;
  const [, table, columns] = /failed: (\w+)\.(.*)$/.exec(error.message) ?? [];
  const repeated =
    table === undefined
      ? 'what may be there once'
      : `a row of ${table} with the ${columns?.replaceAll(`${table}.`, '') ?? ''} of another`;
  return new Error(`a line up to this one has ${repeated}: it is there a second time`);
}
