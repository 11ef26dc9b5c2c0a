// Gathers small reads that are asked for while one is under way, so that thousands cost some statements and not as many
// turns of the event loop.
import { StoreFailure } from './store.js';

/** The most reads that share a statement: half a millisecond. */
const mostTogether = 256;

/** What is found for each of the asked, by their places; why it can't be read; nothing where it is not there. */
type Found<Result> = ReadonlyMap<number, Result | StoreFailure>;

interface Waiting<Asked, Result> {
  readonly asked: Asked;
  readonly done: (found: Result | undefined) => void;
  readonly failed: (error: unknown) => void;
}

/** Reads by one statement at a time. */
export class GatheredReads<Asked, Result> {
  readonly #read: (asked: readonly Asked[]) => Promise<Found<Result>>;
  #waiting: Waiting<Asked, Result>[] = [];
  #isReading = false;

  constructor(read: (asked: readonly Asked[]) => Promise<Found<Result>>) {
    this.#read = read;
  }

  /** Finds one, with the others that wait. Rejects where it can't be read. */
  find(asked: Asked): Promise<Result | undefined> {
    return new Promise((done, failed) => {
      this.#waiting.push({ asked, done, failed });
      if (!this.#isReading) void this.#readAll();
    });
  }

  async #readAll(): Promise<void> {
    this.#isReading = true;
    while (this.#waiting.length > 0) {
      const taken = this.#waiting.splice(0, mostTogether);
      try {
        const all = await this.#read(taken.map(({ asked }) => asked));
        for (const [place, { done, failed }] of taken.entries()) {
          const found = all.get(place);
          if (found instanceof StoreFailure) failed(found);
          else done(found);
        }
      } catch (error) {
        for (const { failed } of taken) failed(error);
      }
    }
    this.#isReading = false;
  }
}
