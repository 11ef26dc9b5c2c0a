// Long work in short steps of the event loop (src/store/sqlite/pace.ts).
import fc from 'fast-check';
import t from 'tap';
import { Pace } from '../../src/store/sqlite/pace.js';

/** A pace on a clock that only the test moves. A turn of the event loop takes `turnMilliseconds` there. */
function paced(turnMilliseconds: number): { readonly clock: { now: number; turns: number }; readonly pace: Pace } {
  const clock = { now: 1000, turns: 0 };
  const turn = async (): Promise<void> => {
    clock.turns += 1;
    clock.now += turnMilliseconds;
  };
  return { clock, pace: new Pace({ now: () => clock.now, turn }) };
}

t.test(
  'a step ends after a millisecond of work, and the next one begins in the turn that others have had',
  async (t) => {
    const { clock, pace } = paced(20);
    t.equal(pace.giveWay(), undefined);
    clock.now += 0.75;
    t.equal(pace.giveWay(), undefined);
    clock.now += 0.25;
    await pace.giveWay();
    t.equal(clock.turns, 1);
    t.equal(pace.giveWay(), undefined, 'the time of others does not count');
    clock.now += 1;
    await pace.giveWay();
    t.equal(clock.turns, 2);
  },
);

t.test('no step takes longer than a millisecond and the piece of work in which that ends', async (t) => {
  await fc.assert(
    // In quarters of a millisecond, of which a clock makes exact sums.
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 50 }), async (pieces) => {
      const { clock, pace } = paced(5);
      let [before, turns] = [0, 0];
      for (const piece of pieces) {
        if (clock.turns > turns) before = 0;
        ({ turns } = clock);
        if (before >= 1) return false;
        clock.now += piece / 4;
        before += piece / 4;
        await pace.giveWay();
      }
      return true;
    }),
  );
  t.pass();
});

t.test('whatever waits for the next turn of the event loop runs between two steps', async (t) => {
  let now = 0;
  t.intercept(performance, 'now', { value: () => now });
  const pace = new Pace();
  let others = 0;
  setImmediate(() => (others += 1));
  await pace.giveWay();
  t.equal(others, 0);
  now += 1;
  await pace.giveWay();
  t.equal(others, 1);
});
