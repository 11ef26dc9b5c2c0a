// The suite's part on private conversations and blocks (src/store/conversations.ts, src/store/blocks.ts).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import { isConversation, type ListedConversation } from '../../src/store/conversations.js';
import type { Author, LogId } from '../../src/store/log.js';
import { Bench, TestPost, type Kind } from './contract-bench.js';

async function opened({ store }: Bench, one: Author, other: Author): Promise<LogId> {
  return (await store.conversations.open(one.id, other.id)).log;
}

/** All pages of a user's list. */
async function listed({ store }: Bench, { id }: Author, limit: number): Promise<readonly ListedConversation[]> {
  const all: ListedConversation[] = [];
  for (;;) {
    const page = await store.conversations.list(id, all.at(-1)?.log, limit);
    all.push(...page);
    if (page.length < limit) return all;
  }
}

/** Runs this part of the suite over stores of that kind. */
export async function conversationContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a pair has one conversation, in any order, and it is numbered apart from rooms', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const room = await bench.room('lobby', alice);
    const { conversations } = bench.store;
    t.equal(await conversations.find(alice.id, bob.id), undefined);
    const [first, second] = await Promise.all([
      conversations.open(bob.id, alice.id),
      conversations.open(alice.id, bob.id),
    ]);
    t.same([first.isNew, second.isNew], [true, false]);
    t.equal(second.log, first.log);
    t.ok(isConversation(first.log) && !isConversation(room.id));
    t.equal(await conversations.find(bob.id, alice.id), first.log);
    const own = await conversations.open(alice.id, alice.id);
    t.not(own.log, first.log, 'a user has one with itself too');
    const again = await bench.reopened(kind);
    t.equal(await again.store.conversations.find(alice.id, bob.id), first.log);
    t.same(await again.store.conversations.open(alice.id, alice.id), { log: own.log, isNew: false });
  });

  await t.test('its messages are a log of their own, in the commits of rooms', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const room = await bench.room('lobby', alice);
    const log = await opened(bench, alice, bob);
    const posts = [
      new TestPost(room, alice, 'to all'),
      new TestPost(log, alice, 'psst', { key: 'k' }),
      new TestPost(log, bob, 'what?', { key: 'k' }),
      new TestPost(log, alice, 'psst', { key: 'k' }),
      new TestPost(room, bob, 'hm'),
    ];
    await bench.append(...posts);
    t.same(bench.results(posts), ['stored 1', 'stored 1', 'stored 2', 'duplicate 1', 'stored 2']);
    t.equal(bench.recorder.commits.length, 1);
    const again = await bench.reopened(kind);
    const late = [new TestPost(log, alice, 'other', { key: 'k' }), new TestPost(log, bob, 'late')];
    await again.append(...late);
    t.same(again.results(late), ['conflict 1', 'stored 3']);
    t.same(
      (await again.stored({ id: log })).map(({ said }) => said),
      ['psst', 'what?', 'late'],
    );
    t.match(await again.store.log.findKeyed(log, bob.id, 'k'), { id: 2 });
  });

  await t.test('a list has those with messages, the newest first, by pages of any size', async (t) => {
    const bench = await Bench.open(t, kind);
    const users = [await bench.user('u0'), await bench.user('u1'), await bench.user('u2'), await bench.user('u3')];
    const [me] = users;
    assert.ok(me !== undefined);
    const logs: LogId[] = [];
    for (const other of users) logs.push(await opened(bench, me, other));
    t.same(await bench.store.conversations.list(me.id, undefined, 10), [], 'an empty one is not listed');
    const counts = logs.map(() => 0);
    let newest = 0;
    const step = fc.record({ who: fc.nat({ max: 3 }), limit: fc.integer({ min: 1, max: 5 }), isMine: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(step, async ({ who, limit, isMine }) => {
        const [log = 0, other = me] = [logs[who], users[who]];
        // Times of messages in one millisecond are equal.
        while (Date.now() <= newest) await new Promise((resolve) => setImmediate(resolve));
        await bench.append(new TestPost(log, isMine ? me : other, 'hi'));
        counts[who] = (counts[who] ?? 0) + 1;
        const all = await listed(bench, me, limit);
        newest = all[0]?.time ?? 0;
        assert.equal(all[0]?.log, log);
        const found = all.map((each) => [each.log, each.with, each.last]);
        const expected = logs.flatMap((each, place) =>
          (counts[place] ?? 0) > 0 ? [[each, users[place]?.id, counts[place]]] : [],
        );
        assert.deepEqual([...found].sort(byLog), expected.sort(byLog));
        const times = all.map(({ time }) => time);
        assert.deepEqual(
          times,
          [...times].sort((a, b) => b - a),
        );
      }),
      { numRuns: 25 },
    );
    const before = await listed(bench, me, 2);
    const again = await bench.reopened(kind);
    t.same(await listed(again, me, 2), before);
    const other = users[2] ?? me;
    t.same(
      (await listed(again, other, 2)).map((each) => each.with),
      (counts[2] ?? 0) > 0 ? [me.id] : [],
      'the others have theirs alone',
    );
  });

  await t.test('a user has read as far as it said last', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const log = await opened(bench, alice, bob);
    await bench.append(new TestPost(log, alice, 'one'), new TestPost(log, alice, 'two'));
    const { conversations } = bench.store;
    t.match(await conversations.list(bob.id, undefined, 5), [{ read: 0 }]);
    t.equal(await conversations.markRead(bob.id, log, 2), 0);
    t.equal(await conversations.markRead(bob.id, log, 1), 2);
    t.equal(await conversations.markRead(bob.id, log, 1), 1);
    const again = await bench.reopened(kind);
    t.match(await again.store.conversations.list(bob.id, undefined, 5), [{ with: alice.id, last: 2, read: 1 }]);
    t.match(await again.store.conversations.list(alice.id, undefined, 5), [{ with: bob.id, last: 2, read: 0 }]);
  });

  await t.test('a user blocks as many as it may, and deleted ones do not count', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob, carol] = [await bench.user('alice'), await bench.user('Bob'), await bench.user('carol')];
    const dave = await bench.user('dave');
    const { blocks } = bench.store;
    t.equal(await blocks.add(alice.id, carol.id, 2), 'changed');
    t.equal(await blocks.add(alice.id, bob.id, 2), 'changed');
    t.equal(await blocks.add(alice.id, bob.id, 2), 'known');
    t.equal(await blocks.add(alice.id, dave.id, 2), 'full');
    t.same([await blocks.has(alice.id, bob.id), await blocks.has(bob.id, alice.id)], [true, false]);
    t.same(await blocks.list(alice.id, 10), ['Bob', 'carol']);
    const gone = { firstName: '', lastName: '', password: new Uint8Array(), state: 'deleted' } as const;
    t.equal(await bench.store.directory.changeUser(bob.id, gone), 'changed');
    t.equal(await blocks.add(alice.id, dave.id, 2), 'changed');
    const again = await bench.reopened(kind);
    t.same(await again.store.blocks.list(alice.id, 10), ['carol', 'dave']);
    t.same(await again.store.blocks.list(alice.id, 1), ['carol']);
    t.equal(await again.store.blocks.remove(alice.id, carol.id), 'changed');
    t.equal(await again.store.blocks.remove(alice.id, carol.id), 'known');
    t.equal(await again.store.blocks.has(alice.id, carol.id), false);
  });
}

function byLog([one]: readonly unknown[], [other]: readonly unknown[]): number {
  return Number(one) - Number(other);
}
