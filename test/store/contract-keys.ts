// The suite's part on keys: a message that is sent with a key is stored once (PROTOCOL.md §5.3).
import type { Test } from 'tap';
import { Bench, poison, TestPost, type Kind } from './contract-bench.js';
import { turn } from './posts.js';

/** Runs this part of the suite over stores of that kind. */
export async function keyContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a key that a batch before used answers with the first message, or is a conflict', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const followed = await bench.follow(lobby);
    await bench.append(
      new TestPost(lobby, alice, 'before'),
      new TestPost(lobby, alice, 'hello', { key: 'k' }),
      new TestPost(lobby, alice, 'after'),
    );
    const posts = [
      new TestPost(lobby, alice, 'hello', { key: 'k' }),
      new TestPost(lobby, alice, 'Hello', { key: 'k' }),
      new TestPost(lobby, alice, 'hello', { key: 'k', kind: 'action' }),
      new TestPost(lobby, alice, 'hello', { key: 'k', kind: 'reply', about: 1 }),
    ];
    await bench.append(...posts);
    t.same(bench.results(posts), ['duplicate 2', 'conflict 2', 'conflict 2', 'conflict 2']);
    t.same(bench.recorder.commits.at(-1)?.stored, [], 'nothing was stored');
    t.equal(followed.head, 3, 'none took an id');
    t.equal((await bench.stored(lobby)).length, 3);
  });

  await t.test('a key used twice in one batch is judged as in two, and takes no id', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const posts = [
      new TestPost(lobby, alice, 'hello', { key: 'k' }),
      new TestPost(lobby, alice, 'between'),
      new TestPost(lobby, alice, 'hello', { key: 'k' }),
      new TestPost(lobby, alice, 'other', { key: 'k' }),
      new TestPost(lobby, alice, 'hello', { key: 'k' }),
      new TestPost(lobby, alice, 'hello', { key: 'l' }),
    ];
    await bench.append(...posts);
    t.same(bench.results(posts), ['stored 1', 'stored 2', 'duplicate 1', 'conflict 1', 'duplicate 1', 'stored 3']);
    t.same(
      (await bench.stored(lobby)).map(({ said }) => said),
      ['hello', 'between', 'hello'],
    );
  });

  await t.test('a key that is on its way to disk is known to the batch behind it', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const posts = Array.from(
      { length: 8 },
      (_, index) => new TestPost(lobby, alice, index === 5 ? 'other' : 'hello', { key: 'k' }),
    );
    for (const post of posts) {
      bench.send(post);
      await turn();
    }
    await bench.recorder.tells(posts.at(-1) as TestPost);
    t.same(
      bench.results(posts),
      posts.map((_, index) => (index === 0 ? 'stored 1' : index === 5 ? 'conflict 1' : 'duplicate 1')),
    );
  });

  await t.test("another author's key, or the same one in another log, is another key", async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    const places = [lobby, other].flatMap((room) => [alice, bob].map((author) => ({ room, author })));
    const same = (): TestPost[] =>
      places.map(({ room, author }) => new TestPost(room, author, `${room.key} ${author.id}`, { key: 'k' }));
    const [first, second] = [same(), same()];
    await bench.append(...first);
    t.same(bench.results(first), ['stored 1', 'stored 2', 'stored 1', 'stored 2']);
    await bench.append(...second);
    t.same(bench.results(second), ['duplicate 1', 'duplicate 2', 'duplicate 1', 'duplicate 2']);
  });

  await t.test('keys and texts compare byte for byte', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const keys = [
      'k',
      'K',
      ' k',
      'k ',
      'k\0',
      'k\0\0',
      '\0',
      '',
      '1',
      '01',
      '1.0',
      'null',
      'é',
      'e\u0301',
      '\u{1f600}',
      '"',
      '\\',
      "'",
      '\u2028',
    ];
    const [first, second] = [1, 2].map(() =>
      keys.map((key) => new TestPost(lobby, alice, `text of ${key}`, { key })),
    ) as [TestPost[], TestPost[]];
    await bench.append(...first);
    t.same(
      bench.results(first),
      keys.map((_, index) => `stored ${index + 1}`),
    );
    await bench.append(...second);
    t.same(
      bench.results(second),
      keys.map((_, index) => `duplicate ${index + 1}`),
    );
    const pairs = [
      ['a', 'a\0'],
      ['a\0b', 'a\0c'],
      ['é', 'e\u0301'],
      ['1', '1.0'],
      [' ', '\0'],
    ] as const;
    await bench.append(...pairs.map(([said], index) => new TestPost(lobby, alice, said, { key: `pair ${index}` })));
    const others = pairs.map(([, said], index) => new TestPost(lobby, alice, said, { key: `pair ${index}` }));
    await bench.append(...others);
    t.same(
      others.map((post) => bench.recorder.result(post)?.outcome),
      pairs.map(() => 'conflict'),
    );
  });

  await t.test('a keyed message is found by log, author and key, and after the store was opened again', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    await bench.append(new TestPost(lobby, alice, 'first'), new TestPost(lobby, alice, 'hello\0', { key: 'k\0' }));
    const again = await bench.reopened(kind);
    const find = again.store.log.findKeyed.bind(again.store.log);
    t.same(await find(lobby.id, alice.id, 'k\0'), { id: 2, text: 'hello\\u0000', kind: 'text', about: 0 });
    t.equal(await find(lobby.id, alice.id, 'k'), undefined);
    t.equal(await find(lobby.id, bob.id, 'k\0'), undefined);
    t.equal(await find(other.id, alice.id, 'k\0'), undefined);
    t.equal(await find(4711, alice.id, 'k\0'), undefined);
    const duplicate = new TestPost(lobby, alice, 'hello\0', { key: 'k\0' });
    await again.append(duplicate);
    t.same(again.results([duplicate]), ['duplicate 2']);
  });

  await t.test('a failed batch frees its keys', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const failed = [new TestPost(lobby, alice, 'one', { key: 'k' }), new TestPost(lobby, alice, poison)];
    await bench.append(...failed);
    t.same(bench.results(failed), ['none stored 0', 'none stored 0']);
    t.equal(await bench.store.log.findKeyed(lobby.id, alice.id, 'k'), undefined);
    const next = new TestPost(lobby, alice, 'another text', { key: 'k' });
    await bench.append(next);
    t.same(bench.results([next]), ['stored 1']);
  });
}
