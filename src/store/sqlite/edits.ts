// The edits of messages (PROTOCOL.md §4.6), in a table of their own: the runs say what a message is about, but not
// which messages are about it.
import type { LogId } from '../log.js';
import type { Target } from '../judge.js';
import type { StoreFailure } from '../store.js';
import type { Database, Statement } from './database.js';
import { readEach } from './reading.js';
import { runsInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
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

const firstOfRun = `(SELECT max(first) FROM runs WHERE room = asked.value ->> 0 AND first <= asked.value ->> 1)`;

const findPlaces = `SELECT asked.key AS place, ${firstOfRun} AS first,
    (SELECT count(*) FROM edits e WHERE e.room = asked.value ->> 0 AND e.about = asked.value ->> 1) AS edits
  FROM json_each(?) asked`;

// Each run once, however many edits are about its messages.
const findRuns = `SELECT ${runColumns} FROM runs r WHERE (r.room, r.first) IN
  (SELECT asked.value ->> 0, ${firstOfRun} FROM json_each(?) asked)`;

const findErased = `SELECT asked.key AS place, erased FROM json_each(?) asked JOIN rooms ON rooms.id = asked.value
  WHERE erased > 0`;

/** The log and the id of a message that an edit is about. */
export type AskedTarget = readonly [log: LogId, id: number];

/** Finds the messages that edits are about, and which messages nothing can be about. */
export class EditTargets {
  readonly #places: Statement;
  readonly #runs: Statement;
  readonly #erased: Statement;

  private constructor(places: Statement, runs: Statement, erased: Statement) {
    this.#places = places;
    this.#runs = runs;
    this.#erased = erased;
  }

  static async prepare(database: Database): Promise<EditTargets> {
    const [places, runs] = [await database.prepare(findPlaces), await database.prepare(findRuns)];
    return new EditTargets(places, runs, await database.prepare(findErased));
  }

  /** Up to which ids the messages of these logs were trimmed or erased. A log of which none were is left out. */
  async erasedIn(logs: readonly LogId[]): Promise<ReadonlyMap<LogId, number | StoreFailure>> {
    const found = await readEach(logs, async (asked) => {
      const rows = await this.#erased.all(JSON.stringify(asked));
      return new Map(rows.map(({ place, erased }) => [Number(place), Number(erased)]));
    });
    return new Map([...found].map(([place, erased]) => [logs[place] ?? 0, erased]));
  }

  /** Finds messages by their places in the list. Those that are not there are left out. */
  findEach(asked: readonly AskedTarget[]): Promise<ReadonlyMap<number, Target | StoreFailure>> {
    return readEach(asked, (some) => this.#findAll(some));
  }

  async #findAll(asked: readonly AskedTarget[]): Promise<ReadonlyMap<number, Target>> {
    const json = JSON.stringify(asked);
    const places = await this.#places.all(json);
    const runs = new Map<string, Run>();
    for (const run of await runsInSteps(await this.#runs.all(json))) runs.set(`${run.room} ${run.first}`, run);
    const found = new Map<number, Target>();
    for (const { place, first, edits } of places) {
      const [log = 0, id = 0] = asked[Number(place)] ?? [];
      const run = runs.get(`${log} ${String(first)}`);
      const target = run && targetIn(run, id, Number(edits));
      if (target !== undefined) found.set(Number(place), target);
    }
    return found;
  }
}

/** The message with that id, where the run has it. @param edits how many it has */
function targetIn({ first, columns }: Run, id: number, edits: number): Target | undefined {
  const { authors, kinds, begins, ends } = columns;
  const at = id - first;
  const [author, kind] = [authors[at], kinds[at]];
  if (author === undefined || kind === undefined) return undefined;
  return { author, kind, isDeleted: begins[at] === ends[at], edits };
}
