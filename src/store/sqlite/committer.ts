// Makes one batch durable: numbers it, and writes it in one transaction, whose commit syncs the WAL where durability is
// full.
import type { Batch, Committer, Jobs, Numbering, Result } from '../committer.js';
import type { KeyedMessage, LogId } from '../log.js';
import type { Referred, Targets } from '../judge.js';
import { numberBatch, withoutLogs } from '../numbering.js';
import { isConversation } from '../conversations.js';
import type { StoreFailure } from '../store.js';
import type { Checkpoints } from './checkpoint.js';
import { DamagedLogs } from './damaged-logs.js';
import type { Database } from './database.js';
import { editRow, EditTargets, type AskedTarget } from './edits.js';
import type { Heads } from './heads.js';
import { keyRow, Keys, type AskedKey } from './keys.js';
import { migrations } from './migrations.js';
import type { NewestTimes } from './newest-times.js';
import { asFailure } from './part-failure.js';
import { Transactions, type Besides, type Stored } from './transaction.js';

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

const noFailures: ReadonlyMap<LogId, StoreFailure> = new Map();
const noRows: ReadonlyMap<LogId, readonly string[]> = new Map();

/** Stores batches in SQLite. The methods are those of `Committer`. */
export class SqliteCommitter implements Committer {
  readonly #parts: Parts;
  readonly #transactions: Transactions;
  readonly #keys: Keys;
  readonly #targets: EditTargets;
  readonly #damaged = new DamagedLogs();

  private constructor(parts: Parts, transactions: Transactions, keys: Keys, targets: EditTargets) {
    this.#parts = parts;
    this.#transactions = transactions;
    this.#keys = keys;
    this.#targets = targets;
  }

  static async prepare(parts: Parts): Promise<SqliteCommitter> {
    const { writer, newestTimes } = parts;
    const transactions = await Transactions.prepare(writer, newestTimes);
    return new SqliteCommitter(parts, transactions, await Keys.prepare(writer), await EditTargets.prepare(writer));
  }

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    const { access, heads, checkpoints } = this.#parts;
    if (!access.opensToWrite) await access.openToWrite().catch(throwAsFailure);
    // Where all heads are known and there are no keys, nothing is awaited before the insert sets out.
    const unknown = this.#logsWithoutHead(batch);
    const refused = this.#damaged.of(batch.logs);
    const number = (): Promise<Numbering> => this.#lookUp(batch, time, unknown, refused);
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
   * Numbers a batch for which keys, heads or what edits are about have to be read first, or some of whose logs are
   * damaged. Of a log that can't be read or written only the messages fail.
   */
  async #lookUp(
    batch: Batch,
    time: number,
    unknown: readonly LogId[],
    refused: ReadonlyMap<LogId, StoreFailure>,
  ): Promise<Numbering> {
    const { heads } = this.#parts;
    const unreadable = unknown.length === 0 ? noFailures : await heads.readEach(unknown);
    const known = new Map<number, KeyedMessage | StoreFailure>(batch.isKeyed ? await this.#findKeys(batch) : []);
    const isAnyFailing = unreadable.size + refused.size > 0;
    if (isAnyFailing) {
      for (const [place, log] of batch.logs.entries()) {
        const failure = unreadable.get(log) ?? (known.has(place) ? undefined : refused.get(log));
        if (failure !== undefined) known.set(place, failure);
      }
    }
    const judged = isAnyFailing ? { ...batch, isKeyed: true } : batch;
    const referred = batch.refers ? await this.#findReferred(batch) : undefined;
    return numberBatch(judged, time, (log) => heads.get(log) ?? 0, known, referred);
  }

  async #findReferred(batch: Batch): Promise<Referred> {
    const { logs, about } = batch;
    const erased = await this.#targets.erasedIn([...new Set(logs.filter((_, place) => (about[place] ?? 0) > 0))]);
    return { targets: await this.#findTargets(batch), erasedOf: (log) => erased.get(log) ?? 0 };
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

  /** @param numbering undefined if the batch is to be numbered behind the jobs */
  async #store(
    jobs: Jobs,
    batch: Batch,
    numbering: Numbering | undefined,
    number: () => Promise<Numbering>,
  ): Promise<Stored> {
    const contents = {
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
