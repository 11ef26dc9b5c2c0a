// Erasing what deleted users wrote, and what the store promises about it. `Directory.deleteUser` begins an erasure, in
// the transaction that deletes the user. The texts go in many small ones, so that no commit waits for long. A process
// that ends before it is done leaves the rest to the next one (`unfinished`).
import type { LogId, UserId } from './log.js';

/** Damaged rows that an erasure could not look at. Nobody is shown them, but they may have what was to be erased. */
export interface Unreached {
  readonly rows: number;
  /** The logs or rooms whose rows these are, as far as that can be told. */
  readonly logs: readonly LogId[];
}

/** All of these together. */
export function unreached(...parts: readonly Unreached[]): Unreached {
  const logs = new Set(parts.flatMap((part) => part.logs));
  return { rows: parts.reduce((sum, { rows }) => sum + rows, 0), logs: [...logs].sort((one, other) => one - other) };
}

/** The erasures of deleted users. Promises reject as those of the directory do. */
export interface Erasures {
  /** The deleted users whose texts are not all erased yet, 100 at most. */
  unfinished(): Promise<readonly UserId[]>;
  /**
   * Erases the texts of all messages of a deleted user, and the keys that they were sent with. Ids, authors and kinds
   * stay. Messages that were on their way when it is called are erased too. Damaged rows are passed over. Fulfils when
   * it is done and kept as done, with what was passed over.
   */
  eraseTexts(user: UserId): Promise<Unreached>;
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
