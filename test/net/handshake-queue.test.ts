// Properties of the queue of TLS handshakes: no more run than may, nobody is forgotten, and the addresses take turns.
import fc from 'fast-check';
import t from 'tap';
import { HandshakeQueue, undisturbedMilliseconds } from '../../src/net/handshake-queue.js';

interface Handshake {
  readonly key: string;
  readonly isExempt: boolean;
}

const limits = { maxHandshakes: 4, maxHandshakesPerAddress: 2 };

const action = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), key: fc.constantFrom('a', 'b', 'c', 'exempt') }),
  fc.record({ kind: fc.constant('next' as const) }),
  fc.record({ kind: fc.constant('remove' as const), index: fc.nat(20) }),
  fc.record({ kind: fc.constant('give way' as const), after: fc.nat(3000) }),
);

t.test('no more run than may, and each that waits runs once the others end', async (t) => {
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const queue = new HandshakeQueue<Handshake>(limits);
      const there: Handshake[] = [];
      const running = new Map<Handshake, number>();
      let now = 0;
      const start = (): boolean => {
        const next = queue.next(now);
        if (next === undefined) return false;
        if (running.has(next) || !there.includes(next)) throw new Error('it runs already, or is gone');
        running.set(next, now);
        const ofKey = Array.from(running.keys()).filter(({ key }) => key === next.key).length;
        if (!next.isExempt && ofKey > limits.maxHandshakesPerAddress) throw new Error(`${ofKey} of one address`);
        if (running.size > limits.maxHandshakes) throw new Error(`${running.size} run`);
        return true;
      };
      const remove = (handshake: Handshake | undefined): void => {
        if (handshake === undefined) return;
        queue.remove(handshake);
        running.delete(handshake);
        if (there.includes(handshake)) there.splice(there.indexOf(handshake), 1);
      };
      for (const each of actions) {
        if (each.kind === 'add') {
          const handshake = { key: each.key, isExempt: each.key === 'exempt' };
          there.push(handshake);
          queue.add(handshake, handshake.key, handshake.isExempt);
        } else if (each.kind === 'next') start();
        else if (each.kind === 'remove') remove(there[each.index]);
        else {
          now += each.after;
          const last = queue.toGiveWay(now);
          if (last === undefined) continue;
          if (running.size < limits.maxHandshakes) throw new Error('there was a place');
          if (now - (running.get(last) ?? now) < undisturbedMilliseconds) throw new Error('it had just begun');
          remove(last);
          if (!start()) throw new Error('it gave way to nobody');
        }
        if (queue.running !== running.size || queue.waiting !== there.length - running.size)
          throw new Error(`${queue.running} run and ${queue.waiting} wait`);
      }
      while (there.length > 0) {
        while (start());
        if (running.size === 0) throw new Error('those that wait are forgotten');
        for (const handshake of running.keys()) remove(handshake);
      }
      if (queue.running + queue.waiting !== 0) throw new Error('something is left');
    }),
    { numRuns: 300 },
  );
  t.pass('in any order of events');
});

t.test('an address with one handshake does not wait behind the hundred of another', async (t) => {
  const queue = new HandshakeQueue<Handshake>({ maxHandshakes: 1, maxHandshakesPerAddress: 1 });
  const add = (key: string): Handshake => {
    const handshake = { key, isExempt: false };
    queue.add(handshake, key, false);
    return handshake;
  };
  for (let count = 0; count < 100; count += 1) add('many');
  const first = queue.next(0);
  const one = add('one');
  const order: string[] = [];
  for (let running = first; running !== undefined && order.length < 3; running = queue.next(0)) {
    order.push(running.key);
    queue.remove(running);
  }
  t.same(order, ['many', 'many', 'one']);
  t.not(first, one);
});

t.test('the oldest one of the address that has the most gives way, and only when somebody waits', async (t) => {
  const queue = new HandshakeQueue<Handshake>({ maxHandshakes: 3, maxHandshakesPerAddress: 2 });
  const add = (key: string): Handshake => {
    const handshake = { key, isExempt: false };
    queue.add(handshake, key, false);
    return handshake;
  };
  const [single, older] = [add('single'), add('many')];
  queue.next(0);
  queue.next(10);
  add('many');
  queue.next(20);
  const late = 20 + undisturbedMilliseconds;
  t.equal(queue.toGiveWay(late), undefined, 'nobody waits');
  add('many');
  t.equal(queue.toGiveWay(late), undefined, 'who waits has its share');
  const other = add('other');
  t.equal(queue.toGiveWay(9 + undisturbedMilliseconds), undefined, 'it has just begun');
  t.equal(queue.toGiveWay(late), older);
  queue.remove(older);
  t.not(queue.next(late), single);
  t.ok(other);
});
