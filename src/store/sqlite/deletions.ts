// Deletes messages: writes their runs anew without their texts. `secure_delete` (open.ts) has SQLite overwrite what a
// row leaves behind in the database.
import { setImmediate as turn } from 'node:timers/promises';
import type { Deletion, LogId, UserId } from '../log.js';
import { RunEncoder } from '../run-format.js';
import type { Database } from './database.js';
import { prepareAll, type Prepared } from './prepared.js';
import { runInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';
import { sumOfRun } from './sums.js';

const sql = {
  findRuns: `SELECT seq, ${runColumns} FROM runs r WHERE seq IN (
    SELECT (SELECT seq FROM runs WHERE room = ?1 AND first <= asked.value ORDER BY first DESC LIMIT 1)
      FROM json_each(?2) asked)`,
  // Each row gets its part of the joined bytes ?2.
  rewrite: `UPDATE runs SET messages = substr(?2, made.value ->> 1, made.value ->> 2), crc = made.value ->> 3
    FROM json_each(?1) made WHERE runs.seq = made.value ->> 0`,
  editsOf: 'SELECT id FROM edits WHERE room = ? AND about = ?',
  forgetEdits: 'DELETE FROM edits WHERE room = ? AND about = ?',
  forgetEdit: 'DELETE FROM edits WHERE room = ? AND about = ? AND id = ?',
} as const;

/** Deletes messages, within the transactions of commits. */
export class Deletions {
  readonly #statements: Prepared<typeof sql>;

  private constructor(statements: Prepared<typeof sql>) {
    this.#statements = statements;
  }

  /** @param writer the connection that writes */
  static async prepare(writer: Database): Promise<Deletions> {
    return new Deletions(await prepareAll(writer, sql));
  }

  /** As `MessageLog.deleteMessage`. Rejects with DamageError where a run that it has to write anew is damaged. */
  async delete(log: LogId, id: number, mayDelete: (author: UserId) => boolean): Promise<Deletion> {
    const { findRuns, editsOf, forgetEdits, forgetEdit } = this.#statements;
    const [row] = await findRuns.all(log, JSON.stringify([id]));
    const run = row && (await runInSteps(row));
    if (run === undefined || !isIn(run, id)) return 'missing';
    const { authors, kinds, about, begins, ends } = run.columns;
    const at = id - run.first;
    if (!mayDelete(authors[at] ?? 0)) return 'refused';
    if (begins[at] === ends[at]) return 'again';
    if (kinds[at] === 'edit') {
      await this.blank(log, [id]);
      await forgetEdit.run(log, about[at] ?? 0, id);
    } else {
      const edits = (await editsOf.all(log, id)).map((edit) => Number(edit['id']));
      await this.blank(log, [id, ...edits]);
      if (edits.length > 0) await forgetEdits.run(log, id);
    }
    return 'deleted';
  }

  /**
   * Takes away the texts of messages of a log, in two statements, whatever runs they are in. The caller takes care of
   * the table of edits, and of how much that is for one transaction.
   */
  async blank(log: LogId, ids: readonly number[]): Promise<void> {
    const all = new Set(ids);
    const encoder = new RunEncoder();
    const made: (readonly [seq: number, begin: number, length: number, crc: number])[] = [];
    for (const row of await this.#statements.findRuns.all(log, JSON.stringify(ids))) {
      // A run may be long, and each of a hundred edits may be in another one.
      await turn();
      const run = await runInSteps(row);
      const begin = encoder.length;
      encodeWithout(encoder, run, all);
      const { room, first, count, time } = run;
      const bytes = encoder.bytes.subarray(begin);
      made.push([Number(row['seq']), begin + 1, bytes.length, sumOfRun(room, first, first + count - 1, time, bytes)]);
    }
    await this.#statements.rewrite.run(JSON.stringify(made), encoder.bytes);
  }
}

/** Encodes a run. The messages with these ids have no texts in it. */
function encodeWithout(encoder: RunEncoder, { first, bytes, columns }: Run, ids: ReadonlySet<number>): void {
  encoder.begin();
  const { authors, kinds, about, begins, ends } = columns;
  for (const [at, author] of authors.entries()) {
    const [kind, id] = [kinds[at] ?? 'text', about[at] ?? 0];
    const [begin = 0, end = 0] = [begins[at], ends[at]];
    if (begin === end || ids.has(first + at)) encoder.addDeleted(author, kind, id);
    else encoder.add(author, kind, id, bytes, begin, end);
  }
}

function isIn({ first, count }: Run, id: number): boolean {
  return id >= first && id < first + count;
}
