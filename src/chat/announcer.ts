// Tells the members of rooms who came and went, once at the end of each turn of the event loop: many users may come and
// go in one turn, and each of them would have to be told to thousands.
import type { TurnEnd } from '../loop/turn-end.js';
import { onTheClock, type Delay, type MakeDelay } from './grace.js';
import type { PresencePace } from './news.js';

/** Milliseconds between two lines of counts of a room (event 107). */
const pause = 1000;

/** A room with news. */
interface Announcing {
  /** Tells all members the news that they have not been told. */
  tellNews(): void;
}

/** Has rooms tell their news. One announcer serves all rooms. */
export class Announcer {
  readonly #turnEnd: TurnEnd;
  readonly #presenceLimit: () => number;
  /** The rooms that have told counts within the last second. */
  readonly #counted = new Set<Announcing>();
  readonly #pauses: Delay<Announcing>;
  readonly #waiting = new Set<Announcing>();
  /** Over `#waiting`, while it is not empty. */
  #next: Iterator<Announcing> | undefined;

  /** @param presenceLimit how many users a room has at most where each is told by a line */
  constructor(turnEnd: TurnEnd, presenceLimit = (): number => Infinity, makeDelay: MakeDelay = onTheClock) {
    this.#turnEnd = turnEnd;
    this.#presenceLimit = presenceLimit;
    this.#pauses = makeDelay(pause, (room: Announcing) => {
      this.#counted.delete(room);
      this.schedule(room);
    });
  }

  /** Says when the room tells counts. */
  paceOf(room: Announcing): PresencePace {
    return { presenceLimit: this.#presenceLimit(), mayCount: () => this.#mayCount(room) };
  }

  #mayCount(room: Announcing): boolean {
    if (this.#counted.has(room)) return false;
    this.#counted.add(room);
    this.#pauses.start(room);
    return true;
  }

  /**
   * Has the room tell its news at the end of this turn, or of a later one where there is much to do. A room is told as
   * a whole: it costs 0.2 µs for each member.
   */
  schedule(room: Announcing): void {
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
