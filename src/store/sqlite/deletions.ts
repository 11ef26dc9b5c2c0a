// Deletes messages: writes their runs anew without their texts. `secure_delete` (open.ts) has SQLite overwrite what a
// row leaves behind in the database.
import type { Deletion, LogId, UserId } from '../log.js';
import type { Database } from './database.js';
import { Pace } from './pace.js';
import { prepareAll, type Prepared } from './prepared.js';
import { describedRuns, rewriteRuns, RewrittenRuns } from './rewritten-runs.js';
import { runInSteps } from './run-steps.js';
import { runColumns, type Run } from './runs.js';

const sql = {
  findRuns: `SELECT seq, ${runColumns} FROM runs r WHERE seq IN (
    SELECT (SELECT seq FROM runs WHERE room = ?1 AND first <= asked.value ORDER BY first DESC LIMIT 1)
      FROM json_each(?2) asked)`,
  rewrite: rewriteRuns,
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
    const anew = new RewrittenRuns();
    const pace = new Pace();
    for (const row of await this.#statements.findRuns.all(log, JSON.stringify(ids))) {
      // A run may be long, and each of a hundred edits may be in another one.
      const run = await runInSteps(row, pace);
      anew.add(Number(row['seq']), run, (at) => all.has(run.first + at));
      await pace.giveWay();
    }
    await this.#statements.rewrite.all(describedRuns(anew.runs), anew.bytes);
  }
}

function isIn({ first, count }: Run, id: number): boolean {
  return id >= first && id < first + count;
}
