// What a password hash looks like (scrypt's standard format), looked at before anybody computes with it: one that says it was made with
// 2^40 rounds would keep a thread for days.
import { createHash } from 'node:crypto';

const length = 96;
const checkedLength = 48;

/** The most that the settings allow. */
const max = { logN: 20, r: 32, p: 16, memory: 2 ** 31 } as const;

/** Whether it is a hash of scrypt's whose header is as it was made, and that can be checked in reasonable time and memory. */
export function isGoodHash(hash: unknown): hash is Uint8Array {
  if (!(hash instanceof Uint8Array) || hash.length !== length) return false;
  const bytes = Buffer.from(hash.buffer, hash.byteOffset, hash.length);
  if (bytes.toString('latin1', 0, 6) !== 'scrypt' || bytes[6] !== 0) return false;
  const [logN, r, p] = [bytes.readUInt8(7), bytes.readUInt32BE(8), bytes.readUInt32BE(12)];
  if (logN < 1 || logN > max.logN || r < 1 || r > max.r || p < 1 || p > max.p || 128 * 2 ** logN * r >= max.memory) return false;
  const sum = createHash('sha256').update(bytes.subarray(0, checkedLength)).digest();
  return sum.subarray(0, 16).equals(bytes.subarray(checkedLength, checkedLength + 16));
}
