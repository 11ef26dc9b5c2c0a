// Tests the token bucket of all rate limits (src/accounts/throttle.ts), alone and shared
// (src/accounts/shared-throttle.ts), also against an exact model that stores every key for ever and shares no code with
// it. The throttle counts in fractions, so its waits may differ by a millisecond.

import fc from 'fast-check';
import t from 'tap';
import { SharedThrottle } from '../../src/accounts/shared-throttle.js';
import { Throttle } from '../../src/accounts/throttle.js';

/** Token buckets in integers: a token is 60,000 parts, and a millisecond adds `perMinute` parts. */
class Model {
  readonly #burst: bigint;
  readonly #perMinute: bigint;
  readonly #buckets = new Map<string, { parts: bigint; at: number }>();

  constructor(burst: number, perMinute: number) {
    this.#burst = BigInt(burst) * 60_000n;
    this.#perMinute = BigInt(perMinute);
  }

  /** The milliseconds until there is a token; 0 if there is one now. */
  wait(key: string, now: number): number {
    const missing = 60_000n - this.#parts(key, now);
    return missing <= 0n ? 0 : Number((missing + this.#perMinute - 1n) / this.#perMinute);
  }

  take(key: string, now: number, tokens: number): void {
    this.#buckets.set(key, { parts: this.#parts(key, now) - BigInt(tokens) * 60_000n, at: now });
  }

  #parts(key: string, now: number): bigint {
    const { parts, at } = this.#buckets.get(key) ?? { parts: this.#burst, at: now };
    const gained = parts + BigInt(now - at) * this.#perMinute;
    return gained < this.#burst ? gained : this.#burst;
  }
}

const burst = fc.integer({ min: 1, max: 20 });
const perMinute = fc.oneof(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 1_000_000 }));
/**
 * Milliseconds between two requests: often 0, often shorter than a refill, and sometimes so long that every bucket is
 * full and forgotten.
 */
const step = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 3000 }), fc.integer({ min: 0, max: 3_600_000 }));
const requests = fc.array(
  // More tokens than a small bucket has, too.
  fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd'), step, tokens: fc.integer({ min: 1, max: 30 }) }),
  { maxLength: 100 },
);

t.test('a burst passes at once, and then as many as the rate allows', async (t) => {
  const throttle = new Throttle(3, 60);
  t.same(
    [1, 2, 3].map(() => throttle.take('a', 0)),
    [0, 0, 0],
  );
  t.equal(throttle.take('a', 0), 1000);
  t.equal(throttle.take('a', 400), 600, 'a refusal costs nothing');
  t.equal(throttle.take('a', 1000), 0);
  t.equal(throttle.take('a', 1000), 1000);
});

t.test('after an hour of rest the burst is full again and no larger', async (t) => {
  const throttle = new Throttle(2, 60);
  for (const now of [0, 0]) t.equal(throttle.take('a', now), 0);
  t.same(
    [1, 2, 3].map(() => throttle.take('a', 3_600_000)),
    [0, 0, 1000],
  );
});

t.test('each key has its own bucket', async (t) => {
  const throttle = new Throttle(1, 60);
  t.same(
    ['a', 'a', 'b', 'b', 'c'].map((key) => throttle.take(key, 5)),
    [0, 1000, 0, 1000, 0],
  );
});

t.test('the throttle grants what the exact model grants, and names the same wait', async () => {
  fc.assert(
    fc.property(burst, perMinute, requests, (most, rate, all) => {
      const throttle = new Throttle(most, rate);
      const model = new Model(most, rate);
      let now = 1000;
      for (const { key, step: passed, tokens } of all) {
        now += passed;
        const wait = throttle.take(key, now, tokens);
        const exact = model.wait(key, now);
        if (Math.abs(wait - exact) > 1) throw new Error(`${key} at ${now}: ${wait} instead of ${exact}`);
        if (wait === 0) model.take(key, now, tokens);
      }
    }),
    { numRuns: 500 },
  );
});

t.test('a request after the named wait is granted', async () => {
  fc.assert(
    fc.property(burst, perMinute, requests, (most, rate, all) => {
      const throttle = new Throttle(most, rate);
      let now = 1000;
      for (const { key, step: passed, tokens } of all) {
        now += passed;
        const wait = throttle.take(key, now, tokens);
        if (wait === 0) continue;
        now += wait;
        const again = throttle.take(key, now, tokens);
        if (again !== 0) throw new Error(`told to wait ${wait} ms, and then ${again} ms more`);
      }
    }),
    {
      numRuns: 500,
      examples: [
        [
          1,
          5,
          [
            { key: 'a', step: 0, tokens: 1 },
            { key: 'a', step: 63, tokens: 1 },
          ],
        ],
      ],
    },
  );
});

t.test('keys that are not used again are forgotten', async (t) => {
  const throttle = new Throttle(1, 60_000);
  // Each bucket is full again after a millisecond, and stays for ten seconds.
  for (let now = 0; now < 100_000; now += 1) throttle.take(`2001:db8:${now}::/64`, now);
  t.ok(throttle.size < 20_000, `${throttle.size} are left`);
});

t.test('who takes several tokens needs one, and owes the others', async (t) => {
  const throttle = new Throttle(3, 60);
  t.equal(throttle.take('a', 0, 2), 0);
  t.equal(throttle.take('a', 0, 5), 0, 'one is left, which is enough');
  t.equal(throttle.wait('a', 0), 5000, 'four tokens that it did not have, and the next one');
  t.equal(throttle.take('a', 4999), 1);
  t.equal(throttle.take('a', 5000, 5), 0);
});

t.test('there are never more buckets than the most, and a key that is met again keeps its own', async () => {
  const keys = fc.array(fc.record({ key: fc.integer({ min: 0, max: 40 }), passed: fc.integer({ min: 0, max: 5 }) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), keys, (most, all) => {
      const throttle = new Throttle(1, 60, most);
      let now = 0;
      for (const { key, passed } of all) {
        now += passed;
        const before = throttle.wait(key, now);
        if (throttle.take(key, now) !== before) throw new Error('the wait is not the one that was told');
        if (throttle.size > most) throw new Error(`${throttle.size} buckets`);
        if (throttle.wait(key, now) === 0) throw new Error('the key that was just counted is forgotten');
      }
    }),
  );
});

t.test('where there is no place, the bucket that is nearest to being full is forgotten', async (t) => {
  const throttle = new Throttle(1, 60, 4);
  for (const [key, tokens] of [
    ['a', 7],
    ['b', 3],
    ['c', 9],
    ['d', 8],
  ] as const)
    throttle.take(key, 0, tokens);
  throttle.take('e', 0, 1);
  t.equal(throttle.size, 4);
  t.same(
    ['a', 'b', 'c', 'd', 'e'].map((key) => throttle.wait(key, 0)),
    [7000, 0, 9000, 8000, 1000],
  );
});

t.test('full buckets are forgotten a few at a time, and none is left for long', async (t) => {
  const throttle = new Throttle(1, 60_000);
  for (let key = 0; key < 1000; key += 1) throttle.take(`old ${key}`, 0);
  t.equal(throttle.size, 1000);
  throttle.take('new', 20_000);
  t.ok(throttle.size >= 999, 'one new key does not pay for all of them');
  for (let key = 0; key < 1000; key += 1) throttle.take(`new ${key}`, 20_000 * (key + 2));
  t.ok(throttle.size < 10, `${throttle.size} are left`);
});

t.test('who shares an empty bucket passes in the order of asking, and only once', async (t) => {
  const shared = new SharedThrottle(new Throttle(1, 60));
  const ask = (sharer: string, now: number, tokens = 1): number => {
    const wait = shared.wait('net', sharer, now);
    if (wait === 0) shared.spend('net', sharer, now, tokens);
    else shared.reserve('net', sharer, now, wait, tokens);
    return wait;
  };
  t.same([ask('a', 0), ask('b', 0, 3), ask('c', 0), ask('a', 0)], [0, 1000, 4000, 5000]);
  t.same([ask('b', 999), ask('a', 999), ask('c', 999)], [1, 4001, 3001], 'to ask again changes nothing');
  t.equal(ask('b', 1000, 3), 0);
  t.equal(ask('b', 1000), 5000, 'behind the others');
  t.equal(ask('c', 4000, 5), 0, 'who needs more than its place has paid owes it');
  t.equal(ask('d', 4000), 7000);
  t.same([ask('a', 5000), ask('b', 6000)], [0, 0]);
  t.equal(ask('e', 100_000), 0, 'an hour later the bucket is full');
  t.equal(ask('e', 100_000), 1000);
  t.equal(ask('f', 100_000), 2000);
  t.equal(ask('g', 100_000), 3000);
});

t.test('a place is kept for ten seconds, and there are never more than the most', async (t) => {
  const throttle = new Throttle(1, 6);
  const shared = new SharedThrottle(throttle, 3);
  throttle.spend('net', 0);
  shared.reserve('net', 'a', 0, 10_000, 1);
  t.equal(shared.wait('net', 'a', 20_000), 0, 'the bucket is empty and owes nothing');
  throttle.spend('net', 20_000, 5);
  t.equal(shared.wait('net', 'a', 20_000), 0);
  t.equal(shared.wait('net', 'a', 20_001), 49_999, 'too late');
  for (const sharer of ['b', 'c', 'd', 'e', 'f']) shared.reserve('net', sharer, 20_001, 60_000, 1);
  t.equal(shared.places, 3);
  for (const sharer of ['g', 'h']) shared.reserve('net', sharer, 200_000, 60_000, 1);
  t.ok(shared.places <= 3);
});

t.test('a place that is kept moves back by as much as its sharer is told, and never forward', async (t) => {
  const throttle = new Throttle(1, 60);
  const shared = new SharedThrottle(throttle);
  throttle.spend('net', 0, 9);
  shared.reserve('net', 'a', 0, 9000, 2);
  t.equal(throttle.wait('net', 0), 11_000, 'the place has paid');
  shared.reserve('net', 'a', 0, 9500, 2);
  t.same([shared.wait('net', 'a', 0), throttle.wait('net', 0)], [9500, 11_000], 'it pays once');
  shared.reserve('net', 'a', 0, 100, 2);
  t.equal(shared.wait('net', 'a', 0), 9500);
  t.same(
    [9499.98, 9499.995, 9500].map((now) => shared.wait('net', 'a', now)),
    [1, 0, 0],
  );
  t.equal(shared.places, 1);
  shared.spend('net', 'a', 9500, 2);
  t.same([shared.places, throttle.wait('net', 9500)], [0, 1500], 'nothing is taken again');
  shared.reserve('net', 'a', 9500, 1500, 2);
  shared.spend('net', 'a', 9500, 5);
  t.equal(throttle.wait('net', 9500), 6500, 'but for what it needs more');
  shared.spendForOthers('net', 9500, 1);
  t.equal(throttle.wait('net', 9500), 7500);
});

t.test('a new place looks at the two oldest, and forgets those whose time is over', async (t) => {
  const throttle = new Throttle(1, 60);
  const shared = new SharedThrottle(throttle, 5);
  throttle.spend('net', 0, 1000);
  for (const sharer of ['a', 'b', 'c', 'd']) shared.reserve('net', sharer, 0, 1000, 1);
  t.equal(shared.places, 4);
  shared.reserve('net', 'e', 11_000, 90_000, 1);
  t.equal(shared.places, 5, 'ten seconds after its time a place is kept');
  shared.reserve('net', 'f', 11_000, 90_000, 1);
  t.equal(shared.places, 5, 'where there are too many the oldest goes');
  shared.reserve('net', 'g', 11_001, 90_000, 1);
  t.equal(shared.places, 4, 'two of those that are over went for it');
  t.equal(shared.wait('net', 'e', 11_001), 89_999);
});

t.test(
  'a bucket that has long been full is forgotten by the next two keys, or by the one without a place',
  async (t) => {
    const throttle = new Throttle(1, 60_000, 12);
    for (let key = 0; key < 12; key += 1) throttle.take(`old ${key}`, 0);
    throttle.take('new', 1);
    t.equal(throttle.size, 6, 'eight steps go round where there is no place, and one begins anew');
    const other = new Throttle(1, 60_000);
    for (let key = 0; key < 12; key += 1) other.take(`old ${key}`, 0);
    other.take('new', 10_000);
    t.equal(other.size, 13, 'not yet long enough');
    other.take('newer', 10_001);
    t.equal(other.size, 12, 'two are looked at');
  },
);

t.test('nothing that is spent makes no bucket', (t) => {
  const throttle = new Throttle(1, 60);
  new SharedThrottle(throttle).spend('net', 'a', 0, 0);
  t.equal(throttle.size, 0);
  t.end();
});

t.test('who comes too late for its place gets one behind all others', (t) => {
  const throttle = new Throttle(1, 60);
  const shared = new SharedThrottle(throttle, 5);
  throttle.spend('net', 0, 1000);
  for (const sharer of ['x', 'y']) shared.reserve('net', sharer, 0, 90_000, 1);
  shared.reserve('net', 'a', 0, 1000, 1);
  shared.reserve('net', 'b', 0, 90_000, 1);
  for (const sharer of ['a', 'c', 'd', 'e', 'f']) shared.reserve('net', sharer, 11_001, 90_000, 1);
  t.equal(shared.places, 5);
  const hasPlace = (sharer: string): boolean => shared.wait('net', sharer, 11_001) <= 90_000;
  t.same(['x', 'y', 'b', 'a', 'c', 'd', 'e', 'f'].map(hasPlace), [false, false, false, true, true, true, true, true]);
  t.end();
});
