// What is done at the ends of turns (src/loop/turn-end.ts): how much in each, in which order, and who goes first next
// time.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Ring } from '../../src/loop/ring.js';
import { TurnEnd } from '../../src/loop/turn-end.js';
import { TurnClock } from '../support/turn-clock.js';

/** A TurnEnd on a clock of its own, and what was done. */
function begin() {
  const clock = new TurnClock();
  const done: string[] = [];
  /** A step that takes so many milliseconds. */
  const piece = (name: string, milliseconds: number): void => {
    done.push(name);
    clock.pass(milliseconds);
  };
  return { clock, turnEnd: new TurnEnd(clock), done, piece };
}

/** Work of so many steps. */
function steps(count: number, step: () => void): () => boolean {
  let left = count;
  return () => {
    step();
    left -= 1;
    return left > 0;
  };
}

t.test('a turn takes steps for some milliseconds, and those who have more to do go by turns', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  turnEnd.work(steps(12, () => piece('a', 1)));
  turnEnd.work(steps(7, () => piece('b', 1)));
  turnEnd.defer(() => piece('c', 0));
  const turns: string[] = [];
  for (let isMore = true; isMore; ) {
    isMore = await clock.endTurn();
    turns.push(done.splice(0).join(''));
  }
  t.same(turns, ['aaaaa', 'bbbbb', 'c' + 'aaaaa', 'bb' + 'aa']);
});

t.test('whoever measures its own time begins only in a turn that has time left', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  turnEnd.defer(() => piece('a', 4));
  turnEnd.defer(() => piece('b', 4));
  turnEnd.defer(() => piece('c', 0));
  turnEnd.defer(() => piece('d', 0));
  t.equal(await clock.endTurn(), true);
  t.same(done, ['a']);
  await clock.endTurn();
  t.same(done, ['a', 'b']);
  t.equal(await clock.endTurn(), false);
  t.same(done, ['a', 'b', 'c', 'd']);
});

t.test('what goes first does so in each turn, and leaves as much time as ever to the rest', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  let left = 3;
  const first = (): void => {
    piece('first', 3);
    left -= 1;
    if (left > 0) turnEnd.deferFirst(first);
  };
  turnEnd.deferFirst(first);
  turnEnd.work(steps(12, () => piece('a', 1)));
  const turns: string[] = [];
  for (let isMore = true; isMore; ) {
    isMore = await clock.endTurn();
    turns.push(done.splice(0).join(' '));
  }
  t.same(turns, ['first a a a a a', 'first a a a a a', 'first a a']);
});

t.test('the time in which a turn read the network counts, but for the last millisecond', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  turnEnd.work(steps(5, () => piece('a', 1)));
  turnEnd.defer(() => piece('b', 4));
  turnEnd.work(steps(8, () => piece('c', 0.5)));
  const turns: string[] = [];
  for (const read of [3, 8, 8, 8, 0]) {
    clock.pass(read);
    await clock.endTurn();
    turns.push(done.splice(0).join(''));
  }
  t.same(turns, ['aa', 'b', 'cc', 'a', 'ccccccaa']);
});

t.test(
  'who measures its own time is told which part of it is left, and what goes first has less after a long read',
  async (t) => {
    const { clock, turnEnd, done } = begin();
    const told: string[] = [];
    const tell = (name: string) => (part: number) => void told.push(`${name} ${part}`);
    for (const read of [0, 3, 8]) {
      turnEnd.deferFirst(tell('first'));
      turnEnd.defer(tell('rest'));
      clock.pass(read);
      await clock.endTurn();
    }
    turnEnd.work(() => {
      clock.pass(0.5);
      return false;
    });
    turnEnd.defer(tell('behind others'));
    await clock.endTurn();
    t.same(done, []);
    t.same(told, ['first 1', 'rest 1', 'first 0.75', 'rest 0.4', 'first 0.25', 'rest 0.2', 'behind others 0.9']);
  },
);

t.test('what goes first has all of its time in every other turn where all of them read for long', async (t) => {
  const { clock, turnEnd } = begin();
  const parts: number[] = [];
  const first = (part: number): void => {
    parts.push(part);
    if (parts.length < 4) turnEnd.deferFirst(first);
  };
  turnEnd.deferFirst(first);
  for (let isMore = true; isMore; ) {
    clock.pass(8);
    isMore = await clock.endTurn();
  }
  t.same(parts, [0.25, 1, 0.25, 1]);
});

t.test('what goes second does so in each turn, with what is left of its time, and tasks have the rest', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  const parts: number[] = [];
  const second = (part: number): void => {
    parts.push(part);
    piece('second', 3);
    if (parts.length < 4) turnEnd.deferSecond(second);
  };
  turnEnd.deferSecond(second);
  turnEnd.work(steps(12, () => piece('a', 1)));
  const turns: string[] = [];
  for (const [read, first] of [
    [0, 0],
    [1, 2.5],
    [3, 4],
    [9, 0],
  ] as const) {
    clock.pass(read);
    turnEnd.deferFirst(() => piece('first', first));
    await clock.endTurn();
    turns.push(done.splice(0).join(' '));
  }
  t.same(turns, ['first second a a', 'first second a', 'first second a', 'first second a']);
  t.same(parts, [1, 0.9, 0.4, 0.4]);
});

t.test('what goes second is told whether what goes first is behind', async (t) => {
  const { clock, turnEnd } = begin();
  const behind: boolean[] = [];
  for (const left of [0, 1]) {
    turnEnd.deferFirst(() => {
      if (left > 0) turnEnd.deferFirst(() => undefined);
    });
    turnEnd.deferSecond((_, isBehind) => behind.push(isBehind));
    await clock.endTurn();
  }
  t.same(behind, [false, true]);
});

t.test('what goes second is not forgotten where nothing else waits', async (t) => {
  const { clock, turnEnd } = begin();
  let runs = 0;
  turnEnd.deferSecond(() => {
    runs += 1;
    turnEnd.deferSecond(() => (runs += 1));
  });
  t.ok(await clock.endTurn());
  t.notOk(await clock.endTurn());
  t.equal(runs, 2);
});

t.test('what comes during the end of a turn belongs to the next one', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  const again = (): void => {
    piece('a', 0);
    if (done.length < 3) turnEnd.defer(again);
  };
  turnEnd.defer(again);
  t.equal(await clock.endTurn(), true);
  t.same(done, ['a']);
  await clock.endTurn();
  t.equal(await clock.endTurn(), false);
  t.same(done, ['a', 'a', 'a']);
});

t.test('however many loops there are, others wait for one turn', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  const ends = ['a', 'b', 'c'].map(async (name) => {
    await turnEnd.each(Array.from({ length: 36 }), () => piece(name, 1));
    done.push(`${name} ends`);
  });
  done.length = 0;
  turnEnd.defer(() => piece('write', 0));
  const turns: string[] = [];
  for (let isMore = true; isMore; ) {
    isMore = await clock.endTurn();
    turns.push(done.splice(0).join(' '));
  }
  // What the calls did at once was a long part of the first turn.
  t.same(turns, ['a', 'write b c a b c', 'a b c a b', 'c a ends b ends c ends']);
  await Promise.all(ends);
});

t.test('what the promises do that a step settles counts as a part of it', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  turnEnd.work(steps(4, () => void Promise.resolve().then(() => piece('a', 3))));
  await clock.endTurn();
  t.equal(done.length, 2);
});

t.test('a step that throws does not stop the others', async (t) => {
  const { clock, turnEnd, done, piece } = begin();
  turnEnd.work(() => {
    throw new Error('a fault');
  });
  turnEnd.work(steps(2, () => piece('a', 0)));
  await t.rejects(clock.endTurn(), { message: 'a fault' });
  await clock.endTurn();
  t.same(done, ['a', 'a']);
  turnEnd.deferFirst(() => {
    throw new Error('another fault');
  });
  turnEnd.deferSecond(() => piece('b', 0));
  turnEnd.work(steps(1, () => piece('c', 0)));
  await t.rejects(clock.endTurn(), { message: 'another fault' });
  await clock.endTurn();
  t.same(done, ['a', 'a', 'b', 'c']);
});

t.test(
  'each is called for the first items at once, for the others in parts, and tells when it was for all',
  async (t) => {
    const { clock, turnEnd, done, piece } = begin();
    t.equal(
      turnEnd.each(['a', 'b'], (name) => piece(name, 100)),
      undefined,
    );
    t.same(done.splice(0), ['a', 'b']);
    const items = new Set(Array.from({ length: 100 }, (_, at) => `${at}`));
    let isDone = false;
    void turnEnd.each(items, (name) => piece(name, 0.1))?.then(() => (isDone = true));
    t.equal(done.length, 32);
    // Items may go and come meanwhile.
    items.delete('99');
    items.add('new');
    await clock.endTurn();
    t.ok(done.length > 80 && done.length < 85, `${done.length} after a turn`);
    t.equal(isDone, false);
    await clock.endTurn();
    await Promise.resolve();
    t.equal(isDone, true);
    t.same(done, [...items]);
  },
);

t.test('a ring has its items in the order of their turns, however many have left', async (t) => {
  const change = fc.constantFrom('add', 'add', 'take', 'go on');
  fc.assert(
    fc.property(fc.array(change, { maxLength: 300, size: 'max' }), (changes) => {
      const ring = new Ring<number>();
      const model: number[] = [];
      for (const [at, what] of changes.entries()) {
        if (what === 'add') {
          ring.add(at);
          model.push(at);
        } else if (what === 'take') {
          assert.equal(ring.take(), model.shift());
        } else {
          ring.rotate();
          model.push(...model.splice(0, 1));
        }
        assert.equal(ring.size, model.length);
        assert.equal(ring.first, model[0]);
      }
    }),
  );
  t.pass();
});
