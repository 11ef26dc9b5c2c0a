// Who belongs to which rooms, and what the store promises about it. A membership outlives connections: it begins with
// the first join or an invitation, and ends when the user leaves, is kicked or is banned (PROTOCOL.md §2.5).
import type { Payer } from '../turns/payer.js';
import type { Role, RoomId, UserId } from './directory.js';

/** A user's membership in a room. */
export interface Membership {
  readonly room: RoomId;
  readonly user: UserId;
  /** The user's key: lists of members are in the order of the keys. */
  readonly key: string;
  /** When the user became a member, in milliseconds since 1970. */
  readonly since: number;
  /** Whether the user was invited and has not joined yet. */
  readonly isInvited: boolean;
  /** Who has invited the user, as long as it has not joined; else 0. */
  readonly by: UserId;
  /** The version of the room's password that the user gave, or that it was when the user was invited. */
  readonly password: number;
  /** The id of the last message that the user has marked as read; 0 for none. */
  readonly read: number;
}

/** Names a membership. */
export type MembershipName = Pick<Membership, 'room' | 'user' | 'key'>;

/** How many open invitations a user may have of one other user. */
export const mostInvitationsOfOne = 20;

/**
 * What becomes of a membership. `most` is how many of its kind the user may have: rooms joined, or open invitations.
 * Where it has as many open invitations, the oldest one of whoever has invited it most often gives way.
 */
export type MembershipChange = MembershipName &
  (
    | { readonly kind: 'invite'; readonly most: number; readonly password: number; readonly by: UserId }
    /** `isKnown`: only where the membership or the invitation is there that the caller has read. */
    | { readonly kind: 'join'; readonly most: number; readonly password: number; readonly isKnown?: boolean }
    | { readonly kind: 'end' }
    /** Marks what was read, in a room that was joined. */
    | { readonly kind: 'read'; readonly id: number }
  );

/**
 * The outcome of a change. `same`: it was so already. `full`: the user has as many as it may have, or
 * as many open invitations of the one who invites it. `none`: there is no
 * such membership.
 */
export type MembershipOutcome = 'changed' | 'same' | 'full' | 'none';

/** A room that a user has joined, in a list. */
export interface JoinedRoom {
  readonly room: RoomId;
  readonly name: string;
  readonly key: string;
  readonly role: Role;
  /** As in `Membership`. */
  readonly read: number;
  /** As in `RoomRecord`: the messages up to this id are not there any more. */
  readonly erased: number;
}

/** The memberships of all rooms. Promises reject as those of the directory do. */
export interface MembershipStore {
  /**
   * Changes a membership, in one commit with those that are asked for at the same time: thousands may join at once.
   * Without a `payer` it is an operator's change and comes first. Of a user or a room that is deleted by then nothing
   * is written, whatever the outcome says.
   */
  change(change: MembershipChange, payer?: Payer): Promise<MembershipOutcome>;
  /** Finds a membership, an open invitation too. @param key the user's */
  find(room: RoomId, key: string): Promise<Membership | undefined>;
  /** Whether there is a room that both users have joined. */
  share(one: UserId, other: UserId): Promise<boolean>;
  /** How many rooms the user has joined. */
  countJoined(user: UserId): Promise<number>;
  /**
   * Lists at most `limit` rooms that the user has joined and whose key comes after `after`, in the order of the keys.
   */
  listRooms(user: UserId, after: string, limit: number): Promise<readonly JoinedRoom[]>;
  /** Lists at most `limit` members of the room whose key comes after `after`, in the order of the keys. */
  listMembers(room: RoomId, after: string, limit: number): Promise<readonly Membership[]>;
  /**
   * Finds the member of longest standing, `except` aside: who has joined, or else who is invited. Leaves out those to
   * whom a role was given, and whose users can't log in.
   */
  oldest(room: RoomId, except: UserId): Promise<Membership | undefined>;
  /** Ends the open invitations that one user has of another one. */
  endInvitations(user: UserId, by: UserId, payer?: Payer): Promise<void>;
}
