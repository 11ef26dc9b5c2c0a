// The directory: users, rooms, roles and bans, and what the store promises about them.
//
// A change is atomic, and affects one record. A record has a version, which grows with every change. A caller whose
// decision depends on a record hands in the version that it has read; if the record has changed since, it stays as it
// is. A `DirectoryListener` is told of the changes that any process makes, so that it can cache records.
import type { Name } from '../text/names.js';
import type { Payer } from '../turns/payer.js';
import type { LogId, UserId } from './log.js';
import type { Kept, Trimmed } from './retention.js';
import type { RoomSettings } from './room-settings.js';

export type { UserId } from './log.js';
/** A room's id is that of its log. */
export type RoomId = LogId;
/** A role that a user was given in a room. It outlasts leaving. */
export type GivenRole = 'owner' | 'moderator' | 'muted';
/** What a user may do in a room. A `member` was given no role. */
export type Role = GivenRole | 'member';
/**
 * `disabled`: nobody can log in as the user, and the name stays taken. `deleted`: the same for ever; only the name is
 * stored.
 */
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

/** A stored user. Must not be changed in place; `changeUser` stores a new version. */
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
  /** What the user says of itself; empty for nothing. */
  readonly status: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A user in a list, which is not deleted. */
export type ListedUser = Omit<UserRecord, 'password' | 'state'> & { readonly state: Exclude<UserState, 'deleted'> };

/** The members of a user that change. */
export type UserChange = Partial<Pick<UserRecord, 'firstName' | 'lastName' | 'password' | 'state' | 'status'>>;

/** A stored room. Must not be changed in place; `changeRoom` stores a new version. */
export interface RoomRecord {
  readonly id: RoomId;
  readonly version: Version;
  readonly name: string;
  readonly key: string;
  readonly topic: string;
  readonly state: RoomState;
  readonly settings: RoomSettings;
  /** The roles that users were given, the earliest given first. */
  readonly roles: ReadonlyMap<UserId, GivenRole>;
  /** The messages up to this id were erased; 0 for none. */
  readonly erased: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A room as lists show it. */
export type RoomSummary = Pick<RoomRecord, 'name' | 'key' | 'topic' | 'state'>;

/** Some rooms of a list. */
export interface RoomList {
  readonly rooms: readonly RoomSummary[];
  /** The key after which the list goes on; undefined where there are no more rooms. */
  readonly next: string | undefined;
}

/** A change of a room. */
export interface RoomChange extends Partial<Pick<RoomRecord, 'state' | 'topic'>> {
  /** The settings that change. */
  readonly settings?: Partial<RoomSettings>;
  /** Makes the user the room's only owner. */
  readonly owner?: UserId;
  /** Gives the user a role, or takes away the one that it was given. */
  readonly role?: { readonly user: UserId; readonly role: Role };
}

/** A ban of a user, named by its key, or of a network, named by its first address and the length of its prefix. */
export interface Ban {
  readonly kind: 'user' | 'network';
  readonly target: string;
  readonly reason: string;
  /** Milliseconds since 1970. `until` is undefined where the ban does not end by itself. */
  readonly created: number;
  readonly until: number | undefined;
}

/** The members that identify a ban. */
export type BanTarget = Pick<Ban, 'kind' | 'target'>;

/**
 * The outcome of a change. `stale`: the record has another version. `gone`: it is not there, or the user is deleted.
 */
export type Changed = 'changed' | 'stale' | 'gone';

/** Is told of committed changes, by this process and by others. It is told before the promise of the change fulfils. */
export interface DirectoryListener {
  /** The room as it is now. */
  roomChanged(room: RoomRecord): void;
  banned(ban: Ban): void;
  unbanned(target: BanTarget): void;
}

/**
 * Users, rooms, roles and bans. Every promise rejects with StoreFailure where nothing was done (code 2), and with
 * StoreAway where the store can't be reached (code 16). A change rejects with StoreBusy where too many wait (code 16):
 * where a method takes a `payer`, changes take turns by it, and without one it is an operator's and comes first.
 */
export interface Directory {
  /** Adds a listener. */
  watch(listener: Partial<DirectoryListener>): void;
  /**
   * Finds the room of that name, or creates it with `creator` as its owner. `missing` where it is not there and there
   * is no creator; `lookalike` where the new room would share a skeleton with another room. With a creator it may wait
   * for a commit, so whoever may find the room asks without one first.
   */
  openRoom(name: Name, creator: UserId | undefined, payer?: Payer): Promise<RoomRecord | 'missing' | 'lookalike'>;
  findRoom(key: string): Promise<RoomRecord | undefined>;
  /**
   * Lists at most `limit` rooms whose key contains `match` and comes after `after`, in the order of their keys. It
   * looks at some thousand rooms at most, so it may find fewer, or none, although more come later.
   */
  listRooms(match: string, after: string, limit: number): Promise<RoomList>;
  /** @param version changes nothing where the record has another one */
  changeRoom(room: RoomId, change: RoomChange, version?: Version, payer?: Payer): Promise<Changed>;
  /**
   * Finds rooms with messages that are due to be trimmed. It looks at some hundred rooms at most, those with ids after
   * `after`, in their order; `next` is the id after which it goes on, undefined where there are no more rooms.
   * @param now milliseconds since 1970
   */
  findDue(
    after: RoomId,
    kept: Kept,
    now: number,
  ): Promise<{ readonly rooms: readonly RoomId[]; readonly next: RoomId | undefined }>;
  /**
   * Trims the oldest messages that are due in the room: about `most` of them, which are one change of the room's record
   * that keeps its version. Their ids stay given, and their keys are free.
   */
  trimMessages(room: RoomId, kept: Kept, now: number, most: number): Promise<Trimmed>;
  /** Gives a part of the space that was trimmed back to the disk. False where there is nothing more to give back. */
  giveBack(): Promise<boolean>;
  /** Creates a user. Undefined where the name is taken, or looks like a taken one. */
  createUser(user: NewUser, payer?: Payer): Promise<UserId | undefined>;
  findUser(key: string): Promise<UserRecord | undefined>;
  /** Reads the names of users, by their ids. Ids without a user are left out. */
  namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>>;
  /** Reads the first 16 bytes of the stored passwords: at most 16 different values, in no order. */
  passwordHeads(): Promise<readonly Uint8Array[]>;
  /** Whether a new user of that name would be refused. */
  isTaken(name: Name): Promise<boolean>;
  /**
   * Changes a user. A deleted user never changes again. @param version changes nothing where the record has another one
   */
  changeUser(user: UserId, change: UserChange, version?: Version, payer?: Payer): Promise<Changed>;
  /** Lists at most `limit` users that are not deleted and whose key comes after `after`, in the order of their keys. */
  listUsers(after: string, limit: number): Promise<readonly ListedUser[]>;
  /** Reads all bans, including those that have ended by themselves. */
  listBans(): Promise<readonly Ban[]>;
  /** Stores a ban. It replaces the ban of the same target. */
  setBan(ban: Ban): Promise<void>;
  removeBan(target: BanTarget): Promise<void>;
}
