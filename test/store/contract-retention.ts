// The suite's part on retention: what is trimmed, what stays, and what readers see meanwhile (src/store/retention.ts).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { Kept } from '../../src/store/retention.js';
import { Bench, rowsOf, TestPost, type Kind } from './contract-bench.js';

const forEver: Kept = { seconds: 0, messages: 0 };

/** What a sequence of the property does. */
type Step =
  | { readonly does: 'append'; readonly keys: readonly boolean[] }
  | { readonly does: 'trim'; readonly room: number; readonly server: number; readonly most: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ does: fc.constant('append' as const), keys: fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }) }),
  fc.record({
    does: fc.constant('trim' as const),
    room: fc.integer({ min: 0, max: 12 }),
    server: fc.integer({ min: 0, max: 12 }),
    most: fc.integer({ min: 1, max: 12 }),
  }),
);

/** Trims until nothing more is due. */
async function trimAll({ store }: Bench, room: number, kept: Kept, now = Date.now()): Promise<number> {
  let count = 0;
  for (let more = true; more; ) {
    const trimmed = await store.directory.trimMessages(room, kept, now, 1);
    count += trimmed.count;
    more = trimmed.more;
  }
  return count;
}

/** Runs this part of the suite over stores of that kind. */
export async function retentionContract(t: Test, kind: Kind): Promise<void> {
  await t.test('the stricter number of messages is kept, ids go on, and keys are free', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const room = await bench.room('lobby', alice);
    const key = { key: 'k' };
    await bench.append(
      ...['1', '2', '3', '4', '5'].map((said) => new TestPost(room, alice, said, said === '2' ? key : {})),
    );
    const { directory, log } = bench.store;
    t.same(await directory.findDue(-1, forEver, Date.now()), { rooms: [], next: undefined });
    t.same((await directory.findDue(-1, { seconds: 0, messages: 4 }, Date.now())).rooms, [room.id]);
    t.equal(await trimAll(bench, room.id, { seconds: 0, messages: 4 }), 1);
    t.equal((await log.findKeyed(room.id, alice.id, 'k'))?.id, 2, 'a key stays as long as its message');
    await directory.changeRoom(room.id, { settings: { keepMessages: 2 } });
    const version = (await directory.findRoom('lobby'))?.version;
    t.equal(await trimAll(bench, room.id, { seconds: 0, messages: 4 }), 2);
    t.equal((await directory.findRoom('lobby'))?.erased, 3);
    t.equal((await directory.findRoom('lobby'))?.version, version, 'nobody decides by it');
    t.same((await directory.findDue(-1, forEver, Date.now())).rooms, []);
    t.equal(await log.findKeyed(room.id, alice.id, 'k'), undefined);
    const { messages, more } = await log.readAfter(room.id, 0, 5, 1);
    t.same([rowsOf(...messages).map(({ id, said }) => [id, said]), more], [[[4, '4']], true]);
    const again = await bench.reopened(kind);
    const posts = [new TestPost(room, alice, 'other', key), new TestPost(room, alice, '7')];
    await again.append(...posts);
    t.same(again.results(posts), ['stored 6', 'stored 7']);
    const kinds = ['reply', 'text', 'edit', 'reaction'] as const;
    const about = [3, 4].flatMap((id) => kinds.map((kind) => new TestPost(room, alice, kind, { kind, about: id })));
    await again.append(...about);
    const missing = ['missing 0', 'missing 0', 'missing 0', 'missing 0'];
    t.same(again.results(about), [...missing, 'stored 8', 'stored 9', 'stored 10', 'stored 11']);
    t.equal(await again.store.log.deleteMessage(room.id, 3, () => true), 'missing');
    t.same(
      (await again.store.log.readAfter(room.id, 0, 7, 100)).messages
        .flatMap((each) => rowsOf(each))
        .map(({ id }) => id),
      [4, 5, 6, 7],
    );
  });

  await t.test('messages go by their age, all of them where all are old, and a new one gets the next id', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const [room, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    await bench.append(...[room, room, other].map((each) => new TestPost(each, alice, 'old')));
    await bench.store.directory.changeRoom(room.id, { settings: { keepSeconds: 60 } });
    t.equal(await trimAll(bench, room.id, forEver), 0);
    const later = Date.now() + 61_000;
    t.same((await bench.store.directory.findDue(-1, { seconds: 3600, messages: 0 }, later)).rooms, [room.id]);
    t.equal(await trimAll(bench, room.id, { seconds: 3600, messages: 0 }, later), 2);
    t.same(await bench.store.log.readAfter(room.id, 0, 2, 100), { messages: [], edited: new Map(), more: false });
    const again = await bench.reopened(kind);
    t.equal((await again.follow(room)).head, 2);
    const post = new TestPost(room, alice, 'new');
    await again.append(post);
    t.same(again.results([post]), ['stored 3']);
    t.same(await again.store.directory.trimMessages(4711, forEver, later, 1), { count: 0, more: false, took: 0 });
    t.type(await again.store.directory.giveBack(), 'boolean');
  });

  await t.test('a reader sees all messages that are kept, whatever is trimmed when', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    let rooms = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const room = await bench.room(`room${(rooms += 1)}`, alice);
        let [head, erased] = [0, 0];
        for (const each of steps) {
          if (each.does === 'append') {
            const posts = each.keys.map(
              (isKeyed, at) =>
                new TestPost(room, alice, String(head + at + 1), isKeyed ? { key: String(head + at + 1) } : {}),
            );
            await bench.append(...posts);
            assert.deepEqual(
              bench.results(posts),
              posts.map(({ said }) => `stored ${said}`),
            );
            head += posts.length;
          } else {
            await bench.store.directory.changeRoom(room.id, { settings: { keepMessages: each.room } });
            const limits = [each.room, each.server].filter((limit) => limit > 0);
            const due = limits.length === 0 ? 0 : Math.max(0, head - Math.min(...limits));
            const kept = { seconds: 0, messages: each.server };
            const [trimmed, page] = await Promise.all([
              bench.store.directory.trimMessages(room.id, kept, Date.now(), each.most),
              bench.store.log.readAfter(room.id, 0, head, 1000),
            ]);
            assert.ok(erased + trimmed.count <= Math.max(erased, due));
            assert.equal(trimmed.more, erased + trimmed.count < due);
            const seen = rowsOf(...page.messages).map(({ id }) => id);
            const first = seen[0] ?? head + 1;
            assert.ok(first === erased + 1 || first === erased + trimmed.count + 1);
            assert.deepEqual(seen, idsAfter(first - 1, head));
            erased += trimmed.count;
          }
        }
        const { messages } = await bench.store.log.readAfter(room.id, 0, head, 1000);
        const rows = rowsOf(...messages);
        assert.deepEqual(
          rows.map(({ id }) => id),
          idsAfter(erased, head),
        );
        assert.ok(rows.every(({ id, said }) => said === String(id)));
        for (const id of idsAfter(0, head)) {
          const found = await bench.store.log.findKeyed(room.id, alice.id, String(id));
          assert.ok(found === undefined || (found.id === id && id > erased));
        }
      }),
      { numRuns: 20 },
    );
  });
}

function idsAfter(after: number, upTo: number): readonly number[] {
  return Array.from({ length: Math.max(0, upTo - after) }, (_, at) => after + at + 1);
}
