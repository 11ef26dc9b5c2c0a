// What is done at the ends of turns (src/loop/turn-end.ts): how much in each, in which order, and who goes first next time.
import t from 'tap';
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
  t.same(turns, ['a b c a b', 'write c a b c a', 'b c a ends b ends c ends']);
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
