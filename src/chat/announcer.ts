// Tells the members of rooms who came and went, once at the end of each turn of the event loop: many users may come and
// go in one turn, and each of them would have to be told to thousands. A room with many members is told once a second
// at most, unless a message comes.
import type { TurnEnd } from '../loop/turn-end.js';
import { onTheClock, type Delay, type MakeDelay } from '../loop/deadline.js';
import type { PresencePace } from './news.js';

/**
 * Milliseconds between two lines of counts of a room (event 107), and between two times at which many members are told
 * anything.
 */
const pause = 1000;

/**
 * A room with more members is told less often. To write to so many takes some 25 ms of the loop's time, so that one
 * room takes a fortieth of it at most.
 */
const manyMembers = 500;

/** A room with news. */
interface Announcing {
  readonly members: { readonly size: number };
  /** Tells all members the news that they have not been told. */
  tellNews(): void;
}

/** Has rooms tell their news. One announcer serves all rooms. */
export class Announcer {
  readonly #turnEnd: TurnEnd;
  readonly #presenceLimit: () => number;
  readonly #counts: Pauses;
  readonly #names: Pauses;
  readonly #waiting = new Set<Announcing>();
  /** Over `#waiting`, while it is not empty. */
  #next: Iterator<Announcing> | undefined;

  /** @param presenceLimit how many users a room has at most where each is told by a line */
  constructor(turnEnd: TurnEnd, presenceLimit = (): number => Infinity, makeDelay: MakeDelay = onTheClock) {
    this.#turnEnd = turnEnd;
    this.#presenceLimit = presenceLimit;
    this.#counts = new Pauses(makeDelay, (room) => this.#add(room));
    this.#names = new Pauses(makeDelay, (room) => this.schedule(room));
  }

  /** Says when the room tells counts. */
  paceOf(room: Announcing): PresencePace {
    return { presenceLimit: this.#presenceLimit(), mayCount: () => this.#counts.begin(room) };
  }

  /**
   * Has the room tell its news at the end of this turn, or of a later one where there is much to do. One with many
   * members tells them after its pause. A room is told as a whole: it costs 0.2 µs for each member.
   */
  schedule(room: Announcing): void {
    if (room.members.size <= manyMembers || this.#names.begin(room)) this.#add(room);
  }

  #add(room: Announcing): void {
    this.#waiting.add(room);
    if (this.#next !== undefined) return;
    this.#next = this.#waiting.values();
    this.#turnEnd.work(this.#tell);
  }

  readonly #tell = (): boolean => {
    const room = this.#next?.next().value as Announcing | undefined;
    if (room !== undefined) {
      this.#waiting.delete(room);
      room.tellNews();
    }
    if (this.#waiting.size === 0) this.#next = undefined;
    return this.#next !== undefined;
  };
}

/** The rooms that have told something within the last second. */
class Pauses {
  /** Whether more came meanwhile. */
  readonly #pausing = new Map<Announcing, boolean>();
  readonly #delay: Delay<Announcing>;

  /** @param tell is called at the end of a pause in which more came */
  constructor(makeDelay: MakeDelay, tell: (room: Announcing) => void) {
    this.#delay = makeDelay(pause, (room: Announcing) => {
      const hasMore = this.#pausing.get(room) === true;
      this.#pausing.delete(room);
      if (hasMore) tell(room);
    });
  }

  /** Begins a pause of the room, which may tell now. False where it pauses already: then it may tell at the end. */
  begin(room: Announcing): boolean {
    const isPausing = this.#pausing.has(room);
    this.#pausing.set(room, isPausing);
    if (!isPausing) this.#delay.start(room);
    return !isPausing;
  }
}
