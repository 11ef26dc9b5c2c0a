// The error that an adapter throws where stored data is not what was written.
import { StoreFailure } from './store.js';

/** Stored data is damaged: what was read is not what was written. Nothing was done, and nothing of the data was shown. */
export class DamageError extends StoreFailure {
  /** @param problem what is wrong, as part of a sentence */
  constructor(readonly problem: string) {
    super(`the stored data is damaged: ${problem}`);
  }
}
