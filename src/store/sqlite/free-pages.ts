// Overwrites the free pages of a database that an older salond had: what 0.1.0 deleted, and the old form of what a
// migration has converted, stays in them (migrate.ts). It is done once, by the first deletion of a user, which must
// leave nothing of the user in the file. The free pages are filled with rows of zeros, a few in each transaction; when
// the rows go, `secure_delete` overwrites their pages, and they are free again.
import type { Write } from './write.js';
import { prepareAll, type Prepared, type ReaderAndWriter } from './prepared.js';

/** How many pages, of 4 KiB as a rule, are filled or freed in one transaction. */
const pagesAtOnce = 64;

const commands = {
  areOld: 'SELECT are_old FROM free_pages',
  free: 'PRAGMA freelist_count',
  pageSize: 'PRAGMA page_size',
  fill: 'INSERT INTO zeros (bytes) VALUES (zeroblob(?))',
  empty: 'DELETE FROM zeros WHERE id = (SELECT max(id) FROM zeros) RETURNING 1',
  done: 'UPDATE free_pages SET are_old = 0',
} as const;

/** The free pages of a database. */
export class FreePages {
  readonly #commands: Prepared<typeof commands>;
  readonly #write: Write;
  /** Whether they are known to have nothing. */
  #areClean = false;
  #running: Promise<void> | undefined;

  private constructor(prepared: Prepared<typeof commands>, write: Write) {
    this.#commands = prepared;
    this.#write = write;
  }

  static async prepare({ writer }: ReaderAndWriter, write: Write): Promise<FreePages> {
    return new FreePages(await prepareAll(writer, commands), write);
  }

  /**
   * Fulfils when no free page has anything of older data. A process that ends meanwhile begins again at the next call.
   * Rejects with StoreFailure or StoreAway.
   */
  async overwrite(): Promise<void> {
    if (this.#areClean) return;
    this.#running ??= this.#overwrite().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
    this.#areClean = true;
  }

  async #overwrite(): Promise<void> {
    const { areOld, fill, empty, done, free, pageSize } = this.#commands;
    if (Number((await this.#write(() => areOld.all()))[0]?.['are_old']) === 0) return;
    const fillSome = async (): Promise<number> => {
      const left = Number((await free.all())[0]?.['freelist_count']);
      const size = Number((await pageSize.all())[0]?.['page_size']);
      if (left > 0) await fill.run(Math.min(left, pagesAtOnce) * size);
      return left;
    };
    while ((await this.#write(fillSome)) > 0);
    while ((await this.#write(() => empty.all())).length > 0);
    await this.#write(() => done.run());
  }
}
