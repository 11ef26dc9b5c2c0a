// Writes what a commit stores: the jobs of the directory, and the rows of its messages. Where a part of it meets
// damage, that part alone is left out: a job, or the rows of one log.
import type { Jobs } from '../committer.js';
import type { LogId, Messages } from '../log.js';
import { StoreFailure } from '../store.js';
import { DatabaseError, isHarmless, isOfTheData, type Database, type Statement } from './database.js';
import { insertKeys } from './keys.js';
import { insertRuns, RunBatch } from './runs.js';

/** The rows of a commit's messages. */
export interface Rows {
  /** The messages of each log, which appears once. */
  readonly stored: readonly Messages[];
  /** The rows of their keys, as `keyRow` makes them, by their logs. */
  readonly keys: ReadonlyMap<LogId, readonly string[]>;
}

/** What was left out of a transaction, and why. */
export interface LeftOut {
  /** Single jobs, by their places. */
  readonly failures: ReadonlyMap<number, StoreFailure>;
  /** All rows of these logs. */
  readonly logs: ReadonlyMap<LogId, StoreFailure>;
}

/** SQLite's result where a page is damaged. */
const corrupt = 'SQLITE_CORRUPT';

const nothing: LeftOut = { failures: new Map(), logs: new Map() };

/** Writes commits on one connection, one after the other. */
export class Transactions {
  readonly #writer: Database;
  readonly #insertRuns: Statement;
  readonly #insertKeys: Statement;
  readonly #runs = new RunBatch();

  private constructor(writer: Database, runs: Statement, keys: Statement) {
    this.#writer = writer;
    this.#insertRuns = runs;
    this.#insertKeys = keys;
  }

  /** Prepares the statements. Rejects with DatabaseError. */
  static async prepare(writer: Database): Promise<Transactions> {
    return new Transactions(writer, await writer.prepare(insertRuns), await writer.prepare(insertKeys));
  }

  /**
   * Carries out the jobs in order and stores the rows, in one transaction, and fulfils when it is committed. The insert
   * is on its way when this returns where there are no jobs and no keys. Rejects with DatabaseError.
   */
  async carryOut(jobs: Jobs, rows: Rows): Promise<LeftOut> {
    try {
      if (jobs.length > 0 || rows.keys.size > 0) await this.#together(jobs, rows);
      // One statement is a transaction of its own: one trip to the thread pool instead of three or four.
      else if (rows.stored.length > 0) await this.#insert(rows).catch(throwAsPartOfRows);
      return nothing;
    } catch (error) {
      if (!(error instanceof PartFailure)) throw error;
      return this.#apart(jobs, rows);
    }
  }

  #together(jobs: Jobs, rows: Rows): Promise<void> {
    return this.#inTransaction(async () => {
      for (const job of jobs) await job().catch(throwAsPart);
      await this.#insert(rows).catch(throwAsPartOfRows);
    });
  }

  /**
   * As `#together`, after a part of it has failed, without the parts that fail. Savepoints and tries cost trips to the
   * pool, and parts hardly ever fail. So they come only then.
   */
  async #apart(jobs: Jobs, { stored, keys }: Rows): Promise<LeftOut> {
    const failures = new Map<number, StoreFailure>();
    const logs = new Map<LogId, StoreFailure>();
    await this.#findDamaged({ stored, keys }, logs);
    const sound = { stored: stored.filter(({ log }) => !logs.has(log)), keys };
    for (;;) {
      try {
        await this.#inTransaction(async () => {
          await this.#eachInSavepoint(jobs, failures);
          await this.#insert(sound);
        });
        return { failures, logs };
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
  async #findDamaged({ stored, keys }: Rows, damaged: Map<LogId, StoreFailure>): Promise<void> {
    const [only] = stored;
    if (only === undefined) return;
    await this.#writer.exec('BEGIN IMMEDIATE');
    const failure = await this.#insert({ stored, keys }).then(
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
    await this.#findDamaged({ stored: stored.slice(0, half), keys }, damaged);
    await this.#findDamaged({ stored: stored.slice(half), keys }, damaged);
  }

  /** Carries out the jobs but those that have failed. Where another one fails, notes why, and goes on without it. */
  async #eachInSavepoint(jobs: Jobs, failures: Map<number, StoreFailure>): Promise<void> {
    let place = -1;
    for (const job of jobs) {
      place += 1;
      if (failures.has(place)) continue;
      await this.#writer.exec('SAVEPOINT part');
      try {
        await job().catch(throwAsPart);
        await this.#writer.exec('RELEASE part');
      } catch (error) {
        if (!(error instanceof PartFailure)) throw error;
        if (error.spoils) throw new SpoiledBy(place, error.reason);
        await this.#writer.exec('ROLLBACK TO part; RELEASE part');
        failures.set(place, error.reason);
      }
    }
  }

  async #inTransaction(work: () => Promise<void>): Promise<void> {
    await this.#writer.exec('BEGIN IMMEDIATE');
    try {
      await work();
      await this.#writer.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back already after some errors; then this fails, which does no harm.
      await this.#writer.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Inserts the rows of messages, and those of the keys that are theirs. */
  async #insert({ stored, keys }: Rows): Promise<void> {
    if (stored.length > 0) await this.#insertRunsOf(stored);
    if (keys.size === 0) return;
    const rows = stored.flatMap(({ log }) => keys.get(log) ?? []);
    if (rows.length > 0) await this.#insertKeys.run(`[${rows.join(',')}]`);
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
    return this.#insertRuns.run(...runs.take());
  }
}

/** A part of a transaction failed, and nothing else is wrong. */
class PartFailure extends Error {
  /** @param spoils whether the transaction can't be committed any more */
  constructor(
    readonly reason: StoreFailure,
    readonly spoils = false,
  ) {
    super(reason.message);
  }
}

/** A job has met a damaged page. The transaction has to begin again without it. */
class SpoiledBy extends Error {
  constructor(
    readonly place: number,
    readonly reason: StoreFailure,
  ) {
    super(reason.message);
  }
}

function throwAsPart(error: unknown): never {
  if (error instanceof StoreFailure) throw new PartFailure(error);
  if (!isOfTheData(error)) throw error;
  const spoils = error.symbol === corrupt;
  throw new PartFailure(spoils ? failureOf(error) : new StoreFailure(error.message), spoils);
}

/** Any other error than damage concerns all rows. */
function throwAsPartOfRows(error: unknown): never {
  throw isDamage(error) ? new PartFailure(failureOf(error)) : error;
}

/** SQLite meets a damaged page before it writes a log frame, so what others write can still be stored. */
function isDamage(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && error.symbol === corrupt;
}

function failureOf({ message }: DatabaseError): StoreFailure {
  return new StoreFailure(`${message}: the database is damaged, and salond --check-data tells where`);
}

/**
 * Turns an error that left nothing behind into a StoreFailure. After any other error the outcome can't be known: after
 * a failed sync the pages may be gone, so there is no retry.
 */
export function asFailure(error: unknown): unknown {
  if (isHarmless(error)) return new StoreFailure(error.message);
  return isDamage(error) ? failureOf(error) : error;
}
