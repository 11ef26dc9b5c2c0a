// The users of a room. It keeps the places of those who are absent for a grace (grace.ts), and tells the members who
// comes and goes (news.ts). The room reports here which members enter and leave it.
import { EventLine } from '../wire/encode-event.js';
import type { Author, UserId } from '../store/log.js';
import type { Announcer } from './announcer.js';
import type { EncodedNames } from './encoded-names.js';
import type { Grace } from './grace.js';
import { Member, type LeaveReason, type MemberRoom } from './member.js';
import { RoomNews } from './news.js';
import type { ChatUser, RoomPresence } from './presence.js';
import type { Recipient } from './recipient.js';

/** Takes no line: the recipient of the member that stands for an absent user. */
const nobody: Recipient = { event: () => undefined, reply: () => undefined };

/** Stands for a user's sessions in a room while the user may come back (grace.ts). It is none of the room's members. */
export class AbsentMember extends Member {
  /** @param reason why the user will have left, where it does not come back */
  constructor(
    room: MemberRoom,
    user: ChatUser,
    readonly reason: LeaveReason,
  ) {
    super(room, user, nobody);
  }
}

/** The graces of all rooms. */
export type RoomGrace = Grace<AbsentMember, Attendance>;

/** What the attendances of all rooms share. */
export interface AttendanceServices {
  /** Is told who is in the room. */
  readonly presence: RoomPresence;
  /** Has the room tell its news. */
  readonly announcer: Announcer;
  /** Keeps the places of those whose connection broke. */
  readonly grace: RoomGrace;
}

/** Keeps the users of a room, and tells its members of changes. */
export class Attendance {
  readonly #room: MemberRoom;
  readonly #services: AttendanceServices;
  readonly #news = new RoomNews();
  /** The users whose connection broke, and who may come back. */
  readonly #absent = new Map<UserId, AbsentMember>();

  constructor(room: MemberRoom, services: AttendanceServices) {
    this.#room = room;
    this.#services = services;
  }

  /** How many users are in the room, those who are absent included. */
  get count(): number {
    return this.#services.presence.countIn(this.#room.key);
  }

  /** The names of the users in the room, in the order in which they entered, as they are now. */
  names(): EncodedNames {
    return this.#services.presence.namesIn(this.#room.key);
  }

  /** As `MemberRoom.usersAfter`. */
  usersAfter(key: string, limit: number): readonly ChatUser[] {
    return this.#services.presence.usersAfter(this.#room.key, key, limit);
  }

  /** Whether the user is in the room, or absent. */
  has(user: UserId): boolean {
    return this.#services.presence.isIn(this.#room.key, user);
  }

  /** How many sessions of the user are in the room; 1 where the user is absent. */
  sessionsOf(user: UserId): number {
    return this.#services.presence.sessionsIn(this.#room.key, user);
  }

  /** The members who stand for the users whose connection broke, and who may come back. */
  absent(): readonly AbsentMember[] {
    return [...this.#absent.values()];
  }

  /** Whether a user may come back. */
  get hasAbsent(): boolean {
    return this.#absent.size > 0;
  }

  /** Whether that is the member who stands for an absent user. */
  isAbsent(member: Member): boolean {
    return this.#absent.get(member.user.id) === member;
  }

  /**
   * Reports that a member has entered. The others are told where it is the user's first session in the room
   * (PROTOCOL.md §4.2), and the user was not absent.
   */
  entered(member: Member): void {
    const { user } = member;
    const absent = this.#absent.get(user.id);
    // It takes the place of the member that stood for its user.
    if (absent !== undefined) this.#endAbsence(absent);
    else if (this.#services.presence.enterRoom(this.#room.key, user)) this.#welcome(member);
    this.knowsAll(member);
  }

  /** Has the member told nothing of those who have come and gone so far: it has read who is in the room. */
  knowsAll(member: Member): void {
    member.newsKnown = this.#news.newest;
  }

  /**
   * Reports that a member has left, or that an absent user did not come back. The others are told where it was the
   * user's last session in the room (PROTOCOL.md §4.2), and the user does not become absent.
   */
  left(member: Member, reason: LeaveReason): void {
    const { user } = member;
    const absent = this.#absent.get(user.id);
    if (absent === member) this.#endAbsence(absent);
    else if (this.#becomesAbsent(member, reason)) return;
    const { key, name, members } = this.#room;
    if (!this.#services.presence.leaveRoom(key, user) || members.size === 0) return;
    this.#announce(user, false, new EventLine('user_left', { room: name, username: user.name, reason }));
  }

  /** Announces those who came back after the start, where that has not been done. */
  settle(): void {
    this.#news.revealAll();
    this.#services.announcer.schedule(this.#room);
  }

  /** Tells the members who came and went. @param authors those of messages that come next */
  tell(authors?: Iterable<Author>): void {
    if (authors !== undefined) this.#news.reveal(authors);
    this.#news.tell(this.#room, this.#services.announcer.paceOf(this.#room));
  }

  /** As `MemberRoom.tellNewsTo`. */
  tellTo(member: Member): void {
    this.#news.tellTo(member);
  }

  /** Has the others told that a user came. After the daemon's start, whoever was in the room before comes quietly. */
  #welcome({ user, wasIn }: Member): void {
    const line = new EventLine('user_joined', { room: this.#room.name, username: user.name });
    if (wasIn && this.#services.grace.isStarting) {
      this.#news.addQuietly(user.id, line);
      this.#services.grace.settleLater(this);
    } else this.#announce(user, true, line);
  }

  /** Keeps the place of a user whose last connection broke, where there is a grace. */
  #becomesAbsent({ user, isFinal }: Member, reason: LeaveReason): boolean {
    if (isFinal || (reason !== 'disconnected' && reason !== 'timeout')) return false;
    if (this.sessionsOf(user.id) > 1) return false;
    const absent = new AbsentMember(this.#room, user, reason);
    if (!this.#services.grace.begin(absent)) return false;
    this.#absent.set(user.id, absent);
    return true;
  }

  #endAbsence(absent: AbsentMember): void {
    this.#absent.delete(absent.user.id);
    this.#services.grace.end(absent);
  }

  #announce(user: ChatUser, isJoin: boolean, line: EventLine): void {
    this.#news.add(user.id, isJoin, line);
    this.#services.announcer.schedule(this.#room);
  }
}
