// Tokens: making them, checking them, ending them. The store keeps them, token-upkeep.ts does what can wait.
//
// A login by token costs one read and three hashes, some microseconds: an index in memory would not be faster by much,
// and would need memory for every token there is.
import type { UserId, UserRecord } from '../store/directory.js';
import { atOnce, type TakeTurn } from '../store/store.js';
import type { NewToken, TokenId, TokenRecord, TokenStore } from '../store/tokens.js';
import type { Payer } from '../turns/payer.js';
import type { Accounts } from './accounts.js';
import { isProofOf, tokenOf, type Challenge } from './token-proof.js';
import { isSecretOf, keysOf, newToken, tokenParts, tokenText } from './token-secret.js';
import type { TokenUpkeep } from './token-upkeep.js';

/** A token that is right, and its user, who may be disabled or banned. */
export interface TokenLogin {
  readonly token: TokenRecord;
  readonly user: UserRecord;
}

/** A request for a new token: its owner, its parent and its terms. */
export interface TokenRequest {
  readonly user: UserId;
  /** The token of the session that makes it, if it has one. */
  readonly parent: TokenId | undefined;
  readonly label: string;
  /** What the session that makes it has asked for, as the store keeps it. */
  readonly settings: string;
  /** Seconds; undefined for a token that does not expire by itself. */
  readonly expiresIn: number | undefined;
}

/**
 * Goes on with a login whose token was looked up.
 * @param login undefined where the token is unknown, has expired or ended, or the client has not shown that it knows it
 * @param tried the name of the user whose token was meant then, if there is one
 */
export type UseLogin<Result> = (login: TokenLogin | undefined, tried: string | undefined) => Result;

/** A check that is under way. */
interface Check {
  readonly id: TokenId;
  /** Whether the token has ended since the check began. */
  isEnded: boolean;
}

/** Makes, checks and ends tokens. Times are milliseconds since 1970. */
export class Tokens {
  readonly #store: TokenStore;
  readonly #accounts: Pick<Accounts, 'changes' | 'endings'>;
  readonly #upkeep: TokenUpkeep;
  readonly #checks = new Set<Check>();
  readonly #now: () => number;

  /** @param accounts counts the finished changes of users, which may have ended tokens */
  constructor(
    store: TokenStore,
    accounts: Pick<Accounts, 'changes' | 'endings'>,
    upkeep: TokenUpkeep,
    now = (): number => Date.now(),
  ) {
    this.#store = store;
    this.#accounts = accounts;
    this.#upkeep = upkeep;
    this.#now = now;
  }

  /**
   * Makes a token. Answers its text, which is stored nowhere, and its record. `full`: the user has as many as it may
   * have; `gone`: the user, or the token of the session, has ended. Rejects as the store does.
   * @param most how many tokens the user may have
   */
  async create(
    { user, parent, label, settings, expiresIn }: TokenRequest,
    most: number,
    payer: Payer,
  ): Promise<{ readonly text: string; readonly token: TokenRecord } | 'full' | 'gone'> {
    const { id, secret } = newToken();
    const created = this.#now();
    const expires = expiresIn === undefined ? undefined : created + expiresIn * 1000;
    const wanted: NewToken = { id, user, parent, ...keysOf(secret), label, settings, created, expires };
    const making = this.#accounts.endings.making(user);
    try {
      const token = await this.#store.add(wanted, most, payer);
      if (typeof token === 'string') return token;
      if (!making.isEnded) return { text: tokenText(id, secret), token };
    } finally {
      making.done();
    }
    // It may have outlasted the change. Nobody knows its secret, so that it does no harm if this fails.
    await this.#store.remove(user, id).catch(() => []);
    return 'gone';
  }

  /**
   * Checks the text of a token, and answers what `use` answers. It is called in the step in which the token is known to
   * be right: who ends tokens or changes the user later finds the session that `use` has logged in. Rejects as the
   * store does.
   * @param inTurn reads at the turn of whoever asks
   */
  check<Result>(text: string, inTurn: TakeTurn, use: UseLogin<Result>): Promise<Result> {
    const { id, secret } = tokenParts(text);
    return this.#check(id, (storedKey) => isSecretOf(storedKey, secret), inTurn, use);
  }

  /**
   * Checks the proof that answers a challenge, as `check` does with the text of a token. Whether the challenge has
   * expired is up to the caller, who knows the monotonic clock.
   */
  checkProof<Result>(proof: string, challenge: Challenge, inTurn: TakeTurn, use: UseLogin<Result>): Promise<Result> {
    return this.#check(tokenOf(challenge), (storedKey) => isProofOf(storedKey, proof, challenge), inTurn, use);
  }

  async #check<Result>(
    id: TokenId,
    isRightFor: (storedKey: string | undefined) => boolean,
    inTurn: TakeTurn,
    use: UseLogin<Result>,
  ): Promise<Result> {
    const check: Check = { id, isEnded: false };
    this.#checks.add(check);
    try {
      for (;;) {
        const { changes } = this.#accounts;
        const found = await inTurn(() => this.#store.find(id));
        if (changes !== this.#accounts.changes) continue;
        const isRight = isRightFor(found?.token.storedKey);
        if (found === undefined || !isRight || check.isEnded || this.#hasEnded(found))
          return use(undefined, found?.user.name);
        return use(found, undefined);
      }
    } finally {
      this.#checks.delete(check);
    }
  }

  /** Reports that somebody has logged in by the token. Returns at once: it is stored later. */
  used(token: TokenRecord): void {
    this.#upkeep.used(token, this.#now());
  }

  /** The tokens of a user that have not expired, the newest first, with their last uses. */
  async list(user: UserId, inTurn: TakeTurn = atOnce): Promise<readonly TokenRecord[]> {
    const tokens = await inTurn(() => this.#store.list(user));
    const now = this.#now();
    return tokens
      .filter(({ expires = Infinity }) => expires > now)
      .map((token) => ({ ...token, lastUsed: this.#upkeep.lastUseOf(token) }));
  }

  /**
   * Ends a token of the user, and those that were made in its sessions. Answers which; none where it is not there.
   * Whoever asks ends their sessions. When this has fulfilled, nobody can log in by them. Rejects as the store does.
   */
  async end(user: UserId, id: TokenId, payer?: Payer): Promise<ReadonlySet<TokenId>> {
    return this.#ended(await this.#store.remove(user, id, payer));
  }

  /** Ends all tokens of the user, as `end` does. */
  async endAll(user: UserId, payer?: Payer): Promise<ReadonlySet<TokenId>> {
    return this.#ended(await this.#store.removeAll(user, payer));
  }

  #ended(ids: readonly TokenId[]): ReadonlySet<TokenId> {
    const ended = new Set(ids);
    for (const check of this.#checks) if (ended.has(check.id)) check.isEnded = true;
    return ended;
  }

  #hasEnded({ token: { expires = Infinity }, user }: TokenLogin): boolean {
    return expires <= this.#now() || user.state === 'deleted';
  }
}
