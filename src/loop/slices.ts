// Lets those go on in slices who all could at one moment: a commit or a read answers hundreds, and each of them then
// does a little. Pure over the turn's end that it is given.
import { Ring } from './ring.js';
import type { TurnEnd } from './turn-end.js';

/** How many go on at once in a turn of the event loop. */
const atOnce = 16;

/** Those who go on. They keep the order in which they came. */
export class Slices {
  readonly #turnEnd: Pick<TurnEnd, 'defer' | 'work'>;
  readonly #waiting = new Ring<() => void>();
  /** How many have gone on at once in this turn. */
  #passed = 0;

  constructor(turnEnd: Pick<TurnEnd, 'defer' | 'work'>) {
    this.#turnEnd = turnEnd;
  }

  /**
   * Fulfils when the caller may go on: at the end of this turn or of a later one, by turns with others' work. What the
   * caller does then in the same step counts as a part of that turn. Undefined where it may at once.
   */
  pass(): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#passed < atOnce) {
      this.#passed += 1;
      if (this.#passed === 1) this.#turnEnd.defer(this.#beginAnew);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      if (this.#waiting.size === 1) this.#turnEnd.work(this.#step);
    });
  }

  readonly #beginAnew = (): void => {
    this.#passed = 0;
  };

  readonly #step = (): boolean => {
    this.#waiting.take()?.();
    return this.#waiting.size > 0;
  };
}
