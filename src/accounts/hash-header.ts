// The layout of a stored password hash, which is that of scrypt's file format. Bytes 0 to 15 are its head: `scrypt`, a
// version and the cost. Bytes 16 to 47 are the salt, 48 to 63 a checksum of the bytes before, and 64 to 95 a MAC that
// only the right password makes.
import { createHash, randomBytes } from 'node:crypto';

/** scrypt's cost: N is 2^logN. */
export interface ScryptParameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

/** Bytes of a head. */
export const headBytes = 16;
const saltEnd = 48;
const checksumEnd = 64;
const hashBytes = 96;

/** The highest cost that the settings allow (ops/settings). A hash from elsewhere may not cost more. */
const most = { logN: 20, r: 32, p: 16, bytes: 2 ** 31 - 2 ** 20 } as const;

/** Makes the head that all hashes of that cost have. */
export function headOf({ logN, r, p }: ScryptParameters): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write('scrypt', 'latin1');
  head.writeUInt8(logN, 7);
  head.writeUInt32BE(r, 8);
  head.writeUInt32BE(p, 12);
  return head;
}

/** The cost that the head of a hash names. */
export function costOf(hash: Uint8Array): ScryptParameters {
  const bytes = Buffer.from(hash.buffer, hash.byteOffset, headBytes);
  return { logN: bytes.readUInt8(7), r: bytes.readUInt32BE(8), p: bytes.readUInt32BE(12) };
}

/** Whether a hash with this head may be checked: its format is known, and the settings allow its cost. */
export function isBounded(head: Uint8Array): boolean {
  if (head.length !== headBytes) return false;
  const { logN, r, p } = costOf(head);
  if (logN < 1 || logN > most.logN || r < 1 || r > most.r || p < 1 || p > most.p) return false;
  return 128 * 2 ** logN * r < most.bytes && headOf({ logN, r, p }).equals(head);
}

/**
 * Whether a stored hash is intact. scrypt refuses a damaged one without any work, which would be noticed by the time it
 * takes.
 */
export function isIntact(hash: Uint8Array): boolean {
  if (hash.length !== hashBytes || !isBounded(hash.subarray(0, headBytes))) return false;
  return checksum(hash).equals(hash.subarray(saltEnd, checksumEnd));
}

/**
 * Makes a hash with that head that fits no password. Checking it takes as long as checking any other with that head.
 */
export function decoy(head: Uint8Array): Uint8Array {
  const hash = Buffer.concat([head, randomBytes(hashBytes - headBytes)]);
  checksum(hash).copy(hash, saltEnd);
  return hash;
}

function checksum(hash: Uint8Array): Buffer {
  return createHash('sha256')
    .update(hash.subarray(0, saltEnd))
    .digest()
    .subarray(0, checksumEnd - saltEnd);
}
