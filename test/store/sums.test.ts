// The checksum of a row (src/store/sqlite/sums.ts).
import { crc32 } from 'node:zlib';
import t from 'tap';
import { olderSumOf } from '../../src/store/sqlite/older.js';
import { sumOf } from '../../src/store/sqlite/sums.js';

t.test('the checksum is that of all values, with a zero byte between two', async (t) => {
  t.equal(sumOf(['é', 5, null]), crc32(Buffer.from('é\0' + '5\0null')));
  t.equal(sumOf([1, Buffer.from([0, 255]), 'x']), crc32(Buffer.from([0x31, 0, 0, 255, 0, 0x78])));
});

t.test('without bytes among the values it is as it was in every version', async (t) => {
  for (const values of [['a', 'b'], [1, 2, 'key'], [''], ['', ''], []]) t.equal(sumOf(values), olderSumOf(values));
});

t.test('no bytes change nothing, wherever they stand', async (t) => {
  for (const empty of [Buffer.alloc(0), new Uint8Array(0), Buffer.from('')]) {
    t.equal(sumOf(['a', empty, 'b']), crc32('a\0\0b'));
    t.equal(sumOf([empty]), 0);
    t.equal(sumOf([empty, 'b']), crc32('\0b'));
  }
});
