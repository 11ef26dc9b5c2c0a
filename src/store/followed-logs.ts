// The logs that somebody follows: how far the listener has been told of each, and what other writers stored beyond that.
import type { FollowedLog, LogId, Messages } from './log.js';
import { lastOf, messagesAfter } from './messages.js';

class Followed implements FollowedLog {
  constructor(
    readonly id: LogId,
    public head: number,
  ) {}
}

/** Moves the heads of followed logs, and holds the messages of others back until they are next in their log. */
export class FollowedLogs {
  readonly #logs = new Map<LogId, Followed>();
  /** Messages of other writers that the listener has not been told of. */
  readonly #received = new Map<LogId, Messages[]>();

  /** From here on what is received of the log waits for `open`. */
  prepare(log: LogId): void {
    if (!this.#received.has(log)) this.#received.set(log, []);
  }

  /** Takes `prepare` back where the log could not be opened: what is received of it is dropped again. */
  abandon(log: LogId): void {
    if (!this.#logs.has(log)) this.#received.delete(log);
  }

  /** The log is followed from `head` on. */
  open(log: LogId, head: number): FollowedLog {
    this.prepare(log);
    const followed = new Followed(log, head);
    this.#logs.set(log, followed);
    return followed;
  }

  /** The log is not followed any more. Does nothing where `open` was called for it again since. */
  close(followed: FollowedLog): void {
    const current = this.#logs.get(followed.id);
    if (current !== undefined && current !== followed) return;
    this.#logs.delete(followed.id);
    this.#received.delete(followed.id);
  }

  /** Takes what another writer stored. False, and it is dropped, where nobody follows that log. */
  receive(messages: Messages): boolean {
    const pieces = this.#received.get(messages.log);
    pieces?.push(messages);
    return pieces !== undefined;
  }

  /**
   * The next piece of what was received that joins a followed log's head, which moves behind it. Undefined where there
   * is none now.
   */
  next(): Messages | undefined {
    for (const [log, pieces] of this.#received) {
      const followed = this.#logs.get(log);
      if (followed === undefined) continue;
      for (const [place, piece] of pieces.entries()) {
        if (piece.first > followed.head + 1) continue;
        pieces.splice(place, 1);
        const fresh = messagesAfter(piece, followed.head);
        if (fresh === undefined) return this.next();
        followed.head = lastOf(fresh);
        return fresh;
      }
    }
    return undefined;
  }

  /**
   * Moves the heads of followed logs behind what this process stored.
   * @throws Error where it does not join a head: the adapter did not hand over what others had stored before
   */
  advance(stored: readonly Messages[]): void {
    for (const { log, first, authors } of stored) {
      const followed = this.#logs.get(log);
      if (followed === undefined) continue;
      if (first !== followed.head + 1) throw new Error(`log ${log} goes on with ${first} behind ${followed.head}`);
      followed.head += authors.length;
    }
  }
}
