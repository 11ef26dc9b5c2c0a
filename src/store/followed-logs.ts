// Tracks the logs that are followed: how far the listener has been told of each, and what other writers stored after
// that.
import type { FollowedLog, LogId, Messages } from './log.js';
import { lastOf, messagesAfter } from './messages.js';

class Followed implements FollowedLog {
  constructor(
    readonly id: LogId,
    public head: number,
  ) {}
}

/** Moves the heads of followed logs, and queues other writers' messages until they are next in their log. */
export class FollowedLogs {
  readonly #logs = new Map<LogId, Followed>();
  /** Logs that are followed or about to be. */
  readonly #prepared = new Set<LogId>();
  /** Messages of other writers that the listener has not been told of. Only logs that have some stand there. */
  readonly #received = new Map<LogId, Messages[]>();

  /** Queues what is received of the log from here on, for `open`. */
  prepare(log: LogId): void {
    this.#prepared.add(log);
  }

  /** Undoes `prepare` where the log could not be opened: what is received of it is dropped again. */
  abandon(log: LogId): void {
    if (!this.#logs.has(log)) this.#drop(log);
  }

  /** Starts to follow the log after the id `head`. */
  open(log: LogId, head: number): FollowedLog {
    this.prepare(log);
    const followed = new Followed(log, head);
    this.#logs.set(log, followed);
    return followed;
  }

  /** Stops following the log. Does nothing where `open` was called for it again since. */
  close(followed: FollowedLog): void {
    const current = this.#logs.get(followed.id);
    if (current !== undefined && current !== followed) return;
    this.#logs.delete(followed.id);
    this.#drop(followed.id);
  }

  /** Queues what another writer stored. Drops it, and answers false, where nobody follows that log. */
  receive(messages: Messages): boolean {
    const { log } = messages;
    if (!this.#prepared.has(log)) return false;
    const pieces = this.#received.get(log);
    if (pieces === undefined) this.#received.set(log, [messages]);
    else pieces.push(messages);
    return true;
  }

  /**
   * Takes the next received messages that continue a followed log, and moves its head to the last of them. Undefined
   * where there are none now.
   */
  next(): Messages | undefined {
    if (this.#received.size === 0) return undefined;
    for (const [log, pieces] of this.#received) {
      const followed = this.#logs.get(log);
      if (followed === undefined) continue;
      for (const [place, piece] of pieces.entries()) {
        if (piece.first > followed.head + 1) continue;
        pieces.splice(place, 1);
        if (pieces.length === 0) this.#received.delete(log);
        const fresh = messagesAfter(piece, followed.head);
        if (fresh === undefined) return this.next();
        followed.head = lastOf(fresh);
        return fresh;
      }
    }
    return undefined;
  }

  /**
   * Moves the heads of followed logs to the last message that this process stored.
   * @throws Error where a head is not just before it: the adapter did not hand over what others had stored before
   */
  advance(stored: readonly Messages[]): void {
    for (const { log, first, authors } of stored) {
      const followed = this.#logs.get(log);
      if (followed === undefined) continue;
      if (first !== followed.head + 1) throw new Error(`log ${log} goes on with ${first} behind ${followed.head}`);
      followed.head += authors.length;
    }
  }

  #drop(log: LogId): void {
    this.#prepared.delete(log);
    this.#received.delete(log);
  }
}
