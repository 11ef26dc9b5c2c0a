// Deletes messages: writes their runs anew without their texts. `secure_delete` (open.ts) has SQLite overwrite what a
// row leaves behind in the database.
import type { Deletion, LogId, UserId } from '../log.js';
import { RunEncoder } from '../run-format.js';
import type { Database } from './database.js';
import { prepareAll, type Prepared } from './prepared.js';
import { runColumns, runOf, type Run } from './runs.js';
import { sumOfRun } from './sums.js';

const sql = {
  findRun: `SELECT seq, ${runColumns} FROM runs r
    WHERE room = ?1 AND first = (SELECT max(first) FROM runs WHERE room = ?1 AND first <= ?2)`,
  rewrite: 'UPDATE runs SET messages = ?2, crc = ?3 WHERE seq = ?1',
  editsOf: 'SELECT id FROM edits WHERE room = ? AND about = ? ORDER BY id',
  forgetEdits: 'DELETE FROM edits WHERE room = ? AND about = ?',
  forgetEdit: 'DELETE FROM edits WHERE room = ? AND about = ? AND id = ?',
} as const;

/** A run, and the number of its row. */
interface Found {
  readonly seq: number;
  readonly run: Run;
}

/** Deletes messages, within the transactions of commits. */
export class Deletions {
  readonly #statements: Prepared<typeof sql>;
  readonly #encoder = new RunEncoder();

  private constructor(statements: Prepared<typeof sql>) {
    this.#statements = statements;
  }

  /** @param writer the connection that writes */
  static async prepare(writer: Database): Promise<Deletions> {
    return new Deletions(await prepareAll(writer, sql));
  }

  /** As `MessageLog.deleteMessage`. Rejects with DamageError where a run that it has to write anew is damaged. */
  async delete(log: LogId, id: number, mayDelete: (author: UserId) => boolean): Promise<Deletion> {
    const found = await this.#find(log, id);
    if (found === undefined) return 'missing';
    const { first, columns } = found.run;
    const at = id - first;
    if (!mayDelete(columns.authors[at] ?? 0)) return 'refused';
    if (columns.begins[at] === columns.ends[at]) return 'again';
    const { editsOf, forgetEdits, forgetEdit } = this.#statements;
    if (columns.kinds[at] === 'edit') {
      await this.blank(log, [id], found);
      await forgetEdit.run(log, columns.about[at] ?? 0, id);
    } else {
      const edits = (await editsOf.all(log, id)).map((row) => Number(row['id']));
      await this.blank(log, [id, ...edits], found);
      if (edits.length > 0) await forgetEdits.run(log, id);
    }
    return 'deleted';
  }

  /**
   * Takes away the texts of messages of a log. The caller takes care of the table of edits. @param ids in their order
   * @param known the run of the first one, where the caller has it
   */
  async blank(log: LogId, ids: readonly number[], known?: Found): Promise<void> {
    let found = known;
    for (let place = 0; place < ids.length; ) {
      const id = ids[place] ?? 0;
      if (found === undefined || !isIn(found.run, id)) found = await this.#find(log, id);
      const { run, seq } = found ?? {};
      const inRun = new Set<number>();
      for (; run !== undefined && isIn(run, ids[place] ?? 0); place += 1) inRun.add(ids[place] ?? 0);
      if (run === undefined || seq === undefined) place += 1;
      else await this.#rewrite(seq, run, inRun);
      found = undefined;
    }
  }

  async #find(log: LogId, id: number): Promise<Found | undefined> {
    const [row] = await this.#statements.findRun.all(log, id);
    const run = row && runOf(row);
    return run !== undefined && isIn(run, id) ? { seq: Number(row?.['seq']), run } : undefined;
  }

  /** Writes a run anew. The messages with these ids have no text afterwards. */
  async #rewrite(
    seq: number,
    { room, first, count, time, bytes, columns }: Run,
    ids: ReadonlySet<number>,
  ): Promise<void> {
    const encoder = this.#encoder;
    encoder.clear();
    encoder.begin();
    const { authors, kinds, about, begins, ends } = columns;
    for (const [at, author] of authors.entries()) {
      const [kind, id] = [kinds[at] ?? 'text', about[at] ?? 0];
      const [begin = 0, end = 0] = [begins[at], ends[at]];
      if (begin === end || ids.has(first + at)) encoder.addDeleted(author, kind, id);
      else encoder.add(author, kind, id, bytes, begin, end);
    }
    const messages = Buffer.from(encoder.bytes);
    await this.#statements.rewrite.run(seq, messages, sumOfRun(room, first, first + count - 1, time, messages));
  }
}

function isIn({ first, count }: Run, id: number): boolean {
  return id >= first && id < first + count;
}
