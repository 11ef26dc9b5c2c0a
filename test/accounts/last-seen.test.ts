// Tests when users were last seen (src/accounts/last-seen.ts): what is stored, and what stays to be stored.
import t from 'tap';
import { SeenUsers } from '../../src/accounts/last-seen.js';
import { mostSeenAtOnce } from '../../src/store/last-seen.js';
import { StoreFailure } from '../../src/store/store.js';
import { TestClock } from '../support/clock.js';

t.test('times are stored once a minute, those that changed meanwhile or failed a minute later', async (t) => {
  let now = 1000;
  const timers = new TestClock(t);
  t.intercept(Date, 'now', { value: () => now });
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
    await timers.pass(60_000);
    return marked.splice(0);
  };
  seen.seen(1);
  seen.seen(2);
  seen.forget(2);
  t.same(timers.running, [60_000], 'one timer for all, which keeps no process alive');
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
  t.same(timers.running, [60_000]);
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
  t.same(timers.running, []);
});

t.test('many times are stored in parts, and the first part that fails ends the round', async (t) => {
  const timers = new TestClock(t);
  const parts: number[] = [];
  let fails = true;
  const seen = new SeenUsers({
    mark: async (times) => {
      parts.push(times.size);
      if (fails && parts.length === 2) throw new StoreFailure('no');
    },
    of: async () => undefined,
  });
  for (let user = 1; user <= 2 * mostSeenAtOnce + 1; user += 1) seen.seen(user);
  await Promise.all([seen.store(), seen.store()]);
  t.same(parts.splice(0), [mostSeenAtOnce, mostSeenAtOnce], 'one round at a time');
  t.same(timers.running, [60_000], 'the rest a minute later');
  fails = false;
  await timers.pass(60_000);
  t.same([parts.splice(0), timers.running], [[mostSeenAtOnce, 1], []]);
  seen.seen(1);
  await seen.store();
  t.same([parts, timers.running], [[1], []], 'whoever stores before its time has no timer left');
});

t.test('the end waits for a round that runs, and leaves no timer where it fails', async (t) => {
  const timers = new TestClock(t);
  const marks: ((error?: Error) => void)[] = [];
  const seen = new SeenUsers({
    mark: () =>
      new Promise((resolve, reject) => marks.push((error) => (error === undefined ? resolve() : reject(error)))),
    of: async () => undefined,
  });
  seen.seen(1);
  const round = seen.store();
  seen.seen(2);
  const closing = seen.close();
  await new Promise(setImmediate);
  t.equal(marks.length, 1);
  marks[0]?.();
  await round;
  await new Promise(setImmediate);
  t.equal(marks.length, 2, 'what came meanwhile is stored behind it');
  marks[1]?.(new StoreFailure('no'));
  await closing;
  t.same(timers.running, []);
});

t.test('it is stored for nobody in particular', async (t) => {
  const payers: unknown[] = [];
  const seen = new SeenUsers({ mark: async (_times, payer) => void payers.push(payer), of: async () => undefined });
  seen.seen(1);
  await seen.close();
  t.same(payers, [{ payerClass: 'guest', payerAddress: '', payerUser: '' }]);
});
