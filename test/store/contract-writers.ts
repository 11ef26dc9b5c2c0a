// The suite's part on several writers of the same logs: what another writer stored is told as what this one stored, once
// and in the order of the log. For stores that can have another writer.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { RoomRecord } from '../../src/store/directory.js';
import type { Author, FollowedLog } from '../../src/store/log.js';
import { Bench, rowsOf, TestPost, type Kind } from './contract-bench.js';
import { turn } from './posts.js';

/** Two writers of the same data. */
async function openBoth(t: Test, kind: Kind): Promise<readonly [Bench, Bench]> {
  const bench = await Bench.open(t, kind);
  return [bench, new Bench(await (kind.openBeside as NonNullable<Kind['openBeside']>)(bench.store))];
}

/** Runs this part of the suite over stores of that kind. */
export async function writerContract(t: Test, kind: Kind): Promise<void> {
  const skip = kind.openBeside === undefined ? 'there can be no other writer' : false;

  await t.test('messages of both writers come to both, in one dense order', { skip }, async (t) => {
    const both = await openBoth(t, kind);
    const [bench] = both;
    const authors = [await bench.user('alice'), await bench.user('bob')] as const;
    const rooms = [await bench.room('lobby', authors[0]), await bench.room('other', authors[0])] as const;
    for (const each of both) for (const room of rooms) await each.follow(room);
    const step = fc.record({ writer: fc.nat(1), room: fc.nat(1), waits: fc.boolean() });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 20 }), async (steps) => {
        const sent: { readonly by: Bench; readonly post: TestPost }[] = [];
        for (const { writer, room, waits } of steps) {
          const by = both[writer] ?? bench;
          const post = new TestPost(rooms[room] ?? rooms[0], authors[writer] ?? authors[0], `${(count += 1)}`);
          by.send(post);
          sent.push({ by, post });
          if (waits) await turn();
        }
        for (const { by, post } of sent) await by.recorder.tells(post);
        for (const room of rooms) {
          const all = await bench.stored(room);
          for (const { recorder } of both) {
            await recorder.until(() => recorder.rows(room).length >= all.length);
            assert.deepEqual(recorder.rows(room), all);
          }
        }
        for (const { by, post } of sent) {
          const result = by.recorder.result(post);
          const row = by.recorder.rows(post.log)[(result?.id ?? 0) - 1];
          assert.deepEqual([result?.outcome, row?.said, row?.author], ['stored', post.said, post.author]);
        }
      }),
      { numRuns: 25 },
    );
    for (const room of rooms) {
      const times = (await bench.stored(room)).map(({ time }) => time);
      t.same(
        times,
        [...times].sort((a, b) => a - b),
        'time never goes back, whoever stored',
      );
    }
  });

  await t.test('another writer’s commit has no posts of this one, and takes no time', { skip }, async (t) => {
    const [bench, beside] = await openBoth(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.follow(lobby);
    await beside.append(
      new TestPost(lobby, alice, 'a'),
      new TestPost(lobby, alice, 'b', { key: 'k', kind: 'action' }),
      new TestPost(lobby, alice, 'b', { key: 'k', kind: 'action' }),
    );
    await bench.recorder.until(() => bench.recorder.rows(lobby).length === 2);
    for (const { mine, outcomes, ids, took } of bench.recorder.commits) {
      t.same([mine, outcomes, ids, took], [[], [], [], 0]);
    }
    t.match(bench.recorder.rows(lobby), [
      { id: 1, said: 'a', kind: 'text', author: alice },
      { id: 2, said: 'b', kind: 'action', author: alice },
    ]);
  });

  await t.test(
    'a log that is followed while both write comes without a gap, and nothing twice',
    { skip },
    async (t) => {
      const both = await openBoth(t, kind);
      const [bench, beside] = both;
      const alice = await bench.user('alice');
      let run = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.constantFrom('mine', 'other', 'turn', 'follow'), { maxLength: 16 }),
          async (steps) => {
            const room = await bench.room(`room ${(run += 1)}`, alice);
            const sent: { readonly by: Bench; readonly post: TestPost }[] = [];
            const say = (by: Bench): void => {
              const post = new TestPost(room, alice, `${sent.length}`);
              by.send(post);
              sent.push({ by, post });
            };
            let following: Promise<FollowedLog> | undefined;
            for (const step of steps) {
              if (step === 'turn') await turn();
              else if (step === 'follow') following ??= bench.follow(room);
              else say(step === 'mine' ? bench : beside);
            }
            following ??= bench.follow(room);
            const followed = await following;
            for (const by of [bench, beside]) say(by);
            for (const { by, post } of sent) await by.recorder.tells(post);
            const all = await bench.stored(room);
            assert.equal(all.length, sent.length);
            await bench.recorder.until(() => followed.head >= all.length);
            const told = bench.recorder.rows(room);
            assert.deepEqual(told, all.slice(all.length - told.length), 'everything from the head on');
            bench.unfollow(followed);
          },
        ),
        { numRuns: 40 },
      );
    },
  );

  await t.test(
    'of a log that nobody follows, and of one that is unfollowed, nothing foreign comes',
    { skip },
    async (t) => {
      const [bench, beside] = await openBoth(t, kind);
      const alice = await bench.user('alice');
      const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
      const followed = await bench.follow(other);
      const unfollowed = await bench.follow(lobby);
      bench.unfollow(unfollowed);
      await beside.append(new TestPost(lobby, alice, 'unheard'));
      // What was stored before it has come when this has.
      await beside.append(new TestPost(other, alice, 'heard'));
      await bench.recorder.until(() => followed.head === 1);
      await bench.append(new TestPost(lobby, alice, 'own'));
      const rows = bench.recorder.commits.flatMap(({ stored }) => rowsOf(...stored));
      t.same(
        rows.map(({ id, said }) => [id, said]),
        [
          [1, 'heard'],
          [2, 'own'],
        ],
      );
      t.equal(unfollowed.head, 0);
    },
  );

  await t.test('a key is known to both writers: of all that send it, one is stored', { skip }, async (t) => {
    const both = await openBoth(t, kind);
    const [bench] = both;
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const step = fc.record({ writer: fc.nat(1), variant: fc.nat(1), waits: fc.boolean() });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const key = `key ${(run += 1)}`;
        const sent: { readonly by: Bench; readonly post: TestPost }[] = [];
        for (const { writer, variant, waits } of steps) {
          const by = both[writer] ?? bench;
          const post = new TestPost(lobby, alice, `${key} variant ${variant}`, { key });
          by.send(post);
          sent.push({ by, post });
          if (waits) await turn();
        }
        for (const { by, post } of sent) await by.recorder.tells(post);
        const kept = (await bench.stored(lobby)).filter(({ said }) => said.startsWith(`${key} `));
        assert.equal(kept.length, 1);
        let stored = 0;
        for (const { by, post } of sent) {
          const { outcome, id } = by.recorder.result(post) ?? {};
          assert.equal(id, kept[0]?.id);
          if (outcome === 'stored') stored += 1;
          else assert.equal(outcome, post.said === kept[0]?.said ? 'duplicate' : 'conflict');
        }
        assert.equal(stored, 1);
      }),
      { numRuns: 25 },
    );
  });

  await t.test(
    'what one writer creates, the other finds; and of both who want one name, one gets it',
    { skip },
    async (t) => {
      const both = await openBoth(t, kind);
      const [bench, beside] = both;
      const alice = await bench.user('alice');
      t.match(await beside.store.directory.findUser('alice'), { id: alice.id, name: 'alice' });
      const rooms: readonly RoomRecord[] = await Promise.all(both.map((each) => each.room('Lobby', alice)));
      t.equal(rooms[0]?.id, rooms[1]?.id, 'one room, whoever created it');
      const users: readonly (Author | undefined)[] = await Promise.all(
        both.map((each) => each.user('bob').catch(() => undefined)),
      );
      t.equal(users.filter((user) => user !== undefined).length, 1);
      t.same([...(await beside.store.directory.namesOf([alice.id, 4711]))], [[alice.id, 'alice']]);
    },
  );
}
