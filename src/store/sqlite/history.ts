// Reads stored messages. Ids are dense in a log, so a page has to have every id of its range behind those that were
// trimmed: a missing one is damage, not the end of the log.
import { DamageError } from '../damage.js';
import { damaged } from './damaged.js';
import type { LogId, Messages, Page } from '../log.js';
import { messagesBetween } from '../messages.js';
import type { Authors } from './authors.js';
import type { Database, Statement } from './database.js';
import { newestEdits, newestEditsIn } from './edits.js';
import { LongRuns, type RunDescription } from './long-runs.js';
import { maxRun, runOf, type Run } from './runs.js';

const within = 'room = ?1 AND first > ?2 AND first <= ?3 AND last >= ?4';

// The last run that is read: that of the last message, or the last that together with those before it has at most ?5
// bytes, or else the first one. A running sum takes as long as all the rest, and is seldom needed.
const lastRun = `SELECT CASE WHEN ?5 IS NULL OR (SELECT sum(length(messages)) FROM runs WHERE ${within}) <= ?5 THEN ?3
  ELSE coalesce(
    (SELECT max(first) FROM
      (SELECT first, sum(length(messages)) OVER (ORDER BY first) AS total FROM runs WHERE ${within}) WHERE total <= ?5),
    (SELECT min(first) FROM runs WHERE ${within})) END`;

// Selects all runs of a page in one row: their descriptions as JSON, and their bytes joined. A row and a Buffer for
// each run would take longer than reading the runs. SQLite joins texts only, so the bytes are cast to text, which
// leaves them unchanged. A run that alone has more than ?5 bytes comes without them, and SQLite does not read them: it
// would if the inner query had the column itself.
const find = `SELECT ${newestEdits} AS edits, json_group_array(json_array(first, last, time, length, crc)) AS runs,
    CAST(group_concat(text, '') AS BLOB) AS bytes,
    (SELECT erased FROM rooms WHERE id = ?1) AS erased
  FROM (SELECT first, last, time, length(messages) AS length, crc,
      CASE WHEN length(messages) > ?5 THEN '' ELSE CAST(messages AS TEXT) END AS text
    FROM runs WHERE room = ?1 AND first > ?2 AND first <= (${lastRun}) AND last >= ?4 ORDER BY first)`;

/** Ids from `low` to `high`. */
type Span = readonly [low: number, high: number];

/** The messages of a span that are kept. */
interface Kept extends Omit<Page, 'more'> {
  /** The messages of the log up to this id were trimmed. */
  readonly erased: number;
}

/** Reads messages by their ids. */
export class History {
  readonly #find: Statement;
  readonly #longRuns: LongRuns;
  readonly #authors: Authors;

  private constructor(found: Statement, longRuns: LongRuns, authors: Authors) {
    this.#find = found;
    this.#longRuns = longRuns;
    this.#authors = authors;
  }

  static async prepare(reader: Database, authors: Authors): Promise<History> {
    return new History(await reader.prepare(find, { isLong: true }), await LongRuns.prepare(reader), authors);
  }

  /**
   * The messages from `low` to `high`, all of which were stored, or the first of them that are kept: as many as have
   * `maxBytes` bytes, but at least one; their newest edits, and perhaps those of messages behind
   * them; and up to which id messages were trimmed. Rejects with DamageError where one is not there.
   */
  async read(log: LogId, low: number, high: number, maxBytes: number): Promise<Kept> {
    if (low > high) return { messages: [], edited: new Map(), erased: 0 };
    const read = (): Promise<Kept> => this.#read(log, [low, high], maxBytes);
    // A long run is found and read in two steps, and may be trimmed between them.
    return read().catch((error: unknown) => {
      if (error instanceof DamageError) return read();
      throw error;
    });
  }

  async #read(log: LogId, [asked, high]: Span, maxBytes: number): Promise<Kept> {
    const limit = Number.isFinite(maxBytes) ? maxBytes : null;
    // An aggregate answers one row, whatever it finds.
    const [row] = await this.#find.all(log, asked - maxRun, high, asked, limit);
    const erased = Number(row?.['erased'] ?? 0);
    const low = Math.max(asked, erased + 1);
    if (low > high) return { messages: [], edited: new Map(), erased };
    const described = descriptionsIn(log, row?.['runs']);
    const [first] = described;
    const runs =
      first !== undefined && first.length > maxBytes && first.first <= low
        ? [await this.#longRuns.read(first, low, high, maxBytes)]
        : runsOf(described, row?.['bytes']);
    const page = await this.#pageOf(log, [low, high], runs);
    const next = page.reduce((sum, { authors }) => sum + authors.length, low);
    // Where not all was asked for, a message that is missing behind these is found by the next read.
    if (next === low || (limit === null && next <= high)) throw damaged(`message ${next} of room ${log} is not there`);
    return { messages: page, edited: newestEditsIn(log, row?.['edits']), erased };
  }

  /** The messages that follow one another from `low` on. */
  async #pageOf(log: LogId, [low, high]: Span, runs: readonly Run[]): Promise<readonly Messages[]> {
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
    return page;
  }
}

/** The columns of a run in the answer of `find`. */
type Described = readonly [first: number, last: number, time: number, length: number, crc: number];

function descriptionsIn(room: LogId, json: unknown): readonly RunDescription[] {
  return (JSON.parse(String(json)) as readonly Described[]).map(([first, last, time, length, crc]) => ({
    room,
    first,
    last,
    time,
    length,
    crc,
  }));
}

/** The runs of a page, checked. Throws DamageError. */
function runsOf(described: readonly RunDescription[], joined: unknown): readonly Run[] {
  const bytes = joined instanceof Buffer ? joined : Buffer.alloc(0);
  let begin = 0;
  return described.map(({ room, first, last, time, length, crc }) => {
    const messages = bytes.subarray(begin, begin + length);
    begin += length;
    return runOf({ room, first, last, time, messages, crc });
  });
}
