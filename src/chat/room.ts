// A room while somebody is in it: its members, one for each session that gets its events, and its users, each once.
// Rules only: the store has the room's record and its log.
import { encodeEvent } from '../wire/encode.js';
import { headPart } from '../wire/message-lines.js';
import type { ByteString } from '../text/byte-string.js';
import { json } from '../text/json.js';
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import type { FollowedLog } from '../store/log.js';
import { TurnEnd } from '../loop/turn-end.js';
import { Announcer } from './announcer.js';
import type { EncodedNames } from './encoded-names.js';
import { roleIn, whyNotSpeak } from './permissions.js';
import { Presence, type ChatUser, type RoomPresence } from './presence.js';

export type { ChatUser } from './presence.js';

/** Why a user is no longer in a room (event 102). */
export type LeaveReason = 'left' | 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** Takes a session's lines. Replies are never dropped; events may be, with the connection (PROTOCOL.md §3.3). */
export interface Recipient {
  event(line: Buffer | string): void;
  reply(line: Buffer | string): void;
  /** Counts an event that waits elsewhere, so that it meets the recipient's limits, where it has some. */
  hold?(line: Buffer | string): void;
  /** Counts an event no longer that `hold` counted. Called before it is sent, or when it is dropped. */
  unhold?(line: Buffer | string): void;
  /** Counts bytes of memory that it takes to be in rooms. A negative number takes them off. */
  keep?(bytes: number): void;
}

/**
 * Bytes of memory that a room takes, its name, log and lists counted, and that a member takes besides. Measured, and
 * rounded up: `node --expose-gc`, ten thousand rooms of long names.
 */
const [roomBytes, memberBytes] = [2200, 400];

/** A log with readers: a room, and later a conversation of two. Delivery needs to know no more about it. */
export interface Conversation {
  readonly log: FollowedLog;
  /** The name as JSON, encoded once for all lines. */
  readonly json: string;
  /** The beginning of the lines of its messages (event 100). */
  readonly lineHead: ByteString;
  /** The members, who get its events. */
  readonly members: ReadonlySet<Member>;
  /** Tells the members who came and went. Comes before messages: a user's messages come after its `user_joined`. */
  tellNews(): void;
}

/** That a user came or went (events 101 and 102). */
interface News {
  readonly user: UserId;
  readonly isJoin: boolean;
  readonly line: string;
}

const none: ReadonlySet<UserId> = new Set();

const firstEdition = { edition: 1 } as const;

/** One session in one room, from the beginning of its join until it has left. */
export class Member {
  /** During a delivery: how many of the commit's lines for this room the member has got, its own messages counted. */
  cursor = 0;
  /** How many posts of this member the store has taken that are not answered yet. */
  pending = 0;
  /** Why the member may not speak, as the room's record is now. Every message asks, so it is not looked up. */
  silence: string | undefined;
  /** How many of the room's news of this turn the member knows: those from before it entered, and those it was told. */
  newsKnown = 0;
  /** Users of whose leaving the member was not told, because it is on its way out itself. */
  #withheld: Set<UserId> | undefined;
  /** The events that wait for `releaseEvents` (PROTOCOL.md §5.4). Undefined while events are sent at once. */
  #held: (Buffer | string)[] | undefined;
  /** Set once those were dropped: what comes after them is dropped too. */
  #drops = false;
  #out = false;
  /** Runs when the last post is answered. */
  #departure: (() => void) | undefined;

  /**
   * @param joined the session's members by the keys of their rooms. This member is among them from `Room.enter` until
   * it is out
   * @param speaks the edition of the contract that its session speaks, which says which events it gets (PROTOCOL.md
   * §3.6)
   */
  constructor(
    readonly room: Room,
    readonly user: ChatUser,
    readonly recipient: Recipient,
    readonly joined: Map<string, Member> = new Map(),
    readonly speaks: { readonly edition: 1 | 2 } = firstEdition,
  ) {}

  /**
   * Whether it has left the room or was evicted. Then no post of it is taken, and its join, if it still runs, replays
   * nothing more.
   */
  get out(): boolean {
    return this.#out;
  }

  /** Whether it still gets events: until it is out and all its posts are answered. */
  get receivesEvents(): boolean {
    return !this.#out || this.pending > 0;
  }

  /**
   * Takes the member out of the room. `depart` runs when all its posts are answered, at once where none is on its way.
   * Does nothing and answers false where it was out already.
   */
  takeOut(depart: () => void): boolean {
    if (this.#out) return false;
    this.#out = true;
    if (this.joined.get(this.room.key) === this) this.joined.delete(this.room.key);
    if (this.pending === 0) depart();
    else this.#departure = depart;
    return true;
  }

  /**
   * The lines of these news that the member is to be told: all of them, until it is out. While its last posts are on
   * their way it is told of nobody's leaving, since those who were put out with it leave too, nor that one of these
   * users has come back.
   */
  linesOf(news: readonly News[]): string {
    let lines = '';
    for (const { user, isJoin, line } of news) {
      if (this.#out && !isJoin) (this.#withheld ??= new Set()).add(user);
      else if (this.#withheld?.delete(user) !== true) lines += line;
    }
    return lines;
  }

  /** Reports that all lines of a batch with posts of this member are in the outboxes. */
  settled(): void {
    if (this.pending > 0 || this.#departure === undefined) return;
    const depart = this.#departure;
    this.#departure = undefined;
    depart();
  }

  /** Holds events back until `releaseEvents`. A join calls this, so that its replay and its reply come first. */
  holdEvents(): void {
    this.#held ??= [];
  }

  /** Sends the events that were held back, in their order. Later events are sent at once. */
  releaseEvents(): void {
    for (const line of this.#held ?? []) {
      this.recipient.unhold?.(line);
      this.recipient.event(line);
    }
    this.#held = undefined;
  }

  /**
   * Drops the events that were held back, and those that come until the member is out: the join has failed, or the
   * session has ended, or the member was evicted.
   */
  dropEvents(): void {
    for (const line of this.#held ?? []) this.recipient.unhold?.(line);
    this.#held = undefined;
    this.#drops = true;
  }

  /** Sends an event, or holds it back. */
  event(line: Buffer | string): void {
    if (this.#drops) return;
    if (this.#held === undefined) {
      this.recipient.event(line);
    } else {
      this.#held.push(line);
      this.recipient.hold?.(line);
    }
  }
}

/** A room as the reply to a join describes it. */
export interface RoomView {
  readonly name: string;
  readonly topic: string;
  /** How many users are in it. */
  readonly count: number;
  readonly names: EncodedNames;
  /** The id of its newest message. */
  readonly last: number;
}

/** A room that somebody is in or about to enter: its members, its users and its record. */
export class Room implements Conversation {
  readonly json: string;
  readonly lineHead: ByteString;
  /** Those who get the room's events. */
  readonly members = new Set<Member>();
  /** Those whose join still replays. They get no events yet, and can be evicted. */
  readonly entering = new Set<Member>();
  /** How many messages were deleted since the room is in use: a page that was read meanwhile may show their texts. */
  deletions = 0;
  readonly #presence: RoomPresence;
  readonly #announcer: Announcer;
  /** What the members have not been told yet. */
  #news: News[] = [];
  /** The member on whose account the room's own memory is: while there are members, one of them. */
  #payer: Member | undefined;
  #record: RoomRecord;

  /**
   * @param log the room's log, which the caller follows as long as the Room is in use
   * @param presence is told who is in the room. By default the room has its own, for tests
   * @param announcer has the room tell its news
   */
  constructor(
    record: RoomRecord,
    readonly log: FollowedLog,
    presence: RoomPresence = new Presence(),
    announcer = new Announcer(new TurnEnd()),
  ) {
    this.#record = record;
    this.#presence = presence;
    this.#announcer = announcer;
    this.json = json(record.name);
    this.lineHead = headPart('message', this.json);
  }

  /** The room's record, in the newest version that this process knows. */
  get record(): RoomRecord {
    return this.#record;
  }

  get name(): string {
    return this.#record.name;
  }

  get key(): string {
    return this.#record.key;
  }

  /** Takes a changed record from the store. Does nothing where a newer version is known. */
  changed(record: RoomRecord): void {
    const { version, erased } = this.#record;
    // Trimming keeps the version.
    if (record.version < version || (record.version === version && record.erased <= erased)) return;
    this.#record = record;
    for (const member of this.members) member.silence = whyNotSpeak(record, member.user.id);
  }

  /** How many users are in the room. */
  get count(): number {
    return this.#presence.countIn(this.key);
  }

  /** The names of the users in the room, in the order in which they entered, as they are now. */
  names(): EncodedNames {
    return this.#presence.namesIn(this.key);
  }

  /** The first users in the room whose keys come after `key`, `limit` at most, in the order of the keys. */
  usersAfter(key: string, limit: number): readonly ChatUser[] {
    return this.#presence.usersAfter(this.key, key, limit);
  }

  /** Whether the user of the member has no other session that is in the room or about to enter. */
  isLastOfUser({ user }: Member): boolean {
    if (this.#presence.sessionsIn(this.key, user.id) > 1) return false;
    for (const entering of this.entering) if (entering.user.id === user.id) return false;
    return true;
  }

  /** Whether a session of the user is in the room. */
  hasUser(user: UserId): boolean {
    return this.#presence.isIn(this.key, user);
  }

  /**
   * Whether the user may be in the room beside those who are in it, and those that are `coming` in this step. A user
   * who is in it already takes no other place (`max_users`).
   */
  hasPlaceFor(user: UserId, coming: ReadonlySet<UserId> = none): boolean {
    const { maxUsers } = this.#record.settings;
    return maxUsers === 0 || coming.has(user) || this.hasUser(user) || this.count + coming.size < maxUsers;
  }

  /** What the user may do in the room. */
  roleOf(user: UserId): Role {
    return roleIn(this.#record, user);
  }

  /** Adds the member. The others are told where it is the user's first session in the room (PROTOCOL.md §4.2). */
  enter(member: Member): void {
    const { user } = member;
    this.entering.delete(member);
    member.silence = whyNotSpeak(this.#record, user.id);
    this.members.add(member);
    member.joined.set(this.key, member);
    member.recipient.keep?.(memberBytes);
    if (this.#payer === undefined) this.#chargeTo(member);
    if (this.#presence.enterRoom(this.key, user)) {
      this.#announce(user, true, encodeEvent('user_joined', { room: this.name, username: user.name }));
    }
    member.newsKnown = this.#news.length;
  }

  /**
   * Adds members that came together, as `enter` does. They hold back the room's events from here on, and are not told
   * of each other: each of them reads what this returns.
   */
  enterTogether(members: readonly Member[]): RoomView {
    for (const member of members) {
      member.holdEvents();
      this.enter(member);
    }
    for (const member of members) member.newsKnown = this.#news.length;
    return this.view();
  }

  /** The room as it is now. */
  view(): RoomView {
    const { name, topic } = this.#record;
    return { name, topic, count: this.count, names: this.names(), last: this.log.head };
  }

  /** Removes the member. The others are told where it was the user's last session in the room (PROTOCOL.md §4.2). */
  leave(member: Member, reason: LeaveReason): void {
    if (!this.members.delete(member)) return;
    member.recipient.keep?.(-memberBytes);
    if (this.#payer === member) this.#chargeTo(this.members.values().next().value);
    const { user } = member;
    if (!this.#presence.leaveRoom(this.key, user) || this.members.size === 0) return;
    this.#announce(user, false, encodeEvent('user_left', { room: this.name, username: user.name, reason }));
  }

  /** Puts the room's own memory on the account of that member, and takes it off the account that it was on. */
  #chargeTo(member: Member | undefined): void {
    this.#payer?.recipient.keep?.(-roomBytes);
    this.#payer = member;
    member?.recipient.keep?.(roomBytes);
  }

  #announce(user: ChatUser, isJoin: boolean, line: string): void {
    this.#news.push({ user: user.id, isJoin, line });
    this.#announcer.schedule(this);
  }

  /**
   * Tells each member who came and went since it entered or was told last, with one Buffer for all whom all of it is
   * new to.
   */
  tellNews(): void {
    if (this.#news.length === 0) return;
    const news = this.#news;
    this.#news = [];
    const begins: number[] = [];
    let length = 0;
    for (const { line } of news) {
      begins.push(length);
      length += Buffer.byteLength(line);
    }
    const bytes = Buffer.from(news.map(({ line }) => line).join(''));
    for (const member of this.members) {
      const known = member.newsKnown;
      member.newsKnown = 0;
      if (known === news.length || !member.receivesEvents) continue;
      if (!member.out) member.event(known === 0 ? bytes : bytes.subarray(begins[known]));
      else sendTo(member, member.linesOf(news.slice(known)));
    }
  }

  /**
   * Tells an event of the second edition to all members who speak it, but not to `except`, whose request caused it
   * (PROTOCOL.md §4.2).
   */
  tell(line: string, except?: Member): void {
    this.tellNews();
    const bytes = Buffer.from(line);
    for (const member of this.members) {
      if (member !== except && member.receivesEvents && member.speaks.edition === 2) member.event(bytes);
    }
  }

  /**
   * As `tell`, that a message was deleted. Those whose join replays are told behind their reply: they may have been
   * shown the text.
   */
  tellDeleted(line: string, except?: Member): void {
    this.deletions += 1;
    this.tell(line, except);
    for (const member of this.entering) if (member.speaks.edition === 2) member.event(line);
  }

  /** Tells the member what it does not know yet, so that a list of users is not newer than the events before it. */
  tellNewsTo(member: Member): void {
    const known = member.newsKnown;
    if (known === this.#news.length || !member.receivesEvents) return;
    member.newsKnown = this.#news.length;
    sendTo(member, member.linesOf(this.#news.slice(known)));
  }
}

function sendTo(member: Member, lines: string): void {
  if (lines !== '') member.event(lines);
}
