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
/**
 * `closed`: nobody may enter. `deleted`: the same, and no command finds the room; its last owner may make it again, and
 * its ids go on.
 */
export type RoomState = 'open' | 'closed' | 'deleted';
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
  /** Empty where the user is erased; the key names nobody then. */
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

/** Some users of a list. */
export interface UserList {
  readonly users: readonly ListedUser[];
  /** The key after which the list goes on; undefined where there are no more users. */
  readonly next: string | undefined;
}

/** The members of a user that change. */
export interface UserChange
  extends Partial<Pick<UserRecord, 'firstName' | 'lastName' | 'password' | 'state' | 'status'>> {
  /** Ends the user's tokens in the same transaction, but the one named. Those of a deleted user end anyway. */
  readonly endTokens?: { readonly except?: string | undefined } | undefined;
}

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
  /**
   * The users who are banned from the room, and until when: milliseconds since 1970, Infinity where a ban does not end
   * by itself. A ban that has ended may still stand here.
   */
  readonly bans: ReadonlyMap<UserId, number>;
  /** The messages up to this id were erased; 0 for none. */
  readonly erased: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** A room as lists show it. */
export type RoomSummary = Pick<RoomRecord, 'id' | 'name' | 'key' | 'topic' | 'state'> & Pick<RoomSettings, 'hidden'>;

/** A ban of a user from a room. */
export interface RoomBan {
  readonly user: UserId;
  /** Who made it; 0 for the operator. */
  readonly by: UserId;
  readonly reason: string;
  /** Milliseconds since 1970. `until` is undefined where the ban does not end by itself. */
  readonly created: number;
  readonly until: number | undefined;
}

/** A ban as lists show it. */
export interface ListedRoomBan extends RoomBan {
  /** The name of the user, and its key, by which a list is ordered. */
  readonly name: string;
  readonly key: string;
}

/** Puts a user out of a room. With a ban the user can't come back. */
export interface Removal {
  readonly user: UserId;
  /** Who does it, as event 106 names it. */
  readonly by: string;
  readonly reason: string;
  /** The ban, where it is one. It takes the rank of an owner or a moderator away. */
  readonly ban?: RoomBan;
}

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
  /** Puts a user out of the room, and ends its membership or its invitation. */
  readonly removal?: Removal;
  /** Ends the ban of this user. */
  readonly unban?: UserId;
  /**
   * The user is deleted: takes its role away, and its ban, which nobody could end any more. Where it was the last
   * owner, the moderator of longest standing who can log in becomes the owner, or else `heir`, if there is one.
   */
  readonly deleted?: { readonly user: UserId; readonly heir: UserId | undefined };
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

/** Why a room was not opened: see `Directory.openRoom`. */
export type NotOpened = 'missing' | 'lookalike' | 'deleted' | 'erasing';

/**
 * The outcome of a change. `stale`: the record has another version. `gone`: it is not there, or the user is deleted.
 * `nobody`: it gives a role in a room, or a ban from it, to a user who is deleted.
 */
export type Changed = 'changed' | 'stale' | 'gone' | 'nobody';

/** Is told of committed changes, by this process and by others. It is told before the promise of the change fulfils. */
export interface DirectoryListener {
  /** The room as it is now. */
  roomChanged(room: RoomRecord): void;
  /** A user was put out of the room. Comes after `roomChanged`, with the same record. */
  removed(room: RoomRecord, removal: Removal): void;
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
   *
   * A deleted room is `missing`. If its last owner is the creator, it is made again; for another one it is `deleted`,
   * and `erasing` as long as messages or memberships of it are left.
   */
  openRoom(name: Name, creator: UserId | undefined, payer?: Payer): Promise<RoomRecord | NotOpened>;
  /** Finds the room with that key, also a deleted one. */
  findRoom(key: string): Promise<RoomRecord | undefined>;
  /**
   * Lists at most `limit` rooms that are not deleted and whose key contains `match` and comes after `after`, in the
   * order of their keys. With a `viewer`, hidden rooms are listed only if that user is a member. It looks at some
   * thousand rooms at most, so it may find fewer, or none, although more come later.
   */
  listRooms(match: string, after: string, limit: number, viewer?: UserId): Promise<RoomList>;
  /** @param version changes nothing where the record has another one */
  changeRoom(room: RoomId, change: RoomChange, version?: Version, payer?: Payer): Promise<Changed>;
  /**
   * Lists at most `limit` bans from the room that have not ended at the time `now`, of users whose keys come after
   * `after`, in the order of the keys.
   */
  listRoomBans(room: RoomId, after: string, limit: number, now: number): Promise<readonly ListedRoomBan[]>;
  /**
   * The keys of rooms in which the user has a given role or from which it is banned, of ids after `after`, at most
   * `limit`, in the order of ids.
   */
  roomsNaming(user: UserId, after: RoomId, limit: number): Promise<readonly Pick<RoomRecord, 'id' | 'key'>[]>;
  /** Ends some memberships in a deleted room, or erases a part of its messages. False where nothing was left. */
  eraseMessages(room: RoomId, payer?: Payer): Promise<boolean>;
  /**
   * What a process that ended could not finish: deleted rooms with messages or members, and deleted users with roles
   * or bans, some of each.
   */
  unfinished(): Promise<{ readonly rooms: readonly RoomId[]; readonly users: readonly UserId[] }>;
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
  /**
   * Deletes a user: its names, status and password go, and what else is kept of it but its messages and roles. Its name
   * is never given again. Where it `erases`, the name goes too, and an erasure of its texts begins (erasures.ts).
   */
  deleteUser(user: UserId, erases: boolean, version?: Version, payer?: Payer): Promise<Changed>;
  /**
   * Lists at most `limit` users that are not deleted and whose key comes after `after`, in the order of their keys. It
   * looks at some thousand users at most, so it may find fewer, or none, although more come later.
   */
  listUsers(after: string, limit: number): Promise<UserList>;
  /** Reads all bans, including those that have ended by themselves. */
  listBans(): Promise<readonly Ban[]>;
  /** Stores a ban. It replaces the ban of the same target. */
  setBan(ban: Ban): Promise<void>;
  removeBan(target: BanTarget): Promise<void>;
}
