// Tests who has the next turn (src/turns): whoever waits gets one, whoever has used less goes first, and shares are
// equal.
import fc from 'fast-check';
import t from 'tap';
import { FairQueue } from '../../src/turns/fair-queue.js';
import { StartTimeQueue, type Account } from '../../src/turns/start-time-queue.js';

const payer = (address: string, user = 'alice') => ({ payerAddress: address, payerUser: user });

t.test('whoever comes now and then goes before those who always want more', async (t) => {
  const queue = new FairQueue<string>();
  for (let each = 0; each < 100; each += 1) queue.add(`greedy ${each}`, payer(`192.0.2.${each}`));
  for (let turn = 0; turn < 1000; turn += 1) {
    if (turn % 150 === 149) {
      queue.add('modest', payer('198.51.100.1'));
      t.equal(queue.next(), 'modest');
      queue.delete('modest');
    }
    t.ok(queue.next());
  }
});

t.test('addresses have equal shares, and users of an address, however many items they have', async (t) => {
  const queue = new FairQueue<string>(0);
  for (let each = 0; each < 50; each += 1) queue.add(`many ${each}`, payer('192.0.2.1', `user ${each % 2}`));
  queue.add('one', payer('192.0.2.2'));
  const spent = new Map<string, number>();
  for (let turn = 0; turn < 3000; turn += 1) {
    const item = queue.next() ?? '';
    const from = item === 'one' ? payer('192.0.2.2') : payer('192.0.2.1', `user ${Number(item.split(' ')[1]) % 2}`);
    // The turns of the one take thrice as long.
    const cost = item === 'one' ? 0.75 : 0.25;
    queue.charge(from, cost);
    for (const key of [from.payerAddress, from.payerUser]) spent.set(key, (spent.get(key) ?? 0) + cost);
  }
  const of = (key: string): number => spent.get(key) ?? 0;
  t.ok(Math.abs(of('192.0.2.1') - of('192.0.2.2')) < 2, `${of('192.0.2.1')} and ${of('192.0.2.2')}`);
  t.ok(Math.abs(of('user 0') - of('user 1')) < 2, `${of('user 0')} and ${of('user 1')}`);
});

t.test('one long turn keeps nobody from the next for more than some turns of others', async (t) => {
  const queue = new FairQueue<string>();
  queue.add('long', payer('192.0.2.1'));
  queue.add('short', payer('192.0.2.2'));
  t.equal(queue.next(), 'long');
  queue.charge(payer('192.0.2.1'), 1_000_000);
  let turns = 0;
  while (queue.next() !== 'long') turns += 1;
  t.ok(turns > 30 && turns < 40, `${turns}`);
});

t.test('the first of a queue is the one with the earliest start, whatever is added and charged', async () => {
  const operation = fc.record({
    of: fc.nat({ max: 9 }),
    what: fc.constantFrom('wait', 'leave', 'next'),
    cost: fc.nat(20),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const queue = new StartTimeQueue<Account>();
      const all = new Map<string, Account>();
      for (const { of, what, cost } of operations) {
        const key = String(of);
        let account = queue.get(key);
        if (what === 'wait') {
          if (account === undefined) queue.add((account = { key, size: 0, start: 0, order: 0, place: 0 }));
          all.set(key, account);
          account.size += 1;
          if (account.size === 1) queue.woke(account);
        } else if (what === 'leave') {
          if (account !== undefined && account.size > 0) account.size -= 1;
        } else {
          const waiting = [...all.values()].filter(({ size, key }) => size > 0 && queue.get(key) !== undefined);
          const first = waiting.sort((a, b) => a.start - b.start || a.order - b.order)[0];
          const next = queue.next();
          if (next !== first) throw new Error(`${next?.key} instead of ${first?.key}`);
          if (next !== undefined) queue.charge(next, cost / 4);
        }
      }
    }),
  );
});
