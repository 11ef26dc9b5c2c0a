// A room while somebody is in it: its record, its members, one for each session that gets its events, and what they are
// told. attendance.ts has its users, each once. Rules only: the store has the record and the log.
import { json } from '../text/json.js';
import type { Role, RoomRecord, UserId } from '../store/directory.js';
import type { Author, FollowedLog } from '../store/log.js';
import { TurnEnd } from '../loop/turn-end.js';
import type { EventLine } from '../wire/encode-event.js';
import { Announcer } from './announcer.js';
import { Attendance, type AbsentMember, type AttendanceServices } from './attendance.js';
import type { Conversation } from './conversation.js';
import type { Shape } from './encode-messages.js';
import type { EncodedNames } from './encoded-names.js';
import { Grace } from './grace.js';
import type { LeaveReason, Member, MemberRoom, RoomView } from './member.js';
import { roleIn, whyNotSpeak } from './permissions.js';
import { Presence, type ChatUser } from './presence.js';

/**
 * Bytes of memory that a room takes, its name, log and lists counted, and that a member takes besides. Measured, and
 * rounded up: `node --expose-gc`, ten thousand rooms of long names.
 */
const [roomBytes, memberBytes] = [2200, 400];

const none: ReadonlySet<UserId> = new Set();

/** The services of a room that stands alone. It has no grace: whoever leaves has left. */
function ownServices(): AttendanceServices {
  const grace = new Grace<AbsentMember, Attendance>(0, { over: () => undefined, settled: () => undefined });
  return { presence: new Presence(), announcer: new Announcer(new TurnEnd()), grace };
}

/** A room that somebody is in or about to enter. What MemberRoom and Conversation promise is described there. */
export class Room implements MemberRoom, Conversation {
  readonly json: string;
  readonly shape: Shape;
  readonly members = new Set<Member>();
  /** Those whose join still replays. They get no events yet, and can be evicted. */
  readonly entering = new Set<Member>();
  deletions = 0;
  #record: RoomRecord;
  readonly #attendance: Attendance;
  /** The member on whose account the room's own memory is: while there are members, one of them. */
  #payer: Member | undefined;

  /**
   * @param log the room's log, which the caller follows as long as the Room is in use
   * @param services what all rooms share. By default the room has its own, for tests
   */
  constructor(
    record: RoomRecord,
    readonly log: FollowedLog,
    services: AttendanceServices = ownServices(),
  ) {
    this.#record = record;
    this.#attendance = new Attendance(this, services);
    this.json = json(record.name);
    this.shape = { event: 'message', room: record.name, ref: undefined };
  }

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

  get count(): number {
    return this.#attendance.count;
  }

  /** The names of the users in the room, in the order in which they entered, as they are now. */
  names(): EncodedNames {
    return this.#attendance.names();
  }

  usersAfter(key: string, limit: number): readonly ChatUser[] {
    return this.#attendance.usersAfter(key, limit);
  }

  hasUser(user: UserId): boolean {
    return this.#attendance.has(user);
  }

  isLastOfUser(member: Member): boolean {
    const { id } = member.user;
    if (this.#attendance.sessionsOf(id) > (this.members.has(member) ? 1 : 0)) return false;
    for (const entering of this.entering) if (entering !== member && entering.user.id === id) return false;
    return true;
  }

  hasPlaceFor(user: UserId, coming: ReadonlySet<UserId> = none): boolean {
    const { maxUsers } = this.#record.settings;
    return maxUsers === 0 || coming.has(user) || this.hasUser(user) || this.count + coming.size < maxUsers;
  }

  roleOf(user: UserId): Role {
    return roleIn(this.#record, user);
  }

  view(): RoomView {
    const { name, topic } = this.#record;
    return { name, topic, count: this.count, names: this.names(), last: this.log.head };
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && !this.#attendance.hasAbsent;
  }

  /** The members who stand for the users whose connection broke, and who may come back. */
  absent(): readonly Member[] {
    return this.#attendance.absent();
  }

  /** Adds the member, and has the others told of its user as `Attendance.entered` says. */
  enter(member: Member): void {
    this.entering.delete(member);
    member.silence = whyNotSpeak(this.#record, member.user.id);
    this.members.add(member);
    member.joined.set(this.key, member);
    member.recipient.keep?.(memberBytes);
    if (this.#payer === undefined) this.#chargeTo(member);
    this.#attendance.entered(member);
  }

  enterTogether(members: readonly Member[]): RoomView {
    for (const member of members) {
      member.holdEvents();
      this.enter(member);
    }
    for (const member of members) this.#attendance.knowsAll(member);
    return this.view();
  }

  leave(member: Member, reason: LeaveReason): void {
    if (this.members.delete(member)) {
      member.recipient.keep?.(-memberBytes);
      if (this.#payer === member) this.#chargeTo(this.members.values().next().value);
    } else if (!this.#attendance.isAbsent(member)) return;
    this.#attendance.left(member, reason);
  }

  /** Puts the room's own memory on the account of that member, and takes it off the account that it was on. */
  #chargeTo(member: Member | undefined): void {
    this.#payer?.recipient.keep?.(-roomBytes);
    this.#payer = member;
    member?.recipient.keep?.(roomBytes);
  }

  tellNews(authors?: Iterable<Author>): void {
    this.#attendance.tell(authors);
  }

  tellNewsTo(member: Member): void {
    this.#attendance.tellTo(member);
  }

  tell(line: EventLine, except?: Member): void {
    this.tellNews();
    for (const member of this.members) {
      if (member !== except && member.receivesEvents && wants(member, line)) member.event(linesFor(member, line));
    }
  }

  tellDeleted(line: EventLine, except?: Member): void {
    this.deletions += 1;
    this.tell(line, except);
    for (const member of this.entering) if (wants(member, line)) member.event(linesFor(member, line));
  }
}

/** Whether the member is told an event of the second edition. A deletion concerns messages. */
function wants({ speaks: { edition, events } }: Member, { name }: EventLine): boolean {
  return edition === 2 && (events === 'all' || (events === 'messages' && name === 'message_deleted'));
}

function linesFor({ speaks: { format } }: Member, line: EventLine): Buffer {
  return line.in(format).bytes;
}
