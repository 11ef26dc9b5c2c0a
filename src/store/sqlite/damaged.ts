// Says of damage in which file it is.
import { DamageError } from '../damage.js';

/** An error that says that the database is damaged. @param problem what is wrong, as part of a sentence */
export function damaged(problem: string): DamageError {
  return new DamageError(problem, 'salond.db');
}
