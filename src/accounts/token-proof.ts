// Proofs: how a client shows that it knows a token's secret, and the server that it knows the token, while the secret
// never crosses the network (PROTOCOL.md §8.6). This is SCRAM's exchange (RFC 5802) without salt and iterations.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenId } from '../store/tokens.js';
import { bytesOfStoredKey, newToken, storedKeyOfClientKey } from './token-secret.js';

/** Random bytes of the server's nonce. */
const nonceBytes = 18;

const proofBytes = 32;

/** How long a challenge can be answered, in milliseconds. */
const challengeMilliseconds = 60_000;

/**
 * A challenge, as its session keeps it: less than 400 bytes. It holds bytes of its own, because a slice of a request
 * would keep the whole line in memory.
 */
export interface Challenge {
  /** What both sides sign: the id of the token and both nonces, joined by commas. */
  readonly signed: Buffer;
  /** When it can't be answered any more, in milliseconds of the monotonic clock. */
  readonly expires: number;
}

/**
 * Makes a challenge for whoever wants to log in by that token, and the server's nonce. Reads nothing, so that a token
 * that does not exist is challenged like one that does.
 * @param nonce the client's
 * @param now milliseconds of the monotonic clock
 */
export function newChallenge(
  token: TokenId,
  nonce: string,
  now: number,
): { readonly challenge: Challenge; readonly nonce: string } {
  const own = randomBytes(nonceBytes).toString('base64url');
  const text = `${token},${nonce},${own}`;
  // Unlike `Buffer.from`, `alloc` takes no part of a memory that others share.
  const signed = Buffer.alloc(text.length, text, 'latin1');
  return { challenge: { signed, expires: now + challengeMilliseconds }, nonce: own };
}

/** Takes the place of a challenge where there is none: it names no token, and no proof is right for it. */
export const noChallenge = newChallenge(newToken().id, '', -Infinity).challenge;

/** The token that a challenge is about. */
export function tokenOf({ signed }: Challenge): TokenId {
  return signed.toString('latin1', 0, signed.indexOf(','));
}

/**
 * Whether the proof is right: it hides the key of the client, from which the stored key was made. Takes the same time
 * whatever the answer is.
 * @param storedKey undefined where there is no such token
 */
export function isProofOf(storedKey: string | undefined, proof: string, { signed }: Challenge): boolean {
  const stored = bytesOfStoredKey(storedKey);
  const given = Buffer.from(proof, 'base64url');
  const signature = createHmac('sha256', stored).update(signed).digest();
  const clientKey = signature.map((byte, at) => byte ^ (given[at] ?? 0));
  const isRight = timingSafeEqual(storedKeyOfClientKey(Buffer.from(clientKey)), stored);
  return isRight && given.length === proofBytes;
}

/** The proof for the client that the server knows the token with this server key, in base64url. */
export function serverProof(serverKey: string, { signed }: Challenge): string {
  return createHmac('sha256', Buffer.from(serverKey, 'base64url')).update(signed).digest('base64url');
}
