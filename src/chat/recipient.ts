// The interface of whatever takes the lines of a session. The outboxes of connections implement it.

/** Takes a session's lines. Replies are never dropped; events may be, with the connection (PROTOCOL.md §3.3). */
export interface Recipient {
  /** @param mayWait it is sent when others have their messages, or with whatever comes before that */
  event(line: Buffer | string, mayWait?: boolean): void;
  reply(line: Buffer | string): void;
  /** Counts an event that waits elsewhere, so that it meets the recipient's limits, where it has some. */
  hold?(line: Buffer | string): void;
  /** Counts an event no longer that `hold` counted. Called before it is sent, or when it is dropped. */
  unhold?(line: Buffer | string): void;
  /** Counts bytes of memory that it takes to be in rooms. A negative number takes them off. */
  keep?(bytes: number): void;
}
