// The feed: everything that is stored, in one order, from any position on. For continuous backups, text logs and
// bridges. It is read from disk, so it never has what is not committed.

/** Some lines of the feed. */
export interface FeedPart {
  /** Lines of JSON as an export has them, each with its `position`, and with its LF. */
  readonly lines: readonly string[];
  /** Where to read on. */
  readonly position: string;
  /** Whether nothing more was there. */
  readonly isEnd: boolean;
}

/** Reads the feed. */
export interface Feed {
  /**
   * Reads some lines after that position, at most a few MiB. `unknown`: the data has no such position, because it is
   * other data, or older, or because rows that were removed behind it are forgotten. Rejects with StoreFailure.
   * @param position as a line or a part has it; empty for the beginning
   */
  read(position: string): Promise<FeedPart | 'unknown'>;
  /**
   * Forgets some of the rows that were removed long ago: all but the newest hundred thousand. Answers whether more are
   * left. Rejects as changes of the directory do.
   */
  forget(): Promise<boolean>;
}
