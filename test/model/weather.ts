// The database is away at random times, for each node by itself.
import type { Random } from '../fuzz/random.js';
import type { FarStore } from '../store/far-store.js';

/** The longest time for which the database is there, and for which it is away, in milliseconds. */
const longest = { there: 40, away: 12 } as const;

/** A node, as far as the weather goes. */
type Afar = Pick<FarStore, 'goAway' | 'comeBack'>;

/** Takes the database away from nodes and gives it back, until `end`. */
export class Weather {
  readonly #random: Random;
  readonly #timers = new Map<Afar, NodeJS.Timeout>();

  constructor(stores: readonly Afar[], random: Random) {
    this.#random = random;
    for (const store of stores) this.#awayLater(store);
  }

  #awayLater(store: Afar): void {
    this.#after(store, longest.there, () => {
      store.goAway();
      this.#after(store, longest.away, () => {
        store.comeBack();
        this.#awayLater(store);
      });
    });
  }

  #after(store: Afar, most: number, act: () => void): void {
    this.#timers.set(store, setTimeout(act, 1 + this.#random.below(most)));
  }

  /** The database is there again for all, and stays. */
  end(): void {
    for (const [store, timer] of this.#timers) {
      clearTimeout(timer);
      store.comeBack();
    }
    this.#timers.clear();
  }
}
