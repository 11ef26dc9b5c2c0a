// Copies the write-ahead log into the database beside the commits. SQLite's own checkpoint would run in the commit that
// crosses a threshold, and every client would wait for it. The reading connection copies most pages; the writing one
// copies the few that came meanwhile, between two commits, so that the next commit writes from the log's beginning
// again: a sync is twice as fast in a file that need not grow. Every checkpoint is a passive one: the others wait, for
// a second, for whoever reads an older state, and a backup does so until it ends. Only what the writing connection
// copies keeps the next commit waiting, and the last one is told meanwhile.
import { isHarmless, type Database } from './database.js';

/** How many commits pass between two looks at the size of the log. */
const interval = 64;
/** A log of this many pages (of 4 KiB as a rule) is checkpointed. */
const asidePages = 2048;
/** At most this many pages are copied between two commits; where more are left, they are copied beside the commits. */
const leftPages = 1024;
/**
 * Where commits never pause, or somebody reads an older state for long, the log grows all the same. In a log of
 * `pages`, up to `left` are copied between two commits. In one of `most`, all are that came during a copy beside the
 * commits: the disk can't keep up.
 */
const large = { pages: 65_536, left: 8192, most: 262_144 } as const;

/** Milliseconds that a statement waits for a lock that another connection has: node-sqlite3's own value. */
const busyMilliseconds = 1000;

/** The log's pages, and how many of them the database has not got yet. */
interface LogSize {
  readonly pages: number;
  readonly left: number;
  /** Whether nobody kept the checkpoint from its work. */
  readonly isDone: boolean;
}

/** Decides after each commit whether the log is copied, and copies it. */
export class Checkpoints {
  readonly #writer: Database;
  readonly #reader: Database;
  #commits = 0;
  /** Whether the reading connection looks at the log, or copies pages. */
  #isAside = false;
  /** Whether the reading connection has copied pages since the last look. */
  #copied = false;
  /** Whether the writing connection should copy the pages that are left. */
  #isDue = false;
  #broken: Error | undefined;
  /** Those who wait until the log is empty. */
  #waiting: (() => void)[] = [];

  constructor(writer: Database, reader: Database) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /**
   * Is called after each commit. Answers what the next commit has to wait for; undefined as a rule. Throws where a
   * checkpoint's sync failed.
   */
  committed(): Promise<void> | undefined {
    if (this.#broken !== undefined) throw this.#broken;
    this.#commits += 1;
    if (this.#isAside) return undefined;
    if (this.#waiting.length > 0) return this.#empty();
    if (this.#isDue) return this.#copyRest();
    if (this.#copied || this.#commits % interval === 0) this.#beside(this.#look());
    return undefined;
  }

  /**
   * Fulfils when all that was committed before the call stands in the database alone, and the log's file is empty. That
   * happens after one of the next commits in which nobody reads an older state.
   */
  empty(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Empties the log, if few pages are left to be copied and nobody reads an older state; else begins to copy them. */
  async #empty(): Promise<void> {
    const { left } = await this.#checkpoint(this.#writer, 'NOOP');
    if (left > leftPages) {
      this.#beside(this.#copyAside());
      return;
    }
    const waiting = this.#waiting;
    // Commits must not wait for whoever reads.
    await this.#writer.exec('PRAGMA busy_timeout = 0');
    const { isDone } = await this.#checkpoint(this.#writer, 'TRUNCATE');
    await this.#writer.exec(`PRAGMA busy_timeout = ${busyMilliseconds}`);
    if (!isDone) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Lets the reading connection do something that no commit waits for. It never rejects (`#checkpoint`). */
  #beside(work: Promise<void>): void {
    this.#isAside = true;
    void work.then(() => {
      this.#isAside = false;
    });
  }

  /** Looks at the log beside the commits, and copies it there, or has the next commit copy what is left. */
  async #look(): Promise<void> {
    const wasCopied = this.#copied;
    this.#copied = false;
    const { pages, left } = await this.#checkpoint(this.#reader, 'NOOP');
    if (pages < asidePages) return;
    const isFew = left <= (pages < large.pages ? leftPages : large.left);
    this.#isDue = isFew || (wasCopied && pages >= large.most);
    if (!this.#isDue) await this.#copyAside();
  }

  async #copyAside(): Promise<void> {
    await this.#checkpoint(this.#reader, 'PASSIVE');
    this.#copied = true;
  }

  async #copyRest(): Promise<void> {
    this.#isDue = false;
    await this.#checkpoint(this.#writer, 'PASSIVE');
  }

  /** Runs a checkpoint. Where the disk is full or a reader blocks it, a later one does the work. */
  async #checkpoint(database: Database, mode: 'NOOP' | 'PASSIVE' | 'TRUNCATE'): Promise<LogSize> {
    try {
      const [row] = await database.all(`PRAGMA wal_checkpoint(${mode})`);
      const pages = Number(row?.['log'] ?? 0);
      return { pages, left: pages - Number(row?.['checkpointed'] ?? 0), isDone: row?.['busy'] === 0 };
    } catch (error) {
      if (!isHarmless(error)) this.#broken = error instanceof Error ? error : new Error(String(error));
      return { pages: 0, left: 0, isDone: false };
    }
  }
}
