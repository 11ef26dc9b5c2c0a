// Reads stored messages. Ids are dense in a log, so a page has to have every id of its range: a missing one is damage,
// not the end of the log.
import { damaged } from './damaged.js';
import type { LogId, Messages } from '../log.js';
import { messagesBetween } from '../messages.js';
import type { Authors } from './authors.js';
import type { Database, Row, Statement } from './database.js';
import { maxRun, runOf, type Run } from './runs.js';

// Selects all runs of a page in one row: their descriptions as JSON, and their bytes joined. A row and a Buffer for
// each run would take longer than reading the runs. SQLite joins texts only, so the bytes are cast to text, which
// leaves them unchanged.
const find = `SELECT json_group_array(json_array(first, last, time, length(messages), crc)) AS runs,
    CAST(group_concat(CAST(messages AS TEXT), '') AS BLOB) AS bytes
  FROM (SELECT * FROM runs WHERE room = ? AND first > ? AND first <= ? AND last >= ? ORDER BY first)`;

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
    const [row] = await this.#find.all(log, low - maxRun, high, low);
    const runs = row === undefined ? [] : runsOf(log, row);
    const authors = await this.#authors.find(runs.map(({ columns }) => columns.authors));
    const page: Messages[] = [];
    let next = low;
    for (const { first, count, time, bytes, columns } of runs) {
      const { kinds, about, begins, ends } = columns;
      const texts = { bytes, begins, ends };
      const run = { log, first, time, authors: columns.authors.map(authors), texts, kinds, about };
      const isInside = first >= low && first + count - 1 <= high;
      const messages = isInside ? run : messagesBetween(run, low - 1, high);
      if (messages?.first !== next) break;
      page.push(messages);
      next += messages.authors.length;
    }
    if (next <= high) throw damaged(`message ${next} of room ${log} is not there`);
    return page;
  }
}

/** The runs of a page, checked. Throws DamageError. */
function runsOf(room: LogId, page: Row): readonly Run[] {
  const bytes = page['bytes'] instanceof Buffer ? page['bytes'] : Buffer.alloc(0);
  const described = JSON.parse(String(page['runs'])) as readonly (readonly number[])[];
  let begin = 0;
  return described.map(([first, last, time, length = 0, crc]) => {
    const messages = bytes.subarray(begin, begin + length);
    begin += length;
    return runOf({ room, first, last, time, messages, crc });
  });
}
