// The id of the newest stored message of each log, its head, after which the next one is numbered. It is read once, and
// moved with each commit.
import type { LogId } from '../log.js';
import { lastOf } from '../messages.js';
import type { Messages } from '../log.js';
import type { StoreFailure } from '../store.js';
import type { Row, Statement } from './database.js';
import type { ReaderAndWriter } from './prepared.js';
import { readEach } from './reading.js';
import { lastIn, runColumns } from './runs.js';

// `erased` says that messages of the room were erased: that is all there is of a deleted room.
const find = `SELECT asked.key AS place, ${runColumns}, rooms.erased AS erased FROM json_each(?) asked
  LEFT JOIN rooms ON rooms.id = asked.value AND rooms.erased > 0
  LEFT JOIN runs r ON r.room = asked.value AND r.first = (SELECT max(first) FROM runs WHERE room = asked.value)
  WHERE r.room IS NOT NULL OR rooms.erased IS NOT NULL`;

/** The most heads in the cache, of some 50 bytes each. Beyond it the cache is emptied. */
const maxHeads = 100_000;

/**
 * Reads the ids of the newest stored messages, 0 for none, and caches them. A head that was read while a commit moved
 * it must never replace the newer one. So the cache is emptied only after a commit, and not while a head is being read.
 */
export class Heads {
  readonly #find: Statement;
  /** The same on the connection that writes, for commits: they must not wait for the reads of others. */
  readonly #findInCommit: Statement;
  readonly #max: number;
  readonly #known = new Map<LogId, number>();
  /** How many reads are under way. */
  #reads = 0;

  private constructor(statement: Statement, inCommit: Statement, max: number) {
    this.#find = statement;
    this.#findInCommit = inCommit;
    this.#max = max;
  }

  /** @param max the most heads in the cache */
  static async prepare({ reader, writer }: ReaderAndWriter, max = maxHeads): Promise<Heads> {
    return new Heads(await reader.prepare(find), await writer.prepare(find), max);
  }

  /** How many heads are in the cache. */
  get size(): number {
    return this.#known.size;
  }

  /** The head of a log, if it was read. */
  get(log: LogId): number | undefined {
    return this.#known.get(log);
  }

  /** Reads the head of a log, if it is not known. Rejects with DamageError where the newest message is damaged. */
  async read(log: LogId): Promise<number> {
    const known = this.#known.get(log);
    if (known !== undefined) return known;
    const found = await this.#readAll(this.#find, [log]);
    return found.get(0) ?? 0;
  }

  /** Reads the heads of logs for a commit. Answers for which logs that failed, and why. */
  async readEach(logs: readonly LogId[]): Promise<ReadonlyMap<LogId, StoreFailure>> {
    const failures = new Map<LogId, StoreFailure>();
    const found = await readEach(logs, (asked) => this.#readAll(this.#findInCommit, asked));
    for (const [place, head] of found) {
      const log = logs[place];
      if (log !== undefined && typeof head !== 'number') failures.set(log, head);
    }
    return failures;
  }

  /**
   * Moves the heads to the last messages of a commit. The heads that this commit needed may be forgotten from here on.
   */
  move(stored: readonly Messages[]): void {
    if (this.#known.size > this.#max && this.#reads === 0) this.#known.clear();
    for (const messages of stored) this.#known.set(messages.log, lastOf(messages));
  }

  async #readAll(statement: Statement, logs: readonly LogId[]): Promise<ReadonlyMap<number, number>> {
    const heads = new Map<number, number>(logs.map((_, place) => [place, 0]));
    this.#reads += 1;
    try {
      for (const row of await statement.all(JSON.stringify(logs))) {
        heads.set(Number(row['place']), headOf(row));
      }
    } finally {
      this.#reads -= 1;
    }
    for (const [place, head] of heads) {
      const log = logs[place];
      // A commit may have moved it meanwhile.
      if (log !== undefined) this.#known.set(log, Math.max(head, this.#known.get(log) ?? 0));
    }
    return heads;
  }
}

/** Where a room has no messages any more, its next one follows the last that was erased. */
function headOf(row: Row): number {
  return row['room'] === null ? Number(row['erased']) : lastIn(row);
}
