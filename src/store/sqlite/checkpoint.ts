// Brings the WAL into the database beside the commits, not in them. SQLite's own checkpoint would run in the commit that
// crosses a threshold and make everybody wait for it.
import { stat } from 'node:fs/promises';
import { isHarmless, type Database } from './database.js';

/** Commits between two looks at the WAL. */
const interval = 64;
/** A WAL of this size is worth a checkpoint by the reading connection, which the writing one does not wait for. */
const asideBytes = 8 * 1024 * 1024;
/** Writers that never pause let the WAL grow all the same: at this size the writing connection finishes the job itself. */
const betweenBytes = 256 * 1024 * 1024;

export class Checkpoints {
  readonly #wal: string;
  readonly #writer: Database;
  readonly #reader: Database;
  #commits = 0;
  #aside: Promise<void> | undefined;
  #broken: unknown;

  constructor(path: string, writer: Database, reader: Database) {
    this.#wal = `${path}-wal`;
    this.#writer = writer;
    this.#reader = reader;
  }

  /** To be awaited after each commit, before the next one sets out. Rejects when a checkpoint's sync failed. */
  async committed(): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken;
    this.#commits += 1;
    if (this.#commits % interval !== 0) return;
    const { size } = await stat(this.#wal);
    if (size >= betweenBytes) {
      await this.#aside;
      await this.#checkpoint(this.#writer, 'TRUNCATE');
    } else if (size >= asideBytes) {
      this.#aside ??= this.#checkpoint(this.#reader, 'PASSIVE').finally(() => { this.#aside = undefined; });
    }
  }

  /** A full disk, or a reader in the way, only puts it off. */
  async #checkpoint(database: Database, mode: 'PASSIVE' | 'TRUNCATE'): Promise<void> {
    try {
      await database.all(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      if (!isHarmless(error)) this.#broken = error;
    }
  }
}
