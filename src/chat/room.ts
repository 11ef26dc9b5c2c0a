// A room while somebody is in it: who hears it (members, one a session) and who is there (users, whatever the number of
// their sessions). Rules only; what is stored of a room is its record and its log (src/store).
import { encodeEvent } from '../wire/encode.js';
import { headPart } from '../wire/message-lines.js';
import type { ByteString } from '../text/byte-string.js';
import { json } from '../text/json.js';
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import type { Author, FollowedLog } from '../store/log.js';

/** Why a user is no longer in a room (event 102). */
export type LeaveReason = 'left' | 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** Where a session's lines go. Replies are never dropped; events may be, with the connection (PROTOCOL.md §3.3). */
export interface Recipient {
  event(line: Buffer | string): void;
  reply(line: Buffer | string): void;
}

/** A user as the author of messages and as rooms name it. */
export interface ChatUser extends Author {
  readonly key: string;
}

/** A log with readers: a room, and later a conversation of two. Delivery knows no more of either. */
export interface Conversation {
  readonly log: FollowedLog;
  /** The name as JSON, made once for all lines that carry it. */
  readonly json: string;
  /** What the lines of its messages begin with (event 100). */
  readonly lineHead: ByteString;
  /** Who hears it. */
  readonly members: ReadonlySet<Member>;
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
    if (this.joined.get(this.room.key) === this) this.joined.delete(this.room.key);
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

export class Room implements Conversation {
  readonly json: string;
  readonly lineHead: ByteString;
  /** Who hears the room. */
  readonly members = new Set<Member>();
  /** Whose join replays: they hear nothing yet, and may be put out all the same. */
  readonly entering = new Set<Member>();
  readonly #present = new Map<UserId, { readonly user: ChatUser; sessions: number }>();

  #record: RoomRecord;

  /** @param log the room's, which the caller follows as long as the Room is in use */
  constructor(
    record: RoomRecord,
    readonly log: FollowedLog,
  ) {
    this.#record = record;
    this.json = json(record.name);
    this.lineHead = headPart('message', this.json);
  }

  /** What is stored of the room: its newest version that this process knows. */
  get record(): RoomRecord {
    return this.#record;
  }

  get name(): string {
    return this.#record.name;
  }

  get key(): string {
    return this.#record.key;
  }

  /** The room was changed in the store. Does nothing where a newer version is known. */
  changed(record: RoomRecord): void {
    if (record.version > this.#record.version) this.#record = record;
  }

  /** How many users are in the room. */
  get count(): number {
    return this.#present.size;
  }

  /** The users in the room, in the order in which they came. */
  *users(): Iterable<ChatUser> {
    for (const { user } of this.#present.values()) yield user;
  }

  roleOf(user: UserId): Role {
    return this.#record.owners.has(user) ? 'owner' : 'member';
  }

  /** The member's user is in the room; the others are told when it is the user's first session there (§4.2). */
  enter(member: Member): void {
    const { user } = member;
    this.entering.delete(member);
    this.members.add(member);
    member.joined.set(this.key, member);
    const present = this.#present.get(user.id);
    if (present !== undefined) {
      present.sessions += 1;
      return;
    }
    this.#present.set(user.id, { user, sessions: 1 });
    this.#tell(encodeEvent('user_joined', { room: this.name, username: user.name }), member);
  }

  /** The member hears nothing more; the others are told when it was the user's last session there (§4.2). */
  leave(member: Member, reason: LeaveReason): void {
    if (!this.members.delete(member)) return;
    const present = this.#present.get(member.user.id);
    if (present === undefined) return;
    present.sessions -= 1;
    if (present.sessions > 0) return;
    this.#present.delete(member.user.id);
    this.#tell(encodeEvent('user_left', { room: this.name, username: member.user.name, reason }), member);
  }

  #tell(line: string, except: Member): void {
    const bytes = Buffer.from(line);
    for (const member of this.members) if (member !== except) member.event(bytes);
  }
}
