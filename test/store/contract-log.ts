// The suite's part on messages: ids, order, time, and what is read back (PROTOCOL.md §4.1, §5.2, §6).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { RoomRecord } from '../../src/store/directory.js';
import type { Kind as MessageKind, Messages } from '../../src/store/log.js';
import { textAt } from '../../src/store/texts.js';
import { anyCharacter } from '../support/any-text.js';
import { Bench, rowsOf, TestPost, type Kind } from './contract-bench.js';
import { turn } from './posts.js';

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

const messageKinds: readonly MessageKind[] = ['text', 'action', 'notice', 'reply', 'edit', 'reaction'];

function bytesOf(pieces: readonly Messages[]): number {
  return pieces.reduce((sum, { texts }) => sum + Buffer.byteLength(texts.bytes), 0);
}

/** Runs this part of the suite over stores of that kind. */
export async function logContract(t: Test, kind: Kind): Promise<void> {
  await t.test('ids are dense from 1 in each log, however logs and batches mix', async (t) => {
    const bench = await Bench.open(t, kind);
    const authors = [await bench.user('alice'), await bench.user('bob')] as const;
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.record({ room: fc.nat(4), author: fc.nat(1) }), { minLength: 1, maxLength: 8 }), {
          maxLength: 6,
        }),
        async (batches) => {
          run += 1;
          const rooms: RoomRecord[] = [];
          for (let index = 0; index < 5; index += 1) rooms.push(await bench.room(`room${run}.${index}`, authors[0]));
          const before = bench.recorder.told.length;
          const sent: TestPost[] = [];
          for (const [index, batch] of batches.entries()) {
            for (const { room, author } of batch) {
              const post = new TestPost(rooms[room]?.id ?? -1, authors[author] ?? authors[0], `${index}`);
              sent.push(post);
              bench.send(post);
            }
            if (index % 2 === 0) await turn();
          }
          const last = sent.at(-1);
          if (last !== undefined) await bench.recorder.tells(last);
          assert.deepEqual(bench.recorder.told.slice(before), sent, 'told in the order of the appends');
          for (const room of rooms) {
            const posts = sent.filter(({ log }) => log === room.id);
            assert.deepEqual(
              bench.results(posts),
              posts.map((_, index) => `stored ${index + 1}`),
            );
            assert.deepEqual(
              (await bench.stored(room)).map(({ id, said, author }) => [id, said, author]),
              posts.map(({ said, author }, index) => [index + 1, said, author]),
            );
          }
        },
      ),
      { numRuns: 15 },
    );
  });

  await t.test('a commit names the messages of each log in columns, and its own posts beside them', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    await bench.append(new TestPost(other, bob, 'first'));
    const posts = [
      new TestPost(lobby, alice, 'a'),
      new TestPost(other, bob, 'b'),
      new TestPost(lobby, bob, 'c'),
      new TestPost(other, alice, 'd', { key: 'k' }),
      new TestPost(other, alice, 'd', { key: 'k' }),
    ];
    await bench.append(...posts);
    const commit = bench.recorder.commits.at(-1);
    t.same(commit?.mine, posts);
    t.same(commit?.outcomes, ['stored', 'stored', 'stored', 'stored', 'duplicate']);
    t.same(commit?.ids, [1, 2, 2, 3, 3]);
    t.same(
      commit?.stored.map((messages) => [messages.log, ...rowsOf(messages).map(({ id, said }) => `${id} ${said}`)]),
      [
        [lobby.id, '1 a', '2 c'],
        [other.id, '2 b', '3 d'],
      ],
    );
    t.ok((commit?.took ?? 0) > 0);
    t.equal(new Set(commit?.stored.map(({ time }) => time)).size, 1, 'one time for all of a commit');
  });

  await t.test('what is appended in one turn is one batch; what comes during a commit is in a later one', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const followed = await bench.follow(lobby);
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((said) => new TestPost(lobby, alice, said)) as [
      TestPost,
      TestPost,
      TestPost,
      TestPost,
    ];
    bench.send(a, b);
    t.same([bench.results([a, b]), followed.head], [['untold', 'untold'], 0], 'nothing is told before its time');
    await turn();
    bench.send(c, d);
    await bench.recorder.tells(d);
    t.same(
      bench.recorder.commits.map(({ mine }) => mine),
      [
        [a, b],
        [c, d],
      ],
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
      await bench.append(new TestPost(lobby, alice, 'a'), new TestPost(lobby, alice, 'b'));
      return bench.recorder.commits.at(-1)?.stored[0]?.time;
    };
    const times = [await say(now), await say(now + 5), await say(now - 60_000), await say(now + 1)];
    t.same(times, [1_800_000_000_000, 1_800_000_000_005, 1_800_000_000_005, 1_800_000_000_005]);
    const again = await bench.reopened(kind);
    await again.append(new TestPost(lobby, alice, 'c'));
    t.same(
      (await again.stored(lobby)).map(({ time }) => time),
      [...times.flatMap((time) => [time, time]), 1_800_000_000_005],
      'nor does it in a store that was opened again',
    );
  });

  await t.test('every text is stored byte for byte, with its author', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('Alice'), await bench.user('bob')];
    const lobby = await bench.room('lobby', alice);
    await bench.follow(lobby);
    await bench.append(...awkward.map((said, index) => new TestPost(lobby, index % 2 === 0 ? alice : bob, said)));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: anyCharacter, minLength: 1 }), { minLength: 1 }), async (some) => {
        const before = bench.recorder.rows(lobby).length;
        await bench.append(...some.map((said) => new TestPost(lobby, bob, said)));
        const told = bench.recorder.rows(lobby).slice(before);
        assert.deepEqual(
          told.map(({ said }) => said),
          some,
        );
        const { messages } = await bench.store.log.readAfter(lobby.id, before, Number.MAX_SAFE_INTEGER, 1000);
        assert.deepEqual(rowsOf(...messages), told);
      }),
      { numRuns: 25 },
    );
    const again = await bench.reopened(kind);
    const { messages } = await again.store.log.readAfter(lobby.id, 0, awkward.length, 1000);
    t.same(
      rowsOf(...messages).map(({ said, author }) => [said, author]),
      awkward.map((said, index) => [said, index % 2 === 0 ? alice : bob]),
    );
  });

  await t.test('texts are views of the bytes that were appended', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const posts = awkward.map((said) => new TestPost(lobby, alice, said));
    await bench.append(...posts);
    const textsOf = (all: readonly Messages[]): string[] =>
      all.flatMap(({ texts }) => texts.begins.map((_, place) => textAt(texts, place)));
    const appended = posts.map(({ text }) => text);
    t.same(textsOf(bench.recorder.commits.at(-1)?.stored ?? []), appended);
    t.same(textsOf((await bench.store.log.readAfter(lobby.id, 0, 999, 999)).messages), appended);
  });

  await t.test('the kind of a message and what it is about are kept', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.append(...Array.from({ length: 6 }, () => new TestPost(lobby, alice, 'x')));
    const posts = messageKinds.map((each, index) => {
      const about = each === 'text' || each === 'action' || each === 'notice' ? 0 : index;
      return new TestPost(lobby, alice, each, { kind: each, about, key: `key ${index}` });
    });
    await bench.append(...posts);
    const expected = posts.map((post) => [post.kind, post.about]);
    t.same(
      rowsOf(...(bench.recorder.commits.at(-1)?.stored ?? [])).map((row) => [row.kind, row.about]),
      expected,
    );
    const again = await bench.reopened(kind);
    t.same(
      (await again.stored(lobby)).slice(6).map((row) => [row.kind, row.about]),
      expected,
    );
    for (const [index, post] of posts.entries()) {
      t.same(await again.store.log.findKeyed(lobby.id, alice.id, `key ${index}`), {
        id: index + 7,
        text: post.text,
        kind: post.kind,
        about: post.about,
      });
    }
  });

  await t.test('reading keeps to its bounds and says whether there is more', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    for (let count = 1; count <= 10; count += 1) {
      await bench.append(new TestPost(lobby, alice, `${count}`), new TestPost(other, alice, 'x'));
    }
    const after = async (...bounds: readonly [after: number, upTo: number, limit: number]): Promise<unknown> => {
      const { messages, more } = await bench.store.log.readAfter(lobby.id, ...bounds);
      return [rowsOf(...messages).map(({ said }) => Number(said)), more];
    };
    t.same(await after(0, 10, 100), [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], false]);
    t.same(await after(3, 10, 3), [[4, 5, 6], true]);
    t.same(await after(3, 6, 3), [[4, 5, 6], false], 'what is beyond `upTo` is not more');
    t.same(await after(7, 10, 3), [[8, 9, 10], false]);
    t.same(await after(10, 10, 3), [[], false]);
    t.same(await after(12, 20, 3), [[], false]);
    t.same(
      (await bench.stored(other)).map(({ said }) => said),
      Array.from({ length: 10 }, () => 'x'),
    );
  });

  await t.test('any page of any log is the part of it that was asked for, however it was committed', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const lobby = await bench.room('lobby', alice);
    const sizes = [1, 7, 2, 30, 1, 1, 12];
    for (const [index, size] of sizes.entries()) {
      await bench.append(
        ...Array.from(
          { length: size },
          (_, each) => new TestPost(lobby, each % 3 === 0 ? bob : alice, `${index}.${each}`),
        ),
      );
    }
    const all = await bench.stored(lobby);
    const bound = fc.nat(all.length + 3);
    await fc.assert(
      fc.asyncProperty(bound, bound, fc.integer({ min: 1, max: all.length + 3 }), async (from, upTo, limit) => {
        const after = await bench.store.log.readAfter(lobby.id, from, upTo, limit);
        const wanted = all.filter(({ id }) => id > from && id <= upTo);
        assert.deepEqual(rowsOf(...after.messages), wanted.slice(0, limit));
        assert.equal(after.more, wanted.length > limit);
      }),
      { numRuns: 60 },
    );
  });

  await t.test(
    'a page with more bytes than are allowed begins with as many messages as may be read, and at least one',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const alice = await bench.user('alice');
      const lobby = await bench.room('lobby', alice);
      const sizes = [1, 4096, 2000, 1, 1, 4096, 4096, 300, 9, 4096, 1, 1, 700];
      for (const [index, size] of sizes.entries())
        await bench.append(new TestPost(lobby, alice, String(index % 10).repeat(size)));
      const many = Array.from(
        { length: 150 },
        (_, index) => new TestPost(lobby, alice, String(index).padEnd(4096, '.')),
      );
      await bench.append(...many);
      const all = await bench.stored(lobby);
      const bound = fc.nat(all.length + 3);
      const maxBytes = fc.oneof(fc.constantFrom(1, 4096, 65_536, 100_000), fc.nat(700_000));
      await fc.assert(
        fc.asyncProperty(bound, bound, fc.integer({ min: 1, max: 200 }), maxBytes, async (from, upTo, limit, bytes) => {
          const { log } = bench.store;
          const { messages, more } = await log.readAfter(lobby.id, from, upTo, limit, bytes);
          const rows = rowsOf(...messages);
          const entire = await log.readAfter(lobby.id, from, upTo, limit);
          const wanted = rowsOf(...entire.messages);
          assert.deepEqual(rows, wanted.slice(0, rows.length));
          assert.equal(more, entire.more || rows.length < wanted.length);
          assert.ok(rows.length > 0 || wanted.length === 0);
          assert.ok(rows.length <= 1 || bytesOf(messages) <= bytes, `${bytesOf(messages)} bytes and not ${bytes}`);
        }),
        { numRuns: 60 },
      );
    },
  );

  await t.test('what was appended is committed and told before the store is closed', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const posts = Array.from({ length: 50 }, (_, index) => new TestPost(lobby, alice, `${index}`));
    for (const [index, post] of posts.entries()) {
      bench.send(post);
      if (index === 20) await turn();
    }
    const again = await bench.reopened(kind);
    t.same(bench.recorder.told, posts);
    t.same(
      (await again.stored(lobby)).map(({ said }) => said),
      posts.map(({ said }) => said),
    );
  });
}
