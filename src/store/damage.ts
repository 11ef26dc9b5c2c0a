// The error of a store whose data is not what was written.
import { StoreFailure } from './store.js';

/** Stored data is damaged: what was read is not what was written. Nothing was done, and nothing of the data was shown. */
export class DamageError extends StoreFailure {
  /**
   * @param problem what is wrong, as part of a sentence
   * @param where what is damaged; a function that does not know leaves it to its caller
   */
  constructor(
    readonly problem: string,
    where = 'the stored data',
  ) {
    super(`${where} is damaged: ${problem}`);
  }
}
