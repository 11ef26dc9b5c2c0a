// Finds messages by their times, without an index: times grow with ids in a log, so a search by halves over its runs
// takes some twenty look-ups in a log of a million.
import type { LogId } from '../log.js';
import type { Database, Statement } from './database.js';

// `low` and `high` enclose the id that is looked for. Each step looks at the run in the middle, or at the one before it
// where the middle is in no run. Its checksum is not read: a wrong time leads to another page, whose own is.
const find = `WITH RECURSIVE search(low, high) AS (
    SELECT coalesce((SELECT min(first) FROM runs WHERE room = ?1), 1),
      coalesce((SELECT last FROM runs WHERE room = ?1 ORDER BY first DESC LIMIT 1), 0) + 1
    UNION ALL SELECT
      CASE WHEN found.time < ?2 THEN max(found.last, (search.low + search.high) / 2) + 1 ELSE search.low END,
      CASE WHEN found.time < ?2 THEN search.high ELSE found.first END
    FROM search JOIN runs found ON found.room = ?1 AND found.first =
      (SELECT max(first) FROM runs WHERE room = ?1 AND first <= (search.low + search.high) / 2)
    WHERE search.low < search.high)
  SELECT low FROM search WHERE low >= high LIMIT 1`;

/** Finds messages by their times. */
export class Times {
  readonly #find: Statement;

  private constructor(statement: Statement) {
    this.#find = statement;
  }

  static async prepare(reader: Database): Promise<Times> {
    return new Times(await reader.prepare(find));
  }

  /** As `MessageLog.firstSince`. Rejects with DatabaseError. */
  async firstSince(log: LogId, time: number): Promise<number> {
    const [row] = await this.#find.all(log, time);
    return Number(row?.['low'] ?? 1);
  }
}
