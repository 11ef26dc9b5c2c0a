// Reading back what was said. Ids are dense in a room, so it is known which messages a page must have: one that is missing
// is damage, not the end of the log.
import type { RoomLog, StoredMessage, UserId } from '../store.js';
import type { Database, Statement } from './database.js';
import { maxRun, runColumns, runOf, type Run } from './runs.js';
import { checked, DamageError, summed } from './sums.js';

const findRuns = `SELECT ${runColumns} FROM runs r WHERE room = ? AND first > ? AND first <= ? AND last >= ? ORDER BY first`;
const findNames = `SELECT id, ${summed('users')} FROM users WHERE id IN (SELECT value FROM json_each(?))`;

/** Authors whose names are kept; beyond it they are read again. */
const maxNames = 100_000;

export class History {
  readonly #runs: Statement;
  readonly #users: Statement;
  readonly #names = new Map<UserId, string>();

  private constructor(runs: Statement, users: Statement) {
    this.#runs = runs;
    this.#users = users;
  }

  static async prepare(database: Database): Promise<History> {
    return new History(await database.prepare(findRuns), await database.prepare(findNames));
  }

  /** The messages from `low` to `high`, all of which were committed. Rejects with DamageError where one is not there. */
  async read({ id: room, name }: RoomLog, low: number, high: number): Promise<readonly StoredMessage[]> {
    if (low > high) return [];
    const runs = (await this.#runs.all(room, low - maxRun, high, low)).map(runOf);
    await this.#learnNames(runs);
    const messages: StoredMessage[] = [];
    for (const run of runs) {
      for (let id = Math.max(low, run.first); id <= high && id < run.first + run.messages.length; id += 1) {
        if (id !== low + messages.length) break;
        const [author, message] = run.messages[id - run.first] ?? [0, ''];
        messages.push({ id, prev: id - 1, username: this.#nameOf(author), message, time: run.time });
      }
    }
    if (messages.length <= high - low)
      throw new DamageError(`message ${low + messages.length} of ${JSON.stringify(name)} is not there`);
    return messages;
  }

  async #learnNames(runs: readonly Run[]): Promise<void> {
    const unknown = new Set<UserId>();
    for (const { messages } of runs) for (const [author] of messages) if (!this.#names.has(author)) unknown.add(author);
    if (unknown.size === 0) return;
    if (this.#names.size > maxNames) this.#names.clear();
    for (const row of await this.#users.all(JSON.stringify([...unknown]))) {
      this.#names.set(Number(row['id']), String(checked('users', row)['name']));
    }
  }

  #nameOf(author: UserId): string {
    const name = this.#names.get(author);
    if (name === undefined) throw new DamageError(`user ${author}, who wrote a message, is not there`);
    return name;
  }
}
