// Makes password hashes without a password, as a crafted database or export may contain.
import { createHash } from 'node:crypto';

/**
 * A hash in scrypt's format whose header asks for N = 2^logN, r and p, with a checksum that is right for the header.
 */
export function craftedHash(logN: number, r: number, p: number): Buffer {
  const hash = Buffer.alloc(96);
  hash.write('scrypt');
  hash.writeUInt8(logN, 7);
  hash.writeUInt32BE(r, 8);
  hash.writeUInt32BE(p, 12);
  createHash('sha256').update(hash.subarray(0, 48)).digest().copy(hash, 48, 0, 16);
  return hash;
}
