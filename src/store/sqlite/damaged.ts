// Makes the error for damage in salond.db.
import { DamageError } from '../damage.js';

/** Makes an error that says that the database is damaged. @param problem what is wrong, as part of a sentence */
export function damaged(problem: string): DamageError {
  return new DamageError(problem, 'salond.db');
}
