// The names of erased users: they are never given again, and kept only as keyed hashes of their keys and skeletons. The
// key is random, and is made by the first erasure.
import { createHmac, randomBytes } from 'node:crypto';
import type { Name } from '../../text/names.js';
import { prepareBoth, withSum, type ReaderAndWriter, type Statements } from './prepared.js';
import { checked, summed, sumOf } from './sums.js';

/** SQL: whether a name was that of an erased user, by its hashes as a JSON array. */
export const wasErased = 'EXISTS (SELECT 1 FROM erased_names WHERE hash IN (SELECT value FROM json_each(?)))';

const queries = { key: `SELECT ${summed('secrets')} FROM secrets WHERE name = 'erased_names'` } as const;

const commands = {
  key: queries.key,
  keepKey: `INSERT INTO secrets (${summed('secrets')}) VALUES (?, ?, ?)`,
  add: `INSERT OR IGNORE INTO erased_names (${summed('erased_names')}) SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
} as const;

/** The names of erased users. */
export class ErasedNames {
  readonly #statements: Statements<typeof queries, typeof commands>;
  /** Undefined before the first erasure. */
  #key: string | undefined;

  private constructor(statements: Statements<typeof queries, typeof commands>) {
    this.#statements = statements;
  }

  static async prepare(connections: ReaderAndWriter): Promise<ErasedNames> {
    const names = new ErasedNames(await prepareBoth(connections, queries, commands));
    const [row] = await names.#statements.queries.key.all();
    if (row !== undefined) names.#key = String(checked('secrets', row)['value']);
    return names;
  }

  /** The hashes of a name, as `wasErased` takes them. */
  hashesOf(name: Omit<Name, 'name'>): string {
    return JSON.stringify(this.#key === undefined ? [] : hashed(this.#key, name));
  }

  /** Keeps the name of a user who is erased. Within a commit. */
  async add(name: Omit<Name, 'name'>): Promise<void> {
    const { key: find, keepKey, add } = this.#statements.commands;
    const [row] = await find.all();
    const key = row === undefined ? randomBytes(32).toString('base64url') : String(checked('secrets', row)['value']);
    if (row === undefined) await keepKey.run(...withSum('erased_names', key));
    // A key that is not committed after all is replaced by the next one: nothing was kept under it.
    this.#key = key;
    await add.run(JSON.stringify(hashed(key, name).map((hash) => [hash, sumOf([hash])])));
  }
}

function hashed(secret: string, { key, skeletons }: Omit<Name, 'name'>): readonly string[] {
  const hash = (text: string): string => createHmac('sha256', secret).update(text).digest('base64url');
  return [...new Set([hash(`key ${key}`), ...skeletons.map((skeleton) => hash(`skeleton ${skeleton}`))])];
}
