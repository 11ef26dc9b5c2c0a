// The suite's part on commits that fail: nothing of the batch is there (code 2), or, where that can't be known, nothing
// more is told (PROTOCOL.md §3.4, §5.1).
import type { Test } from 'tap';
import type { UserId } from '../../src/store/log.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { Bench, breaker, newUser, poison, TestPost, type Kind } from './contract-bench.js';
import { turn } from './posts.js';

/** Runs this part of the suite over stores of that kind. */
export async function failureContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a failed batch leaves nothing, uses no ids, and does not stop the next', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    const logs = [await bench.follow(lobby), await bench.follow(other)];
    await bench.append(new TestPost(lobby, alice, 'kept'));
    const failed = [
      new TestPost(lobby, alice, 'a'),
      new TestPost(other, alice, 'b', { key: 'key' }),
      new TestPost(lobby, alice, poison),
      new TestPost(lobby, alice, 'c'),
    ];
    await bench.append(...failed);
    t.same(
      bench.results(failed),
      failed.map(() => 'none stored 0'),
    );
    t.ok(bench.recorder.errors[0] instanceof StoreFailure);
    t.same(
      logs.map(({ head }) => head),
      [1, 0],
    );
    const next = [new TestPost(lobby, alice, 'd'), new TestPost(other, alice, 'e')];
    await bench.append(...next);
    t.same(bench.results(next), ['stored 2', 'stored 1']);
    const again = await bench.reopened(kind);
    t.same(
      (await again.stored(lobby)).map(({ id, said }) => [id, said]),
      [
        [1, 'kept'],
        [2, 'd'],
      ],
    );
  });

  await t.test('failures and successes in one stream are told in order, and ids stay dense', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.follow(lobby);
    const posts = Array.from(
      { length: 30 },
      (_, index) => new TestPost(lobby, alice, index % 7 === 3 ? poison : `${index}`),
    );
    for (const post of posts) {
      bench.send(post);
      await turn();
    }
    await bench.recorder.tells(posts.at(-1) as TestPost);
    t.same(bench.recorder.told, posts, 'each is told once');
    const stored = posts.filter((post) => bench.recorder.result(post)?.outcome === 'stored');
    t.notOk(stored.some(({ said }) => said === poison));
    t.same(
      bench.results(stored),
      stored.map((_, index) => `stored ${index + 1}`),
    );
    t.same(await bench.stored(lobby), bench.recorder.rows(lobby));
    t.same(
      bench.recorder.rows(lobby).map(({ said }) => said),
      stored.map(({ said }) => said),
    );
  });

  // One change each: a commit has as many as there is time for.
  const changes: Readonly<Record<string, (store: Store, alice: UserId) => Promise<unknown>>> = {
    'a user who was to be made': ({ directory }) => directory.createUser(newUser('bob')),
    'a password that was to be changed': ({ directory }, alice) =>
      directory.changeUser(alice, { password: Buffer.from('new') }),
  };
  for (const [what, change] of Object.entries(changes)) {
    await t.test(`${what} beside a failed message is refused, and nothing of it is there`, async (t) => {
      const bench = await Bench.open(t, kind);
      const { directory } = bench.store;
      const alice = await bench.user('alice');
      const lobby = await bench.room('lobby', alice);
      const told = bench.append(new TestPost(lobby, alice, poison));
      const [write] = await Promise.allSettled([change(bench.store, alice.id)]);
      t.ok(write.status === 'rejected' && write.reason instanceof StoreFailure, write.status);
      t.match(await told, { outcome: 'none stored' });
      t.equal(await directory.findUser('bob'), undefined);
      t.equal(Buffer.from((await directory.findUser('alice'))?.password ?? []).toString(), 'hash');
      t.not(await change(bench.store, alice.id), undefined, 'it can be done again');
    });
  }

  await t.test('it is known whether writes succeed, and since when', async (t) => {
    const bench = await Bench.open(t, kind);
    const { store, recorder } = bench;
    t.match(store.log.writing, { lastCommit: undefined, failing: undefined, away: undefined });
    await store.log.probe();
    const { lastCommit = 0 } = store.log.writing;
    t.ok(lastCommit > 0 && lastCommit <= performance.now());
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const append = (said: string): Promise<unknown> => bench.append(new TestPost(lobby, alice, said));
    for (const said of [poison, poison]) await append(said);
    t.ok(store.log.writing.failing);
    t.equal(store.log.writing.lastCommit, lastCommit);
    await store.log.probe();
    t.equal(store.log.writing.failing, undefined);
    t.ok((store.log.writing.lastCommit ?? 0) > lastCommit);
    await append(poison);
    await append('kept');
    t.equal(store.log.writing.failing, undefined);
    t.match(recorder.writes, [String, undefined, String, undefined], 'each change is told once');
    t.equal(await store.log.resetTime(), 0, 'the clock is not behind');
    await append('and this');
    t.same(
      (await bench.stored(lobby)).map(({ said }) => said),
      ['kept', 'and this'],
    );
  });

  await t.test('when nobody knows what is on disk, the store says so once and tells nothing more', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const followed = await bench.follow(lobby);
    await bench.append(new TestPost(lobby, alice, 'kept'));
    const settled: string[] = [];
    const watch = (promise: Promise<unknown>, name: string): void => {
      void promise.catch(() => undefined).then(() => settled.push(name));
    };
    const told = bench.append(new TestPost(lobby, alice, breaker));
    watch(bench.store.directory.createUser(newUser('bob')), 'with it');
    t.equal(await told, undefined);
    t.ok(bench.recorder.brokenBy instanceof Error);
    t.notOk(bench.recorder.brokenBy instanceof StoreFailure);
    watch(bench.store.directory.createUser(newUser('carol')), 'after it');
    bench.store.log.append(new TestPost(lobby, alice, 'late'));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    t.same(
      bench.recorder.told.map(({ said }) => said),
      ['kept'],
    );
    t.same(settled, [], 'what was to be written beside it is not answered either');
    t.equal(followed.head, 1);
  });
}
