// Reads stored messages. Ids are dense in a log, so a page has to have every id of its range: a missing one is damage,
// not the end of the log.
import { damaged } from './damaged.js';
import type { LogId, Messages, Page } from '../log.js';
import { messagesBetween } from '../messages.js';
import { partsOf } from '../parts.js';
import type { Authors } from './authors.js';
import type { Database, Statement } from './database.js';
import { maxRun, runOf, type Run } from './runs.js';

// Selects all runs of a page in one row: their descriptions as JSON, and their bytes joined. A row and a Buffer for
// each run would take longer than reading the runs. SQLite joins texts only, so the bytes are cast to text, which
// leaves them unchanged. Where they are more than allowed, the row has none of them: their sum is read without them.
const within = 'room = ?1 AND first > ?2 AND first <= ?3 AND last >= ?4';
const find = `SELECT json_group_array(json_array(first, last, time, length(messages), crc)) AS runs,
    CAST(group_concat(CASE WHEN ?5 IS NULL OR (SELECT sum(length(messages)) FROM runs WHERE ${within}) <= ?5
      THEN CAST(messages AS TEXT) ELSE '' END, '') AS BLOB) AS bytes
  FROM (SELECT * FROM runs WHERE ${within} ORDER BY first)`;

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

  /**
   * The messages from `low` to `high`, all of which are stored, or the parts in which to read them where their rows have
   * more than `maxBytes` bytes. Rejects with DamageError where one is not there.
   */
  async read(log: LogId, low: number, high: number, maxBytes: number): Promise<Omit<Page, 'more'>> {
    if (low > high) return { messages: [] };
    // An aggregate answers one row, whatever it finds.
    const [row] = await this.#find.all(log, low - maxRun, high, low, Number.isFinite(maxBytes) ? maxBytes : null);
    const described = JSON.parse(String(row?.['runs'])) as readonly Described[];
    if (described.reduce((sum, [, , , length]) => sum + length, 0) > maxBytes) {
      const parts = partsOf(described.map(sizeOf), maxBytes);
      if (parts.length > 1) return { messages: [], parts: [...parts.slice(0, -1), high] };
      // A row can't be read in parts: its checksum is that of all of it.
      return this.read(log, low, high, Infinity);
    }
    return { messages: await this.#messages(log, [low, high], runsOf(log, described, row?.['bytes'])) };
  }

  async #messages(
    log: LogId,
    [low, high]: readonly [low: number, high: number],
    runs: readonly Run[],
  ): Promise<readonly Messages[]> {
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

/** The first id of a run, the last one, its time, how many bytes it has, and its checksum. */
type Described = readonly [first: number, last: number, time: number, length: number, crc: number];

function sizeOf([, last, , length]: Described): readonly [last: number, bytes: number] {
  return [last, length];
}

/** The runs of a page, checked. Throws DamageError. */
function runsOf(room: LogId, described: readonly Described[], joined: unknown): readonly Run[] {
  const bytes = joined instanceof Buffer ? joined : Buffer.alloc(0);
  let begin = 0;
  return described.map(([first, last, time, length, crc]) => {
    const messages = bytes.subarray(begin, begin + length);
    begin += length;
    return runOf({ room, first, last, time, messages, crc });
  });
}
