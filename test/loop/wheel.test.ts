// Items that each have a time of their own (src/loop/wheel.ts), on a clock that the test moves.
import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import { Wheel, type WheelItem } from '../../src/loop/wheel.js';
import { TestClock } from '../support/clock.js';

interface Item extends WheelItem {
  readonly time: number;
}

/** Half a second, the length of a slot. */
const slot = 500;

t.test('each item is due once at its time, or half a second later, whatever else is added and removed', async (t) => {
  const clock = new TestClock(t);
  const events = fc.record({
    pause: fc.constantFrom(0, 1, 300, 499, 500, 501, 5000),
    add: fc.array(fc.constantFrom(0, 1, 499, 500, 750, 10_000, 31_000), { maxLength: 5 }),
    remove: fc.nat(10),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(events, { maxLength: 20 }), async (all) => {
      const waiting = new Set<Item>();
      const wheel = new Wheel<Item>((due, late) => {
        assert.ok(late < 1, `${late} ms late`);
        for (const item of due) {
          assert.ok(waiting.delete(item), 'it waited');
          const after = performance.now() - item.time;
          assert.ok(after >= 0 && after <= slot, `${after} ms after its time`);
        }
      });
      for (const { pause, add, remove } of all) {
        for (const after of add) {
          const item = { slot: -1, time: performance.now() + after };
          waiting.add(item);
          wheel.add(item, item.time);
        }
        const removed = [...waiting][remove];
        if (removed !== undefined) {
          wheel.delete(removed);
          waiting.delete(removed);
        }
        wheel.delete({ slot: -1, time: 0 });
        assert.equal(wheel.size, waiting.size);
        assert.deepEqual(new Set(wheel), waiting);
        await clock.pass(pause);
      }
      await clock.pass(32_000);
      assert.equal(waiting.size, 0);
      assert.equal(clock.running.length, 0, 'no timer runs while nothing waits');
    }),
    { numRuns: 50 },
  );
});

t.test('one timer serves all, and an item that is far away is looked at within half a minute', async (t) => {
  const clock = new TestClock(t);
  let looks = 0;
  const end = performance.now() + 3_600_000;
  const wheel = new Wheel<WheelItem>((due) => {
    looks += due.length;
    for (const item of due) if (performance.now() < end) wheel.add(item, end);
  });
  for (let count = 0; count < 1000; count += 1) wheel.add({ slot: -1 }, end);
  t.equal(clock.pauses.length, 1);
  await clock.pass(60_000);
  t.ok(looks >= 1000 && looks <= 2000, `${looks} looks`);
  t.ok(clock.pauses.length <= 121, `${clock.pauses.length} timers, one after the other`);
});

t.test('a wheel that did not turn for a while tells how late it is, and leaves nothing out', async (t) => {
  let now = 1_000_000;
  const timers: (() => void)[] = [];
  t.intercept(performance, 'now', { value: () => now });
  t.intercept(globalThis, 'setTimeout', {
    value: (run: () => void) => {
      timers.push(run);
      return { unref: () => undefined };
    },
  });
  const seen: [number, number][] = [];
  const wheel = new Wheel<WheelItem>((due, late) => void seen.push([due.length, late]));
  for (let second = 1; second <= 31; second += 1) wheel.add({ slot: -1 }, now + second * 1000);
  now += 10_250;
  timers.shift()?.();
  t.same(seen, [[10, 9750]]);
  now += 600_000;
  timers.shift()?.();
  t.equal(seen[1]?.[0], 21);
  t.equal(wheel.size, 0);
  t.same(timers, []);
});
