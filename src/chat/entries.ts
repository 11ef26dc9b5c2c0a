// Lets members enter their rooms at the end of the event loop's turn: those who come together enter together, and read
// the same list of users. So a crowd that joins a room of thousands costs one list for many of them, and none of them
// is told of those whom it has read in its list.
import type { UserId } from '../store/directory.js';
import type { TurnEnd } from '../loop/turn-end.js';
import type { Member, MemberRoom, RoomView } from './member.js';

/** The most members who enter in one step. Each reads a line of up to 32 KiB, which its outbox takes in that step. */
const mostTogether = 32;

/**
 * Whether a member may enter its room now. @param coming the users before it that enter in the same step, and are not
 * in the room yet
 */
export type MayEnter = (coming: ReadonlySet<UserId>) => boolean;

/** A member that waits to enter. */
interface Entry {
  readonly member: Member;
  /** Whether it still wants to, and may, beside the users that enter in the same step. */
  readonly mayEnter: MayEnter;
  readonly done: (view: RoomView | undefined) => void;
}

/** Members that are about to enter rooms. Those of one room enter in the order in which they came. */
export class Entries {
  readonly #turnEnd: TurnEnd;
  readonly #waiting = new Map<MemberRoom, Entry[]>();

  constructor(turnEnd: TurnEnd) {
    this.#turnEnd = turnEnd;
  }

  /**
   * Has the member enter its room at the end of this turn, or of a later one. From then on it holds the room's events
   * back. Fulfils in that step with what the room is when those who come together have entered it; with undefined where
   * `mayEnter` says no then.
   */
  enter(member: Member, mayEnter: MayEnter): Promise<RoomView | undefined> {
    return new Promise((done) => {
      const entry = { member, mayEnter, done };
      const waiting = this.#waiting.get(member.room);
      if (waiting !== undefined) {
        waiting.push(entry);
        return;
      }
      this.#waiting.set(member.room, [entry]);
      if (this.#waiting.size === 1) this.#turnEnd.work(this.#step);
    });
  }

  readonly #step = (): boolean => {
    const [first] = this.#waiting;
    if (first === undefined) return false;
    const [room, waiting] = first;
    const entering = waiting.splice(0, mostTogether);
    // The room that has more goes behind the others.
    this.#waiting.delete(room);
    if (waiting.length > 0) this.#waiting.set(room, waiting);
    const coming = new Set<UserId>();
    const may = entering.map(({ member, mayEnter }) => {
      const isLetIn = mayEnter(coming);
      if (isLetIn && !room.hasUser(member.user.id)) coming.add(member.user.id);
      return isLetIn;
    });
    const view = room.enterTogether(entering.filter((_, at) => may[at]).map(({ member }) => member));
    for (const [at, { done }] of entering.entries()) done(may[at] === true ? view : undefined);
    return this.#waiting.size > 0;
  };
}
