// The counts of a day (src/accounts/daily-counts.ts), also against a model that remembers every time.
import fc from 'fast-check';
import t from 'tap';
import { DailyCounts } from '../../src/accounts/daily-counts.js';

const day = 86_400_000;

t.test('so many pass until midnight UTC, and as many the next day', async (t) => {
  const counts = new DailyCounts();
  const noon = 20_000 * day + day / 2;
  t.same(
    [1, 2, 3].map(() => counts.take(7, 2, noon)),
    [0, 0, day / 2],
  );
  t.equal(counts.take(7, 2, 20_001 * day - 1), 1);
  t.equal(counts.take(7, 2, 20_001 * day), 0);
});

t.test('what was not made is taken back, and each user has a count of its own', async (t) => {
  const counts = new DailyCounts();
  t.equal(counts.take(1, 1, 0), 0);
  t.equal(counts.take(2, 1, 0), 0);
  counts.giveBack(1);
  counts.giveBack(1);
  t.equal(counts.take(1, 1, 0), 0, 'twice taken back is not below nothing');
  t.equal(counts.take(1, 1, 0), day);
  t.equal(counts.take(2, 1, 0), day);
});

t.test('beyond the most users, the one who was counted first is forgotten', async (t) => {
  const counts = new DailyCounts(2);
  for (const user of [1, 2, 3]) t.equal(counts.take(user, 1, 0), 0);
  t.same(
    [3, 2, 1].map((user) => counts.take(user, 1, 0)),
    [day, day, 0],
  );
});

t.test('a user never makes more in a day, and after the wait one more passes', async () => {
  const steps = fc.array(fc.record({ user: fc.integer({ min: 1, max: 3 }), passed: fc.integer({ min: 0, max: day }) }));
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, (most, all) => {
      const counts = new DailyCounts();
      const made = new Map<string, number>();
      let now = 20_000 * day;
      for (const { user, passed } of all) {
        now += passed;
        for (let tries = 0; ; tries += 1) {
          const key = `${user} ${Math.floor(now / day)}`;
          const count = made.get(key) ?? 0;
          const wait = counts.take(user, most, now);
          if ((wait === 0) !== count < most) throw new Error(`${count} of ${most}, and told to wait ${wait}`);
          if (wait === 0) {
            made.set(key, count + 1);
            break;
          }
          if (tries > 0 || wait > day) throw new Error(`told to wait ${wait}`);
          now += wait;
        }
      }
    }),
  );
});
