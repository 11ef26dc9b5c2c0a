// Gives way to other work of the event loop while somebody goes over many rows.
import { setImmediate as turn } from 'node:timers/promises';

/** Milliseconds after which a step gives way. */
const longestWork = 1;

/** Gives way to other work now and then. */
export class Pace {
  #since = performance.now();

  /** Whether it is time to give way. */
  get isOver(): boolean {
    return performance.now() - this.#since >= longestWork;
  }

  /** Fulfils at once, or in the next turn of the event loop where it is time. */
  async giveWay(): Promise<void> {
    if (!this.isOver) return;
    await turn();
    this.#since = performance.now();
  }
}
