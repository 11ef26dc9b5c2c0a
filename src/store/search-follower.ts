// Keeps the index of what was said up to date: lets it take a step, rests, and goes on until it is stopped. How long it
// rests decides which share of a core the index takes. The share is small while messages are stored, and grows with
// what the index is behind. At the bound it rests no longer. Messages never wait for it.
import { BackgroundWork } from './background-work.js';
import type { Search, SearchStep } from './search.js';

/** Milliseconds between two looks for something to do. */
const betweenLooks = 1000;

/** The least rest after a step, in milliseconds, unless the index is at the bound. */
const leastRest = 5;

/** The least share of a core that the index takes: while messages are stored, and while none are. */
const [busyShare, quietShare] = [1 / 20, 1 / 4] as const;

/** A step over fewer messages costs too much for each of them, so it waits until there are as many. */
const fewAtOnce = 256;

/** Milliseconds after a step that failed, where nobody says anything else. */
const usualAfterFailure = 5000;

/** What a follower uses. */
export interface SearchFollowerParts {
  readonly search: Pick<Search, 'step' | 'behind'>;
  /** How many messages behind it takes as much as it can. */
  readonly bound: () => number;
  /** Is told why the index was begun anew. */
  readonly anew: (reason: string) => void;
  /** Is told that a step failed. It is tried again. */
  readonly failed: (error: unknown) => void;
  /** Is told of the first step that succeeded after one that failed. */
  readonly resumed: () => void;
  /** Milliseconds after a step that failed, until the next one. */
  readonly afterFailure?: number;
}

/** Has the index follow the log until it is stopped. */
export class SearchFollower {
  readonly #parts: SearchFollowerParts;
  readonly #work = new BackgroundWork();
  #isFailing = false;

  constructor(parts: SearchFollowerParts) {
    this.#parts = parts;
  }

  /** Begins to follow. */
  start(): void {
    this.#work.start(() => this.#run());
  }

  /** Takes no further step. Fulfils when the one that is under way has ended. */
  stop(): Promise<void> {
    return this.#work.stop();
  }

  async #run(): Promise<void> {
    const { search, bound, afterFailure = usualAfterFailure } = this.#parts;
    while (!this.#work.isStopped) {
      const begun = performance.now();
      const step = await this.#step();
      const took = performance.now() - begun;
      if (step === undefined) await this.#work.rest(afterFailure);
      else await this.#work.rest(restAfter(step, took, search.behind, bound()));
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
      if (!this.#isFailing && !this.#work.isStopped) failed(error);
      this.#isFailing = true;
      return undefined;
    }
  }
}

/**
 * The rest after a step that took so many milliseconds, in milliseconds.
 * @param behind how many messages are not in the index
 * @param bound with so many it takes as much of a core as it can
 */
export function restAfter(step: SearchStep, took: number, behind: number, bound: number): number {
  const { count, more, isBusy = false } = step;
  if (!more || (isBusy && count > 0 && behind < fewAtOnce)) return betweenLooks;
  if (behind >= bound) return 0;
  const least = isBusy ? busyShare : quietShare;
  // In proportion: a burst of seconds costs those who speak little, and a flood that lasts meets the bound.
  const share = least + (1 - least) * (behind / bound);
  return Math.max(leastRest, took * (1 / share - 1));
}
