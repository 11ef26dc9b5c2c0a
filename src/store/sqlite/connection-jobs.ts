// What a connection to the database does, one thing at a time. Short jobs go before long ones, up to a number.
//
// SQLite runs the statements of a connection one after the other anyway. But node-sqlite3 starts every prepared
// statement at once, also after `serialize()`, and each that waits for the connection holds a thread of the process's
// pool. Reads that wait for each other would hold all threads, and a commit on another connection would wait for them.
import { asDatabaseError, type DatabaseError } from './database-error.js';

/** A node-style callback. */
export type Callback<Result> = (error: Error | null, result: Result) => void;

/** Whether a job takes long: then it waits until no short one does, so that a login waits for no pages. */
export interface JobLength {
  readonly isLong: boolean;
}

/** How many short jobs go before a long one that waits: so many logins take about as long as a part of a page. */
const mostShortBefore = 8;

/** A job that waits. */
interface WaitingJob extends JobLength {
  readonly begin: () => void;
}

/**
 * The jobs of a connection. They run one at a time: the short ones in the order in which they came, and a long one
 * while no short one waits, or after some of them.
 */
export class ConnectionJobs {
  readonly #short: WaitingJob[] = [];
  readonly #long: WaitingJob[] = [];
  /** Those that came after `pause`, in their order. */
  #later: WaitingJob[] = [];
  /** How many short ones have gone before the long one that is next. */
  #wentBefore = 0;
  #isRunning = false;
  /** Set from `pause` to `resume`. */
  #pause: { readonly done: Promise<void>; readonly resolve: () => void } | undefined;
  #refusal: DatabaseError | undefined;

  /** @param refusal jobs reject with it until they are resumed */
  constructor(refusal?: DatabaseError) {
    this.#refusal = refusal;
  }

  /** Calls `start` when it is the job's turn. The job ends when it calls back. */
  run<Result>(start: (callback: Callback<Result>) => void, { isLong }: JobLength = { isLong: false }): Promise<Result> {
    if (this.#refusal !== undefined) return Promise.reject(this.#refusal);
    return new Promise((resolve, reject) => {
      const begin = (): void => {
        this.#isRunning = true;
        try {
          start((error, result) => {
            // Comes first, so that the connection does not rest until this result is used.
            this.#end();
            if (error === null) resolve(result);
            else reject(asDatabaseError(error));
          });
        } catch (error) {
          this.#end();
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      if (this.#pause !== undefined) this.#later.push({ begin, isLong });
      else if (this.#isRunning) this.#add({ begin, isLong });
      else begin();
    });
  }

  /** Starts none of the jobs that come from now on until `resume`. Fulfils when those that came before have ended. */
  pause(): Promise<void> {
    if (this.#refusal !== undefined) return Promise.resolve();
    this.#pause ??= promised();
    if (!this.#isRunning) this.#end();
    return this.#pause.done;
  }

  /** Starts the jobs that wait, and takes new ones. */
  resume(): void {
    this.#refusal = undefined;
    this.#pause = undefined;
    const later = this.#later;
    this.#later = [];
    for (const job of later) this.#add(job);
    if (!this.#isRunning) this.#end();
  }

  #add(job: WaitingJob): void {
    (job.isLong ? this.#long : this.#short).push(job);
  }

  #end(): void {
    this.#isRunning = false;
    const next = this.#next();
    if (next === undefined) this.#pause?.resolve();
    else next.begin();
  }

  #next(): WaitingJob | undefined {
    const isLongDue = this.#long.length > 0 && this.#wentBefore >= mostShortBefore;
    if (!isLongDue && this.#short.length > 0) {
      if (this.#long.length > 0) this.#wentBefore += 1;
      return this.#short.shift();
    }
    this.#wentBefore = 0;
    return this.#long.shift();
  }
}

function promised(): { readonly done: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const done = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { done, resolve };
}
