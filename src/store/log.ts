// The message log: what the store promises about messages. Adapters (sqlite/, memory/) implement it beside the
// directory (directory.ts). One contract suite (test/store) runs over all of them.
//
// A log is an ordered list of messages with dense ids from 1 on. A room has one, and so will a conversation of two: a
// log knows authors, not members.
//
// Durability: a message that `committed` names is durable, and so is what a promise fulfils. Nothing else may be shown
// to anyone or answered with 1. `durability` says what that is worth:
// - `full`: it is on disk. A sync that covers it has returned, so it survives kill -9 and power loss.
// - `relaxed`: it is with the operating system, so it survives kill -9. A power loss may take the newest commits, never
//   an older one before a newer one. Syncs come with checkpoints and at the close.
// With either, all that an opened store has from earlier runs is on disk before anyone reads it.
//
// A commit has one of four outcomes:
// - stored: `committed` is called.
// - failed: nothing of the batch is there or ever will be; `failed` is called (code 2).
// - away: the store can't be reached. `append` answers `away` for what comes (code 16). What was on its way waits, and
//   nobody is told anything, until its outcome is known.
// - broken: a sync failed, so the outcome can't ever be known. `broken` is called, and the process must end.
import type { Payer } from '../turns/payer.js';
import type { Texts } from './texts.js';

/** Names a log. That of a room is the room's id. */
export type LogId = number;
/** Names a user. */
export type UserId = number;

/** What a commit is worth when the power fails. */
export type Durability = 'full' | 'relaxed';

/** What a message is besides its text (PROTOCOL.md §4.6). */
export type Kind = 'text' | 'action' | 'notice' | 'reply' | 'edit' | 'reaction';

/** The author of a message. One object serves many messages, so a reader may cache what it derives from the name. */
export interface Author {
  readonly id: UserId;
  /** As it was first written. */
  readonly name: string;
}

/**
 * Neighbouring messages of one log, in columns: place `n` of each column belongs to the message `first + n`. They look
 * the same whichever process stored them. Must not be changed.
 */
export interface Messages {
  readonly log: LogId;
  /** The id of the first one. `prev` of every message is its id − 1. */
  readonly first: number;
  /** Milliseconds since 1970, the same for all. */
  readonly time: number;
  readonly authors: readonly Author[];
  /** That of a deleted message is empty, as no other is. */
  readonly texts: Texts;
  readonly kinds: readonly Kind[];
  /** The id of the message that each is about, 0 for none. */
  readonly about: readonly number[];
}

/**
 * A message to be stored. It must not change until the listener is told of its outcome. The store hands it back in
 * `Commit.mine`, and never writes into it.
 */
export interface NewMessage {
  readonly log: LogId;
  readonly author: Author;
  /** The text, not empty, as it stands between the quotes of a JSON string, as `jsonText` (src/text) writes it. */
  readonly text: string;
  readonly kind: Kind;
  readonly about: number;
  /** A message with a key is stored once (PROTOCOL.md §5.3). */
  readonly key: string | undefined;
  /** About how many sessions its log is shown to: a batch ends where that would take long. 0 where it is left out. */
  readonly readers?: number;
}

/**
 * The outcome of a message. Where it is not stored, the rest of its batch is.
 * - `duplicate`: its key is known, with the same message, or with one that was deleted.
 * - `conflict`: its key is known, with another message.
 * - `failed`: the store can't read whether the key is known, or what the message is about, or can't write to its log.
 * - `missing`: its log has no message with the id that it is about.
 * - `refused`: it is an edit of another author's message, of an edit, or of a message that was deleted.
 * - `spent`: it is an edit of a message that has `maxEdits` edits.
 * - `long`: it is an edit of a reaction, and has more than `maxReaction` characters.
 */
export type Outcome = 'stored' | 'duplicate' | 'conflict' | 'failed' | 'missing' | 'refused' | 'spent' | 'long';

/** How many edits a message may have: whoever deletes it deletes all of them in one transaction. */
export const maxEdits = 100;

/**
 * How many characters a reaction has at most, also once it is edited (PROTOCOL.md §4.6). protocol/limits.json has the
 * same number for requests.
 */
export const maxReaction = 32;

/** The outcome of one commit. What another process stored comes as commits of its own, whose `mine` is empty. */
export interface Commit<Post extends NewMessage> {
  /** The new messages of each log, with the ids that the store gave them. A log appears once. */
  readonly stored: readonly Messages[];
  /** This process's messages in the order in which they were appended; none where another process committed. */
  readonly mine: readonly Post[];
  /** The outcome of each of `mine`. */
  readonly outcomes: readonly Outcome[];
  /**
   * The id of each of `mine`. A duplicate or a conflict has the id of the stored message, what was not stored has 0.
   */
  readonly ids: readonly number[];
  /** How long it took, its sync included, in milliseconds; 0 where another process committed. */
  readonly took: number;
}

/** What it took to write the lines of a commit to the network. */
export interface Written {
  /** Without other work that was done meanwhile, and without what was written to those who read none of its logs. */
  readonly milliseconds: number;
  /** How many of its lines a write had, on average. */
  readonly linesPerWrite: number;
}

/** Is told about the logs, one commit at a time, in the order of each log. */
export interface LogListener<Post extends NewMessage> {
  /**
   * A commit succeeded. From a followed log every message comes once, without a gap, beginning after the head that
   * `follow` answered. The log's `head` has moved before the call. From other logs only this process's messages come.
   */
  committed(commit: Commit<Post>): void;
  /**
   * Fulfils when the lines of what it was told so far have gone to the network, with what that took.
   * @param readers how many read the logs of the last commit
   */
  written?(readers: number): Promise<Written>;
  /** Nothing of these was stored. */
  failed(posts: readonly Post[], error: Error): void;
  /** The process must end and answer nothing more. */
  broken(error: Error): void;
  /** The store can't read whether a key is known, or can't write to a log. Such a message has the outcome `failed`. */
  unreadable?(error: Error): void;
  /** From now on writes fail for that reason; or they succeed again. */
  writing?(failure: Error | undefined): void;
  /** The store can't be reached, for that reason; or it can again. */
  reachable?(failure: Error | undefined): void;
  /**
   * The clock is that many milliseconds behind the newest message, whose time (milliseconds since 1970) new ones get
   * meanwhile.
   */
  behind?(milliseconds: number, newest: number): void;
}

/** A log that is followed. */
export interface FollowedLog {
  readonly id: LogId;
  /** The id of the newest message that the listener was told of, 0 for none. Only the store moves it. */
  readonly head: number;
}

/** Stored messages, as pieces that follow one another. */
export interface Page {
  /** Oldest first. */
  readonly messages: readonly Messages[];
  /** The id of the newest edit of each message among them that has one that was not deleted. */
  readonly edited: ReadonlyMap<number, number>;
  /** Whether the log has more messages up to the last id that was asked for. */
  readonly more: boolean;
}

/** A message that was stored with a key. */
export interface KeyedMessage {
  readonly id: number;
  /** As in `NewMessage`; empty where it was deleted. */
  readonly text: string;
  readonly kind: Kind;
  readonly about: number;
}

/**
 * What came of a deletion. `again`: the message was deleted before, and nothing changed. `missing`: the log has no
 * message with that id. `refused`: as the caller said.
 */
export type Deletion = 'deleted' | 'again' | 'missing' | 'refused';

/** The state of writing. */
export interface Writing {
  /**
   * When the last commit that reached the disk succeeded, in milliseconds of the monotonic clock; undefined for none
   * yet.
   */
  readonly lastCommit: number | undefined;
  /** Why the last commit failed, if it did. */
  readonly failing: string | undefined;
  /** Why the store can't be reached, if it can't. */
  readonly away: string | undefined;
  /** Milliseconds by which the clock is behind the newest message. */
  readonly behind: number;
}

/**
 * Whether a message was taken: `full`, too much waits already; `away`, the store can't be reached. Both are code 16.
 */
export type Taken = 'taken' | 'full' | 'away';

/**
 * The messages of all logs. Every promise rejects with StoreFailure where nothing was done (code 2), and with StoreAway
 * where the store can't be reached (code 16).
 */
export interface MessageLog<Post extends NewMessage> {
  readonly durability: Durability;
  /** Sets the listener. To be called once, before the first `append`. */
  listen(listener: LogListener<Post>): void;
  /** Appends a message. If it is taken, the listener is told of its outcome. */
  append(post: Post): Taken;
  /** What `append` would answer now. */
  readonly taking: Taken;
  /**
   * Follows a log. Once this has fulfilled, the listener is told of every message beyond `head`. It waits until no
   * message of this process to the log is on its way. The caller must not follow a log twice at a time.
   */
  follow(log: LogId): Promise<FollowedLog>;
  /**
   * Stops following a log. From here on the listener is told only of this process's messages to it, and `head` stays.
   */
  unfollow(log: FollowedLog): void;
  /**
   * Reads messages with `after` < id ≤ `upTo`, oldest first, `limit` at most, and no more than are stored in `maxBytes`
   * bytes, but at least one. Ids are dense, so the newest messages before an id are read in this way too. Those that
   * were trimmed are left out: the page begins with the first message that is kept, and is empty where none is.
   */
  readAfter(log: LogId, after: number, upTo: number, limit: number, maxBytes?: number): Promise<Page>;
  /**
   * Reads messages by their ids, which ascend, each as a piece of its own. Those that are not there, or were trimmed,
   * are left out. A message takes reading the run that it is in, of 64 KiB at most as a rule.
   */
  readEach(log: LogId, ids: readonly number[]): Promise<Page>;
  /**
   * Deletes a message: its text goes from the disk, and so do the texts of its edits, which count as deleted too. Ids,
   * authors, kinds and keys stay. Where it is an edit, the one before it is the newest again.
   * @param mayDelete decides by the message's author, when the deletion is about to be stored
   */
  deleteMessage(log: LogId, id: number, mayDelete: (author: UserId) => boolean, payer?: Payer): Promise<Deletion>;
  /**
   * Finds the first message that was stored at that time (milliseconds since 1970) or later: answers its id, and one
   * beyond the newest message where there is none. It looks at a few messages alone. Where an operator let times go
   * back, it finds one message that has that time or a later one behind an earlier one.
   */
  firstSince(log: LogId, time: number): Promise<number>;
  /** Reads the id of the newest message of a log, 0 for none, whether it is followed or not. */
  head(log: LogId): Promise<number>;
  /** Reads the message that this user stored in this log with this key, if any. */
  findKeyed(log: LogId, author: UserId, key: string): Promise<KeyedMessage | undefined>;
  readonly writing: Writing;
  /** Fulfils when a commit has reached the disk, which shows that the store can write. */
  probe(): Promise<void>;
  /**
   * Lets new messages have the time of the machine's clock, although stored ones have later times, because the clock
   * was ahead once. Holds over a restart. Fulfils with the milliseconds by which times go back.
   */
  resetTime(): Promise<number>;
}
