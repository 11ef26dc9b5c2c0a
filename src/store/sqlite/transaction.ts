// Writes what a commit stores: the jobs of the directory, and the rows of its messages. Where a part of it meets
// damage, that part alone is left out: a job, or the rows of one log.
import type { Jobs, Numbering } from '../committer.js';
import { isConversation } from '../conversations.js';
import type { LogId, Messages } from '../log.js';
import type { StoreFailure } from '../store.js';
import type { Database, Statement } from './database.js';
import { insertEdits } from './edits.js';
import { insertKeys } from './keys.js';
import { Unread } from './lookups.js';
import type { NewestTimes } from './newest-times.js';
import { failureOf, isDamage, PartFailure, SpoiledBy, throwAsPart, throwAsPartOfRows } from './part-failure.js';
import { insertRuns, insertRunsBehindAll, RunBatch } from './runs.js';

/** The rows of a batch beside its runs, by their logs: as `keyRow` and `editRow` make them. */
export interface Besides {
  readonly keys: ReadonlyMap<LogId, readonly string[]>;
  readonly edits: ReadonlyMap<LogId, readonly string[]>;
}

/** The messages of a batch. */
export interface Contents {
  /**
   * Numbers the batch. It is called in the transaction, behind the jobs: a job may delete what an edit is about. Where
   * parts fail, it is called again.
   * @param unread what can't be read, and is not read again. What turns out so is added
   */
  readonly number: (unread?: Unread) => Promise<Numbering>;
  /** The rows beside the runs of what is numbered so. */
  readonly besides: (numbering: Numbering) => Besides;
}

/** How a batch was stored, what was left out, and why. */
export interface Stored {
  readonly numbering: Numbering;
  /** Single jobs, by their places. */
  readonly failures: ReadonlyMap<number, StoreFailure>;
  /** All rows of these logs. */
  readonly logs: ReadonlyMap<LogId, StoreFailure>;
}

const none: ReadonlyMap<number, StoreFailure> = new Map();

/** Writes commits on one connection, one after the other. */
export class Transactions {
  readonly #writer: Database;
  readonly #insertRuns: Statement;
  readonly #insertBehindAll: Statement;
  readonly #insertKeys: Statement;
  readonly #insertEdits: Statement;
  readonly #newestTimes: NewestTimes;
  readonly #runs = new RunBatch();
  /** Whether the newest run may have been removed: jobs do that, and whoever had the database before. */
  #isNewestUnsure = true;

  private constructor(
    writer: Database,
    newestTimes: NewestTimes,
    [runs, behindAll, keys, edits]: readonly [Statement, Statement, Statement, Statement],
  ) {
    this.#writer = writer;
    this.#newestTimes = newestTimes;
    this.#insertRuns = runs;
    this.#insertBehindAll = behindAll;
    this.#insertKeys = keys;
    this.#insertEdits = edits;
  }

  /** Prepares the statements. Rejects with DatabaseError. */
  static async prepare(writer: Database, newestTimes: NewestTimes): Promise<Transactions> {
    const [runs, behindAll] = [await writer.prepare(insertRuns), await writer.prepare(insertRunsBehindAll)];
    const [keys, edits] = [await writer.prepare(insertKeys), await writer.prepare(insertEdits)];
    return new Transactions(writer, newestTimes, [runs, behindAll, keys, edits]);
  }

  /**
   * Stores a batch that is numbered, without jobs and without rows beside its runs. One statement is a transaction of
   * its own: one trip to the thread pool instead of three or four. The insert is on its way when this returns. Rejects
   * with DatabaseError.
   */
  async storePlain(numbering: Numbering, contents: Contents): Promise<Stored> {
    try {
      if (numbering.stored.length > 0) {
        await this.#insertRunsOf(numbering.stored).catch(throwAsPartOfRows);
        this.#isNewestUnsure = false;
      }
      return { numbering, failures: none, logs: none };
    } catch (error) {
      if (!(error instanceof PartFailure)) throw error;
      return this.#apart([], contents);
    }
  }

  /**
   * Carries out the jobs in order and stores the batch, in one transaction, and fulfils when it is committed. Rejects
   * with DatabaseError.
   */
  async carryOut(jobs: Jobs, contents: Contents): Promise<Stored> {
    try {
      return await this.#together(jobs, contents);
    } catch (error) {
      if (!(error instanceof PartFailure)) throw error;
      return this.#apart(jobs, contents);
    }
  }

  #together(jobs: Jobs, { number, besides }: Contents): Promise<Stored> {
    this.#isNewestUnsure ||= jobs.length > 0;
    const all = this.#writer.transaction(async () => {
      for (const job of jobs) await job();
      const numbering = await number();
      await this.#insert(numbering.stored, besides(numbering));
      return { numbering, failures: none, logs: none };
    });
    return all.catch(throwAsPart);
  }

  /**
   * As `#together`, after a part of it has failed, without the parts that fail. Savepoints and tries cost trips to the
   * pool, and parts hardly ever fail. So they come only then.
   */
  async #apart(jobs: Jobs, { number, besides }: Contents): Promise<Stored> {
    const failures = new Map<number, StoreFailure>();
    const logs = new Map<LogId, StoreFailure>();
    // A damaged page that is read in the transaction spoils it as well, also where nothing depends on it.
    const unread = new Unread();
    // Without what the jobs do, which does not change the logs that are written to but for edits.
    const before = await number(unread);
    await this.#findDamaged(before.stored, besides(before), logs);
    for (;;) {
      try {
        return await this.#writer.transaction(async () => {
          await this.#eachInSavepoint(jobs, failures);
          const numbering = await number(unread);
          const sound = numbering.stored.filter(({ log }) => !logs.has(log));
          await this.#insert(sound, besides(numbering));
          return { numbering, failures, logs };
        });
      } catch (error) {
        if (!(error instanceof SpoiledBy)) throw error;
        failures.set(error.place, error.reason);
      }
    }
  }

  /**
   * Finds the logs whose rows can't be stored, and why: tries some together, and halves those that fail. A damaged page
   * spoils the whole transaction that would write to it, so each try has a transaction of its own, which is undone.
   */
  async #findDamaged(stored: readonly Messages[], besides: Besides, damaged: Map<LogId, StoreFailure>): Promise<void> {
    const [only] = stored;
    if (only === undefined) return;
    await this.#writer.exec('BEGIN IMMEDIATE');
    const failure = await this.#insert(stored, besides).then(
      () => undefined,
      (error: unknown) => error,
    );
    await this.#writer.exec('ROLLBACK').catch(() => undefined);
    if (!isDamage(failure)) return;
    if (stored.length === 1) {
      damaged.set(only.log, failureOf(failure));
      return;
    }
    const half = stored.length >> 1;
    await this.#findDamaged(stored.slice(0, half), besides, damaged);
    await this.#findDamaged(stored.slice(half), besides, damaged);
  }

  /** Carries out the jobs but those that have failed. Where another one fails, notes why, and goes on without it. */
  async #eachInSavepoint(jobs: Jobs, failures: Map<number, StoreFailure>): Promise<void> {
    let place = -1;
    for (const job of jobs) {
      place += 1;
      if (failures.has(place)) continue;
      await this.#writer.exec('SAVEPOINT part');
      try {
        await job()
          // What the job has written may run only now.
          .then(() => this.#writer.exec('RELEASE part'))
          .catch(throwAsPart);
      } catch (error) {
        if (!(error instanceof PartFailure)) throw error;
        if (error.spoils) throw new SpoiledBy(place, error.reason);
        await this.#writer.undo('ROLLBACK TO part; RELEASE part');
        failures.set(place, error.reason);
      }
    }
  }

  /** Inserts the runs of these logs, and the rows beside them that are theirs. */
  async #insert(stored: readonly Messages[], { keys, edits }: Besides): Promise<void> {
    if (stored.length === 0) return;
    await this.#insertRunsOf(stored);
    if (stored.some(({ log }) => isConversation(log))) await this.#newestTimes.move(stored);
    for (const [statement, rows] of [
      [this.#insertKeys, keys],
      [this.#insertEdits, edits],
    ] as const) {
      const theirs = rows.size === 0 ? [] : stored.flatMap(({ log }) => rows.get(log) ?? []);
      if (theirs.length > 0) await statement.run(`[${theirs.join(',')}]`);
    }
  }

  #insertRunsOf(stored: readonly Messages[]): Promise<void> {
    const runs = this.#runs;
    for (const { log, first, time, authors, texts, kinds, about } of stored) {
      const { bytes, begins, ends } = texts;
      for (let at = 0; at < authors.length; at += 1) {
        const length = (ends[at] ?? 0) - (begins[at] ?? 0);
        if (at === 0 || runs.isFull(length)) {
          if (at > 0) runs.end();
          runs.begin(log, first + at, time);
        }
        runs.add(authors[at]?.id ?? 0, kinds[at] ?? 'text', about[at] ?? 0, bytes, begins[at] ?? 0, ends[at] ?? 0);
      }
      runs.end();
    }
    return (this.#isNewestUnsure ? this.#insertBehindAll : this.#insertRuns).run(...runs.take());
  }
}
