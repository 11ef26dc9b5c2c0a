// A room while somebody is in it: its members, one for each session that gets its events, and its users, each once.
// Rules only: the store has the room's record and its log.
import { encodeEvent } from '../wire/encode.js';
import { headPart } from '../wire/message-lines.js';
import type { ByteString } from '../text/byte-string.js';
import { json } from '../text/json.js';
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import type { Author, FollowedLog } from '../store/log.js';
import { TurnEnd } from '../loop/turn-end.js';
import { Announcer } from './announcer.js';
import type { EncodedNames } from './encoded-names.js';
import { Grace } from './grace.js';
import { RoomNews, type News } from './news.js';
import { roleIn, whyNotSpeak } from './permissions.js';
import { Presence, type ChatUser, type RoomPresence } from './presence.js';

export type { ChatUser } from './presence.js';

/** Why a user is no longer in a room (event 102). */
export type LeaveReason = 'left' | 'disconnected' | 'timeout' | 'kicked' | 'banned' | 'server';

/** Takes a session's lines. Replies are never dropped; events may be, with the connection (PROTOCOL.md §3.3). */
export interface Recipient {
  /** @param mayWait it is sent when others have their messages, or with whatever comes before that */
  event(line: Buffer | string, mayWait?: boolean): void;
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
  /**
   * Tells the members who came and went. Comes before messages: a user's messages come after its `user_joined`.
   * @param authors those of the messages
   */
  tellNews(authors?: Iterable<Author>): void;
}

/** Takes no line: the recipient of the member that stands for an absent user. */
const nobody: Recipient = { event: () => undefined, reply: () => undefined };

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
  /** The number of the newest news of the room that it knew when it entered, or was told by itself (news.ts). */
  newsKnown = 0;
  /** Whether its user was in the room before, as `list_my_rooms` has it: after a start it comes back quietly. */
  wasIn = false;
  /** Whether its user has said goodbye, or was put out: then the others are told of its leaving at once. */
  isFinal = false;
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

  /** Sends an event, or holds it back. @param mayWait see Recipient */
  event(line: Buffer | string, mayWait = false): void {
    if (this.#drops) return;
    if (this.#held === undefined) {
      this.recipient.event(line, mayWait);
    } else {
      this.#held.push(line);
      this.recipient.hold?.(line);
    }
  }
}

/** Stands for a user's sessions in a room while the user may come back (grace.ts). It is none of the room's members. */
export class AbsentMember extends Member {
  /** @param reason why the user will have left, where it does not come back */
  constructor(
    room: Room,
    user: ChatUser,
    readonly reason: LeaveReason,
  ) {
    super(room, user, nobody);
  }
}

/** No grace: whoever leaves has left. */
const noGrace = new Grace<AbsentMember, Room>(0, { over: () => undefined, settled: () => undefined });

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
  readonly #grace: Grace<AbsentMember, Room>;
  readonly #news = new RoomNews();
  /** The users whose connection broke, and who may come back. */
  readonly #absent = new Map<UserId, AbsentMember>();
  /** The member on whose account the room's own memory is: while there are members, one of them. */
  #payer: Member | undefined;
  #record: RoomRecord;

  /**
   * @param log the room's log, which the caller follows as long as the Room is in use
   * @param presence is told who is in the room. By default the room has its own, for tests
   * @param announcer has the room tell its news
   * @param grace keeps the places of those whose connection broke
   */
  constructor(
    record: RoomRecord,
    readonly log: FollowedLog,
    presence: RoomPresence = new Presence(),
    announcer = new Announcer(new TurnEnd()),
    grace: Grace<AbsentMember, Room> = noGrace,
  ) {
    this.#record = record;
    this.#presence = presence;
    this.#announcer = announcer;
    this.#grace = grace;
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

  /** Whether nobody is in the room, and nobody may come back to it. */
  get isEmpty(): boolean {
    return this.members.size === 0 && this.#absent.size === 0;
  }

  /** The members who stand for the users whose connection broke, and who may come back. */
  absent(): readonly Member[] {
    return [...this.#absent.values()];
  }

  /**
   * Adds the member. The others are told where it is the user's first session in the room (PROTOCOL.md §4.2), and the
   * user was not absent.
   */
  enter(member: Member): void {
    const { user } = member;
    this.entering.delete(member);
    member.silence = whyNotSpeak(this.#record, user.id);
    this.members.add(member);
    member.joined.set(this.key, member);
    member.recipient.keep?.(memberBytes);
    if (this.#payer === undefined) this.#chargeTo(member);
    const absent = this.#absent.get(user.id);
    // It takes the place of the member that stood for its user.
    if (absent !== undefined) this.#endAbsence(absent);
    else if (this.#presence.enterRoom(this.key, user)) this.#welcome(member);
    member.newsKnown = this.#news.newest;
  }

  #welcome({ user, wasIn }: Member): void {
    const line = encodeEvent('user_joined', { room: this.name, username: user.name });
    if (wasIn && this.#grace.isStarting) {
      this.#news.addQuietly(user.id, line);
      this.#grace.settleLater(this);
    } else this.#announce(user, true, line);
  }

  #endAbsence(absent: AbsentMember): void {
    this.#absent.delete(absent.user.id);
    this.#grace.end(absent);
  }

  /** Announces those who came back after the start, where that has not been done. */
  settle(): void {
    this.#news.revealAll();
    this.#announcer.schedule(this);
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
    for (const member of members) member.newsKnown = this.#news.newest;
    return this.view();
  }

  /** The room as it is now. */
  view(): RoomView {
    const { name, topic } = this.#record;
    return { name, topic, count: this.count, names: this.names(), last: this.log.head };
  }

  /**
   * Removes the member. The others are told where it was the user's last session in the room (PROTOCOL.md §4.2), and
   * the user has not become absent.
   */
  leave(member: Member, reason: LeaveReason): void {
    const { user } = member;
    const absent = this.#absent.get(user.id);
    if (absent === member) this.#endAbsence(absent);
    else if (!this.#remove(member) || this.#becomesAbsent(member, reason)) return;
    if (!this.#presence.leaveRoom(this.key, user) || this.members.size === 0) return;
    this.#announce(user, false, encodeEvent('user_left', { room: this.name, username: user.name, reason }));
  }

  #remove(member: Member): boolean {
    if (!this.members.delete(member)) return false;
    member.recipient.keep?.(-memberBytes);
    if (this.#payer === member) this.#chargeTo(this.members.values().next().value);
    return true;
  }

  /** Keeps the place of a user whose last connection broke, where there is a grace. */
  #becomesAbsent({ user, isFinal }: Member, reason: LeaveReason): boolean {
    if (isFinal || (reason !== 'disconnected' && reason !== 'timeout')) return false;
    if (this.#presence.sessionsIn(this.key, user.id) > 1) return false;
    const absent = new AbsentMember(this, user, reason);
    if (!this.#grace.begin(absent)) return false;
    this.#absent.set(user.id, absent);
    return true;
  }

  /** Puts the room's own memory on the account of that member, and takes it off the account that it was on. */
  #chargeTo(member: Member | undefined): void {
    this.#payer?.recipient.keep?.(-roomBytes);
    this.#payer = member;
    member?.recipient.keep?.(roomBytes);
  }

  #announce(user: ChatUser, isJoin: boolean, line: string): void {
    this.#news.add(user.id, isJoin, line);
    this.#announcer.schedule(this);
  }

  /** Tells the members who came and went (news.ts). */
  tellNews(authors?: Iterable<Author>): void {
    if (authors !== undefined) this.#news.reveal(authors);
    this.#news.tell(this, this.#announcer.paceOf(this));
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
    this.#news.tellTo(member);
  }
}
