// Makes one batch durable: numbers it, and writes it in one transaction, whose commit syncs the WAL where durability is
// full.
import type { Batch, Committer, Jobs, Numbering, Result } from '../committer.js';
import type { LogId } from '../log.js';
import { numberBatch, withoutLogs } from '../numbering.js';
import { isConversation } from '../conversations.js';
import type { Checkpoints } from './checkpoint.js';
import { DamagedLogs } from './damaged-logs.js';
import type { Database } from './database.js';
import { editRow } from './edits.js';
import type { Heads } from './heads.js';
import { keyRow } from './keys.js';
import { Lookups, type Unread } from './lookups.js';
import { migrations } from './migrations.js';
import type { NewestTimes } from './newest-times.js';
import { asFailure } from './part-failure.js';
import { Transactions, type Besides, type Contents, type Stored } from './transaction.js';

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

const noRows: ReadonlyMap<LogId, readonly string[]> = new Map();

/** Stores batches in SQLite. The methods are those of `Committer`. */
export class SqliteCommitter implements Committer {
  readonly #parts: Parts;
  readonly #transactions: Transactions;
  readonly #lookups: Lookups;
  readonly #damaged = new DamagedLogs();
  /** What the next commit has to wait for. */
  #between: Promise<void> | undefined;

  private constructor(parts: Parts, transactions: Transactions, lookups: Lookups) {
    this.#parts = parts;
    this.#transactions = transactions;
    this.#lookups = lookups;
  }

  static async prepare(parts: Parts): Promise<SqliteCommitter> {
    const { writer, newestTimes, heads } = parts;
    const transactions = await Transactions.prepare(writer, newestTimes);
    return new SqliteCommitter(parts, transactions, await Lookups.prepare(writer, heads));
  }

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    const { access, heads, checkpoints } = this.#parts;
    const between = this.#between;
    this.#between = undefined;
    if (between !== undefined) await between;
    if (!access.opensToWrite) await access.openToWrite().catch(throwAsFailure);
    // Where all heads are known and there are no keys, nothing is awaited before the insert sets out.
    const unknown = this.#logsWithoutHead(batch);
    const refused = this.#damaged.of(batch.logs);
    const number = (unread?: Unread): Promise<Numbering> =>
      this.#lookups.number(batch, time, { logs: unknown, refused, unread });
    // A job may delete what an edit of the batch is about, so the edit is judged behind the jobs.
    const isJudgedLater = batch.refers && jobs.length > 0;
    const isLookedUp = batch.isKeyed || batch.refers || unknown.length > 0 || refused.size > 0;
    const numbering = isJudgedLater
      ? undefined
      : isLookedUp
        ? await number()
        : numberBatch(batch, time, (log) => heads.get(log) ?? 0);
    const { failures, logs, numbering: numbered } = await this.#store(jobs, batch, numbering, number);
    if (logs.size > 0) this.#damaged.add(logs);
    const { stored, outcomes, ids, unreadable } = logs.size > 0 ? withoutLogs(batch, numbered, logs) : numbered;
    heads.move(stored);
    // What was committed is told meanwhile.
    this.#between = checkpoints.committed();
    this.#between?.catch(() => undefined);
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

  /** @param numbering undefined if the batch is to be numbered behind the jobs */
  async #store(
    jobs: Jobs,
    batch: Batch,
    numbering: Numbering | undefined,
    number: Contents['number'],
  ): Promise<Stored> {
    const contents: Contents = {
      number: numbering === undefined ? number : () => Promise.resolve(numbering),
      besides: (numbered: Numbering) => besidesOf(batch, numbered),
    };
    try {
      // Nothing is awaited before these calls.
      return numbering !== undefined && jobs.length === 0 && isPlain(batch, numbering)
        ? await this.#transactions.storePlain(numbering, contents)
        : await this.#transactions.carryOut(jobs, contents);
    } catch (error) {
      throw asFailure(error);
    }
  }
}

/** Whether a batch has runs alone. */
function isPlain(batch: Batch, numbering: Numbering): boolean {
  if (batch.isKeyed || batch.refers) {
    const { keys, edits } = besidesOf(batch, numbering);
    if (keys.size + edits.size > 0) return false;
  }
  return !numbering.stored.some(({ log }) => isConversation(log));
}

/** The rows of a batch beside its runs: of keys and of edits that are to be stored. */
function besidesOf(batch: Batch, { outcomes, ids }: Numbering): Besides {
  const { logs, authors, keys, kinds, about } = batch;
  const rowsOf = (rowAt: (place: number) => string | undefined): ReadonlyMap<LogId, readonly string[]> => {
    const rows = new Map<LogId, string[]>();
    for (const [place, log] of logs.entries()) {
      const row = outcomes[place] === 'stored' ? rowAt(place) : undefined;
      if (row === undefined) continue;
      const others = rows.get(log);
      if (others === undefined) rows.set(log, [row]);
      else others.push(row);
    }
    return rows;
  };
  const keyAt = (place: number): string | undefined => {
    const key = keys[place];
    return key === undefined ? undefined : keyRow(logs[place] ?? 0, authors[place]?.id ?? 0, key, ids[place] ?? 0);
  };
  const editAt = (place: number): string | undefined => {
    const target = about[place] ?? 0;
    const isEdit = kinds[place] === 'edit' && target > 0;
    return isEdit ? editRow(logs[place] ?? 0, target, ids[place] ?? 0) : undefined;
  };
  return { keys: batch.isKeyed ? rowsOf(keyAt) : noRows, edits: batch.refers ? rowsOf(editAt) : noRows };
}

function throwAsFailure(error: unknown): never {
  throw asFailure(error);
}
