// Tests how long the backoff makes logins wait after wrong passwords: per pair of account and address, per account
// under attack, and per address.
import * as fc from 'fast-check';
import t from 'tap';
import { Backoff } from '../../src/accounts/backoff.js';

const minute = 60_000;

/** Wrong passwords before the first wait: for an account from one address, and for all accounts from one address. */
const [freePerPair, freePerAddress] = [5, 20];
/** Wrong passwords for an account, from all addresses together, after which it is under attack. */
const underAttackAfter = 20;
/** The first wait, in milliseconds. */
const firstWait = 1000;
/** More wrong passwords at one time than any limit allows. */
const beyondAllLimits = 28;

/**
 * Tries wrong passwords as often as the backoff allows, until `end`. Returns the times of the attempts, in
 * milliseconds.
 */
function attemptTimes(backoff: Backoff, account: string, address: string, start: number, end: number): number[] {
  const at: number[] = [];
  for (let now = start; now < end; ) {
    const wait = backoff.wait(account, address, now);
    if (wait === 0) {
      at.push(now);
      backoff.begin(account, address, now).failed(now);
    }
    now += Math.max(1, wait);
  }
  return at;
}

t.test('the first five wrong passwords cost nothing, then the wait doubles up to a minute', (t) => {
  const at = attemptTimes(new Backoff(), 'alice', '192.0.2.1', 0, 10 * minute);
  const waits = at.slice(1).map((now, index) => now - (at[index] ?? 0));
  t.same(waits.slice(0, 4), [1, 1, 1, 1]);
  t.same(waits.slice(4, 12), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  t.end();
});

t.test('of an exempt address only the failures at the account count', (t) => {
  const backoff = new Backoff();
  const address = '192.0.2.1';
  for (let account = 0; account < 30; account += 1) backoff.begin(`user ${account}`, address, 0).failed(0);
  t.ok(backoff.wait('alice', address, 0) > 0);
  t.equal(backoff.wait('alice', address, 0, true), 0);
  for (let times = 0; times < 5; times += 1) backoff.begin('alice', address, 0).failed(0);
  t.equal(backoff.wait('alice', address, 0, true), 1000);
  t.end();
});

t.test('however many addresses attack an account, its owner can log in from another address', (t) => {
  const backoff = new Backoff();
  for (let address = 0; address < 1000; address += 1)
    attemptTimes(backoff, 'alice', `198.51.100.${address}`, 0, minute);
  t.equal(backoff.wait('alice', '192.0.2.1', minute), 0, 'the first attempt does not wait');
  backoff.begin('alice', '192.0.2.1', minute).failed(minute);
  t.equal(
    backoff.wait('alice', '192.0.2.1', minute),
    firstWait,
    'while the account is under attack a second attempt waits',
  );
  backoff.begin('alice', '192.0.2.1', minute).succeeded();
  t.equal(backoff.wait('alice', '192.0.2.1', minute), 0);
  t.end();
});

t.test('an address that tries many accounts has to wait before every account', (t) => {
  const backoff = new Backoff();
  for (let user = 0; user < freePerAddress; user += 1) {
    t.equal(backoff.wait(`user-${user}`, '192.0.2.1', user), 0);
    backoff.begin(`user-${user}`, '192.0.2.1', user).failed(user);
  }
  // The last wrong password was sent a millisecond ago.
  t.equal(backoff.wait('somebody', '192.0.2.1', freePerAddress), firstWait - 1);
  t.equal(backoff.wait('somebody', '192.0.2.2', freePerAddress), 0);
  backoff.begin('user-1', '192.0.2.1', freePerAddress).succeeded();
  t.ok(
    backoff.wait('somebody', '192.0.2.1', freePerAddress) > 0,
    'a right password for one account does not end the wait',
  );
  t.end();
});

t.test('attempts at the same time are counted when they begin, before their outcome is known', (t) => {
  const backoff = new Backoff();
  const begin = (account: string, address: string): ReturnType<Backoff['begin']> | undefined =>
    backoff.wait(account, address, 0) === 0 ? backoff.begin(account, address, 0) : undefined;
  const sent = Array.from({ length: beyondAllLimits }, () => begin('alice', '192.0.2.1'));
  t.equal(sent.filter((each) => each !== undefined).length, freePerPair, 'for one account from one address');
  const spread = Array.from({ length: beyondAllLimits }, (_, each) => begin(`user-${each}`, '192.0.2.2'));
  t.equal(spread.filter((each) => each !== undefined).length, freePerAddress, 'for many accounts from one address');
  for (let each = 0; each < underAttackAfter; each += 1) begin('bob', `198.51.100.${each}`);
  t.not(begin('bob', '203.0.113.1'), undefined);
  t.equal(begin('bob', '203.0.113.1'), undefined, 'under attack each address has one attempt');
  for (const each of [...sent, ...spread]) each?.failed(0);
  t.equal(backoff.wait('alice', '192.0.2.1', 0), firstWait);
  t.end();
});

t.test('the delay begins when the check ends, however long the check took', (t) => {
  const backoff = new Backoff();
  const sent = Array.from({ length: freePerPair }, () => backoff.begin('alice', '192.0.2.1', 0));
  for (const each of sent) each.failed(3000);
  t.equal(backoff.wait('alice', '192.0.2.1', 3000), firstWait);
  t.equal(backoff.wait('alice', '192.0.2.1', 3900), firstWait - 900);
  t.end();
});

t.test('an attempt that succeeds or is withdrawn does not count', (t) => {
  const backoff = new Backoff();
  for (let round = 0; round < 100; round += 1) {
    const [right, unchecked] = [backoff.begin('alice', '192.0.2.1', round), backoff.begin('bob', '192.0.2.1', round)];
    right.succeeded();
    unchecked.withdraw();
    t.same(
      [
        backoff.wait('alice', '192.0.2.1', round),
        backoff.wait('bob', '192.0.2.1', round),
        backoff.wait('carol', '192.0.2.1', round),
      ],
      [0, 0, 0],
    );
  }
  for (let each = 0; each < 6; each += 1) backoff.begin('alice', '192.0.2.1', 200).failed(200);
  t.equal(backoff.wait('alice', '192.0.2.1', 2000), 200);
  backoff.begin('alice', '192.0.2.1', 2200).withdraw();
  t.equal(backoff.wait('alice', '192.0.2.1', 2200), 0, 'the last failure counts as before');
  backoff.begin('alice', '192.0.2.1', 2200).failed(2200);
  t.equal(backoff.wait('alice', '192.0.2.1', 2200), 4000);
  t.end();
});

t.test('a right password resets the failures before it, but not the attempts that are still checked', (t) => {
  const backoff = new Backoff();
  for (let each = 0; each < 2; each += 1) backoff.begin('alice', '192.0.2.1', 0).failed(0);
  const [one, two, right] = [0, 0, 0].map(() => backoff.begin('alice', '192.0.2.1', 0));
  right?.succeeded();
  one?.failed(0);
  two?.failed(0);
  for (let each = 0; each < 3; each += 1) {
    t.equal(backoff.wait('alice', '192.0.2.1', 0), 0);
    backoff.begin('alice', '192.0.2.1', 0).failed(0);
  }
  t.equal(backoff.wait('alice', '192.0.2.1', 0), firstWait);
  t.end();
});

t.test('however attempts overlap, no more than the free failures are allowed without a wait', (t) => {
  // The model: an attempt is free while fewer than five of the pair and twenty of the address have failed or are
  // undecided.
  const step = fc.record({
    kind: fc.constantFrom('begin', 'begin', 'failed', 'succeeded', 'withdraw'),
    account: fc.constantFrom('a', 'b', 'c'),
    which: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
      const backoff = new Backoff();
      const running: { readonly account: string; readonly attempt: ReturnType<Backoff['begin']> }[] = [];
      const wrong = new Map<string, number>();
      let ofAddress = 0;
      for (const { kind, account, which } of steps) {
        if (kind === 'begin') {
          const undecided = running.filter((each) => each.account === account).length;
          const pair = (wrong.get(account) ?? 0) + undecided;
          const all = ofAddress + running.length;
          // All steps happen at one time, so no wait ever ends. An account is under attack after as many failures as the
          // address has free, so that is not seen here.
          const free = pair < freePerPair && all < freePerAddress;
          if ((backoff.wait(account, '192.0.2.1', 0) === 0) !== free) return false;
          if (free) running.push({ account, attempt: backoff.begin(account, '192.0.2.1', 0) });
          continue;
        }
        const [decided] = running.splice(which % Math.max(1, running.length), 1);
        if (decided === undefined) continue;
        if (kind === 'failed') decided.attempt.failed(0);
        else decided.attempt[kind]();
        if (kind === 'failed') {
          wrong.set(decided.account, (wrong.get(decided.account) ?? 0) + 1);
          ofAddress += 1;
        } else if (kind === 'succeeded') {
          wrong.set(decided.account, 0);
        }
      }
      return true;
    }),
    { numRuns: 1000 },
  );
  t.end();
});

t.test('no wait is longer than a minute, and ten minutes after the last failure there is none', (t) => {
  const name = fc.constantFrom('a', 'b', 'c');
  const step = fc.record({ account: name, address: name, after: fc.nat(100_000), right: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const backoff = new Backoff();
      let now = 0;
      for (const { account, address, after, right } of steps) {
        now += after;
        const wait = backoff.wait(account, address, now);
        if (wait < 0 || wait > minute) return false;
        const attempt = backoff.begin(account, address, now);
        if (right) attempt.succeeded();
        else attempt.failed(now);
      }
      return ['a', 'b', 'c'].every((each) => backoff.wait(each, each, now + 10 * minute) === 0);
    }),
  );
  t.end();
});
