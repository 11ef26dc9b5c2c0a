// Private conversations: what the store promises about them. A conversation is of a pair of users, which may be one
// user twice. Its messages stand in a log of its own (log.ts), as those of a room do.
import type { Payer } from '../turns/payer.js';
import type { LogId, UserId } from './log.js';

/**
 * The logs above this number are those of conversations; those of rooms are below it. Rooms and conversations are
 * numbered apart, so a log's number alone says what it belongs to.
 */
export const lastRoomLog: LogId = 2 ** 40;

/** Whether the log is that of a private conversation. */
export function isConversation(log: LogId): boolean {
  return log > lastRoomLog;
}

/** A conversation that was opened. */
export interface OpenedConversation {
  readonly log: LogId;
  /** Whether it was not there before. */
  readonly isNew: boolean;
}

/** A conversation in a user's list. */
export interface ListedConversation {
  readonly log: LogId;
  /** The user whom the list's user talks with, who may be itself, or deleted. */
  readonly with: UserId;
  /** The id of the newest message. */
  readonly last: number;
  /** When that was stored, in milliseconds since 1970. */
  readonly time: number;
  /** How far the list's user has read, 0 for nothing. */
  readonly read: number;
}

/**
 * The private conversations of all users. They outlast their users. Every promise rejects with StoreFailure where
 * nothing was done (code 2), and with StoreAway where the store can't be reached (code 16). A change rejects with
 * StoreBusy where too many wait (code 16).
 */
export interface Conversations {
  /** Finds the conversation of two users, in any order. */
  find(one: UserId, other: UserId): Promise<LogId | undefined>;
  /** Finds it, or makes it, within a commit: whoever may find it asks `find` first. */
  open(one: UserId, other: UserId, payer?: Payer): Promise<OpenedConversation>;
  /**
   * Lists at most `limit` conversations of a user that have messages, that with the newest message first. It reads no
   * others.
   * @param after lists those behind this one; its user must be in it
   */
  list(user: UserId, after: LogId | undefined, limit: number): Promise<readonly ListedConversation[]>;
  /** Notes how far the user has read. Answers how far it had read before. */
  markRead(user: UserId, log: LogId, id: number, payer?: Payer): Promise<number>;
}

/** The two users of a conversation in the order in which they are stored. */
export function pairOf(one: UserId, other: UserId): readonly [UserId, UserId] {
  return one <= other ? [one, other] : [other, one];
}
