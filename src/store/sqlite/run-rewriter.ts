// Writes runs anew in transactions of commits, as far as nobody has changed them since they were read and no damaged
// page is met.
import { StoreFailure } from '../store.js';
import type { Database, Statement } from './database.js';
import type { Write } from './write.js';
import { isDamagedPage } from './readable-runs.js';
import { describedRuns, rewriteRuns, type RewrittenRun } from './rewritten-runs.js';

const forgetEdits = `DELETE FROM edits WHERE (room, about, id) IN
  (SELECT value ->> 0, value ->> 1, value ->> 2 FROM jsonb_each(?))`;

/** The runs that were not written. */
export interface Unwritten {
  /** Others have changed or removed them. */
  readonly changed: readonly RewrittenRun[];
  /** They stand on a damaged page. */
  readonly damaged: readonly RewrittenRun[];
}

/** Writes runs anew, and forgets their edits that have lost their texts. */
export class RunRewriter {
  readonly #rewrite: Statement;
  readonly #forgetEdits: Statement;
  readonly #write: Write;

  private constructor(rewrite: Statement, forget: Statement, write: Write) {
    this.#rewrite = rewrite;
    this.#forgetEdits = forget;
    this.#write = write;
  }

  static async prepare(writer: Database, write: Write): Promise<RunRewriter> {
    return new RunRewriter(await writer.prepare(rewriteRuns), await writer.prepare(forgetEdits), write);
  }

  /**
   * Writes some runs in one transaction; where a damaged page prevents that, each in its own. Rejects with StoreFailure
   * or StoreAway for any other reason.
   * @param bytes the joined bytes of `RewrittenRuns`
   */
  async write(runs: readonly RewrittenRun[], bytes: Buffer): Promise<Unwritten> {
    const met = { damage: false };
    try {
      const changed = await this.#write(() => {
        // A commit that meets damage in what others write calls this again.
        met.damage = false;
        return this.#writeAll(runs, bytes).catch((error: unknown) => {
          met.damage = isDamagedPage(error);
          throw error;
        });
      });
      return { changed, damaged: [] };
    } catch (error) {
      if (!met.damage || !(error instanceof StoreFailure)) throw error;
    }
    if (runs.length === 1) return { changed: [], damaged: runs };
    const each: Unwritten[] = [];
    for (const run of runs) each.push(await this.write([run], bytes));
    return {
      changed: each.flatMap(({ changed }) => changed),
      damaged: each.flatMap(({ damaged }) => damaged),
    };
  }

  /** Within a commit. Answers the runs that others have changed. */
  async #writeAll(runs: readonly RewrittenRun[], bytes: Buffer): Promise<readonly RewrittenRun[]> {
    const written = new Set((await this.#rewrite.all(describedRuns(runs), bytes)).map(({ seq }) => Number(seq)));
    const edits = runs.filter(({ seq }) => written.has(seq)).flatMap((run) => run.edits);
    // `run` might fulfil before a damaged page is met.
    if (edits.length > 0) await this.#forgetEdits.all(JSON.stringify(edits));
    return runs.filter(({ seq }) => !written.has(seq));
  }
}
