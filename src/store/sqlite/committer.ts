// Makes one batch durable: one statement over two parameters, in one transaction, whose commit syncs the WAL where
// durability is full.
import type { Batch, Committer, Job, Jobs, Numbering, Result } from '../committer.js';
import { isConversation } from '../conversations.js';
import type { KeyedMessage, LogId, Messages } from '../log.js';
import { numberBatch, type Targets } from '../numbering.js';
import { StoreFailure } from '../store.js';
import type { Checkpoints } from './checkpoint.js';
import { DatabaseError, isHarmless, isOfTheData, type Database, type Statement } from './database.js';
import { editRow, EditTargets, insertEdits, type AskedTarget } from './edits.js';
import type { Heads } from './heads.js';
import { insertKeys, keyRow, Keys, type AskedKey } from './keys.js';
import { migrations } from './migrations.js';
import type { NewestTimes } from './newest-times.js';
import { insertRuns, RunBatch } from './runs.js';

/** Whether the database can be written to (connections.ts). */
export interface Access {
  /** Whether the database is open to write. */
  readonly opensToWrite: boolean;
  /** Opens it to write, after it was opened on a full disk. Rejects with DatabaseError where there still is no room. */
  openToWrite(): Promise<void>;
}

/** The parts that a committer uses. */
export interface Parts {
  /** The connection that writes. */
  readonly writer: Database;
  readonly checkpoints: Checkpoints;
  readonly access: Access;
  readonly heads: Heads;
  readonly newestTimes: NewestTimes;
  /** As `Committer.allowEarlier`. */
  readonly allowEarlier: () => Promise<void>;
}

interface Statements {
  readonly insertRuns: Statement;
  readonly insertKeys: Statement;
  readonly insertEdits: Statement;
}

const noFailures: ReadonlyMap<number, StoreFailure> = new Map();

/** Stores batches in SQLite. The methods are those of `Committer`. */
export class SqliteCommitter implements Committer {
  readonly #parts: Parts;
  readonly #statements: Statements;
  readonly #keys: Keys;
  readonly #targets: EditTargets;
  readonly #runs = new RunBatch();

  private constructor(parts: Parts, statements: Statements, keys: Keys, targets: EditTargets) {
    this.#targets = targets;
    this.#parts = parts;
    this.#statements = statements;
    this.#keys = keys;
  }

  static async prepare(parts: Parts): Promise<SqliteCommitter> {
    const { writer } = parts;
    const statements = {
      insertRuns: await writer.prepare(insertRuns),
      insertKeys: await writer.prepare(insertKeys),
      insertEdits: await writer.prepare(insertEdits),
    };
    return new SqliteCommitter(parts, statements, await Keys.prepare(writer), await EditTargets.prepare(writer));
  }

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    const { access, heads, checkpoints } = this.#parts;
    if (!access.opensToWrite) await access.openToWrite().catch(throwAsFailure);
    // Where all heads are known and there are no keys, nothing is awaited before the insert sets out.
    const unknown = this.#logsWithoutHead(batch);
    const number = (): Promise<Numbering> => this.#lookUp(batch, time, unknown);
    // A job may delete what an edit of the batch is about, so the edit is judged behind the jobs.
    const numbering =
      batch.refers && jobs.length > 0
        ? number
        : batch.isKeyed || batch.refers || unknown.length > 0
          ? await number()
          : numberBatch(batch, time, (log) => heads.get(log) ?? 0);
    const { failures, numbered } = await this.#store(jobs, batch, numbering);
    const { stored, outcomes, ids, unreadable } = numbered;
    heads.move(stored);
    await checkpoints.committed();
    // Listed, because spread syntax would take longer than all of the numbering.
    return { stored, outcomes, ids, unreadable, failures };
  }

  touch(): Promise<void> {
    // Writes the database's first page as it is.
    return this.#parts.writer.exec(`PRAGMA user_version = ${migrations.length}`);
  }

  allowEarlier(): Promise<void> {
    return this.#parts.allowEarlier().catch(throwAsFailure);
  }

  #logsWithoutHead({ logs }: Batch): readonly LogId[] {
    const { heads } = this.#parts;
    const isUnknown = (log: LogId): boolean => heads.get(log) === undefined;
    return logs.some(isUnknown) ? [...new Set(logs.filter(isUnknown))] : [];
  }

  /**
   * Numbers a batch for which keys, heads or what edits are about have to be read first. Where one can't be read, only
   * its messages fail.
   */
  async #lookUp(batch: Batch, time: number, unknown: readonly LogId[]): Promise<Numbering> {
    const { heads } = this.#parts;
    const unreadable = unknown.length === 0 ? noFailures : await heads.readEach(unknown);
    const known = new Map<number, KeyedMessage | StoreFailure>(batch.isKeyed ? await this.#findKeys(batch) : []);
    if (unreadable.size > 0) {
      for (const [place, log] of batch.logs.entries()) {
        const failure = unreadable.get(log);
        if (failure !== undefined) known.set(place, failure);
      }
    }
    const judged = unreadable.size > 0 ? { ...batch, isKeyed: true } : batch;
    const targets = batch.refers ? await this.#findTargets(batch) : undefined;
    return numberBatch(judged, time, (log) => heads.get(log) ?? 0, known, targets);
  }

  /** Finds what the batch's edits are about, by the places of the edits. */
  async #findTargets({ logs, kinds, about }: Batch): Promise<Targets> {
    const places: number[] = [];
    const asked: AskedTarget[] = [];
    for (const [place, kind] of kinds.entries()) {
      if (kind !== 'edit') continue;
      places.push(place);
      asked.push([logs[place] ?? 0, about[place] ?? 0]);
    }
    if (asked.length === 0) return new Map();
    const found = await this.#targets.findEach(asked);
    return new Map([...found].map(([at, target]) => [places[at] ?? 0, target]));
  }

  /** Finds the messages that are stored under the batch's keys, by the places of the batch's messages. */
  async #findKeys({ logs, authors, keys }: Batch): Promise<ReadonlyMap<number, KeyedMessage | StoreFailure>> {
    const places: number[] = [];
    const asked: AskedKey[] = [];
    for (const [place, key] of keys.entries()) {
      if (key === undefined) continue;
      places.push(place);
      asked.push([logs[place] ?? 0, authors[place]?.id ?? 0, key]);
    }
    const found = await this.#keys.findEach(asked);
    return new Map([...found].map(([at, message]) => [places[at] ?? 0, message]));
  }

  /** @param numbering or what makes it once the jobs are done */
  async #store(jobs: Jobs, batch: Batch, numbering: Numbering | (() => Promise<Numbering>)): Promise<Stored> {
    try {
      const isPlain =
        jobs.length === 0 &&
        typeof numbering !== 'function' &&
        !hasRows(rowsOf(batch, numbering)) &&
        !numbering.stored.some(isPrivate);
      if (!isPlain) return await this.#transaction(jobs, batch, numbering);
      // One statement is a transaction of its own: one trip to the thread pool instead of three or four.
      if (numbering.stored.length > 0) await this.#insertRuns(numbering.stored);
      return { numbered: numbering, failures: noFailures };
    } catch (error) {
      throw asFailure(error);
    }
  }

  async #transaction(jobs: Jobs, batch: Batch, numbering: Numbering | (() => Promise<Numbering>)): Promise<Stored> {
    const failures = new Map<number, StoreFailure>();
    let numbered: Numbering | undefined;
    const attempt = (carryOut: (job: Job, place: number) => Promise<void>): Promise<void> =>
      this.#inTransaction(async () => {
        let place = 0;
        for (const job of jobs) await carryOut(job, place++);
        numbered = typeof numbering === 'function' ? await numbering() : numbering;
        if (numbered.stored.length > 0) await this.#insertRuns(numbered.stored);
        if (numbered.stored.some(isPrivate)) await this.#parts.newestTimes.move(numbered.stored);
        await this.#insertRows(rowsOf(batch, numbered));
      });
    try {
      await attempt((job) => job().catch(throwAsJobFailure));
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      // Savepoints cost two trips to the pool a job, and jobs hardly ever fail. So they come only when one has failed.
      await attempt(async (job, place) => {
        const failure = await this.#inSavepoint(job);
        if (failure !== undefined) failures.set(place, failure);
      });
    }
    if (numbered === undefined) throw new Error('a transaction ended before its batch was numbered');
    return { numbered, failures };
  }

  async #insertRows({ keys, edits }: Rows): Promise<void> {
    if (keys.length > 0) await this.#statements.insertKeys.run(`[${keys.join(',')}]`);
    if (edits.length > 0) await this.#statements.insertEdits.run(`[${edits.join(',')}]`);
  }

  async #inTransaction(work: () => Promise<void>): Promise<void> {
    const { writer } = this.#parts;
    await writer.exec('BEGIN IMMEDIATE');
    try {
      await work();
      await writer.exec('COMMIT');
    } catch (error) {
      // SQLite has rolled back already after some errors; then this fails, which does no harm.
      await writer.exec('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }

  /** Where the job finds damage, what it did is undone, and the transaction goes on without it. Answers why it failed. */
  async #inSavepoint(job: Job): Promise<StoreFailure | undefined> {
    const { writer } = this.#parts;
    await writer.exec('SAVEPOINT job');
    try {
      await job().catch(throwAsJobFailure);
    } catch (error) {
      if (!(error instanceof JobFailure)) throw error;
      await writer.exec('ROLLBACK TO job; RELEASE job');
      return error.reason;
    }
    await writer.exec('RELEASE job');
    return undefined;
  }

  #insertRuns(stored: readonly Messages[]): Promise<void> {
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
    return this.#statements.insertRuns.run(...runs.take());
  }
}

function isPrivate({ log }: Messages): boolean {
  return isConversation(log);
}

/** A job failed, and nothing else is wrong. */
class JobFailure extends Error {
  constructor(readonly reason: StoreFailure) {
    super(reason.message);
  }
}

function throwAsJobFailure(error: unknown): never {
  if (error instanceof StoreFailure) throw new JobFailure(error);
  throw isOfTheData(error) ? new JobFailure(new StoreFailure(error.message)) : error;
}

/** How a batch was stored. */
interface Stored {
  readonly numbered: Numbering;
  readonly failures: Result['failures'];
}

/** The rows of a batch beside its runs, as JSON. */
interface Rows {
  readonly keys: readonly string[];
  readonly edits: readonly string[];
}

const noRows: readonly string[] = [];

function rowsOf(batch: Batch, { outcomes, ids }: Numbering): Rows {
  return {
    keys: batch.isKeyed ? keyRows(batch, outcomes, ids) : noRows,
    edits: batch.refers ? editRows(batch, outcomes, ids) : noRows,
  };
}

function hasRows({ keys, edits }: Rows): boolean {
  return keys.length > 0 || edits.length > 0;
}

/** The rows of the edits that are to be stored. */
function editRows({ logs, kinds, about }: Batch, outcomes: Numbering['outcomes'], ids: Numbering['ids']): string[] {
  const rows: string[] = [];
  for (const [place, kind] of kinds.entries()) {
    const target = about[place] ?? 0;
    if (kind !== 'edit' || target === 0 || outcomes[place] !== 'stored') continue;
    rows.push(editRow(logs[place] ?? 0, target, ids[place] ?? 0));
  }
  return rows;
}

/** The rows of the keys of messages that are to be stored. */
function keyRows({ logs, authors, keys }: Batch, outcomes: Numbering['outcomes'], ids: Numbering['ids']): string[] {
  const rows: string[] = [];
  for (const [place, key] of keys.entries()) {
    if (key === undefined || outcomes[place] !== 'stored') continue;
    rows.push(keyRow(logs[place] ?? 0, authors[place]?.id ?? 0, key, ids[place] ?? 0));
  }
  return rows;
}

/**
 * Turns an error that left nothing behind into a StoreFailure. After any other error the outcome can't be known: after
 * a failed sync the pages may be gone, so there is no retry.
 *
 * SQLite meets a damaged page before it writes a log frame, and takes the statement back. So each batch fails that has
 * a message for that page, with all other messages in it, and the batches without one go on: to end the process would
 * stop all rooms again and again.
 */
function asFailure(error: unknown): unknown {
  if (error instanceof DatabaseError && error.symbol === 'SQLITE_CORRUPT')
    return new StoreFailure(`${error.message}: the database is damaged, and salond --check-data tells where`);
  return isHarmless(error) ? new StoreFailure(error.message) : error;
}

function throwAsFailure(error: unknown): never {
  throw asFailure(error);
}
