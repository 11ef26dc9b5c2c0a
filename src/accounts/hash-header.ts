// The first 64 bytes of a stored hash, in scrypt's file format: `scrypt`, a version, the cost, a salt and a checksum of
// these. The first 16 of them, its head, tell what the hash costs; the last 32 of the hash are a MAC that only the
// right password makes.
import { createHash, randomBytes } from 'node:crypto';

/** scrypt's cost: N is 2^logN. */
export interface ScryptParameters {
  readonly logN: number;
  readonly r: number;
  readonly p: number;
}

export const headBytes = 16;
const saltEnd = 48;
const checksumEnd = 64;
const hashBytes = 96;

/** What the settings can ask for, at most (ops/settings): a hash from elsewhere may not take more. */
const most = { logN: 20, r: 32, p: 16, bytes: 2 ** 31 - 2 ** 20 } as const;

/** The head of hashes of that cost. */
export function headOf({ logN, r, p }: ScryptParameters): Buffer {
  const head = Buffer.alloc(headBytes);
  head.write('scrypt', 'latin1');
  head.writeUInt8(logN, 7);
  head.writeUInt32BE(r, 8);
  head.writeUInt32BE(p, 12);
  return head;
}

/** Whether a hash with this head can be checked: the format is known, and its cost is one that the settings allow. */
export function isBounded(head: Uint8Array): boolean {
  if (head.length !== headBytes) return false;
  const bytes = Buffer.from(head.buffer, head.byteOffset, headBytes);
  const [logN, r, p] = [bytes.readUInt8(7), bytes.readUInt32BE(8), bytes.readUInt32BE(12)];
  if (logN < 1 || logN > most.logN || r < 1 || r > most.r || p < 1 || p > most.p) return false;
  return 128 * 2 ** logN * r < most.bytes && bytes.equals(headOf({ logN, r, p }));
}

/** Whether a stored hash is whole: one that is not fits no password, and would be found out before any work is done. */
export function isWhole(hash: Uint8Array): boolean {
  if (hash.length !== hashBytes || !isBounded(hash.subarray(0, headBytes))) return false;
  return checksum(hash).equals(hash.subarray(saltEnd, checksumEnd));
}

/** A hash with that head that no password fits: to check one against it takes as long as against any other. */
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
