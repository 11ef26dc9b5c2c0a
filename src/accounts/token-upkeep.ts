// What tokens need in the background: when they were used is stored once a minute at most, and those that have expired
// are removed. Nobody waits for either. What fails is tried again a minute later.
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExpiredToken, TokenId, TokenRecord, TokenStore } from '../store/tokens.js';
import type { Payer } from '../turns/payer.js';

/** Milliseconds between two rounds, and between two stored uses of a token. */
const interval = 60_000;

/** How many tokens one change of the store is about: messages of the same commit wait for it. */
const perChange = 100;

/** The same while the daemon stops, when nobody waits for messages any more. */
const perLastChange = 2000;

/** The most uses that wait to be stored. Beyond it a use is not recorded. */
const mostWaiting = 50_000;

/** Changes in the background come after those of users, and give way where too many wait. */
const payer: Payer = { payerClass: 'guest', payerAddress: 'background', payerUser: '' };

/** Keeps the tokens of a store in order. Times are milliseconds since 1970. */
export class TokenUpkeep {
  readonly #store: Pick<TokenStore, 'markUsed' | 'removeExpired'>;
  readonly #ended: (tokens: readonly ExpiredToken[]) => void;
  readonly #now: () => number;
  /** The uses that are not stored yet, by the ids of their tokens. */
  readonly #uses = new Map<TokenId, TokenRecord>();
  readonly #timer: NodeJS.Timeout;
  #round: Promise<void> | undefined;
  #isClosed = false;

  /** @param ended is told of tokens that were removed because they had expired, to end their sessions */
  constructor(
    store: Pick<TokenStore, 'markUsed' | 'removeExpired'>,
    ended: (tokens: readonly ExpiredToken[]) => void,
    now = (): number => Date.now(),
  ) {
    this.#store = store;
    this.#ended = ended;
    this.#now = now;
    this.#timer = setInterval(() => void this.run(), interval).unref();
  }

  /** Takes note of a use, unless one of the last minute is stored or waits. */
  used(token: TokenRecord, at: number): void {
    if (this.#uses.has(token.id) || this.#uses.size >= mostWaiting) return;
    const { lastUsed } = token;
    // A clock that went back must not keep uses from being stored.
    if (lastUsed === undefined || Math.abs(at - lastUsed) >= interval)
      this.#uses.set(token.id, { ...token, lastUsed: at });
  }

  /** When the token was used last, whether that is stored or not. */
  lastUseOf({ id, lastUsed }: TokenRecord): number | undefined {
    return this.#uses.get(id)?.lastUsed ?? lastUsed;
  }

  /** Stores uses and removes what has expired, some at a time. Never rejects. A round that runs already goes on. */
  run(): Promise<void> {
    this.#round ??= this.#run()
      .catch(() => undefined)
      .finally(() => {
        this.#round = undefined;
      });
    return this.#round;
  }

  /** Starts no more rounds, and stores the uses that wait. Comes before the store is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#timer);
    await this.#round;
    await this.#storeUses(perLastChange).catch(() => undefined);
  }

  async #run(): Promise<void> {
    await this.#storeUses(perChange);
    for (let removed = perChange; removed === perChange && !this.#isClosed; ) {
      const expired = await this.#store.removeExpired(this.#now(), perChange, payer);
      if (expired.length > 0) this.#ended(expired);
      removed = expired.length;
      await pause();
    }
  }

  async #storeUses(most: number): Promise<void> {
    while (this.#uses.size > 0) {
      const some: TokenRecord[] = [];
      for (const use of this.#uses.values()) if (some.push(use) === most) break;
      await this.#store.markUsed(some, payer);
      // What fails stays, and is tried again.
      for (const { id } of some) this.#uses.delete(id);
      if (!this.#isClosed) await pause();
    }
  }
}

/** Lets commits without such changes come in between. */
function pause(): Promise<void> {
  return sleep(10);
}
