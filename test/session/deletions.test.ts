// Tests the work that deletions of users leave (src/session/deletions.ts): what is tried again, when, and who is told.
import t from 'tap';
import { Deletions } from '../../src/session/deletions.js';
import { StoreAway, StoreBusy, StoreFailure } from '../../src/store/store.js';
import { TestClock } from '../support/clock.js';

interface Stage {
  readonly timers: TestClock;
  readonly deletions: Deletions;
  readonly told: string[];
  /** Makes a work that fails with these errors, one each time, and then succeeds. */
  readonly work: (name: string, ...errors: Error[]) => () => Promise<void>;
}

function stage(t: ConstructorParameters<typeof TestClock>[0]): Stage {
  const timers = new TestClock(t);
  const told: string[] = [];
  const deletions = new Deletions({
    failed: (error) => void told.push(`failed: ${(error as Error).message}`),
    resumed: () => told.push('resumed'),
  });
  const work: Stage['work'] =
    (name, ...errors) =>
    async () => {
      told.push(name);
      const error = errors.shift();
      if (error !== undefined) throw error;
    };
  return { timers, deletions, told, work };
}

t.test(
  'what succeeds leaves nothing, and what fails for another reason than the store is not tried again',
  async (t) => {
    const { timers, deletions, told, work } = stage(t);
    t.equal(await deletions.finish(work('one')), true);
    await t.rejects(deletions.finish(work('two', new RangeError('ours'))), RangeError);
    t.same([told, deletions.left, timers.running], [['one', 'two'], 0, []]);
  },
);

t.test('what the store failed to do is tried every ten seconds, in order, and told of once', async (t) => {
  const { timers, deletions, told, work } = stage(t);
  t.equal(
    await deletions.finish(work('one', new StoreFailure('full'), new StoreBusy(1), new StoreAway('away'))),
    false,
  );
  t.equal(await deletions.finish(work('two', new StoreAway('away'))), false);
  t.same(told.splice(0), ['one', 'failed: full', 'two', 'failed: away']);
  t.same([deletions.left, timers.running], [2, [10_000]], 'one timer for both, which keeps no process alive');
  await timers.pass(9999);
  t.same(told, []);
  await timers.pass(1);
  t.same([told.splice(0), deletions.left, timers.running], [['one'], 2, [10_000]]);
  await timers.pass(10_000);
  t.same([told.splice(0), deletions.left, timers.running], [['one'], 2, [10_000]]);
  await timers.pass(10_000);
  t.same([told.splice(0), deletions.left, timers.running], [['one', 'resumed', 'two', 'resumed'], 0, []]);
  t.equal(await deletions.finish(work('three', new StoreFailure('full'))), false);
  await timers.pass(10_000);
  t.same(told, ['three', 'failed: full', 'three', 'resumed'], 'the timer starts again');
});

t.test('a work that turns out to be faulty is given up, and those behind it are done', async (t) => {
  const { timers, deletions, told, work } = stage(t);
  await deletions.finish(work('one', new StoreFailure('full'), new RangeError('ours')));
  await deletions.finish(work('two', new StoreFailure('full')));
  told.length = 0;
  await timers.pass(10_000);
  t.same([told.splice(0), deletions.left, timers.running], [['one', 'failed: ours'], 1, [10_000]]);
  await timers.pass(10_000);
  t.same([told, deletions.left, timers.running], [['two', 'resumed'], 0, []]);
});

t.test('a fault in the last work leaves no timer', async (t) => {
  const { timers, deletions, work } = stage(t);
  await deletions.finish(work('one', new StoreFailure('full'), new RangeError('ours')));
  await timers.pass(10_000);
  t.same([deletions.left, timers.running], [0, []]);
});

t.test('nothing is tried again after the end, nor what fails from then on', async (t) => {
  const { timers, deletions, told, work } = stage(t);
  let fail: (error: Error) => void = () => undefined;
  let tries = 0;
  await deletions.finish(async () => {
    tries += 1;
    if (tries === 1) throw new StoreFailure('full');
    await new Promise((_resolve, reject) => {
      fail = reject;
    });
  });
  await timers.pass(10_000);
  deletions.close();
  fail(new StoreFailure('full'));
  await timers.pass(0);
  t.same([tries, deletions.left, timers.running], [2, 1, []], 'it failed again behind the end');
  told.length = 0;
  t.equal(await deletions.finish(work('late', new StoreFailure('full'))), false);
  t.same([told, deletions.left, timers.running], [['late'], 1, []]);

  const other = stage(t);
  await other.deletions.finish(other.work('one', new StoreFailure('full')));
  other.deletions.close();
  t.same([other.deletions.left, other.timers.running], [1, []]);
});
