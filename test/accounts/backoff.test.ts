import * as fc from 'fast-check';
import t from 'tap';
import { Backoff } from '../../src/accounts/backoff.js';

const minute = 60_000;

/** Tries whenever it may, until `end`; answers when. All passwords are wrong. */
function tries(backoff: Backoff, account: string, address: string, start: number, end: number): number[] {
  const at: number[] = [];
  for (let now = start; now < end;) {
    const wait = backoff.wait(account, address, now);
    if (wait === 0) {
      at.push(now);
      backoff.begin(account, address, now).failed();
    }
    now += Math.max(1, wait);
  }
  return at;
}

t.test('the first five wrong passwords cost nothing, then the wait doubles up to a minute', (t) => {
  const at = tries(new Backoff(), 'alice', '192.0.2.1', 0, 10 * minute);
  const waits = at.slice(1).map((now, index) => now - (at[index] ?? 0));
  t.same(waits.slice(0, 4), [1, 1, 1, 1]);
  t.same(waits.slice(4, 12), [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  t.end();
});

t.test('nobody keeps an owner out from elsewhere, however many addresses try', (t) => {
  const backoff = new Backoff();
  for (let address = 0; address < 1000; address += 1) tries(backoff, 'alice', `198.51.100.${address}`, 0, minute);
  t.equal(backoff.wait('alice', '192.0.2.1', minute), 0, 'the right password at the first try');
  backoff.begin('alice', '192.0.2.1', minute).failed();
  t.equal(backoff.wait('alice', '192.0.2.1', minute), 1000, 'while the account is attacked a second try has to wait');
  backoff.begin('alice', '192.0.2.1', minute).succeeded();
  t.equal(backoff.wait('alice', '192.0.2.1', minute), 0);
  t.end();
});

t.test('an address that tries many accounts has to wait for all of them', (t) => {
  const backoff = new Backoff();
  for (let user = 0; user < 20; user += 1) {
    t.equal(backoff.wait(`user-${user}`, '192.0.2.1', user), 0);
    backoff.begin(`user-${user}`, '192.0.2.1', user).failed();
  }
  t.equal(backoff.wait('somebody', '192.0.2.1', 20), 999);
  t.equal(backoff.wait('somebody', '192.0.2.2', 20), 0);
  backoff.begin('user-1', '192.0.2.1', 20).succeeded();
  t.ok(backoff.wait('somebody', '192.0.2.1', 20) > 0, 'an account of his own buys him nothing');
  t.end();
});

t.test('whatever happened, nobody waits for more than a minute, and after ten without a wrong password for nothing', (t) => {
  const name = fc.constantFrom('a', 'b', 'c');
  const step = fc.record({ account: name, address: name, after: fc.nat(100_000), right: fc.boolean() });
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const backoff = new Backoff();
    let now = 0;
    for (const { account, address, after, right } of steps) {
      now += after;
      const wait = backoff.wait(account, address, now);
      if (wait < 0 || wait > minute) return false;
      const attempt = backoff.begin(account, address, now);
      if (right) attempt.succeeded();
      else attempt.failed();
    }
    return ['a', 'b', 'c'].every((each) => backoff.wait(each, each, now + 10 * minute) === 0);
  }));
  t.end();
});
