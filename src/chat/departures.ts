// Takes members out of their rooms, a part in each turn of the event loop: one session may be in thousands of rooms, and
// thousands of sessions may end together.

/** The most members that depart in one turn. */
const departuresPerTurn = 500;

/** Members that have left and are to be taken out of their rooms, in the order in which they left. */
export class Departures<Departing> {
  readonly #depart: (departing: Departing) => void;
  #waiting: Departing[] = [];
  /** How many members may still depart in this turn. */
  #left = departuresPerTurn;
  #isTurnMarked = false;
  #holds = 0;
  /** How many have departed after they waited. */
  #departed = 0;
  /** Whoever waits until so many have. */
  readonly #done: { readonly at: number; readonly resolve: () => void }[] = [];

  /** @param depart takes a member out. Must not throw */
  constructor(depart: (departing: Departing) => void) {
    this.#depart = depart;
  }

  /** Has the member depart: at once where none waits before it and this turn's part is not used up. */
  add(departing: Departing): void {
    if (this.#holds > 0 || this.#waiting.length > 0 || this.#left === 0) {
      this.#waiting.push(departing);
      this.#markTurn();
      return;
    }
    this.#left -= 1;
    this.#markTurn();
    this.#depart(departing);
  }

  /**
   * Lets nobody depart until the returned function is called, so that of those who are put out together none is told of
   * the others.
   */
  hold(): () => void {
    this.#holds += 1;
    return () => {
      this.#holds -= 1;
      this.#markTurn();
    };
  }

  /** Fulfils when all who wait now have departed. Undefined where nobody waits. */
  done(): Promise<void> | undefined {
    if (this.#waiting.length === 0) return undefined;
    return new Promise((resolve) => this.#done.push({ at: this.#departed + this.#waiting.length, resolve }));
  }

  #markTurn(): void {
    if (this.#isTurnMarked) return;
    this.#isTurnMarked = true;
    setImmediate(this.#onTurn);
  }

  readonly #onTurn = (): void => {
    this.#isTurnMarked = false;
    this.#left = departuresPerTurn;
    if (this.#holds > 0) return;
    const departing = this.#waiting.splice(0, departuresPerTurn);
    this.#left -= departing.length;
    if (departing.length > 0) this.#markTurn();
    for (const each of departing) this.#depart(each);
    this.#departed += departing.length;
    while (this.#done[0] !== undefined && this.#done[0].at <= this.#departed) this.#done.shift()?.resolve();
  };
}
