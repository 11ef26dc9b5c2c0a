// The names of erased users: they are never given again, and kept only as keyed hashes of their keys and skeletons.
// Another hash says which user it was, for the list of erasures (erasure-list.ts). The key is random, and is made by
// the first erasure.
import { createHmac, randomBytes } from 'node:crypto';
import type { Name } from '../../text/names.js';
import { prepareBoth, withSum, type ReaderAndWriter, type Statements } from './prepared.js';
import { checked, summed, sumOf } from './sums.js';

/** The hashes by one key. */
export interface ErasedHashes {
  readonly key: string;
  readonly hashes: readonly string[];
}

/** SQL: whether a name was that of an erased user, by its hashes as a JSON array. */
export const wasErased = 'EXISTS (SELECT 1 FROM erased_names WHERE hash IN (SELECT value FROM json_each(?)))';

/** SQL: keeps the key, a row of `secrets`. */
export const insertKey = `INSERT INTO secrets (${summed('secrets')}) VALUES (?, ?, ?)`;

/** Keeps hashes: the SQL, and what makes its parameter from them. */
export const insertHashes = {
  sql: `INSERT OR IGNORE INTO erased_names (${summed('erased_names')}) SELECT value ->> 0, value ->> 1 FROM json_each(?)`,
  rows: (hashes: readonly string[]): string => JSON.stringify(hashes.map((hash) => [hash, sumOf([hash])])),
} as const;

/** How many hashes are read at a time. */
const hashesAtOnce = 1000;

const queries = {
  key: `SELECT ${summed('secrets')} FROM secrets WHERE name = 'erased_names'`,
  all: `SELECT ${summed('erased_names')} FROM erased_names WHERE hash > ? ORDER BY hash LIMIT ${hashesAtOnce}`,
} as const;

const commands = { key: queries.key, keepKey: insertKey, add: insertHashes.sql } as const;

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

  /** All that is kept, and by which key; nothing before the first erasure. */
  async all(): Promise<readonly ErasedHashes[]> {
    const { key: find, all } = this.#statements.queries;
    const [row] = await find.all();
    if (row === undefined) return [];
    const hashes: string[] = [];
    for (let rows = await all.all(''); rows.length > 0; rows = await all.all(hashes.at(-1) ?? ''))
      hashes.push(...rows.map((each) => String(checked('erased_names', each)['hash'])));
    return [{ key: String(checked('secrets', row)['value']), hashes }];
  }

  /**
   * Keeps the name of a user who is erased, and which user had it. Within a commit.
   * @param created when the user was made, in milliseconds since 1970
   */
  async add(name: Omit<Name, 'name'>, created: number): Promise<void> {
    const { key: find, keepKey, add } = this.#statements.commands;
    const [row] = await find.all();
    const key = row === undefined ? randomBytes(32).toString('base64url') : String(checked('secrets', row)['value']);
    if (row === undefined) await keepKey.run(...withSum('erased_names', key));
    // A key that is not committed after all is replaced by the next one: nothing was kept under it.
    this.#key = key;
    await add.run(insertHashes.rows([...hashed(key, name), identityOf(key, name.key, created)]));
  }
}

function hashed(secret: string, { key, skeletons }: Omit<Name, 'name'>): readonly string[] {
  const hashes = [hash(secret, `key ${key}`), ...skeletons.map((skeleton) => hash(secret, `skeleton ${skeleton}`))];
  return [...new Set(hashes)];
}

/**
 * The hash that says which user was erased: another of the name, in other data, is another user.
 * @param secret the key of the hashes
 * @param key that of the user's name
 * @param created when the user was made, in milliseconds since 1970
 */
export function identityOf(secret: string, key: string, created: number): string {
  return hash(secret, `user ${created} ${key}`);
}

function hash(secret: string, text: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}
