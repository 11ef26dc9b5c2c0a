// The data of the memory store besides its messages, in plain lists and maps.
import type { Invitation } from '../invitations.js';
import type { Membership } from '../membership.js';
import type { LogId, UserId } from '../log.js';
import type { Ban, NewUser, Removal, RoomBan, RoomId, RoomRecord, UserRecord } from '../directory.js';
import type { Name } from '../../text/names.js';
import type { TokenId, TokenRecord } from '../tokens.js';
import { MemoryLogs } from './logs.js';

/** All data of a memory store. Users and rooms stand at the place that is their id. */
export class MemoryData extends MemoryLogs {
  readonly users: (UserRecord & Name)[] = [];
  readonly rooms: (RoomRecord & Name)[] = [];
  readonly bans = new Map<string, Ban>();
  /**
   * The users of each conversation, the lower id first. That of the log `lastRoomLog` + `n` stands at place `n` − 1.
   */
  readonly pairs: (readonly [UserId, UserId])[] = [];
  /** How far users have read, by user and log: `USER LOG`. */
  readonly marks = new Map<string, number>();
  /** Whom users block. */
  readonly blocks = new Map<UserId, Set<UserId>>();
  readonly tokens = new Map<TokenId, TokenRecord>();
  /** By the hashes of their secrets. */
  readonly invitations = new Map<string, Invitation>();
  /** By `membershipId`. */
  readonly members = new Map<string, Membership>();
  /** The bans from rooms, by their users. */
  readonly roomBans = new Map<RoomId, Map<UserId, RoomBan>>();
  /** Everybody who was put out of a room, in the order in which it happened. */
  readonly removals: { readonly room: RoomId; readonly removal: Removal }[] = [];
  /** The deleted users whose texts are not erased yet. */
  readonly erasures = new Set<UserId>();
  /** When users were last seen, in milliseconds since 1970. */
  readonly seen = new Map<UserId, number>();

  /** Removes the tokens of a user, but `except`. Answers which. */
  removeTokens(user: UserId, except?: TokenId): readonly TokenId[] {
    const ended = [...this.tokens.values()].filter((token) => token.user === user && token.id !== except);
    for (const { id } of ended) this.tokens.delete(id);
    return ended.map(({ id }) => id);
  }

  /** Ends a user's membership in a room. */
  removeMember(room: RoomId, user: UserId): void {
    for (const [name, member] of this.members)
      if (member.room === room && member.user === user) this.members.delete(name);
  }

  /** Ends all memberships in a room. */
  removeMembers(room: RoomId): void {
    for (const [name, member] of this.members) if (member.room === room) this.members.delete(name);
  }

  /** Removes what is kept of a deleted user besides its record and its messages. */
  removeUser(user: UserId): void {
    this.seen.delete(user);
    this.removeTokens(user);
    this.blocks.delete(user);
    for (const blocked of this.blocks.values()) blocked.delete(user);
    for (const name of this.marks.keys()) if (name.startsWith(`${user} `)) this.marks.delete(name);
    for (const [name, member] of this.members) if (member.user === user) this.members.delete(name);
  }

  /** Takes away the texts and keys of all messages of a user, its name, its topics and its reasons. */
  eraseTextsOf(user: UserId): void {
    this.eraseMessagesOf(user);
    for (const room of this.rooms.filter(({ settings }) => settings.topicBy === user)) {
      const settings = { ...room.settings, topicBy: 0 };
      this.rooms[room.id] = { ...room, topic: '', settings, version: room.version + 1 };
    }
    for (const bans of this.roomBans.values())
      for (const [banned, ban] of bans) if (ban.by === user) bans.set(banned, { ...ban, reason: '' });
  }

  /** Whether messages or memberships of a deleted room are left. */
  hasLeftovers({ id, erased }: Pick<RoomRecord, 'id' | 'erased'>): boolean {
    return this.messagesOf(id).length > erased || [...this.members.values()].some(({ room }) => room === id);
  }

  /** The id up to which the messages of a log were trimmed. */
  erasedOf(log: LogId): number {
    return this.rooms[log]?.erased ?? 0;
  }
}

/** Adds a user, and answers its id. Undefined where the name is taken, or looks like a taken one. */
export function createdUser({ users }: MemoryData, user: NewUser): UserId | undefined {
  if (looksAlike(users, user)) return undefined;
  return users.push({ ...user, id: users.length, version: 1, state: 'active', status: '', created: Date.now() }) - 1;
}

/** Whether a name is taken, or looks like a taken one. */
export function looksAlike(taken: Iterable<Name>, { key, skeletons }: Name): boolean {
  for (const other of taken) {
    if (other.key === key || other.skeletons.some((skeleton) => skeletons.includes(skeleton))) return true;
  }
  return false;
}
