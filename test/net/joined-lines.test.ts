// Tests that lines are joined in order, and once for all who have the same list.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import { join, mayBeShared } from '../../src/net/joined-lines.js';
import { sizeOf, type Lines } from '../../src/net/lines.js';

const batches = Array.from({ length: 4 }, (_, at) => Buffer.from(`${at}`.repeat(2000 * at + 1)));

const list = fc.array(fc.constantFrom<Lines>(...batches, 'a reply\n', 'é\n'), { minLength: 1, maxLength: 4 });

t.test('the bytes are those of all lines in order, whatever was joined before', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(list, { minLength: 1, maxLength: 10 }), async (lists) => {
      for (const lines of lists) {
        const size = lines.reduce((sum, each) => sum + sizeOf(each), 0);
        const expected = Buffer.concat(lines.map((each) => Buffer.from(each)));
        assert.deepEqual(Buffer.from(join(lines, size)), expected);
        lines.length = 0;
      }
    }),
    { numRuns: 300 },
  );
});

t.test('who has the same batches gets the same memory, and who has a reply too has a copy', async (t) => {
  const [, one = Buffer.alloc(0), two = Buffer.alloc(0)] = batches;
  const size = one.length + two.length;
  const joined = join([one, two], size);
  t.ok(mayBeShared(joined));
  t.equal(join([one, two], size), joined);
  const other = join([one, 'a reply\n', two], size + 8);
  t.notOk(mayBeShared(other));
  t.equal(join([one, two], size), joined, 'a copy does not take its place');
  t.equal(join([one], one.length), one, 'a batch alone is not copied');
  t.not(join([two, one], size), joined);
});
