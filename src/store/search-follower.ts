// Keeps the index of what was said up to date: lets it take a step, rests, and goes on until it is stopped. The rests
// are longer than the steps, so that the index takes a fixed share of one core whatever is said: a quarter, or a
// twentieth while messages are stored.
import { Rests } from './rests.js';
import type { Search, SearchStep } from './search.js';

/** Milliseconds between two looks for something to do. */
const betweenLooks = 1000;

/** The least rest after a step, in milliseconds. */
const leastRest = 5;

/** In how many times as long as a step took the next one comes: while messages are stored, and while none are. */
const [busyRatio, quietRatio] = [19, 3] as const;

/** A step over fewer messages costs too much for each: more of them are waited for. */
const fewAtOnce = 64;

/** Milliseconds after a step that failed. */
const afterFailure = 5000;

/** What a follower uses. */
export interface SearchFollowerParts {
  readonly search: Pick<Search, 'step'>;
  /** Is told why the index was begun anew. */
  readonly anew: (reason: string) => void;
  /** Is told that a step failed. It is tried again. */
  readonly failed: (error: unknown) => void;
  /** Is told of the first step that succeeded after one that failed. */
  readonly resumed: () => void;
}

/** Has the index follow the log until it is stopped. */
export class SearchFollower {
  readonly #parts: SearchFollowerParts;
  readonly #rests = new Rests();
  #isFailing = false;
  #running: Promise<void> | undefined;

  constructor(parts: SearchFollowerParts) {
    this.#parts = parts;
  }

  /** Begins to follow. */
  start(): void {
    this.#running ??= this.#run();
  }

  /** Takes no further step. Fulfils when the one that is under way has ended. */
  async stop(): Promise<void> {
    this.#rests.end();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#rests.isOver) {
      const begun = performance.now();
      const step = await this.#step();
      const took = performance.now() - begun;
      if (step === undefined) await this.#rests.rest(afterFailure);
      else await this.#rests.rest(restAfter(step, took));
    }
  }

  /** Undefined where it failed, which is told once. */
  async #step(): Promise<SearchStep | undefined> {
    const { search, anew, failed, resumed } = this.#parts;
    try {
      const step = await search.step();
      if (step.anew !== undefined) anew(step.anew);
      if (this.#isFailing) resumed();
      this.#isFailing = false;
      return step;
    } catch (error) {
      if (!this.#isFailing && !this.#rests.isOver) failed(error);
      this.#isFailing = true;
      return undefined;
    }
  }
}

/** The rest after a step that took so many milliseconds, in milliseconds. */
function restAfter({ count, more, isBusy = false }: SearchStep, took: number): number {
  const isSmall = count > 0 && count < fewAtOnce;
  if (!more || (isBusy && isSmall)) return betweenLooks;
  return Math.max(leastRest, took * (isBusy ? busyRatio : quietRatio));
}
