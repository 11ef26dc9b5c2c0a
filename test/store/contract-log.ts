// The suite's part on messages: ids, order, time, what is read back (PROTOCOL.md §4.1, §5.2, §6).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { RoomLog, Store } from '../../src/store/store.js';
import { Bench, Line, turn, type Kind } from './contract.js';

/** Texts that something on the way might take for something else. */
const awkward: readonly string[] = [
  '\0',
  'a\0b',
  '\0\0',
  'end\0',
  ' ',
  ' both ',
  '\ufefftext',
  '\n',
  '\r\n',
  '\t',
  '"',
  '\\',
  '\\u0041',
  '\\"',
  '/',
  "'",
  "''; DROP TABLE messages; --",
  '123',
  '1e3',
  '0x1f',
  '-0',
  '1.0',
  '9007199254740993',
  'null',
  'true',
  '[]',
  '{}',
  '["a"]',
  '$',
  '$.a',
  '?',
  ':a',
  '%s',
  'e\u0301',
  '\u00e9',
  '\u1e9b\u0323',
  '\u{1f600}',
  '\u{10ffff}',
  '\uffff\ufffe\ufdd0',
  '\ufffd',
  '\u2028\u2029',
  '\u200d\u202e',
  '\u0001\u001f\u007f\u0080\u009f',
  String.fromCharCode(...Array(0x800).keys()),
  'ä'.repeat(2048),
  '\0'.repeat(4096),
  '\u{1f600}'.repeat(1024),
];

async function texts(store: Store<Line>, log: RoomLog): Promise<readonly string[]> {
  return (await store.readAfter(log, 0, log.head, 1000)).messages.map(({ message }) => message);
}

export async function logContract(t: Test, kind: Kind): Promise<void> {
  await t.test('ids are dense from 1 in each room, however rooms and batches mix', async (t) => {
    const bench = await Bench.open(t, kind);
    const authors = [await bench.user('alice'), await bench.user('bob')];
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ room: fc.nat(4), author: fc.nat(1) }), { minLength: 1, maxLength: 8 }), {
          maxLength: 6,
        }),
        async (batches) => {
          run += 1;
          const logs: RoomLog[] = [];
          for (let index = 0; index < 5; index += 1) logs.push(await bench.room(`room${run}.${index}`, authors[0]));
          const before = bench.recorder.committedLines.length;
          const sent: Line[] = [];
          for (const [index, batch] of batches.entries()) {
            for (const { room, author } of batch) {
              const log = logs[room];
              if (log === undefined) throw new Error('no such room');
              const line = new Line(log, authors[author] ?? 0, `${index}`);
              sent.push(line);
              bench.store.append(line);
            }
            if (index % 2 === 0) await turn();
          }
          const last = sent.at(-1);
          if (last !== undefined) await bench.recorder.tells(last);
          const told = bench.recorder.committedLines.slice(before);
          assert.deepEqual(
            told.map((line) => sent.indexOf(line)),
            [...sent.keys()],
            'told in the order of the appends',
          );
          for (const log of logs) {
            const own = sent.filter((line) => line.log === log);
            assert.deepEqual(
              own.map(({ fate, prev }) => [fate, prev]),
              own.map((_, index) => [`stored ${index + 1}`, index]),
            );
            assert.equal(log.head, own.length);
            const { messages } = await bench.store.readAfter(log, 0, log.head, 1000);
            const stored = messages.map(({ id, prev, message }) => [id, prev, message]);
            assert.deepEqual(
              stored,
              own.map(({ id, prev, text }) => [id, prev, text]),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  await t.test('what is appended in one turn is one batch; what comes during a commit is in a later one', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const lines = ['a', 'b', 'c', 'd'].map((text) => new Line(lobby, alice, text));
    const [a, b, c, d] = lines;
    if (a === undefined || b === undefined || c === undefined || d === undefined) throw new Error('four lines');
    bench.store.append(a);
    bench.store.append(b);
    t.same([a.id, b.id, lobby.head], [0, 0, 0], 'nothing is told before its time');
    await turn();
    bench.store.append(c);
    bench.store.append(d);
    await bench.recorder.tells(d);
    t.same(
      bench.recorder.told.map(({ entries }) => entries),
      [
        [a, b],
        [c, d],
      ],
    );
    t.same(
      bench.recorder.told.map(({ heads }) => heads),
      [
        [2, 2],
        [4, 4],
      ],
      'the head is that of the batch, not of the next one',
    );
  });

  await t.test('all of a batch bear one time, and time never goes back', async (t) => {
    let now = 1_800_000_000_000;
    t.intercept(Date, 'now', { value: () => now });
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const say = async (at: number): Promise<number | undefined> => {
      now = at;
      return (await bench.append(new Line(lobby, alice, 'a'), new Line(lobby, alice, 'b')))?.time;
    };
    const times = [await say(now), await say(now + 5), await say(now - 60_000), await say(now + 1)];
    t.same(times, [1_800_000_000_000, 1_800_000_000_005, 1_800_000_000_005, 1_800_000_000_005]);
    const again = await bench.reopened(kind);
    const log = await again.room('lobby', undefined);
    t.equal(
      (await again.append(new Line(log, alice, 'c')))?.time,
      1_800_000_000_005,
      'nor does it in a store opened anew',
    );
    const { messages } = await again.store.readAfter(log, 0, log.head, 100);
    t.same(
      messages.map(({ time }) => time),
      [...times.flatMap((time) => [time, time]), 1_800_000_000_005],
    );
  });

  await t.test('every text is stored byte for byte, with its author', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('Alice');
    const bob = await bench.user('bob');
    const lobby = await bench.room('lobby', alice);
    await bench.append(...awkward.map((text, index) => new Line(lobby, index % 2 === 0 ? alice : bob, text)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), async (some) => {
        const { head } = lobby;
        await bench.append(...some.map((text) => new Line(lobby, bob, text)));
        const { messages } = await bench.store.readAfter(lobby, head, lobby.head, 1000);
        assert.deepEqual(
          messages.map(({ message }) => message),
          some,
        );
      }),
      { numRuns: 25 },
    );
    const again = await bench.reopened(kind);
    const { messages } = await again.store.readAfter(await again.room('lobby', undefined), 0, awkward.length, 1000);
    t.same(
      messages.map(({ message }) => message),
      awkward,
    );
    t.same(
      messages.map(({ username }) => username),
      awkward.map((_, index) => (index % 2 === 0 ? 'Alice' : 'bob')),
    );
  });

  await t.test('reading forward and backward keeps to its bounds and says whether there is more', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const other = await bench.room('other', alice);
    for (let count = 1; count <= 10; count += 1) {
      await bench.append(new Line(lobby, alice, `${count}`), new Line(other, alice, 'x'));
    }
    const after = async (...bounds: readonly [after: number, upTo: number, limit: number]): Promise<unknown> => {
      const { messages, more } = await bench.store.readAfter(lobby, ...bounds);
      return [messages.map(({ message }) => Number(message)), more];
    };
    const before = async (...bounds: readonly [before: number, limit: number]): Promise<unknown> => {
      const { messages, more } = await bench.store.readBefore(lobby, ...bounds);
      return [messages.map(({ message }) => Number(message)), more];
    };
    t.same(await after(0, 10, 100), [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false]);
    t.same(await after(3, 10, 3), [[4, 5, 6], true]);
    t.same(await after(3, 6, 3), [[4, 5, 6], false], 'what is beyond `upTo` is not more');
    t.same(await after(7, 10, 3), [[8, 9, 10], false]);
    t.same(await after(10, 10, 3), [[], false]);
    t.same(await after(12, 20, 3), [[], false]);
    t.same(await before(11, 100), [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false]);
    t.same(await before(11, 3), [[8, 9, 10], true]);
    t.same(await before(4, 3), [[1, 2, 3], false]);
    t.same(await before(5, 3), [[2, 3, 4], true]);
    t.same(await before(1, 3), [[], false]);
    t.same(await before(0, 3), [[], false]);
    t.same(
      await texts(bench.store, other),
      Array.from({ length: 10 }, () => 'x'),
    );
  });

  await t.test('what was appended is committed and told before the store is closed', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const lines = Array.from({ length: 50 }, (_, index) => new Line(lobby, alice, `${index}`));
    for (const [index, line] of lines.entries()) {
      bench.store.append(line);
      if (index === 20) await turn();
    }
    const again = await bench.reopened(kind);
    t.same(bench.recorder.committedLines, lines);
    t.same(
      await texts(again.store, await again.room('lobby', undefined)),
      lines.map(({ text }) => text),
    );
  });
}
