// The checksum of a row (src/store/sqlite/sums.ts).
import assert from 'node:assert/strict';
import { crc32 } from 'node:zlib';
import * as fc from 'fast-check';
import t from 'tap';
import { crcOfRange } from '../../src/store/sqlite/crc.js';
import { olderSumOf } from '../../src/store/sqlite/older.js';
import { RunBatch } from '../../src/store/sqlite/runs.js';
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

t.test('the checksum of a range is that of zlib, however long the range is', async (t) => {
  const bytes = Buffer.from(Array.from({ length: 600 }, (_, at) => (at * 151) % 256));
  for (let begin = 0; begin < 5; begin += 1) {
    for (let end = begin; end <= bytes.length; end += 1) {
      const sum = crc32(`${begin} ${end}`);
      const expected = begin === end ? sum : crc32(bytes.subarray(begin, end), sum);
      assert.equal(crcOfRange(bytes, begin, end, sum), expected);
    }
  }
  t.equal(crcOfRange(Buffer.from('123456789'), 0, 9), 0xcbf43926);
});

t.test('gathered runs are described in JSON, with the checksums of their rows', async () => {
  const number = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 10 });
  const texts = fc.array(
    fc.string({ maxLength: 300 }).map((text) => text.replace(/[^ -~]|["\\]/g, '')),
    { minLength: 1 },
  );
  const run = fc.record({
    room: number,
    first: number,
    time: number,
    texts,
    seq: fc.option(number, { nil: undefined }),
  });
  const batch = new RunBatch();
  fc.assert(
    fc.property(fc.array(run), (runs) => {
      for (const { room, first, time, texts, seq } of runs) {
        batch.begin(room, first, time, seq);
        for (const text of texts) batch.addText(1, 'text', 0, text);
        batch.end();
      }
      const [rows, bytes] = batch.take();
      const described = JSON.parse(rows.toString()) as readonly (readonly number[])[];
      let next = 1;
      assert.equal(described.length, runs.length);
      for (const [at, { room, first, time, texts, seq }] of runs.entries()) {
        const [begin = 0, length = 0] = described[at]?.slice(4) ?? [];
        const last = first + texts.length - 1;
        const sum = sumOf([room, first, last, time, bytes.subarray(begin - 1, begin - 1 + length)]);
        const expected = [room, first, last, time, next, length, sum];
        assert.deepEqual(described[at], seq === undefined ? expected : [...expected, seq]);
        next += length;
      }
      assert.equal(next, bytes.length + 1);
    }),
  );
});
