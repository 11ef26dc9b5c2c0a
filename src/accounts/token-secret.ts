// The text of a token, and the keys that are made from its secret (PROTOCOL.md §7). They are SCRAM's (RFC 5802) without
// salt and iterations, which a random secret of 256 bits does not need.
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { TokenId } from '../store/tokens.js';

/** Random bytes of an id: enough that no two are alike. It has hexadecimal digits, so that none begins with a dash. */
const idBytes = 12;

const secretBytes = 32;

/** The keys of a token, which are stored in place of its secret. Each is 32 bytes in base64url. */
export interface TokenKeys {
  readonly storedKey: string;
  readonly serverKey: string;
}

/** Makes the id and the secret of a new token. */
export function newToken(): { readonly id: TokenId; readonly secret: string } {
  return { id: randomBytes(idBytes).toString('hex'), secret: randomBytes(secretBytes).toString('base64url') };
}

/** The text by which a device logs in. */
export function tokenText(id: TokenId, secret: string): string {
  return `${id}.${secret}`;
}

/** The id and the secret in the text of a token. */
export function tokenParts(text: string): { readonly id: TokenId; readonly secret: string } {
  const dot = text.indexOf('.');
  return { id: text.slice(0, dot), secret: text.slice(dot + 1) };
}

/** Makes the keys of a secret, which is taken as the characters that stand in the token. */
export function keysOf(secret: string): TokenKeys {
  const serverKey = createHmac('sha256', secret).update('salond server').digest('base64url');
  return { storedKey: storedKeyOf(secret).toString('base64url'), serverKey };
}

/** The stored key of the client key that was made from a secret. */
export function storedKeyOfClientKey(clientKey: Buffer): Buffer {
  return createHash('sha256').update(clientKey).digest();
}

/** A key of no secret that anybody knows: what a secret is compared with where there is no such token. */
const decoy = randomBytes(secretBytes);

/**
 * The bytes of a stored key, or those of a key that no secret has, where there is none: so a secret or a proof of an
 * unknown token is checked by the same work.
 */
export function bytesOfStoredKey(storedKey: string | undefined): Buffer {
  const stored = storedKey === undefined ? decoy : Buffer.from(storedKey, 'base64url');
  return stored.length === secretBytes ? stored : decoy;
}

/** Whether the secret is that of the token with this stored key. Takes the same time whatever the answer is. */
export function isSecretOf(storedKey: string | undefined, secret: string): boolean {
  return timingSafeEqual(storedKeyOf(secret), bytesOfStoredKey(storedKey));
}

function storedKeyOf(secret: string): Buffer {
  return storedKeyOfClientKey(createHmac('sha256', secret).update('salond client').digest());
}
