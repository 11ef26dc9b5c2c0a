// The suite's part on followed logs: from the head that `follow` answers, everything comes once and in order (§5.4). The
// other writer's part is in contract-writers.ts. The recorder itself throws where something is missing or comes twice.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { FollowedLog } from '../../src/store/log.js';
import { Bench, rowsOf, TestPost, type Kind } from './contract-bench.js';
import { turn } from './posts.js';

/** Runs this part of the suite over stores of that kind. */
export async function followContract(t: Test, kind: Kind): Promise<void> {
  await t.test('the head is the newest message, however often and by whomever the log was opened', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    t.match(await bench.store.log.follow(lobby.id), { id: lobby.id, head: 0 });
    await bench.append(
      new TestPost(other, alice, 'o1'),
      new TestPost(lobby, alice, 'l1'),
      new TestPost(lobby, alice, 'l2'),
    );
    t.match(await bench.store.log.follow(other.id), { id: other.id, head: 1 });
    const again = await bench.reopened(kind);
    const followed = await again.follow(lobby);
    t.match(followed, { id: lobby.id, head: 2 });
    const third = new TestPost(lobby, alice, 'l3');
    await again.append(third);
    t.same(again.results([third]), ['stored 3']);
    t.equal(followed.head, 3);
    t.match(await again.follow(other), { head: 1 });
  });

  await t.test('a log that is not followed brings its own messages too', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.append(new TestPost(lobby, alice, 'a'), new TestPost(lobby, alice, 'b'));
    t.same(
      bench.recorder.commits.flatMap(({ stored }) => rowsOf(...stored)).map(({ id, said }) => [id, said]),
      [
        [1, 'a'],
        [2, 'b'],
      ],
    );
  });

  await t.test('the head that is answered counts what was appended before, and the rest comes', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom('say', 'turn', 'follow'), { maxLength: 12 }), async (steps) => {
        const posts: TestPost[] = [];
        const say = (): void => {
          const post = new TestPost(lobby, alice, `${posts.length}`);
          posts.push(post);
          bench.send(post);
        };
        const followings: Promise<FollowedLog>[] = [];
        for (const step of steps) {
          if (step === 'say') say();
          else if (step === 'turn') await turn();
          else if (followings.length === 0) followings.push(bench.follow(lobby));
        }
        if (followings.length === 0) followings.push(bench.follow(lobby));
        const [followed] = await Promise.all(followings);
        assert.ok(followed !== undefined);
        say();
        await bench.recorder.tells(posts.at(-1) as TestPost);
        const all = await bench.stored(lobby);
        assert.equal(followed.head, all.length);
        const told = bench.recorder.rows(lobby);
        assert.deepEqual(told, all.slice(all.length - told.length));
        assert.ok(told.length >= 1);
        bench.unfollow(followed);
      }),
      { numRuns: 40 },
    );
  });

  await t.test('a log that is unfollowed keeps its head, and can be followed again', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const first = await bench.follow(lobby);
    await bench.append(new TestPost(lobby, alice, 'a'));
    bench.unfollow(first);
    await bench.append(new TestPost(lobby, alice, 'b'));
    t.equal(first.head, 1);
    const second = await bench.follow(lobby);
    bench.store.log.unfollow(first);
    await bench.append(new TestPost(lobby, alice, 'c'));
    t.equal(second.head, 3, 'unfollowing the one before changes nothing for the new one');
    t.same(
      bench.recorder.rows(lobby).map(({ id }) => id),
      [3],
    );
  });
}
