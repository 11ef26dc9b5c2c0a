// Reads stored messages. Ids are dense in a log, so it is known which messages a page must have: one that is missing is
// damage, not the end of the log.
import { damaged } from './damaged.js';
import type { LogId, Messages } from '../log.js';
import { messagesBetween } from '../messages.js';
import type { Authors } from './authors.js';
import type { Database, Statement } from './database.js';
import { maxRun, runColumns, runOf } from './runs.js';

const find = `SELECT ${runColumns} FROM runs r WHERE room = ? AND first > ? AND first <= ? AND last >= ? ORDER BY first`;

/** Reads messages by their ids. */
export class History {
  readonly #find: Statement;
  readonly #authors: Authors;

  private constructor(statement: Statement, authors: Authors) {
    this.#find = statement;
    this.#authors = authors;
  }

  static async prepare(reader: Database, authors: Authors): Promise<History> {
    return new History(await reader.prepare(find), authors);
  }

  /** The messages from `low` to `high`, all of which are stored. Rejects with DamageError where one is not there. */
  async read(log: LogId, low: number, high: number): Promise<readonly Messages[]> {
    if (low > high) return [];
    const runs = (await this.#find.all(log, low - maxRun, high, low)).map(runOf);
    const authors = await this.#authors.of(runs.flatMap(({ columns }) => columns.authors));
    const page: Messages[] = [];
    let next = low;
    let column = 0;
    for (const { first, count, time, bytes, columns } of runs) {
      const { kinds, about, begins, ends } = columns;
      const whole = {
        log,
        first,
        time,
        authors: authors.slice(column, column + count),
        texts: { bytes, begins, ends },
        kinds,
        about,
      };
      column += count;
      const messages = messagesBetween(whole, low - 1, high);
      if (messages?.first !== next) break;
      page.push(messages);
      next += messages.authors.length;
    }
    if (next <= high) throw damaged(`message ${next} of room ${log} is not there`);
    return page;
  }
}
