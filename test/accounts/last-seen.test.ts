// Tests when users were last seen (src/accounts/last-seen.ts): what is stored, and what stays to be stored.
import t from 'tap';
import { SeenUsers } from '../../src/accounts/last-seen.js';
import { StoreFailure } from '../../src/store/store.js';

t.test('times are stored once a minute, those that changed meanwhile or failed a minute later', async (t) => {
  let now = 1000;
  const timers: (() => void)[] = [];
  t.intercept(Date, 'now', { value: () => now });
  t.intercept(globalThis, 'setTimeout', {
    value: (act: () => void) => {
      timers.push(act);
      return { unref: () => undefined };
    },
  });
  const marked: [number, number][][] = [];
  let during: () => void = () => undefined;
  const seen = new SeenUsers({
    mark: (times) => {
      marked.push([...times]);
      during();
      return Promise.resolve();
    },
    of: (user) => Promise.resolve(user === 9 ? 5 : undefined),
  });
  const storedAfterMinute = async (): Promise<unknown> => {
    now += 60_000;
    for (const act of timers.splice(0)) act();
    await new Promise(setImmediate);
    return marked.splice(0);
  };
  seen.seen(1);
  seen.seen(2);
  seen.forget(2);
  t.same([await seen.of(1), await seen.of(2), await seen.of(9)], [1000, undefined, 5]);
  t.same(await storedAfterMinute(), [[[1, 1000]]]);
  t.same([await seen.of(1), await storedAfterMinute()], [undefined, []], 'it is stored once');

  seen.seen(1);
  during = () => {
    during = () => undefined;
    now = 200_000;
    seen.seen(1);
  };
  t.same(await storedAfterMinute(), [[[1, 121_000]]]);
  t.equal(await seen.of(1), 200_000);
  t.same(await storedAfterMinute(), [[[1, 200_000]]], 'the newer time comes a minute later');

  seen.seen(1);
  during = () => {
    during = () => undefined;
    throw new StoreFailure('no');
  };
  await storedAfterMinute();
  t.same(await storedAfterMinute(), [[[1, 260_000]]], 'what failed is tried again');
  seen.seen(3);
  await seen.close();
  t.same(marked, [[[3, 380_000]]], 'the end stores what is left');
});
