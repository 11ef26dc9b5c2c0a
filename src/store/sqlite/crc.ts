// CRC-32, as zlib computes it, of bytes that stand within a larger buffer. zlib needs a view of them and a native call,
// which together take longer than a checksum of the few bytes that most runs have.
import { crc32 } from 'node:zlib';

/** Ranges of more bytes than this are left to zlib. */
const longRange = 384;

const polynomial = 0xedb88320;

/** Four tables, so that four bytes are taken at a time: table `n` is for a byte with `n` more behind it. */
const [table0, table1, table2, table3] = makeTables();

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ polynomial;
    return sum;
  });
  const next = (table: Int32Array): Int32Array => table.map((sum) => (first[sum & 0xff] ?? 0) ^ (sum >>> 8));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
}

/** Continues the checksum `sum` with the bytes from `begin` to `end`. */
export function crcOfRange(bytes: Buffer, begin: number, end: number, sum = 0): number {
  if (end - begin > longRange) return crc32(bytes.subarray(begin, end), sum);
  let crc = ~sum;
  let at = begin;
  for (; at + 4 <= end; at += 4) {
    crc =
      (table3[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^
      (table2[((crc >>> 8) ^ (bytes[at + 1] ?? 0)) & 0xff] ?? 0) ^
      (table1[((crc >>> 16) ^ (bytes[at + 2] ?? 0)) & 0xff] ?? 0) ^
      (table0[(crc >>> 24) ^ (bytes[at + 3] ?? 0)] ?? 0);
  }
  for (; at < end; at += 1) crc = (table0[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
