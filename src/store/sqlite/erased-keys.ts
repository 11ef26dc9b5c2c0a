// Forgets the keys with which erased users sent their messages, some in each of small transactions.
import type { LogId, UserId } from '../log.js';
import type { Statement } from './database.js';
import type { Write } from './write.js';
import type { ReaderAndWriter } from './prepared.js';
import { reading } from './reading.js';

/** How many keys go in one transaction. */
const keysAtOnce = 400;
/** How many logs are looked at in one read. */
const logsAtOnce = 1000;

const sql = {
  // Most logs have none, and need no commit.
  keyed: `SELECT q.value AS log FROM json_each(?) q
    WHERE EXISTS (SELECT 1 FROM keys WHERE room = q.value ->> 0 AND author = q.value ->> 1)`,
  forget: `DELETE FROM keys WHERE (room, author, key) IN (SELECT k.room, k.author, k.key
    FROM json_each(?) q CROSS JOIN keys k ON k.room = q.value ->> 0 AND k.author = q.value ->> 1
    LIMIT ${keysAtOnce}) RETURNING 1`,
} as const;

/** A log in which a user wrote. */
export type WrittenIn = readonly [log: LogId, user: UserId];

/** The keys of erased users. */
export class ErasedKeys {
  readonly #keyed: Statement;
  readonly #forget: Statement;
  readonly #write: Write;

  private constructor(keyed: Statement, forget: Statement, write: Write) {
    this.#keyed = keyed;
    this.#forget = forget;
    this.#write = write;
  }

  static async prepare({ reader, writer }: ReaderAndWriter, write: Write): Promise<ErasedKeys> {
    return new ErasedKeys(await reader.prepare(sql.keyed, { isLong: true }), await writer.prepare(sql.forget), write);
  }

  /** Forgets all keys that the users have in these logs. Rejects with StoreFailure or StoreAway. */
  async erase(logs: readonly WrittenIn[]): Promise<void> {
    for (let begin = 0; begin < logs.length; begin += logsAtOnce) {
      const some = JSON.stringify(logs.slice(begin, begin + logsAtOnce));
      const rows = await reading(() => this.#keyed.all(some));
      if (rows.length === 0) continue;
      const keyed = `[${rows.map(({ log }) => String(log)).join(',')}]`;
      while ((await this.#write(() => this.#forget.all(keyed))).length === keysAtOnce);
    }
  }
}
