// Which branches of a file have run, and about how often: by the counters of the runtime's own compiler (Chrome DevTools
// Protocol, Profiler.startPreciseCoverage).
import { Session, type Profiler } from 'node:inspector';

/** About how often: a loop that has run a second time, or many more, is something new. */
function roughly(count: number): number {
  return count < 4 ? count : Math.floor(Math.log2(count)) + 2;
}

export class Coverage {
  readonly #session = new Session();
  readonly #folder: string;

  /** @param folder only files below it are looked at: a path with a slash at its end */
  constructor(folder: string) {
    this.#folder = folder;
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** What has run since the last time, a text for each branch and rough number. */
  take(): string[] {
    let result: readonly Profiler.ScriptCoverage[] = [];
    // In the session's own process it answers before it returns.
    this.#session.post('Profiler.takePreciseCoverage', (_, taken) => {
      result = taken.result;
    });
    return result
      .filter(({ url }) => url.includes(this.#folder))
      .flatMap(({ scriptId, functions }) =>
        functions.flatMap(({ ranges }) =>
          ranges
            .filter(({ count }) => count > 0)
            .map(({ startOffset, endOffset, count }) => `${scriptId} ${startOffset} ${endOffset} ${roughly(count)}`),
        ),
      );
  }
}
