// What salond needs of a store, and what the store promises. Adapters stand beside this file: memory.ts for tests,
// sqlite/ for a machine. One contract suite (test/store) runs over all of them.
//
// Durability: an entry that `committed` names, and what a method's promise fulfils, is committed. Nothing else may be shown
// to anyone or answered with 1. What that is worth, `durability` says:
// - `full`: it is on disk. A sync that covers it has returned, and it survives kill -9 and power loss.
// - `relaxed`: it is with the system, and survives kill -9. A power loss may take the last commits, those that the system had
//   not written back; never one that is older than a commit it leaves. Syncs come with checkpoints and at the close.
// With either, what an opened store holds of its past is on disk before it is read to anyone.
// What `failed` names, or a method rejects with StoreFailure, is not there and never will be. When neither can be known,
// because a sync failed, the store calls `broken` and answers nothing more: the process has to end.

import type { Name } from '../text/names.js';

export type UserId = number;
export type RoomId = number;
export type Role = 'owner' | 'member';
/** `disabled`: nobody comes in by that name, and it stays taken; `deleted`: for ever, and nothing else is kept but the name. */
export type UserState = 'active' | 'disabled' | 'deleted';
/** `closed`: nobody may enter. */
export type RoomState = 'open' | 'closed';

/** What a commit is worth when the power fails: it is on disk, or may be taken with those after it. */
export type Durability = 'full' | 'relaxed';

export interface NewUser extends Name {
  readonly firstName: string;
  readonly lastName: string;
  readonly password: Uint8Array;
}

export interface User {
  readonly id: UserId;
  readonly name: string;
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  /** Empty where the user is deleted. */
  readonly password: Uint8Array;
  readonly state: UserState;
}

/** What may be changed of a user. */
export type UserChange = Partial<Omit<User, 'id' | 'name' | 'key'>>;

/** A user as an operator sees it. */
export interface UserRow {
  readonly name: string;
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly state: UserState;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Who is kept out: a user, by its key, or a network, by its first address and the length of its prefix. */
export interface Ban {
  readonly kind: 'user' | 'network';
  readonly target: string;
  readonly reason: string;
  /** Milliseconds since 1970; `until` is undefined where it does not end by itself. */
  readonly created: number;
  readonly until: number | undefined;
}

/**
 * A room's log while somebody holds it open. The store advances `head` and nobody else; there is at most one object for
 * a room at a time, which its holder (chat/rooms.ts) sees to.
 */
export interface RoomLog {
  readonly id: RoomId;
  readonly name: string;
  readonly key: string;
  readonly topic: string;
  /** These two are changed by whoever has changed them in the store. */
  readonly owners: Set<UserId>;
  state: RoomState;
  /** The id of the newest committed message, 0 for none. */
  head: number;
  /** The store's own: the last id given out in the batch that is on its way. */
  assigned: number;
}

/**
 * What became of an entry: `duplicate` and `conflict` are a key that was known, with the same text or another (§5.3); `failed` is a key
 * of which it can't be read whether it is known: the entry is not stored, and the rest of its batch is.
 */
export type Outcome = 'stored' | 'duplicate' | 'conflict' | 'failed';

/** One message on its way into its room's log. The store fills in what is not readonly. */
export interface Entry {
  readonly log: RoomLog;
  readonly author: UserId;
  /** The text as a JSON string literal: made once, for the store's batch and for the line that is shown. */
  readonly message: string;
  readonly key: string | undefined;
  outcome: Outcome;
  id: number;
  prev: number;
}

export interface StoredMessage {
  readonly id: number;
  readonly prev: number;
  readonly username: string;
  readonly message: string;
  /** Milliseconds since 1970. */
  readonly time: number;
}

export interface Page {
  readonly messages: readonly StoredMessage[];
  /** Whether the log holds more in the direction that was asked. */
  readonly more: boolean;
}

export interface RoomRow {
  readonly name: string;
  readonly key: string;
  readonly topic: string;
  readonly state: RoomState;
}

/** A room as an operator sees it. */
export interface RoomDetails extends RoomRow {
  readonly id: RoomId;
  /** Names. */
  readonly owners: readonly string[];
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Who is told about the log. The calls come in the log's order, one batch at a time. */
export interface LogListener<E extends Entry> {
  /**
   * The batch is committed; `time` (milliseconds since 1970) is that of all its entries and goes back by `resetTime` alone, and `took` is how many
   * milliseconds the commit took, its sync included.
   */
  committed(entries: readonly E[], time: number, took: number): void;
  /** Nothing of the batch was stored. */
  failed(entries: readonly E[], error: Error): void;
  /** A sync failed, or the file is not what it was: the process must end and answer nothing more. */
  broken(error: Error): void;
  /** What a key was stored with can't be read: that entry alone has the outcome `failed`. */
  unreadable?(error: Error): void;
  /** From now on writes fail, for that reason; or they succeed again. */
  writing?(failure: Error | undefined): void;
  /** The clock is that many milliseconds behind the newest message, whose time (milliseconds since 1970) new ones get meanwhile. */
  behind?(milliseconds: number, newest: number): void;
}

/** How writing goes. */
export interface Writing {
  /** When the last commit that reached the disk succeeded, in milliseconds of the monotonic clock; undefined for none yet. */
  readonly lastCommit: number | undefined;
  /** Why the last commit failed, if it did. */
  readonly failing: string | undefined;
  /** Milliseconds by which the clock is behind the newest message. */
  readonly behind: number;
}

/** The store could not do it and did nothing: disk full, say. Answered with code 2. */
export class StoreFailure extends Error {}

/** The store can't be reached now, and did nothing. Answered with code 16. */
export class StoreAway extends Error {}

export interface Store<E extends Entry> {
  readonly durability: Durability;
  /** Names who is told about the log; once, before the first append. */
  listen(listener: LogListener<E>): void;
  /** Whether too much waits to be committed: then `append` takes nothing (code 16). */
  readonly full: boolean;
  /**
   * Puts a message behind all that were appended before. Its outcome comes to the listener. False when the store is
   * `full`, and nothing was done.
   */
  append(entry: E): boolean;
  /** Messages with `after` < id ≤ `upTo`, oldest first, `limit` at most. */
  readAfter(log: RoomLog, after: number, upTo: number, limit: number): Promise<Page>;
  /** The newest `limit` messages with id < `before`, oldest first. */
  readBefore(log: RoomLog, before: number, limit: number): Promise<Page>;
  /** The message that this user stored in this room with this key, if any; `message` is its text. */
  findKeyed(
    roomKey: string,
    author: UserId,
    key: string,
  ): Promise<
    { readonly room: string; readonly id: number; readonly prev: number; readonly message: string } | undefined
  >;
  /**
   * Opens a room. One that is new is made, with `creator` as its owner; `missing` where there is no creator, `lookalike`
   * where one of its skeletons is one of another room's.
   */
  openRoom(room: Name, creator: UserId | undefined): Promise<RoomLog | 'missing' | 'lookalike'>;
  /** Rooms in the order of their keys: those after the key `after` whose key contains `match`. */
  listRooms(match: string, after: string, limit: number): Promise<readonly RoomRow[]>;
  findRoom(key: string): Promise<RoomDetails | undefined>;
  setRoomState(room: RoomId, state: RoomState): Promise<void>;
  /** Makes the user the room's only owner. */
  setOwner(room: RoomId, user: UserId): Promise<void>;
  /** Undefined: the name is taken, or looks like a taken one. */
  createUser(user: NewUser): Promise<UserId | undefined>;
  findUser(key: string): Promise<User | undefined>;
  /**
   * The first 16 bytes that stored passwords begin with, each once, in no order; of more than 16 such beginnings some.
   */
  passwordHeads(): Promise<readonly Uint8Array[]>;
  /** Whether a new user of that name would be refused. */
  isTaken(name: Name): Promise<boolean>;
  /**
   * Answers whether the user was changed: one that is deleted by then stays as it is, for good.
   * @param from changes nothing where the user has another password than this by then
   */
  changeUser(user: UserId, change: UserChange, from?: Uint8Array): Promise<boolean>;
  /** Users in the order of their keys, those after the key `after`. */
  listUsers(after: string, limit: number): Promise<readonly UserRow[]>;
  /** All bans, those too that have ended by themselves. */
  listBans(): Promise<readonly Ban[]>;
  /** Keeps the ban in the place of one of the same kind and target. */
  setBan(ban: Ban): Promise<void>;
  removeBan(ban: Pick<Ban, 'kind' | 'target'>): Promise<void>;
  readonly writing: Writing;
  /** Fulfils when a commit has reached the disk: whether the store can write. Rejects with StoreFailure. */
  probe(): Promise<void>;
  /**
   * Lets the times of new messages go on from the machine's clock, though those of stored ones are later: it was ahead once. Holds
   * over a restart. Fulfils with the milliseconds that the times go back. Rejects with StoreFailure.
   */
  resetTime(): Promise<number>;
  /** Commits and tells what was appended, then closes. Nothing may be called after it. */
  close(): Promise<void>;
}
