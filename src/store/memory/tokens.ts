// The tokens of the memory store.
import type { Payer } from '../../turns/payer.js';
import type { UserId } from '../directory.js';
import type { GroupCommit } from '../group-commit.js';
import type { NewMessage } from '../log.js';
import { mostTokensListed, type Added, type ExpiredToken, type NewToken } from '../tokens.js';
import type { TokenId, TokenRecord, TokenStore } from '../tokens.js';
import type { MemoryData } from './data.js';
import { userRecordOf } from './users.js';

/** Tokens in a map. A change is a write of the store's group commit. The methods are those of `TokenStore`. */
export class MemoryTokens implements TokenStore {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  add(token: NewToken, most: number, payer?: Payer): Promise<Added> {
    const { tokens, users } = this.#data;
    return this.#commits.write(async () => {
      const parent = tokens.get(token.parent ?? '');
      const user = users[token.user];
      if (user === undefined || user.state === 'deleted') return 'gone';
      if (token.parent !== undefined && parent?.user !== token.user) return 'gone';
      if ([...tokens.values()].filter((each) => each.user === token.user).length >= most) return 'full';
      const expires = Math.min(token.expires ?? Infinity, parent?.expires ?? Infinity);
      const added = { ...token, expires: expires === Infinity ? undefined : expires, lastUsed: undefined };
      tokens.set(token.id, added);
      return added;
    }, payer);
  }

  async find(id: TokenId): ReturnType<TokenStore['find']> {
    const token = this.#data.tokens.get(id);
    const user = this.#data.users[token?.user ?? -1];
    return token && user && { token, user: userRecordOf(user) };
  }

  async list(user: UserId): Promise<readonly TokenRecord[]> {
    return [...this.#data.tokens.values()]
      .filter((token) => token.user === user)
      .sort((one, other) => other.created - one.created || (one.id < other.id ? -1 : 1))
      .slice(0, mostTokensListed);
  }

  remove(user: UserId, id: TokenId, payer?: Payer): Promise<readonly TokenId[]> {
    const { tokens } = this.#data;
    return this.#commits.write(async () => {
      const ended = tokens.get(id)?.user === user ? [id] : [];
      // The list grows while it is walked.
      for (const each of ended) {
        for (const token of tokens.values()) if (token.parent === each) ended.push(token.id);
        tokens.delete(each);
      }
      return ended;
    }, payer);
  }

  removeAll(user: UserId, payer?: Payer): Promise<readonly TokenId[]> {
    return this.#commits.write(async () => this.#data.removeTokens(user), payer);
  }

  removeExpired(now: number, most: number, payer?: Payer): Promise<readonly ExpiredToken[]> {
    const { tokens, users } = this.#data;
    return this.#commits.write(async () => {
      const expired = [...tokens.values()]
        .filter(({ expires = Infinity }) => expires <= now)
        .sort((one, other) => (one.expires ?? 0) - (other.expires ?? 0))
        .slice(0, most);
      for (const { id } of expired) tokens.delete(id);
      return expired.map(({ id, user }) => ({ id, user: users[user]?.key ?? '' }));
    }, payer);
  }

  markUsed(used: readonly TokenRecord[], payer?: Payer): Promise<void> {
    const { tokens } = this.#data;
    return this.#commits.write(async () => {
      for (const token of used) if (tokens.has(token.id)) tokens.set(token.id, token);
    }, payer);
  }
}
