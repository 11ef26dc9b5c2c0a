// The ways out of rooms: leaving, being put out, the end of a session, and an absence that is over. One object serves
// all rooms (rooms.ts). Where many go together, they leave in parts (departures.ts).
import type { TurnEnd } from '../loop/turn-end.js';
import type { AbsentMember } from './attendance.js';
import type { EventLine } from '../wire/encode-event.js';
import { Departures } from './departures.js';
import type { LeaveReason, Member, MemberRoom } from './member.js';

/** Takes members out of their rooms. */
export class Exits {
  readonly #turnEnd: TurnEnd;
  readonly #left: (room: MemberRoom) => void;
  readonly #departures: Departures<readonly [member: Member, reason: LeaveReason]>;

  /**
   * @param turnEnd does what concerns thousands, in parts
   * @param left is called when a member has left that room, which may be empty then
   */
  constructor(turnEnd: TurnEnd, left: (room: MemberRoom) => void) {
    this.#turnEnd = turnEnd;
    this.#left = left;
    this.#departures = new Departures(turnEnd, ([member, reason]) => this.#depart(member, reason));
  }

  /**
   * Takes a member out of its room. From here on no post of the member is taken. It gets the room's events until all
   * its posts are answered. Then it leaves, and the others are told (PROTOCOL.md §4.2). False where it was out already.
   */
  leave(member: Member, reason: LeaveReason): boolean {
    return member.takeOut(() => this.#depart(member, reason));
  }

  /**
   * As `leave`, for one of many that may be put out together. When its posts are answered the member gets the line
   * `last`, and no event of the room after it. It is counted among those in the room until its turn to depart.
   */
  putOut(member: Member, reason: LeaveReason, last?: EventLine): boolean {
    // Also where its connection has broken before, and its posts are on their way.
    if (reason !== 'disconnected' && reason !== 'timeout') member.isFinal = true;
    return member.takeOut(() => {
      // Through the member, so that the line waits for the reply to the join. A join that is refused needs no line.
      if (last !== undefined && member.room.members.has(member)) member.event(last.in(member.speaks.format).bytes);
      this.#departures.add([member, reason]);
    });
  }

  /**
   * As `leave`, for all members of a session, in parts where they are many. Of those whose posts are answered it
   * fulfils when they have left, and answers undefined where they have at once.
   * @param isFinal whether the user has said goodbye: then there is no grace
   */
  leaveAll(members: Iterable<Member>, reason: LeaveReason, isFinal = false): Promise<void> | undefined {
    const rest = this.#turnEnd.each(members, (member) => {
      member.isFinal = isFinal;
      this.putOut(member, reason);
    });
    return rest === undefined ? this.#departures.done() : rest.then(() => this.#departures.done());
  }

  /** As `putOut`, for many members, in parts. None of them is told of the others. Fulfils with how many it put out. */
  async putOutAll(members: Iterable<Member>, reason: LeaveReason, last: EventLine): Promise<number> {
    let count = 0;
    await this.together(members, (member) => {
      if (this.putOut(member, reason, last)) count += 1;
    });
    return count;
  }

  /** Reports that an absent user has not come back in time, and leaves the room. */
  notBack(absent: AbsentMember): void {
    this.#departures.add([absent, absent.reason]);
  }

  /**
   * Calls `act` for each of those who are put out together, in parts. Those whose sessions end leave their rooms when
   * it was called for all, so that none of them is told of the others.
   */
  async together<One>(all: Iterable<One>, act: (one: One) => void): Promise<void> {
    const release = this.#departures.hold();
    try {
      await this.#turnEnd.each(all, act);
    } finally {
      release();
    }
  }

  #depart(member: Member, reason: LeaveReason): void {
    member.room.leave(member, reason);
    this.#left(member.room);
  }
}
