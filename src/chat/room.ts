// A room while somebody is in it: who hears it (members, one a session) and who is there (users, whatever the number of
// their sessions). Rules only; what is on disk of a room is its log (store/store.ts).
import { encodeEvent } from '../wire/encode.js';
import { json } from '../text/json.js';
import type { RoomLog, Role, UserId } from '../store/store.js';
import { Presence, type ChatUser, type RoomPresence } from './presence.js';

export type { ChatUser } from './presence.js';

/** Why a user is no longer in a room (event 102). */
export type LeaveReason = 'left' | 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** Where a session's lines go. Replies are never dropped; events may be, with the connection (PROTOCOL.md §3.3). */
export interface Recipient {
  event(line: Buffer | string): void;
  reply(line: Buffer | string): void;
}

/** One session in one room, from the beginning of its join on. */
export class Member {
  /** Lines of the batch for this room that have been sent already: those up to its own last message in it. */
  cursor = 0;
  /** Posts of this member that the store has taken and nobody has answered yet. */
  pending = 0;
  /** Events that wait until the replay before them is sent (PROTOCOL.md §5.4). */
  #held: (Buffer | string)[] | undefined;
  #out = false;
  /** What remains to be done once the last post is answered. */
  #departure: (() => void) | undefined;

  /** @param joined the session's rooms by key: the member stands there from `Room.enter` until it is out */
  constructor(
    readonly room: Room,
    readonly user: ChatUser,
    readonly recipient: Recipient,
    readonly joined: Map<string, Member> = new Map(),
  ) {}

  /**
   * Whether it has left the room or was put out: no post is taken and nothing is replayed for it any more, a running
   * join included.
   */
  get out(): boolean {
    return this.#out;
  }

  /** Whether it hears nothing more: it is out, and all its posts are answered. */
  get deaf(): boolean {
    return this.#out && this.pending === 0;
  }

  /**
   * Takes the member out. `depart` runs once all posts of it are answered: at once where there are none on their way.
   * False, and nothing is done, where it was out already.
   */
  takeOut(depart: () => void): boolean {
    if (this.#out) return false;
    this.#out = true;
    if (this.joined.get(this.room.log.key) === this) this.joined.delete(this.room.log.key);
    if (this.pending === 0) depart();
    else this.#departure = depart;
    return true;
  }

  /** All lines of the batch that answered posts of this member are in the outboxes. */
  settled(): void {
    if (this.pending > 0 || this.#departure === undefined) return;
    const depart = this.#departure;
    this.#departure = undefined;
    depart();
  }

  hold(): void {
    this.#held = [];
  }

  release(): void {
    for (const line of this.#held ?? []) this.recipient.event(line);
    this.#held = undefined;
  }

  event(line: Buffer | string): void {
    if (this.#held === undefined) this.recipient.event(line);
    else this.#held.push(line);
  }
}

export class Room {
  /** The name as JSON, made once for all lines that carry it. */
  readonly json: string;
  /** Who hears the room. */
  readonly members = new Set<Member>();
  /** Whose join replays: they hear nothing yet, and may be put out all the same. */
  readonly entering = new Set<Member>();
  readonly #presence: RoomPresence;

  /** @param presence told who is in the room; one of its own for a room that stands alone, in a test */
  constructor(
    readonly log: RoomLog,
    presence: RoomPresence = new Presence(),
  ) {
    this.json = json(log.name);
    this.#presence = presence;
  }

  /** How many users are in the room. */
  get count(): number {
    return this.#presence.countIn(this.log.key);
  }

  /** The users in the room, in the order in which they came. */
  users(): Iterable<ChatUser> {
    return this.#presence.usersIn(this.log.key);
  }

  roleOf(user: UserId): Role {
    return this.log.owners.has(user) ? 'owner' : 'member';
  }

  /** The member's user is in the room; the others are told when it is the user's first session there (§4.2). */
  enter(member: Member): void {
    const { user } = member;
    this.entering.delete(member);
    this.members.add(member);
    member.joined.set(this.log.key, member);
    if (!this.#presence.enterRoom(this.log.key, user)) return;
    this.#tell(encodeEvent('user_joined', { room: this.log.name, username: user.name }), member);
  }

  /** The member hears nothing more; the others are told when it was the user's last session there (§4.2). */
  leave(member: Member, reason: LeaveReason): void {
    if (!this.members.delete(member)) return;
    if (!this.#presence.leaveRoom(this.log.key, member.user)) return;
    this.#tell(encodeEvent('user_left', { room: this.log.name, username: member.user.name, reason }), member);
  }

  #tell(line: string, except: Member): void {
    const bytes = Buffer.from(line);
    for (const member of this.members) if (member !== except) member.event(bytes);
  }
}
