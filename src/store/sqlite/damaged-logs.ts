// Remembers the logs whose rows could not be written because of damage. Each try costs the other logs of its commit
// time, and a busy room has a message in nearly every commit.
import type { LogId } from '../log.js';
import type { StoreFailure } from '../store.js';

/** Milliseconds for which nothing is written to a log after a failure. Then it is tried again. */
const refusedFor = 60_000;

/** The most logs. Beyond it more than a few pages are damaged, and all are tried again. */
const mostLogs = 1000;

/** Logs that are not written to for a while. */
export class DamagedLogs {
  readonly #logs = new Map<LogId, { readonly failure: StoreFailure; readonly until: number }>();

  /** @param now milliseconds of the monotonic clock */
  constructor(readonly now = (): number => performance.now()) {}

  /** Adds logs, with the reasons. */
  add(failures: ReadonlyMap<LogId, StoreFailure>): void {
    if (this.#logs.size + failures.size > mostLogs) this.#logs.clear();
    const until = this.now() + refusedFor;
    for (const [log, failure] of failures) this.#logs.set(log, { failure, until });
  }

  /** Those of the logs to which nothing is to be written now, with the reasons. */
  of(logs: readonly LogId[]): ReadonlyMap<LogId, StoreFailure> {
    const found = new Map<LogId, StoreFailure>();
    if (this.#logs.size === 0) return found;
    const now = this.now();
    for (const log of logs) {
      const known = this.#logs.get(log);
      if (known === undefined) continue;
      if (known.until > now) found.set(log, known.failure);
      else this.#logs.delete(log);
    }
    return found;
  }
}
