// Searching what was said in rooms, and what the store promises about it. What finds the messages is an index that
// follows the log beside the commits: no commit waits for it, and it may be a little behind (`behindSince`).
import type { QueriedWord } from '../text/words.js';
import type { LogId } from './log.js';

/** What a step of the index has done. */
export interface SearchStep {
  /** How many messages it has looked at. */
  readonly count: number;
  /** Whether more is to be done. */
  readonly more: boolean;
  /** Whether messages were stored meanwhile: those who send them should have the processor. */
  readonly isBusy?: boolean;
  /** Why the index was begun anew, where it was. */
  readonly anew?: string;
}

/** Finds messages by their words. */
export interface Search {
  /**
   * The ids of messages of the room that have all of these words, the newest first: those between `after` and `before`,
   * at most `limit`. Of an edited message the newest text is looked at, and its edits are not found themselves; nor are
   * reactions and deleted messages. Without a word it finds nothing. Rejects with StoreFailure, also with
   * SearchTooLong.
   */
  find(
    room: LogId,
    words: readonly QueriedWord[],
    between: { readonly after: number; readonly before: number },
    limit: number,
  ): Promise<readonly number[]>;
  /**
   * Takes a little of what was stored, changed or removed lately into the index, or merges a part of it. Rejects where
   * it can't be read or written; then a later step tries again.
   */
  step(): Promise<SearchStep>;
  /** Takes what was stored lately, if that is little. Never rejects. */
  refresh(): Promise<void>;
  /**
   * When the oldest message was stored that is not in the index, in milliseconds since 1970; undefined where all are.
   */
  readonly behindSince: number | undefined;
  /** How many messages are not in the index. After a start there may be more at first, until all were counted. */
  readonly behind: number;
}
