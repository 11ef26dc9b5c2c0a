// Brings the WAL into the database beside the commits, not in them. SQLite's own checkpoint would run in the commit that
// crosses a threshold and make everybody wait for it. The reading connection copies the pages; what came meanwhile, little, the
// writing one copies between two commits, so that the next begins the log anew: a sync is twice as fast in a file that
// need not grow.
import { isHarmless, type Database } from './database.js';

/** Commits between two looks at the log. */
const interval = 64;
/** A log of so many pages (4 KiB as a rule) is worth a checkpoint. */
const asidePages = 2048;
/** So many pages left over are copied between two commits; more of them, beside the commits once more. */
const leftPages = 1024;
/** Writers that never pause let the log grow all the same: at this size it is copied whole between two commits. */
const mostPages = 65_536;

/** The log's pages, and how many of them the database has not got yet. */
interface LogSize {
  readonly pages: number;
  readonly left: number;
}

export class Checkpoints {
  readonly #writer: Database;
  readonly #reader: Database;
  #commits = 0;
  #aside: Promise<void> | undefined;
  /** The reading connection has just copied what there was. */
  #copied = false;
  #broken: unknown;

  constructor(writer: Database, reader: Database) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** To be awaited after each commit, before the next one sets out. Rejects when a checkpoint's sync failed. */
  async committed(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    this.#commits += 1;
    if (this.#aside !== undefined || !(this.#copied || this.#commits % interval === 0)) return;
    this.#copied = false;
    const { pages, left } = await this.#checkpoint(this.#writer, 'NOOP');
    if (pages < asidePages) return;
    if (left <= leftPages || pages >= mostPages) await this.#checkpoint(this.#writer, 'RESTART');
    else this.#aside = this.#copyAside();
  }

  async #copyAside(): Promise<void> {
    await this.#checkpoint(this.#reader, 'PASSIVE');
    this.#aside = undefined;
    this.#copied = true;
  }

  /** A full disk, or a reader in the way, only puts it off. */
  async #checkpoint(database: Database, mode: 'NOOP' | 'PASSIVE' | 'RESTART'): Promise<LogSize> {
    try {
      const [row] = await database.all(`PRAGMA wal_checkpoint(${mode})`);
      const pages = Number(row?.['log'] ?? 0);
      return { pages, left: pages - Number(row?.['checkpointed'] ?? 0) };
    } catch (error) {
      if (!isHarmless(error)) this.#broken = error;
      return { pages: 0, left: 0 };
    }
  }
}
