// Tokens in the database. Writes run within a commit; reads run at any time.
import type { UserId, UserRecord } from '../directory.js';
import { GatheredReads } from '../gathered-reads.js';
import { mostTokensListed, type Added, type ExpiredToken, type NewToken } from '../tokens.js';
import type { TokenId, TokenRecord } from '../tokens.js';
import type { Row, Value } from './database.js';
import { prepareBoth, withSum, type ReaderAndWriter, type Statements } from './prepared.js';
import { readEach } from './reading.js';
import { checked, summed, sumOf, tables } from './sums.js';
import { userOf } from './users.js';

/** A token, and the user whose it is. */
interface FoundToken {
  readonly token: TokenRecord;
  readonly user: UserRecord;
}

/** The columns, and their names in a row that has those of the user too. */
const columns = [...tables.tokens.columns, 'crc'].map((column) => [column, `token_${column}`] as const);

const queries = {
  // One read for all logins that wait. The columns of the token have names of their own, since those of the user stand
  // beside them. Where a token is not there, another one is read in its place: else the time would tell.
  find: `SELECT asked.key AS place, asked.value AS asked, ${columns.map(([column, name]) => `tokens.${column} AS ${name}`).join(', ')},
    users.id, ${summed('users', 'users.')} FROM json_each(?) asked
    CROSS JOIN tokens ON tokens.id = coalesce((SELECT id FROM tokens WHERE id = asked.value), (SELECT min(id) FROM tokens))
    CROSS JOIN users ON users.id = tokens.user`,
  list: `SELECT ${summed('tokens')} FROM tokens WHERE user = ? ORDER BY created DESC, id LIMIT ${mostTokensListed}`,
} as const;

const commands = {
  judge: `SELECT (SELECT count(*) FROM tokens WHERE user = users.id) AS count,
    (SELECT expires FROM tokens WHERE id = ? AND user = users.id) AS expires
    FROM users WHERE id = ? AND state <> 'deleted'`,
  add: `INSERT INTO tokens (${summed('tokens')}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  remove: `WITH RECURSIVE ended (id) AS (
      SELECT id FROM tokens WHERE id = ? AND user = ?
      UNION SELECT tokens.id FROM ended JOIN tokens ON tokens.user = ? AND tokens.parent = ended.id
    ) DELETE FROM tokens WHERE id IN (SELECT id FROM ended) RETURNING id`,
  removeAll: 'DELETE FROM tokens WHERE user = ? AND id <> ? RETURNING id',
  removeExpired: `DELETE FROM tokens WHERE id IN (
      SELECT id FROM tokens WHERE expires > 0 AND expires <= ? ORDER BY expires LIMIT ?
    ) RETURNING id, (SELECT key FROM users WHERE users.id = tokens.user) AS user`,
  // Nothing else of a row ever changes, so that the checksum is still right.
  markUsed: `UPDATE tokens SET last_used = used.value ->> 1, crc = used.value ->> 2
    FROM json_each(?) used WHERE tokens.id = used.value ->> 0`,
} as const;

/**
 * The tokens of a store. The methods are those of `TokenStore`. A read rejects with DamageError where a row is damaged.
 */
export class TokenRows {
  readonly #statements: Statements<typeof queries, typeof commands>;
  readonly #found: GatheredReads<TokenId, FoundToken>;

  private constructor(statements: Statements<typeof queries, typeof commands>) {
    this.#statements = statements;
    this.#found = new GatheredReads((asked) =>
      readEach(asked, async (some) => {
        const rows = await statements.queries.find.all(JSON.stringify(some));
        const found = new Map<number, FoundToken>();
        for (const row of rows) {
          const token = ifAsked(row);
          if (token !== undefined) found.set(Number(row['place']), token);
        }
        return found;
      }),
    );
  }

  static async prepare(connections: ReaderAndWriter): Promise<TokenRows> {
    return new TokenRows(await prepareBoth(connections, queries, commands));
  }

  /** Within a commit. */
  async add(token: NewToken, most: number): Promise<Added> {
    const [found] = await this.#statements.commands.judge.all(token.parent ?? '', token.user);
    if (found === undefined) return 'gone';
    const { count, expires } = found;
    if (token.parent !== undefined && expires === null) return 'gone';
    if (Number(count) >= most) return 'full';
    const added = { ...token, expires: earlier(token.expires, Number(expires) || undefined), lastUsed: undefined };
    await this.#statements.commands.add.run(...withSum(...valuesOf(added)));
    return added;
  }

  /** With the others that are looked for at the same time. Rejects with StoreFailure. */
  find(id: TokenId): Promise<FoundToken | undefined> {
    return this.#found.find(id);
  }

  async list(user: UserId): Promise<readonly TokenRecord[]> {
    return (await this.#statements.queries.list.all(user)).map(tokenOf);
  }

  /** Within a commit. */
  async remove(user: UserId, id: TokenId): Promise<readonly TokenId[]> {
    return idsOf(await this.#statements.commands.remove.all(id, user, user));
  }

  /** Removes the tokens of a user, but `except`. Within a commit. */
  async removeAll(user: UserId, except: TokenId | undefined): Promise<readonly TokenId[]> {
    return idsOf(await this.#statements.commands.removeAll.all(user, except ?? ''));
  }

  /** Within a commit. */
  async removeExpired(now: number, most: number): Promise<readonly ExpiredToken[]> {
    const rows = await this.#statements.commands.removeExpired.all(now, most);
    return rows.map(({ id, user }) => ({ id: String(id), user: String(user) }));
  }

  /** Within a commit. */
  async markUsed(tokens: readonly TokenRecord[]): Promise<void> {
    const rows = tokens.map((token) => [token.id, token.lastUsed ?? 0, sumOf(valuesOf(token))]);
    await this.#statements.commands.markUsed.run(JSON.stringify(rows));
  }
}

/** The values of a row, in the order of its columns. */
function valuesOf(token: TokenRecord): readonly Value[] {
  const { id, user, parent = '', storedKey, serverKey, label, settings, created, expires = 0, lastUsed = 0 } = token;
  return [id, user, parent, storedKey, serverKey, label, settings, created, expires, lastUsed];
}

/** The token of the row, if it is the one that was asked for. The work is the same if it is another. */
function ifAsked(row: Row): FoundToken | undefined {
  const isAsked = row['token_id'] === row['asked'];
  try {
    const found = foundOf(row);
    return isAsked ? found : undefined;
  } catch (error) {
    // Damage of another token is not the matter of whoever asked.
    if (isAsked) throw error;
    return undefined;
  }
}

function foundOf(row: Row): FoundToken {
  const own: Record<string, Value> = {};
  for (const [column, name] of columns) own[column] = row[name] as Value;
  return { token: tokenOf(own), user: userOf(row) };
}

function tokenOf(row: Row): TokenRecord {
  const { id, user, parent, stored_key: storedKey, server_key: serverKey, ...others } = checked('tokens', row);
  return {
    id: String(id),
    user: Number(user),
    parent: parent === '' ? undefined : String(parent),
    storedKey: String(storedKey),
    serverKey: String(serverKey),
    label: String(others['label']),
    settings: String(others['settings']),
    created: Number(others['created']),
    expires: Number(others['expires']) || undefined,
    lastUsed: Number(others['last_used']) || undefined,
  };
}

function earlier(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : Math.min(one, other);
}

function idsOf(rows: readonly Row[]): readonly TokenId[] {
  return rows.map(({ id }) => String(id));
}
