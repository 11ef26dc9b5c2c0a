// Those who could all go on at one moment (src/loop/slices.ts): the first at once, the others at the ends of turns, in
// the order in which they came.
import t from 'tap';
import { Slices } from '../../src/loop/slices.js';
import { TurnEnd } from '../../src/loop/turn-end.js';
import { TurnClock } from '../support/turn-clock.js';

t.test('of hundreds a few go on at once, and the others in slices of turns, in their order', async (t) => {
  const clock = new TurnClock();
  const slices = new Slices(new TurnEnd(clock));
  const done: number[] = [];
  const go = async (name: number): Promise<void> => {
    await slices.pass();
    done.push(name);
    clock.pass(0.1);
  };
  const all = Array.from({ length: 200 }, (_, name) => go(name));
  for (let times = 0; times < 5; times += 1) await Promise.resolve();
  t.equal(done.length, 16);
  clock.pass(-1.6);
  await clock.endTurn();
  t.ok(done.length > 50 && done.length < 80, `${done.length} after a turn of five milliseconds`);
  all.push(go(200));
  for (let isMore = true; isMore; ) isMore = await clock.endTurn();
  await Promise.all(all);
  t.same(
    done,
    Array.from({ length: 201 }, (_, name) => name),
  );
});

t.test('each turn lets some go on at once', async (t) => {
  const clock = new TurnClock();
  const slices = new Slices(new TurnEnd(clock));
  for (let turn = 0; turn < 3; turn += 1) {
    for (let count = 0; count < 16; count += 1) t.equal(slices.pass(), undefined);
    await clock.endTurn();
  }
});
