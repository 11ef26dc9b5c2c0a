// The list of erasures: a file beside the database, which stays when a backup or an export becomes the data, so that
// who was erased since does not come back. It has no names: a line has a random key, and hashes by that key, as the
// database has them (erased-names.ts).
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { identityOf, type ErasedHashes } from './erased-names.js';
import { DataError, isCode } from './data-error.js';
import { replaceFile } from './replace.js';
import { messageOf, reasonOf } from '../../text/reason.js';

/** The name of the list in a data folder. */
export const listName = 'salond.erasures';

/** A list of erasures in memory. */
export class ErasureList {
  readonly #hashes = new Map<string, Set<string>>();

  /** Reads the list of a data folder, empty where there is none. Throws DataError where it can't be read. */
  static in(folder: string): ErasureList {
    const path = join(folder, listName);
    try {
      return ErasureList.parse(readFileSync(path, 'utf8'), path);
    } catch (error) {
      if (isCode(error, 'ENOENT')) return new ErasureList();
      throw error instanceof DataError ? error : new DataError(`${path} can't be read: ${reasonOf(error)}`);
    }
  }

  /** As `in`, but of a damaged list what can be read of it. Throws the system's error. */
  static salvagedFrom(folder: string): { readonly list: ErasureList; readonly isDamaged: boolean } {
    const path = join(folder, listName);
    const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
    try {
      return { list: ErasureList.parse(text, path), isDamaged: false };
    } catch {
      const list = new ErasureList();
      for (const line of text.split('\n')) list.#addReadable(line);
      return { list, isDamaged: true };
    }
  }

  /** Reads the text of a list. Throws DataError, with the path that is given, where it is none. */
  static parse(text: string, path: string): ErasureList {
    const list = new ErasureList();
    try {
      for (const line of text.split('\n')) if (line !== '') list.add(hashesIn(line));
      if (text !== '' && !text.endsWith('\n')) throw new Error('its last line is cut');
    } catch (error) {
      throw new DataError(`${path} is not a list of erasures, or is damaged: ${messageOf(error)}`);
    }
    return list;
  }

  /** All of it, by key. */
  get all(): readonly ErasedHashes[] {
    return [...this.#hashes].map(([key, hashes]) => ({ key, hashes: [...hashes] }));
  }

  /** Adds hashes. Answers whether some of them are new. */
  add({ key, hashes }: ErasedHashes): boolean {
    const known = this.#hashes.get(key) ?? new Set();
    const before = known.size;
    for (const hash of hashes) known.add(hash);
    if (known.size > 0) this.#hashes.set(key, known);
    return known.size > before;
  }

  #addReadable(line: string): void {
    try {
      this.add(hashesIn(line));
    } catch {
      // It is lost.
    }
  }

  /** Whether that user was erased. @param created milliseconds since 1970: others of the name are other users */
  has(key: string, created: number): boolean {
    for (const [secret, hashes] of this.#hashes) if (hashes.has(identityOf(secret, key, created))) return true;
    return false;
  }

  /** Writes it into a data folder, synced. Throws the system's error; then the file there is as it was. */
  writeTo(folder: string): void {
    const lines = this.all.map((each) => `${JSON.stringify(each)}\n`);
    replaceFile(join(folder, listName), lines.join(''), 'full');
  }
}

function hashesIn(line: string): ErasedHashes {
  const { key, hashes } = JSON.parse(line) as Partial<Record<keyof ErasedHashes, unknown>>;
  const isHash = (value: unknown): value is string => typeof value === 'string' && /^[\w-]{43}$/.test(value);
  if (!isHash(key) || !Array.isArray(hashes) || !hashes.every(isHash)) throw new Error('a line has no hashes');
  return { key, hashes };
}
