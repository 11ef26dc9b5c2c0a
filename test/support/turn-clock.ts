// Turns of the event loop that a test ends itself, on a clock that only the test moves.
import type { LoopSurroundings } from '../../src/loop/turn-end.js';

/** The surroundings of a `TurnEnd`. */
export class TurnClock implements LoopSurroundings {
  #time = 0;
  #deferred: (() => void)[] = [];
  #inThisTurn: (() => void)[] = [];

  readonly now = (): number => this.#time;
  readonly defer = (run: () => void): void => void this.#deferred.push(run);
  readonly afterPromises = (run: () => void): void => void this.#inThisTurn.push(run);

  /** Lets milliseconds pass. */
  pass(milliseconds: number): void {
    this.#time += milliseconds;
  }

  /** Ends a turn. Fulfils with whether the end of the next one is awaited. */
  async endTurn(): Promise<boolean> {
    const runs = this.#deferred;
    this.#deferred = [];
    for (const run of runs) run();
    while (this.#inThisTurn.length > 0) {
      for (let count = 0; count < 20; count += 1) await Promise.resolve();
      this.#inThisTurn.shift()?.();
    }
    return this.#deferred.length > 0;
  }
}
