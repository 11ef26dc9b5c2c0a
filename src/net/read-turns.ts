// Lets sessions that read many stored messages take turns, part by part: addresses first, then users, then sessions. Two
// parts are in hand at a time, one that the store reads and one that is shown. While connections keep much in memory,
// nobody's next part is read: whoever reads nothing waits, and costs nothing. Pure over the memory that it is given.
import { FairQueue } from './fair-queue.js';
import type { Payer } from './line-session.js';

/** The parts that are read or shown at one time. */
const mostParts = 2;

/** Tells whether there is memory for what is read ahead. */
export interface ReadAheadMemory {
  readonly hasRoom: boolean;
  /** Calls back once, when there is room again. */
  whenRoom(callback: () => void): void;
}

/** Reads one part of a page and shows it. */
type Part = () => Promise<void>;

/** The turns of all sessions. */
export class ReadTurns {
  readonly #memory: ReadAheadMemory;
  readonly #queue = new FairQueue<Part>();
  #running = 0;
  #waitsForRoom = false;

  constructor(memory: ReadAheadMemory) {
    this.#memory = memory;
  }

  /** How many parts wait for their turn. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** Runs `part` when it is the payer's turn. Settles as it does. */
  run<Result>(payer: Payer, part: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#queue.add(() => part().then(resolve, reject), payer);
      this.#start();
    });
  }

  readonly #start = (): void => {
    while (this.#running < mostParts && this.#queue.size > 0) {
      if (!this.#memory.hasRoom) {
        this.#wait();
        return;
      }
      const part = this.#queue.next();
      if (part === undefined) return;
      this.#queue.delete(part);
      this.#running += 1;
      void part().then(() => {
        this.#running -= 1;
        this.#start();
      });
    }
  };

  #wait(): void {
    if (this.#waitsForRoom) return;
    this.#waitsForRoom = true;
    this.#memory.whenRoom(() => {
      this.#waitsForRoom = false;
      this.#start();
    });
  }
}
