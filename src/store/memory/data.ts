// The data of the memory store, in plain lists and maps.
import type { Invitation } from '../invitations.js';
import type { Membership } from '../membership.js';
import type { Author, Deletion, KeyedMessage, LogId, Messages, UserId } from '../log.js';
import type { Ban, NewUser, Removal, RoomBan, RoomId, RoomRecord, UserRecord } from '../directory.js';
import type { Name } from '../../text/names.js';
import { joinTexts } from '../texts.js';
import type { TokenId, TokenRecord } from '../tokens.js';

/** A stored message. `text` is JSON text as in `NewMessage`, and empty once it was deleted. */
export interface MemoryMessage extends KeyedMessage {
  readonly author: Author;
  readonly key: string | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** All data of a memory store. Users and rooms stand at the place that is their id. */
export class MemoryData {
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
  readonly #logs = new Map<LogId, MemoryMessage[]>();

  /** The latest time of a message, in milliseconds since 1970; 0 where there is none. */
  get newestTime(): number {
    return [...this.#logs.values()].reduce((newest, messages) => Math.max(newest, messages.at(-1)?.time ?? 0), 0);
  }

  /** Removes the tokens of a user, but `except`. Answers which. */
  removeTokens(user: UserId, except?: TokenId): readonly TokenId[] {
    const ended = [...this.tokens.values()].filter((token) => token.user === user && token.id !== except);
    for (const { id } of ended) this.tokens.delete(id);
    return ended.map(({ id }) => id);
  }

  /** The messages of a log: that with the id `n` stands at place `n` − 1, even when it was erased or trimmed. */
  messagesOf(log: LogId): readonly MemoryMessage[] {
    return this.#logs.get(log) ?? [];
  }

  /** Makes the messages of a log unreadable. Their ids stay given. */
  erase(log: LogId): void {
    const erased = this.messagesOf(log).map((message) => ({ ...message, text: '', key: undefined }));
    this.#logs.set(log, erased);
  }

  /** Appends a message to the log. It gets the next id. */
  add(log: LogId, message: Omit<MemoryMessage, 'id'>): void {
    const messages = this.#logs.get(log) ?? [];
    this.#logs.set(log, messages);
    messages.push({ ...message, id: messages.length + 1 });
  }

  /** The edits of a message that were not deleted, the oldest first. */
  editsOf(log: LogId, about: number): readonly MemoryMessage[] {
    return this.messagesOf(log).filter((each) => each.kind === 'edit' && each.about === about && each.text !== '');
  }

  /** Deletes a message and its edits, as `MessageLog.deleteMessage`. */
  deleteMessage(log: LogId, id: number, mayDelete: (author: UserId) => boolean): Deletion {
    const found = this.messagesOf(log)[id - 1];
    if (found === undefined || id <= this.erasedOf(log)) return 'missing';
    if (!mayDelete(found.author.id)) return 'refused';
    if (found.text === '') return 'again';
    for (const each of [found, ...this.editsOf(log, id)])
      this.#logs.get(log)?.splice(each.id - 1, 1, { ...each, text: '' });
    return 'deleted';
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
    const author = { id: user, name: '' };
    for (const messages of this.#logs.values())
      for (const [place, message] of messages.entries())
        if (message.author.id === user) messages[place] = { ...message, author, text: '', key: undefined };
    for (const room of this.rooms.filter(({ settings }) => settings.topicBy === user)) {
      const settings = { ...room.settings, topicBy: 0 };
      this.rooms[room.id] = { ...room, topic: '', settings, version: room.version + 1 };
    }
    for (const bans of this.roomBans.values())
      for (const [banned, ban] of bans) if (ban.by === user) bans.set(banned, { ...ban, reason: '' });
  }

  /** Up to which id the messages of a log were trimmed. */
  erasedOf(log: LogId): number {
    return this.rooms[log]?.erased ?? 0;
  }

  /** Makes the messages of a log up to that id unreadable, and frees their keys. Their ids stay given. */
  trim(log: LogId, upTo: number): void {
    const trimmed = this.messagesOf(log).map((each) => (each.id > upTo ? each : { ...each, text: '', key: undefined }));
    this.#logs.set(log, trimmed);
  }

  findKeyed(log: LogId, author: UserId, key: string): MemoryMessage | undefined {
    return this.messagesOf(log).find((message) => message.author.id === author && message.key === key);
  }

  /** The last place up to `end` so that the messages from `begin` on have at most `maxBytes` bytes, or are one. */
  endOfPart(log: LogId, begin: number, end: number, maxBytes: number): number {
    const messages = this.messagesOf(log);
    let place = begin;
    for (let bytes = 0; place < end; place += 1) {
      bytes += Buffer.byteLength(messages[place]?.text ?? '');
      if (bytes > maxBytes && place > begin) break;
    }
    return place;
  }

  /** The messages of a log from the place `begin` up to `end`, which is not included, in pieces of one time each. */
  pieces(log: LogId, begin: number, end: number): readonly Messages[] {
    const pieces: Messages[] = [];
    const messages = this.messagesOf(log).slice(begin, end);
    while (messages.length > 0) {
      const time = messages[0]?.time ?? 0;
      const next = messages.findIndex((message) => message.time !== time);
      pieces.push(inColumns(log, time, messages.splice(0, next === -1 ? messages.length : next)));
    }
    return pieces;
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

function inColumns(log: LogId, time: number, messages: readonly MemoryMessage[]): Messages {
  return {
    log,
    first: messages[0]?.id ?? 1,
    time,
    authors: messages.map(({ author }) => author),
    texts: joinTexts(messages.map(({ text }) => text)),
    kinds: messages.map(({ kind }) => kind),
    about: messages.map(({ about }) => about),
  };
}
