// Tokens, by which devices log in without a password, and what a store promises about them. The secret of a token is
// never stored: only the two keys that are made from it (PROTOCOL.md §7, accounts/tokens.ts).
import type { Payer } from '../turns/payer.js';
import type { UserChange, UserId, UserRecord } from './directory.js';

/** The public part of a token, by which it is found. */
export type TokenId = string;

/** A token to be stored. */
export interface NewToken {
  readonly id: TokenId;
  readonly user: UserId;
  /** The token in whose session it was made. It ends with that one, and expires no later. */
  readonly parent: TokenId | undefined;
  /** Tells whether a secret is the token's. 32 bytes in base64url. */
  readonly storedKey: string;
  /** Proves to a client that the server knows the token. 32 bytes in base64url. */
  readonly serverKey: string;
  /** What the user calls it; empty for nothing. */
  readonly label: string;
  /** What the session that made it had asked for (session/session-settings.ts); empty for nothing. */
  readonly settings: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /** When it expires; undefined where it does not expire by itself. */
  readonly expires: number | undefined;
}

/** A stored token. Only `lastUsed` ever changes. */
export interface TokenRecord extends NewToken {
  /** When somebody logged in by it last, to about a minute; undefined for never. Milliseconds since 1970. */
  readonly lastUsed: number | undefined;
}

/**
 * What became of a new token. `full`: the user has as many as it may have. `gone`: the user or the parent is not there.
 */
export type Added = TokenRecord | 'full' | 'gone';

/** A token that was removed because it had expired. */
export interface ExpiredToken {
  readonly id: TokenId;
  /** The key of its user. */
  readonly user: string;
}

/** The most tokens of a user that are listed. No setting allows more. */
export const mostTokensListed = 1000;

/**
 * The tokens of all users. Every promise rejects as those of `Directory` do. `changeUser` of the directory ends tokens
 * too: all of a deleted user, and what `UserChange.endTokens` says.
 */
export interface TokenStore {
  /**
   * Stores a token. It expires when its parent does, at the latest.
   * @param most how many tokens the user may have, with this one
   */
  add(token: NewToken, most: number, payer?: Payer): Promise<Added>;
  /** Finds a token, expired or not, and its user. */
  find(id: TokenId): Promise<{ readonly token: TokenRecord; readonly user: UserRecord } | undefined>;
  /** Lists the tokens of a user, the newest first, 1,000 at most. */
  list(user: UserId): Promise<readonly TokenRecord[]>;
  /**
   * Removes a token of the user, and those that were made in its sessions. Answers which; none where it is not there.
   */
  remove(user: UserId, id: TokenId, payer?: Payer): Promise<readonly TokenId[]>;
  /** Removes all tokens of a user. Answers which. */
  removeAll(user: UserId, payer?: Payer): Promise<readonly TokenId[]>;
  /** Removes at most `most` of the tokens that had expired at `now`, those first that expired first. */
  removeExpired(now: number, most: number, payer?: Payer): Promise<readonly ExpiredToken[]>;
  /** Stores when tokens were used last. Those that are not there any more are left out. */
  markUsed(tokens: readonly TokenRecord[], payer?: Payer): Promise<void>;
}

/** The tokens that a change of their user ends, but `except`; undefined for none. */
export function endedTokens({ state, endTokens }: UserChange): UserChange['endTokens'] {
  return state === 'deleted' ? {} : endTokens;
}
