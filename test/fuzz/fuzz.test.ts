// A short run of the fuzzer; `npm run fuzz -- 10000000` is a long one (tools/fuzz.ts, docs/fuzz.md).
import t from 'tap';
import { testSeed } from '../support/seed.js';
import { fuzz } from './run.js';

t.test('every line gets its one reply, whatever stands in it', async (t) => {
  const seed = testSeed(t);
  const { codes, memory } = await fuzz(t, { seed, inputs: 20_000, groupLines: 100 });
  const common = [1, 3, 4, 5, 6, 7, 9, 10, 13, 15, 100, 101, 102, 110, 199];
  t.strictSame(
    common.filter((code) => !codes.has(code)),
    [],
    'the lines reached every common code',
  );
  t.ok(memory.max < memory.ready + 256 * 2 ** 20, 'memory stays within bounds');
});
