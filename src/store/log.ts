// The message log: what the store promises about messages. Adapters (sqlite/, memory/) implement it beside the
// directory (directory.ts). One contract suite (test/store) runs over all of them.
//
// A log is an ordered list of messages with dense ids from 1 on. A room has one, and so will a conversation of two: a log
// knows authors, not members.
//
// Durability: a message that `committed` names is durable, and so is what a promise fulfils. Nothing else may be shown to
// anyone or answered with 1. `durability` says what that is worth:
// - `full`: it is on disk. A sync that covers it has returned, so it survives kill -9 and power loss.
// - `relaxed`: it is with the operating system, so it survives kill -9. A power loss may take the newest commits, never
//   an older one before a newer one. Syncs come with checkpoints and at the close.
// With either, what an opened store holds of its past is on disk before anyone reads it.
//
// A commit has one of four outcomes:
// - stored: `committed` is called.
// - failed: nothing of the batch is there or ever will be; `failed` is called (code 2).
// - away: the store can't be reached. `append` answers `away` for what comes (code 16). What was on its way waits, and
//   nobody is told anything, until its outcome is known.
// - broken: a sync failed, so the outcome can't ever be known. `broken` is called, and the process must end.
import type { Texts } from './texts.js';

export type LogId = number;
export type UserId = number;

/** What a commit is worth when the power fails. */
export type Durability = 'full' | 'relaxed';

/** What a message is besides its text (PROTOCOL.md §4.6). */
export type Kind = 'text' | 'action' | 'notice' | 'reply' | 'edit' | 'reaction';

/** Who wrote a message. One object serves many messages: whoever shows them may keep what it makes of the name. */
export interface Author {
  readonly id: UserId;
  /** As it was first written. */
  readonly name: string;
}

/**
 * Neighbouring messages of one log, in columns: column `n` is message `first + n`. What one process stored and what another
 * stored look alike. Nobody may change them.
 */
export interface Messages {
  readonly log: LogId;
  /** The id of the first one. `prev` of every message is its id − 1. */
  readonly first: number;
  /** Milliseconds since 1970, the same for all. */
  readonly time: number;
  readonly authors: readonly Author[];
  readonly texts: Texts;
  readonly kinds: readonly Kind[];
  /** The id of the message that each is about, 0 for none. */
  readonly about: readonly number[];
}

/** A message to be stored. The store reads it when it is appended, hands it back in `Commit.mine`, and never writes into it. */
export interface NewMessage {
  readonly log: LogId;
  readonly author: Author;
  /** The text as it stands between the quotes of a JSON string, as `jsonText` (src/text) writes it. */
  readonly text: string;
  readonly kind: Kind;
  readonly about: number;
  /** Stores it once (PROTOCOL.md §5.3). */
  readonly key: string | undefined;
}

/**
 * What became of a message: `duplicate` and `conflict` are a key that was known, with the same message or another;
 * `failed` is a key of which it can't be read whether it is known: the message is not stored, and the rest of its batch is.
 */
export type Outcome = 'stored' | 'duplicate' | 'conflict' | 'failed';

/** What one commit brought. What another process stored comes as commits of its own, whose `mine` is empty. */
export interface Commit<Post extends NewMessage> {
  /** What it brought to each log, once a log. Ids are given by the store. */
  readonly stored: readonly Messages[];
  /** This process's messages in the order in which they were appended; none where another process committed. */
  readonly mine: readonly Post[];
  /** What became of each of `mine`. */
  readonly outcomes: readonly Outcome[];
  /** The id of each of `mine`: of a duplicate or a conflict that of the first one, of a failure 0. */
  readonly ids: readonly number[];
  /** How long it took, its sync included, in milliseconds; 0 where another process committed. */
  readonly took: number;
}

/** Who is told about the logs. The calls come in the order of each log, one commit at a time. */
export interface LogListener<Post extends NewMessage> {
  /**
   * These are committed. Of each followed log everything comes, once and without a gap, from the head that `follow`
   * answered. A log's `head` has moved before the call. Of logs that nobody follows only this process's messages come.
   */
  committed(commit: Commit<Post>): void;
  /** Nothing of these was stored. */
  failed(posts: readonly Post[], error: Error): void;
  /** The process must end and answer nothing more. */
  broken(error: Error): void;
  /** What a key was stored with can't be read: that message alone has the outcome `failed`. */
  unreadable?(error: Error): void;
  /** From now on writes fail for that reason; or they succeed again. */
  writing?(failure: Error | undefined): void;
  /** The store can't be reached, for that reason; or it can again. */
  reachable?(failure: Error | undefined): void;
  /** The clock is that many milliseconds behind the newest message, whose time (milliseconds since 1970) new ones get meanwhile. */
  behind?(milliseconds: number, newest: number): void;
}

/** A log that is followed. */
export interface FollowedLog {
  readonly id: LogId;
  /** The id of the newest message that the listener was told of, 0 for none. The store moves it, nobody else. */
  readonly head: number;
}

export interface Page {
  /** Oldest first. */
  readonly messages: readonly Messages[];
  /** Whether the log holds more in the direction that was asked. */
  readonly more: boolean;
}

/** A message that was stored with a key. */
export interface KeyedMessage {
  readonly id: number;
  /** As in `NewMessage`. */
  readonly text: string;
  readonly kind: Kind;
  readonly about: number;
}

/** How writing goes. */
export interface Writing {
  /** When the last commit that reached the disk succeeded, in milliseconds of the monotonic clock; undefined for none yet. */
  readonly lastCommit: number | undefined;
  /** Why the last commit failed, if it did. */
  readonly failing: string | undefined;
  /** Why the store can't be reached, if it can't. */
  readonly away: string | undefined;
  /** Milliseconds by which the clock is behind the newest message. */
  readonly behind: number;
}

/** Whether a message was taken: `full`, too much waits already; `away`, the store can't be reached. Both are code 16. */
export type Taken = 'taken' | 'full' | 'away';

/** Messages. Every promise rejects with StoreFailure where nothing was done (code 2), StoreAway where the store can't be reached (16). */
export interface MessageLog<Post extends NewMessage> {
  readonly durability: Durability;
  /** Names who is told; once, before the first `append`. */
  listen(listener: LogListener<Post>): void;
  /** Puts a message behind all that were appended before. Its outcome comes to the listener, if it was taken. */
  append(post: Post): Taken;
  /** What `append` would answer now. */
  readonly taking: Taken;
  /**
   * From when this fulfils the listener hears of everything in the log beyond `head`. It waits until none of this
   * process's messages of the log is on its way. At most one object for a log at a time, which the caller sees to.
   */
  follow(log: LogId): Promise<FollowedLog>;
  /** From here on only this process's messages of the log come. Its `head` stays as it is. */
  unfollow(log: FollowedLog): void;
  /** Messages with `after` < id ≤ `upTo`, oldest first, `limit` at most. */
  readAfter(log: LogId, after: number, upTo: number, limit: number): Promise<Page>;
  /** The newest `limit` messages with id < `before`, oldest first. */
  readBefore(log: LogId, before: number, limit: number): Promise<Page>;
  /** The message that this user stored in this log with this key, if any. */
  findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined>;
  readonly writing: Writing;
  /** Fulfils when a commit has reached the disk: whether the store can write. */
  probe(): Promise<void>;
  /**
   * Lets the times of new messages go on from the machine's clock, though those of stored ones are later: it was ahead
   * once. Holds over a restart. Fulfils with the milliseconds that the times go back.
   */
  resetTime(): Promise<number>;
}
