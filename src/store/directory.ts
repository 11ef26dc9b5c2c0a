// The directory: users, rooms, roles and bans, and what the store promises about them.
//
// A change is made to one record at a time, whole or not at all. A record has a version, which grows with every change.
// Whoever decides by a record that it has read hands in its version, and a record that has changed since is left as it is.
// Whoever caches a record is told of its changes, whichever process made them (`DirectoryListener`).
import type { Name } from '../text/names.js';
import type { LogId, UserId } from './log.js';

export type { UserId } from './log.js';
/** A room's id is that of its log. */
export type RoomId = LogId;
/** What a user may do in a room. */
export type Role = 'owner' | 'member';
/** `disabled`: nobody comes in by that name, and it stays taken; `deleted`: the same for ever, and only the name is kept. */
export type UserState = 'active' | 'disabled' | 'deleted';
/** `closed`: nobody may enter. */
export type RoomState = 'open' | 'closed';
/** Grows with every change of a record. */
export type Version = number;

/** A user to be created. `password` is a hash. */
export interface NewUser extends Name {
  readonly firstName: string;
  readonly lastName: string;
  readonly password: Uint8Array;
}

/** What is stored of a user. Nobody changes it; `changeUser` makes a new version. */
export interface UserRecord {
  readonly id: UserId;
  readonly version: Version;
  readonly name: string;
  readonly key: string;
  readonly firstName: string;
  readonly lastName: string;
  /** A hash; empty where the user is deleted. */
  readonly password: Uint8Array;
  readonly state: UserState;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** The members of a user that change. */
export type UserChange = Partial<Pick<UserRecord, 'firstName' | 'lastName' | 'password' | 'state'>>;

/** What is stored of a room. Nobody changes it; `changeRoom` makes a new version. */
export interface RoomRecord {
  readonly id: RoomId;
  readonly version: Version;
  readonly name: string;
  readonly key: string;
  readonly topic: string;
  readonly state: RoomState;
  readonly owners: ReadonlySet<UserId>;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** `owner` makes the user the room's only owner. */
export type RoomChange = Partial<Pick<RoomRecord, 'state'>> & { readonly owner?: UserId };

/** Who is kept out: a user, by its key, or a network, by its first address and the length of its prefix. */
export interface Ban {
  readonly kind: 'user' | 'network';
  readonly target: string;
  readonly reason: string;
  /** Milliseconds since 1970; `until` is undefined where it does not end by itself. */
  readonly created: number;
  readonly until: number | undefined;
}

/** What names a ban. */
export type BanTarget = Pick<Ban, 'kind' | 'target'>;

/** What became of a change: `stale`, the record has another version; `gone`, it is not there, or the user is deleted. */
export type Changed = 'changed' | 'stale' | 'gone';

/** Told of committed changes before whoever asked for them is, and of those that another process made. */
export interface DirectoryListener {
  /** The room as it is now. */
  roomChanged(room: RoomRecord): void;
  banned(ban: Ban): void;
  unbanned(target: BanTarget): void;
}

/** Every promise rejects with StoreFailure where nothing was done (code 2), StoreAway where the store can't be reached (16). */
export interface Directory {
  /** Adds one who is told of changes. */
  watch(listener: Partial<DirectoryListener>): void;
  /**
   * The room of that name. One that is new is made, with `creator` as its owner; `missing` where there is no creator,
   * `lookalike` where one of its skeletons is one of another room's.
   */
  openRoom(name: Name, creator: UserId | undefined): Promise<RoomRecord | 'missing' | 'lookalike'>;
  findRoom(key: string): Promise<RoomRecord | undefined>;
  /** Rooms in the order of their keys: those after the key `after` whose key contains `match`. */
  listRooms(
    match: string,
    after: string,
    limit: number,
  ): Promise<readonly Pick<RoomRecord, 'name' | 'key' | 'topic' | 'state'>[]>;
  /** @param version changes nothing where the record has another one */
  changeRoom(room: RoomId, change: RoomChange, version?: Version): Promise<Changed>;
  /** Undefined: the name is taken, or looks like a taken one. */
  createUser(user: NewUser): Promise<UserId | undefined>;
  findUser(key: string): Promise<UserRecord | undefined>;
  /** The names of users, by their ids; of one that is not there nothing. */
  namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>>;
  /** The first 16 bytes that stored passwords begin with, each once, in no order; of more than 16 such beginnings some. */
  passwordHeads(): Promise<readonly Uint8Array[]>;
  /** Whether a new user of that name would be refused. */
  isTaken(name: Name): Promise<boolean>;
  /** One that is deleted stays as it is, for good. @param version changes nothing where the record has another one */
  changeUser(user: UserId, change: UserChange, version?: Version): Promise<Changed>;
  /** Users in the order of their keys, those after the key `after`. */
  listUsers(after: string, limit: number): Promise<readonly Omit<UserRecord, 'password'>[]>;
  /** All bans, those too that have ended by themselves. */
  listBans(): Promise<readonly Ban[]>;
  /** Keeps the ban in the place of one of the same target. */
  setBan(ban: Ban): Promise<void>;
  removeBan(target: BanTarget): Promise<void>;
}
