// Keeps the index of what was said open (search-index.ts). Makes it anew where it is missing, damaged, distrusted or of
// other data.
import { existsSync, statSync } from 'node:fs';
import { messageOf, reasonOf } from '../../text/reason.js';
import { StoreFailure } from '../store.js';
import { isDamageOfIndex, removeIndex, SearchIndex } from './search-index.js';
import type { SearchSource } from './search-source.js';

/** The file of the index. One call at a time, but for `index`, `noteDamage` and `distrust`. */
export class SearchFile {
  readonly #path: string;
  readonly #source: Pick<SearchSource, 'state'>;
  #index: SearchIndex | undefined;
  /** Why the index that was open can't be used any more. */
  #broken: string | undefined;
  /** Why it was begun anew, until somebody has asked. */
  #anew: string | undefined;

  /** @param source reads what the index has to be about */
  constructor(path: string, source: Pick<SearchSource, 'state'>) {
    this.#path = path;
    this.#source = source;
  }

  /** The index, where it is open. It may be damaged. */
  get index(): SearchIndex | undefined {
    return this.#index;
  }

  /** Whether there is an index, open or not. */
  get isThere(): boolean {
    return this.#index !== undefined || existsSync(this.#path);
  }

  /** Opens the index, unless it is open, and begins it anew where it can't be used. Rejects with DatabaseError. */
  async open(): Promise<SearchIndex> {
    const isThere = existsSync(this.#path);
    const reason = this.#broken ?? (this.#index !== undefined && !isThere ? 'its file was removed' : undefined);
    if (this.#index !== undefined && reason === undefined) return this.#index;
    await this.close();
    if (reason !== undefined) return this.#begin(reason);
    // Read before the index is made: what is stored meanwhile is no reason to say that it was missing.
    const isMissing = !isThere && (await this.#source.state(0, 0)).newest > 0;
    try {
      const index = await SearchIndex.open(this.#path);
      const strange = await this.#strangeness(index).catch(async (error: unknown) => {
        await index.close().catch(() => undefined);
        throw error;
      });
      if (strange === undefined) {
        this.#index = index;
        if (isMissing) this.#anew = 'it was missing';
        return index;
      }
      await index.close();
      return await this.#begin(strange);
    } catch (error) {
      if (!isDamageOfIndex(error)) throw error;
      return this.#begin(messageOf(error));
    }
  }

  /** Answers why the index was begun anew since the last call; undefined where it was not. */
  takeReason(): string | undefined {
    const reason = this.#anew;
    this.#anew = undefined;
    return reason;
  }

  /** Has the next `open` begin the index anew. @param reason what is wrong with it */
  distrust(reason: string): void {
    this.#broken = reason;
  }

  /** Distrusts the index where the error says that it is damaged. Answers whether it is. */
  noteDamage(error: unknown): boolean {
    if (!isDamageOfIndex(error)) return false;
    this.distrust(messageOf(error));
    return true;
  }

  /** Closes the index, if it is open. */
  async close(): Promise<void> {
    const index = this.#index;
    this.#index = undefined;
    await index?.close().catch(() => undefined);
  }

  /** Removes the file of an index that is closed. Throws StoreFailure where it can't be removed. */
  remove(): void {
    // What is no file has no word of ours, and is not ours to remove.
    if (statSync(this.#path, { throwIfNoEntry: false })?.isFile() === false) return;
    try {
      removeIndex(this.#path);
    } catch (error) {
      throw new StoreFailure(`the index of what was said can't be removed: ${reasonOf(error)}`);
    }
  }

  async #begin(anew: string): Promise<SearchIndex> {
    removeIndex(this.#path);
    this.#broken = undefined;
    this.#anew = anew;
    this.#index = await SearchIndex.open(this.#path);
    return this.#index;
  }

  /** Why the index is not that of this data; undefined where it can be. */
  async #strangeness(index: SearchIndex): Promise<string | undefined> {
    const { seq, room, last } = await index.position();
    const { newest, at } = await this.#source.state(seq, seq);
    const isOther = newest < seq || (at !== undefined && (at.room !== room || at.last !== last));
    return isOther ? 'it is of other data' : undefined;
  }
}
