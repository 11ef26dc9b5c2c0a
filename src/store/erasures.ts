// Erasing what deleted users wrote, and what the store promises about it. `Directory.deleteUser` begins an erasure, in
// the transaction that deletes the user. The texts go in many small ones, so that no commit waits for long. A process
// that ends before it is done leaves the rest to the next one (`unfinished`).
import type { UserId } from './log.js';

/** The erasures of deleted users. Promises reject as those of the directory do. */
export interface Erasures {
  /** The deleted users whose texts are not all erased yet, 100 at most. */
  unfinished(): Promise<readonly UserId[]>;
  /**
   * Erases the texts of all messages of a deleted user, and the keys that they were sent with. Ids, authors and kinds
   * stay. Messages that were on their way when it is called are erased too. Fulfils when it is done and kept as done.
   */
  eraseTexts(user: UserId): Promise<void>;
  /** Has what outlives a restore, where the store keeps such a thing, name everybody whom the data has erased. */
  keepInList(): Promise<void>;
  /**
   * Fulfils when nothing is left in any file of what was deleted or erased before the call. It may take a while: it
   * waits for a backup that runs, for example.
   */
  overwritten(): Promise<void>;
  /**
   * Ends what is under way at its next step, with StoreFailure, and lets nothing begin: the process is about to end,
   * and the next one does the rest.
   */
  stop(): void;
}
