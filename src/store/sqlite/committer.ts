// Makes one batch durable: numbers it, and writes it in one transaction, whose commit syncs the WAL where durability is
// full.
import type { Batch, Committer, Jobs, Numbering, Result } from '../committer.js';
import type { KeyedMessage, LogId } from '../log.js';
import { numberBatch, withoutLogs } from '../numbering.js';
import type { StoreFailure } from '../store.js';
import type { Checkpoints } from './checkpoint.js';
import { DamagedLogs } from './damaged-logs.js';
import type { Database } from './database.js';
import type { Heads } from './heads.js';
import { keyRow, Keys, type AskedKey } from './keys.js';
import { migrations } from './migrations.js';
import { asFailure, Transactions, type LeftOut, type Rows } from './transaction.js';

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
  /** As `Committer.allowEarlier`. */
  readonly allowEarlier: () => Promise<void>;
}

const noFailures: ReadonlyMap<LogId, StoreFailure> = new Map();
const noKeys: Rows['keys'] = new Map();

/** Stores batches in SQLite. The methods are those of `Committer`. */
export class SqliteCommitter implements Committer {
  readonly #parts: Parts;
  readonly #transactions: Transactions;
  readonly #keys: Keys;
  readonly #damaged = new DamagedLogs();

  private constructor(parts: Parts, transactions: Transactions, keys: Keys) {
    this.#parts = parts;
    this.#transactions = transactions;
    this.#keys = keys;
  }

  static async prepare(parts: Parts): Promise<SqliteCommitter> {
    const { writer } = parts;
    return new SqliteCommitter(parts, await Transactions.prepare(writer), await Keys.prepare(writer));
  }

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    const { access, heads, checkpoints } = this.#parts;
    if (!access.opensToWrite) await access.openToWrite().catch(throwAsFailure);
    // Where all heads are known and there are no keys, nothing is awaited before the insert sets out.
    const unknown = this.#logsWithoutHead(batch);
    const refused = this.#damaged.of(batch.logs);
    const numbering =
      batch.isKeyed || unknown.length > 0 || refused.size > 0
        ? await this.#lookUp(batch, time, unknown, refused)
        : numberBatch(batch, time, (log) => heads.get(log) ?? 0);
    const { failures, logs } = await this.#store(jobs, batch, numbering);
    if (logs.size > 0) this.#damaged.add(logs);
    const { stored, outcomes, ids, unreadable } = logs.size > 0 ? withoutLogs(batch, numbering, logs) : numbering;
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
   * Numbers a batch for which keys or heads have to be read first, or some of whose logs are damaged. Of a log that
   * can't be read or written only the messages fail.
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
    return numberBatch(judged, time, (log) => heads.get(log) ?? 0, known);
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

  async #store(jobs: Jobs, batch: Batch, { stored, outcomes, ids }: Numbering): Promise<LeftOut> {
    const keys = batch.isKeyed ? keyRows(batch, outcomes, ids) : noKeys;
    try {
      // Nothing is awaited before this call.
      return await this.#transactions.carryOut(jobs, { stored, keys });
    } catch (error) {
      throw asFailure(error);
    }
  }
}

/** The rows of the keys of messages that are to be stored, by their logs. */
function keyRows({ logs, authors, keys }: Batch, outcomes: Numbering['outcomes'], ids: Numbering['ids']): Rows['keys'] {
  const rows = new Map<LogId, string[]>();
  for (const [place, key] of keys.entries()) {
    if (key === undefined || outcomes[place] !== 'stored') continue;
    const log = logs[place] ?? 0;
    const row = keyRow(log, authors[place]?.id ?? 0, key, ids[place] ?? 0);
    const others = rows.get(log);
    if (others === undefined) rows.set(log, [row]);
    else others.push(row);
  }
  return rows;
}

function throwAsFailure(error: unknown): never {
  throw asFailure(error);
}
