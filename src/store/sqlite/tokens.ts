// The tokens over SQLite: reads go to the connection that reads, and a change is a job of the next commit.
import type { Payer } from '../../turns/payer.js';
import type { UserId } from '../directory.js';
import type { Added, ExpiredToken, NewToken, TokenId, TokenRecord, TokenStore } from '../tokens.js';
import { reading } from './reading.js';
import type { TokenRows } from './token-rows.js';
import type { Writes } from './prepared.js';

/** Tokens in a table of SQLite. The methods are those of `TokenStore`. */
export class SqliteTokens implements TokenStore {
  readonly #rows: TokenRows;
  readonly #commits: Writes;

  /** @param commits carries out what changes the tokens */
  constructor(rows: TokenRows, commits: Writes) {
    this.#rows = rows;
    this.#commits = commits;
  }

  add(token: NewToken, most: number, payer?: Payer): Promise<Added> {
    return this.#commits.write(() => this.#rows.add(token, most), payer);
  }

  find(id: TokenId): ReturnType<TokenStore['find']> {
    return this.#rows.find(id);
  }

  list(user: UserId): Promise<readonly TokenRecord[]> {
    return reading(() => this.#rows.list(user));
  }

  remove(user: UserId, id: TokenId, payer?: Payer): Promise<readonly TokenId[]> {
    return this.#commits.write(() => this.#rows.remove(user, id), payer);
  }

  removeAll(user: UserId, payer?: Payer): Promise<readonly TokenId[]> {
    return this.#commits.write(() => this.#rows.removeAll(user, undefined), payer);
  }

  removeExpired(now: number, most: number, payer?: Payer): Promise<readonly ExpiredToken[]> {
    return this.#commits.write(() => this.#rows.removeExpired(now, most), payer);
  }

  markUsed(tokens: readonly TokenRecord[], payer?: Payer): Promise<void> {
    return this.#commits.write(() => this.#rows.markUsed(tokens), payer);
  }
}
