// Tests limits of passwords, bans and backoff that no conversation reaches, such as a queue that closes and the last
// ban that fits.
import t from 'tap';
import { Backoff } from '../../src/accounts/backoff.js';
import { Bans, TooManyBans } from '../../src/accounts/bans.js';
import { isIntact } from '../../src/accounts/hash-header.js';
import { Passwords, PasswordsBusy } from '../../src/accounts/passwords.js';
import type { Ban, DirectoryListener } from '../../src/store/directory.js';
import { craftedHash } from '../support/crafted-hash.js';

const cheap = { logN: 4, r: 8, p: 1 };

/** The reason of a rejection; undefined if the promise fulfils. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

t.test('a close refuses the passwords that wait, and the running checks end', async (t) => {
  const passwords = new Passwords(cheap, 4);
  const asked = Array.from({ length: 6 }, () => passwords.hash('rabbit-hole'));
  const outcomes = Promise.allSettled(asked);
  t.same(passwords.load, { running: 2, waiting: 4 });
  passwords.close();
  t.equal(passwords.load.waiting, 0);
  t.same(
    (await outcomes).map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'rejected', 'rejected', 'rejected'],
  );
  t.same(passwords.load, { running: 0, waiting: 0 });
  t.ok((await failureOf(passwords.hash('rabbit-hole'))) instanceof PasswordsBusy);
});

t.test('retryAfter is the time that half of the queue takes, with two hashes at a time', async (t) => {
  const passwords = new Passwords(cheap, 4);
  const asked = Array.from({ length: 6 }, () => passwords.hash('rabbit-hole'));
  // Until the first hash has ended, 200 ms is assumed for each.
  t.match(await failureOf(passwords.hash('rabbit-hole')), { retryAfter: 200 });
  await Promise.all(asked);
});

t.test('the header of a hash is accepted up to the limits of its cost', async (t) => {
  for (const [logN, r, p] of [
    [1, 1, 1],
    [20, 15, 16],
    [10, 32, 1],
  ] as const)
    t.ok(isIntact(craftedHash(logN, r, p)), `${logN} ${r} ${p}`);
  for (const [logN, r, p] of [
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0],
    [21, 1, 1],
    [20, 16, 1],
    [10, 33, 1],
    [10, 1, 17],
  ] as const)
    t.notOk(isIntact(craftedHash(logN, r, p)), `${logN} ${r} ${p}`);
  t.notOk(isIntact(craftedHash(10, 8, 1).subarray(0, 95)), 'a byte is missing');
});

t.test('ten thousand bans can be in force, and one more is refused', async (t) => {
  const ban = (number: number): Ban => ({
    kind: 'user',
    target: `user-${number}`,
    reason: '',
    created: 1,
    until: undefined,
  });
  const listeners: Partial<DirectoryListener>[] = [];
  const bans = await Bans.read({
    watch: (listener) => listeners.push(listener),
    listBans: () => Promise.resolve(Array.from({ length: 9_999 }, (_, number) => ban(number))),
    setBan: async (set) => {
      for (const listener of listeners) listener.banned?.(set);
    },
    removeBan: async () => undefined,
  });
  await bans.add(ban(9_999));
  t.ok((await failureOf(bans.add(ban(10_000)))) instanceof TooManyBans);
  t.match(await bans.add(ban(0)), { target: 'user-0' }, 'a ban of a target that is banned replaces the older ban');
});

const minute = 60_000;

/** Adds failed logins of one pair, all at the time `now`. */
function fail(backoff: Backoff, count: number, now: number): void {
  for (let each = 0; each < count; each += 1) backoff.begin('alice', '192.0.2.1', now).failed(now);
}

t.test('failures are forgotten ten minutes after the last one, not before', async (t) => {
  for (const [later, wait] of [
    [10 * minute - 1, 2000],
    [10 * minute, 0],
  ] as const) {
    const backoff = new Backoff();
    fail(backoff, 5, 0);
    t.equal(backoff.wait('alice', '192.0.2.1', 0), 1000);
    fail(backoff, 1, later);
    t.equal(backoff.wait('alice', '192.0.2.1', later), wait, `after ${later} ms`);
  }
});

t.test('a late clock value counts like an early one', async (t) => {
  const backoff = new Backoff();
  fail(backoff, 5, 1e9);
  t.equal(backoff.wait('alice', '192.0.2.1', 1e9), 1000);
});

t.test('withdrawing one attempt does not change another', async (t) => {
  const backoff = new Backoff();
  const [one, other] = [1, 2].map(() => backoff.begin('alice', '192.0.2.1', 0));
  one?.withdraw();
  other?.failed(0);
  fail(backoff, 4, 0);
  t.equal(backoff.wait('alice', '192.0.2.1', 0), 1000, 'five have failed');
});

t.test('fifty thousand counts are stored, and one more drops the count with the oldest failure', async (t) => {
  const backoff = new Backoff();
  fail(backoff, 5, 0);
  for (let each = 1; each < 50_000; each += 1) backoff.begin(`user-${each}`, `2001:db8::${each}`, 0).failed(0);
  t.equal(backoff.wait('alice', '192.0.2.1', 0), 1000);
  backoff.begin('one more', '2001:db8:1::', 0).failed(0);
  t.equal(backoff.wait('alice', '192.0.2.1', 0), 0);
});
