// Takes members out of their rooms, a part in each turn of the event loop: one session may be in thousands of rooms,
// and thousands of sessions may end together.
import type { TurnEnd } from '../loop/turn-end.js';

/** The most members that depart at once in a turn. The others do at the ends of turns. */
const atOncePerTurn = 64;

/** Members that have left and are to be taken out of their rooms, in the order in which they left. */
export class Departures<Departing> {
  readonly #turnEnd: TurnEnd;
  readonly #depart: (departing: Departing) => void;
  /** Those who wait, behind those who have departed. */
  #waiting: Departing[] = [];
  /** The place of the first who waits. */
  #first = 0;
  /** How many members may still depart at once in this turn. */
  #left = atOncePerTurn;
  #isWorking = false;
  #holds = 0;
  /** How many have departed after they waited. */
  #departed = 0;
  /** Whoever waits until so many have. */
  readonly #done: { readonly at: number; readonly resolve: () => void }[] = [];

  /** @param depart takes a member out. Must not throw */
  constructor(turnEnd: TurnEnd, depart: (departing: Departing) => void) {
    this.#turnEnd = turnEnd;
    this.#depart = depart;
  }

  /** Has the member depart: at once where none waits before it and not many have in this turn. */
  add(departing: Departing): void {
    const waits = this.#holds > 0 || this.#waiting.length > 0 || this.#left === 0;
    if (waits) this.#waiting.push(departing);
    else this.#left -= 1;
    this.#work();
    if (!waits) this.#depart(departing);
  }

  /**
   * Lets nobody depart until the returned function is called, so that of those who are put out together none is told of
   * the others.
   */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      while (this.#holds === 0 && this.#left > 0 && this.#waiting.length > 0) {
        this.#left -= 1;
        this.#departFirst();
      }
      this.#work();
    };
  }

  /** Fulfils when all who wait now have departed. Undefined where nobody waits. */
  done(): Promise<void> | undefined {
    const count = this.#waiting.length - this.#first;
    if (count === 0) return undefined;
    return new Promise((resolve) => this.#done.push({ at: this.#departed + count, resolve }));
  }

  #work(): void {
    if (this.#isWorking || this.#holds > 0) return;
    this.#isWorking = true;
    this.#turnEnd.work(this.#step);
  }

  readonly #step = (): boolean => {
    this.#left = atOncePerTurn;
    this.#isWorking = this.#waiting.length > 0 && this.#holds === 0;
    if (this.#isWorking) this.#departFirst();
    return this.#isWorking;
  };

  #departFirst(): void {
    const departing = this.#waiting[this.#first];
    if (departing === undefined) return;
    this.#first += 1;
    if (this.#first === this.#waiting.length) [this.#waiting, this.#first] = [[], 0];
    this.#depart(departing);
    this.#departed += 1;
    while (this.#done[0] !== undefined && this.#done[0].at <= this.#departed) this.#done.shift()?.resolve();
  }
}
