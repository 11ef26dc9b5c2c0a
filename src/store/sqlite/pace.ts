// Cuts long work into short steps of the event loop, so that everybody else has a turn after each. Steps are measured
// by time and not by bytes: to check 128 KiB of runs takes 0.1 ms where long messages are ASCII, and 3 ms where each
// row has one short message.
import { setImmediate } from 'node:timers/promises';

/** Milliseconds of work after which a step ends. */
const stepMilliseconds = 1;

/** What it takes from its surroundings. */
export interface PaceSurroundings {
  /** Milliseconds of the monotonic clock. */
  readonly now: () => number;
  /** Fulfils in the next turn of the event loop. */
  readonly turn: () => Promise<void>;
}

const eventLoop: PaceSurroundings = { now: () => performance.now(), turn: () => setImmediate() };

/**
 * Cuts the work of one caller into steps of the event loop. The caller does a short piece of its work, calls `giveWay`,
 * and waits for what that returns. So no step takes longer than a millisecond and the piece in which that ends. Parts
 * of one work share an object: with one each, two steps could follow each other in a turn. The first step begins when
 * the object is made. Time that the caller waits for something else counts as well.
 */
export class Pace {
  readonly #surroundings: PaceSurroundings;
  /** When this step began, on the clock. */
  #began: number;

  constructor(surroundings = eventLoop) {
    this.#surroundings = surroundings;
    this.#began = surroundings.now();
  }

  /**
   * To be awaited between two pieces of work. Returns undefined while the step goes on; else a promise that fulfils in
   * the next turn of the event loop, in which the next step begins.
   */
  giveWay(): Promise<void> | undefined {
    return this.#surroundings.now() - this.#began < stepMilliseconds ? undefined : this.#nextStep();
  }

  async #nextStep(): Promise<void> {
    await this.#surroundings.turn();
    this.#began = this.#surroundings.now();
  }
}
