// The edits of messages (PROTOCOL.md §4.6), in a table of their own: the runs say what a message is about, but not
// which messages are about it.
import type { LogId } from '../log.js';
import type { Target } from '../numbering.js';
import type { StoreFailure } from '../store.js';
import { damaged } from './damaged.js';
import type { Database, Statement } from './database.js';
import { readEach } from './reading.js';
import { runColumns, runOf } from './runs.js';
import { checked, summed, sumOf } from './sums.js';

/** SQL: inserts the edits that `editRow` describes, which stand in a JSON array. */
export const insertEdits = `INSERT INTO edits (${summed('edits')})
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM jsonb_each(?)`;

/** Makes a row for `insertEdits`, as JSON. @param about the id of the message that the edit `id` is about */
export function editRow(log: LogId, about: number, id: number): string {
  return JSON.stringify([log, about, id, sumOf([log, about, id])]);
}

/**
 * SQL: the newest edits of the messages ?4 to ?3 of the log ?1 as JSON, `[[about, id, crc], …]`. It skips from one
 * edited message to the next, so it takes two look-ups for each, however often it was edited.
 */
export const newestEdits = `(WITH RECURSIVE edited(about) AS (
      SELECT min(about) FROM edits WHERE room = ?1 AND about >= ?4 AND about <= ?3
      UNION ALL SELECT (SELECT min(e.about) FROM edits e WHERE e.room = ?1 AND e.about > edited.about AND e.about <= ?3)
        FROM edited WHERE edited.about IS NOT NULL)
    SELECT json_group_array(json((SELECT json_array(e.about, e.id, e.crc) FROM edits e
        WHERE e.room = ?1 AND e.about = edited.about ORDER BY e.id DESC LIMIT 1)))
      FROM edited WHERE edited.about IS NOT NULL)`;

/** Reads what `newestEdits` answers. Throws DamageError where a row is not what was written. */
export function newestEditsIn(room: LogId, json: unknown): ReadonlyMap<number, number> {
  const rows = JSON.parse(String(json)) as readonly (readonly [about: number, id: number, crc: number])[];
  return new Map(
    rows.map(([about, id, crc]) => {
      checked('edits', { room, about, id, crc });
      return [about, id] as const;
    }),
  );
}

const findTargets = `SELECT asked.key AS place, ${runColumns},
    (SELECT count(*) FROM edits e WHERE e.room = asked.value ->> 0 AND e.about = asked.value ->> 1) AS edits
  FROM json_each(?) asked JOIN runs r ON r.room = asked.value ->> 0
  AND r.first = (SELECT max(first) FROM runs WHERE room = asked.value ->> 0 AND first <= asked.value ->> 1)`;

/** The log and the id of a message that an edit is about. */
export type AskedTarget = readonly [log: LogId, id: number];

/** Finds the messages that edits are about. */
export class EditTargets {
  readonly #find: Statement;

  private constructor(statement: Statement) {
    this.#find = statement;
  }

  static async prepare(database: Database): Promise<EditTargets> {
    return new EditTargets(await database.prepare(findTargets));
  }

  /** Finds messages by their places in the list. Those that are not there are left out. */
  findEach(asked: readonly AskedTarget[]): Promise<ReadonlyMap<number, Target | StoreFailure>> {
    return readEach(asked, (some) => this.#findAll(some));
  }

  async #findAll(asked: readonly AskedTarget[]): Promise<ReadonlyMap<number, Target>> {
    const found = new Map<number, Target>();
    for (const row of await this.#find.all(JSON.stringify(asked))) {
      const place = Number(row['place']);
      const { first, count, columns } = runOf(row);
      const at = (asked[place]?.[1] ?? 0) - first;
      if (at < 0 || at >= count) continue;
      const { authors, kinds, begins, ends } = columns;
      const [author, kind] = [authors[at], kinds[at]];
      if (author === undefined || kind === undefined) throw damaged('a run is too short');
      found.set(place, { author, kind, isDeleted: begins[at] === ends[at], edits: Number(row['edits']) });
    }
    return found;
  }
}
