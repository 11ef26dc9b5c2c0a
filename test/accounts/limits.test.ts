// Tests limits of passwords, bans and backoff that no conversation reaches, such as a queue that closes and the last
// ban that fits.
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';
import t from 'tap';
import { Backoff } from '../../src/accounts/backoff.js';
import { Bans, TooManyBans } from '../../src/accounts/bans.js';
import { isIntact } from '../../src/accounts/hash-header.js';
import { KnownAddresses } from '../../src/accounts/known-addresses.js';
import { hashesAtOnce, Passwords, PasswordsBusy } from '../../src/accounts/passwords.js';
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

t.test('an address is known for some days after its last login, whatever daemon saw it', async (t) => {
  let [today, changes] = [20_000, 0];
  const open = (kept?: string, days = 30): KnownAddresses =>
    new KnownAddresses(
      () => days,
      kept,
      () => (changes += 1),
      () => today,
    );
  const first = open();
  first.add('192.0.2.1');
  first.add('192.0.2.1');
  t.equal(changes, 1, 'one login a day is enough');
  today += 29;
  const second = open(first.text);
  t.same([second.has('192.0.2.1'), second.has('192.0.2.2')], [true, false]);
  second.add('2001:db8::/64');
  today += 1;
  t.same([second.has('192.0.2.1'), second.has('2001:db8::/64')], [false, true]);
  t.equal(second.text.split('\n').length, 3, 'what is forgotten is not kept');
  t.notMatch(second.text, /192\.0|2001:/);
  t.notOk(open(second.text, 0).has('2001:db8::/64'), 'nobody is known where the setting is 0');
  for (const damaged of ['', second.text.slice(1), second.text.slice(0, -4), 'x'.repeat(100_000)]) {
    const third = open(damaged);
    t.notOk(third.has('2001:db8::/64'), 'what is damaged is ignored');
    third.add('192.0.2.3');
    t.ok(open(third.text).has('192.0.2.3'));
  }
});

t.test('so many addresses are known at most, and strangers are hardly ever taken for them', async (t) => {
  const known = new KnownAddresses(() => 30);
  for (let each = 0; each < 50_400; each += 1) known.add(`10.0.${each >> 8}.${each & 255}`);
  // Some eighty of them have the hash of another one.
  t.equal(known.text.split('\n').length, 50_002, 'a line for each, one before and an empty one behind');
  t.ok(known.has('10.0.195.1'));
  const strangers = Array.from({ length: 10_000 }, (_, each) => known.has(`192.0.${each >> 8}.${each & 255}`));
  t.ok(strangers.filter(Boolean).length < 100);
});

t.test('passwords from known addresses are checked before those of strangers', async (t) => {
  const known = new KnownAddresses(() => 30);
  const passwords = new Passwords(cheap, 8, { running: 1, known });
  passwords.loggedIn('192.0.2.1');
  const order: string[] = [];
  await Promise.all(
    ['198.51.100.1', '198.51.100.2', '198.51.100.3', '192.0.2.1'].map(async (address) => {
      await passwords.hash('rabbit-hole', { address, account: 'alice' });
      order.push(address);
    }),
  );
  t.same(order, ['198.51.100.1', '192.0.2.1', '198.51.100.2', '198.51.100.3']);
});

t.test('half of the processors make hashes, four at most', (t) => {
  const { availableParallelism } = os;
  for (const [processors, hashes] of [
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 2],
    [7, 3],
    [8, 4],
    [64, 4],
  ] as const) {
    os.availableParallelism = () => processors;
    syncBuiltinESMExports();
    t.equal(hashesAtOnce(), hashes, `of ${processors}`);
  }
  os.availableParallelism = availableParallelism;
  syncBuiltinESMExports();
  t.end();
});
