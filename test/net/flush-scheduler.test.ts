// Tests that thousands of outboxes are flushed in slices: in their order, each once a turn, and all in the end.
import t from 'tap';
import type { TimedWork } from '../../src/loop/turn-end.js';
import { FlushScheduler } from '../../src/net/flush-scheduler.js';

/** A scheduler on a clock that only flushes move. */
function begin(millisecondsPerFlush: number) {
  let time = 0;
  let deferred: TimedWork[] = [];
  const flushed: number[] = [];
  const scheduler = new FlushScheduler({
    now: () => time,
    defer: (run) => void deferred.push(run),
    deferFirst: (run) => void deferred.unshift(run),
  });
  return {
    scheduler,
    flushed,
    outbox: (name: number, onFlush: () => void = () => undefined, bytes = 1000) => ({
      flush: (): number => {
        time += millisecondsPerFlush;
        flushed.push(name);
        onFlush();
        return bytes;
      },
    }),
    /** Ends a turn that has a part of its time left, and answers whether the end of the next one is awaited. */
    endTurn: (part = 1): boolean => {
      const runs = deferred;
      deferred = [];
      for (const run of runs) run(part);
      return deferred.length > 0;
    },
  };
}

t.test('a turn flushes all that are scheduled if that takes little time', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(0.001);
  for (let name = 0; name < 2000; name += 1) scheduler.schedule(outbox(name));
  t.notOk(endTurn());
  t.equal(flushed.length, 2000);
  t.notOk(endTurn());
});

t.test('else it flushes some of them, and the next turns the others, in their order', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(0.01);
  for (let name = 0; name < 2000; name += 1) scheduler.schedule(outbox(name));
  let written = 0;
  void scheduler.flushed().then(() => {
    written = flushed.length;
  });
  t.ok(endTurn());
  t.ok(flushed.length > 360 && flushed.length < 440, `${flushed.length} in the first turn`);
  scheduler.schedule(outbox(2000));
  let turns = 1;
  do turns += 1;
  while (endTurn());
  await Promise.resolve();
  t.equal(turns, 5);
  t.same(
    flushed,
    Array.from({ length: 2001 }, (_, name) => name),
  );
  t.equal(written, 2001, 'and then what waits for that is told');
});

t.test('a turn that has read for long flushes fewer of each class, but always some', async (t) => {
  for (const [as, part, wanted] of [
    ['user', 1, 80],
    ['user', 0.5, 40],
    ['user', 0, 32],
    ['later', 0.5, 50],
    ['guest', 0.8, 20],
    ['guest', 0, 8],
  ] as const) {
    const { scheduler, flushed, outbox, endTurn } = begin(0.05);
    for (let name = 0; name < 200; name += 1) scheduler.schedule(outbox(name), as);
    t.ok(endTurn(part));
    t.ok(Math.abs(flushed.length - wanted) <= 1, `${flushed.length} of ${as} in ${part} of a turn`);
  }
});

t.test('an outbox that gets lines while it is flushed is flushed in the next turn', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(0.01);
  const again = outbox(2);
  scheduler.schedule(outbox(1, () => scheduler.schedule(again)));
  t.ok(endTurn());
  t.same(flushed, [1]);
  t.notOk(endTurn());
  t.same(flushed, [1, 2]);
});

t.test('a turn flushes some dozens however long they take', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(100);
  for (let name = 0; name < 50; name += 1) scheduler.schedule(outbox(name));
  t.ok(endTurn());
  t.equal(flushed.length, 32);
  const waiting = scheduler.flushed();
  t.notOk(endTurn());
  t.match(await waiting, { outboxes: 18, milliseconds: 1800 });
  t.equal(flushed.length, 50);
  t.same(await scheduler.flushed(), { outboxes: 0, milliseconds: 0 });
});

t.test('a turn flushes fewer where they are full, and the next turns the others', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(4);
  for (let name = 0; name < 50; name += 1) scheduler.schedule(outbox(name, undefined, 262_144));
  t.ok(endTurn());
  t.equal(flushed.length, 8, 'which have two megabytes');
  while (endTurn());
  t.equal(flushed.length, 50);
});

t.test('users come before guests, who still get a few in each turn', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(1);
  for (let name = 0; name < 100; name += 1) scheduler.schedule(outbox(1000 + name), 'guest');
  for (let name = 0; name < 40; name += 1) scheduler.schedule(outbox(name));
  let written = 0;
  void scheduler.flushed().then(() => {
    written = flushed.length;
  });
  t.ok(endTurn());
  t.equal(flushed.filter((name) => name < 1000).length, 32);
  t.same(
    flushed.slice(32),
    Array.from({ length: 8 }, (_, name) => 1000 + name),
  );
  t.ok(endTurn());
  await Promise.resolve();
  t.equal(written, 56, 'whoever waits for the lines of users does not wait for the other guests');
  while (endTurn());
  t.same(
    flushed.filter((name) => name >= 1000),
    Array.from({ length: 100 }, (_, name) => 1000 + name),
  );
});

t.test('guests are written for a quarter of the time, so that the next turn begins soon', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(0.05);
  for (let name = 0; name < 1200; name += 1) scheduler.schedule(outbox(name), 'guest');
  let turns = 1;
  for (let isMore = endTurn(), before = 0; isMore; isMore = endTurn(), turns += 1) {
    if (flushed.length - before > 26) t.fail(`${flushed.length - before} in a turn`);
    before = flushed.length;
  }
  t.equal(flushed.length, 1200);
  t.ok(turns <= 49, `${turns} turns`);
});

t.test('whoever is told only who came and went waits for the others, and is flushed once', async (t) => {
  const { scheduler, flushed, outbox, endTurn } = begin(1);
  const told = Array.from({ length: 100 }, (_, name) => outbox(1000 + name));
  for (let again = 0; again < 3; again += 1) for (const each of told) scheduler.schedule(each, 'later');
  for (let name = 0; name < 40; name += 1) scheduler.schedule(outbox(name));
  t.ok(endTurn());
  t.equal(flushed.filter((name) => name < 1000).length, 32);
  t.equal(flushed.length, 40);
  let isWritten = false;
  void scheduler.flushed().then(() => {
    isWritten = true;
  });
  t.ok(endTurn());
  await Promise.resolve();
  t.ok(isWritten, 'messages are written when those are not');
  while (endTurn());
  t.equal(flushed.length, 140);
});
