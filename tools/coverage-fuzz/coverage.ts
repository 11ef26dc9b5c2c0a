// Reports which branches of the code have run, and roughly how often. V8 counts them (Chrome DevTools Protocol,
// Profiler.startPreciseCoverage).
import { Session, type Profiler } from 'node:inspector';

/** Rounds a count, so that a loop is new when it runs a second time or many times more often, but not each time. */
function rounded(count: number): number {
  return count < 4 ? count : Math.floor(Math.log2(count)) + 2;
}

/** Counts the branches that run in this process, in the files of one folder. */
export class Coverage {
  readonly #session = new Session();
  readonly #folder: string;

  /** @param folder counts only files below it; a path that ends in a slash */
  constructor(folder: string) {
    this.#folder = folder;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** The branches that have run since the last call: one string per branch and rounded count. */
  take(): string[] {
    let result: readonly Profiler.ScriptCoverage[] = [];
    // The callback runs before `post` returns, because the session is in the same process.
    this.#session.post('Profiler.takePreciseCoverage', (_, taken) => {
      result = taken.result;
    });
    return result
      .filter(({ url }) => url.includes(this.#folder))
      .flatMap(({ scriptId, functions }) =>
        functions.flatMap(({ ranges }) =>
          ranges
            .filter(({ count }) => count > 0)
            .map(({ startOffset, endOffset, count }) => `${scriptId} ${startOffset} ${endOffset} ${rounded(count)}`),
        ),
      );
  }
}
