// Replays and pages of history while messages are trimmed (PROTOCOL.md §4.1): no gap that no 111 tells of, and none
// told that is not there. And how the trimmer goes about it (src/store/trimmer.ts).
import { defaultFormat } from '../../src/wire/format.js';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { Member } from '../../src/chat/member.js';
import type { Post } from '../../src/chat/post.js';
import { sendPast, tellGap, type Reader } from '../../src/commands/past.js';
import { openSqliteStore } from '../../src/daemon/store.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import type { Store } from '../../src/store/store.js';
import { nextStep, Trimmer } from '../../src/store/trimmer.js';
import { Client, parseLines, type Line } from '../support/client.js';
import { temporaryFolder } from '../support/daemon.js';
import { startInProcess } from '../support/in-process.js';
import { newRoom } from '../support/room.js';
import { Writer } from '../support/writer.js';

/** Reads at once. */
const reads = {
  waiting: 0,
  run: <Result>(_payer: unknown, read: () => Promise<Result>): Promise<Result> => read(),
  runSmall: <Result>(_payer: unknown, read: () => Promise<Result>): Promise<Result> => read(),
  readAhead: <Result>(_payer: unknown, part: (maxBytes: number) => Promise<Result>): Promise<Result> => part(200),
  shown: async (_payer: unknown, taken: Promise<void>): Promise<void> => taken,
  lastShown: () => undefined,
};

/** Replays messages to a session of that edition while `meanwhile` is called before each part. Answers the lines. */
async function replay(
  store: Store,
  log: number,
  edition: 1 | 2,
  [after, upTo]: readonly [number, number],
  meanwhile: () => Promise<unknown>,
): Promise<readonly Line[]> {
  let text = '';
  const output: Reader['output'] = {
    event: () => undefined,
    reply: (lines) => void (text += String(lines)),
    drained: async () => {
      await meanwhile();
    },
  };
  const session: Reader = {
    output,
    gone: false,
    edition,
    format: defaultFormat,
    payerClass: 'user',
    payerAddress: 'home',
    payerUser: 'alice',
  };
  const member = new Member(newRoom('lobby', log), { id: 1, name: 'alice', key: 'alice' }, output);
  const { seen } = await sendPast(session, member, { store, reads }, { after, upTo, ref: undefined, follows: true });
  if (seen < upTo) tellGap(session, member, seen, null);
  return parseLines(text);
}

/** Follows the lines as a client does, and holds them to what they may tell. Answers the ids of the messages. */
function follow(
  lines: readonly Line[],
  edition: 1 | 2,
  after: number,
  upTo: number,
  erased: () => number,
): readonly number[] {
  let seen = after;
  let gap: Line | undefined;
  const ids: number[] = [];
  for (const line of lines) {
    if (line.code === 111) {
      assert.equal(edition, 2);
      assert.equal(line.body['after'], seen, 'a gap begins behind what was read');
      gap = line;
      continue;
    }
    const { id, prev } = line.body as { readonly id: number; readonly prev: number };
    if (edition === 1) assert.equal(prev, seen, 'nothing seems to be missing');
    else if (gap === undefined) assert.equal(prev, seen, 'a gap that no 111 told');
    else assert.equal(gap.body['first'], id);
    if (id > seen + 1) assert.ok(id - 1 <= erased(), 'what was left out was trimmed');
    gap = undefined;
    seen = id;
    ids.push(id);
  }
  if (gap !== undefined) assert.equal(gap.body['first'], null);
  if (seen < upTo)
    assert.ok(erased() >= upTo && (edition === 1 || gap !== undefined), 'only what was trimmed is missing');
  return ids;
}

for (const kind of ['memory', 'sqlite'] as const) {
  t.test(`a replay while messages are trimmed leaves no gap that it does not tell of: ${kind}`, async (t) => {
    const store: Store<Post> =
      kind === 'memory'
        ? new MemoryStore<Post>()
        : await openSqliteStore(
            { data: temporaryFolder(t), durability: 'relaxed', changesMs: 8, changeQueue: 64 } as Parameters<
              typeof openSqliteStore
            >[0],
            { info: () => undefined } as unknown as Parameters<typeof openSqliteStore>[1],
          );
    t.teardown(() => store.close());
    const writer = new Writer(store);
    const alice = await writer.user('alice');
    let rooms = 0;
    let gaps = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 40 }),
        fc.nat(40),
        fc.constantFrom(1 as const, 2 as const),
        fc.array(fc.nat(6), { maxLength: 12 }),
        async (count, asked, edition, trims) => {
          const room = await writer.room(`room${(rooms += 1)}`, alice.id);
          for (let said = 0; said < count; said += 8)
            await writer.say(
              room.id,
              alice,
              ...Array.from({ length: Math.min(8, count - said) }, () => 'x'.repeat(30)),
            );
          const after = Math.min(asked, count);
          let erased = 0;
          const left = [...trims];
          const lines = await replay(store, room.id, edition, [after, count], async () => {
            const more = left.shift() ?? 0;
            if (more === 0) return;
            await store.directory.changeRoom(room.id, {
              settings: { keepMessages: Math.max(1, count - erased - more) },
            });
            for (let step = { count: 0, more: true }; step.more; erased += step.count)
              step = await store.directory.trimMessages(room.id, { seconds: 0, messages: 0 }, Date.now(), 1);
          });
          follow(lines, edition, after, count, () => erased);
          gaps += lines.filter(({ code }) => code === 111).length;
        },
      ),
      { numRuns: 60 },
    );
    t.ok(gaps > 0);
  });
}

t.test('on the wire: 111 for a session of the second edition, `after` as `prev` for one of the first', async (t) => {
  let store: Store<Post> | undefined;
  const { daemon, port } = await startInProcess(temporaryFolder(t), async () => (store = new MemoryStore<Post>()));
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  for (const said of ['1', '2', '3', '4', '5', '6']) await alice.say('alice', 'lobby', said);
  assert.ok(store !== undefined);
  const room = (await store.directory.findRoom('lobby'))?.id ?? NaN;
  await store.directory.trimMessages(room, { seconds: 0, messages: 2 }, Date.now(), 100);
  const page = async (client: Client, asked: object): Promise<readonly unknown[]> => {
    const from = client.lines.length;
    await client.request({ command: 'chatroom_history', room: 'lobby', ...asked });
    return client.lines.slice(from).map(({ code, body }) => {
      if (code === 110) return [110, body['id'], body['prev']];
      return code === 111 ? [111, body['after'], body['first']] : [code, body['count'], body['more'], body['last']];
    });
  };
  t.same(await page(alice, { after: 1 }), [
    [110, 5, 1],
    [110, 6, 5],
    [1, 2, false, 6],
  ]);
  t.same(
    await page(alice, {}),
    [
      [110, 5, 4],
      [110, 6, 5],
      [1, 2, false, 6],
    ],
    'nothing was asked after',
  );
  t.same(await page(alice, { before: 4 }), [[1, 0, false, 6]]);
  const bob = await (await Client.connect(port)).enter('bob', 'other');
  // The first new thing that it sends.
  await bob.request({ command: 'set_topic', room: 'other', topic: 'Tea' });
  const from = bob.lines.length;
  await bob.request({ command: 'join_chatroom', username: 'bob', room: 'lobby', after: 2 });
  const joined = bob.lines.slice(from).map(({ code, body }) => [code, body['after'] ?? body['id'], body['first']]);
  t.same(joined.slice(0, 3), [
    [111, 2, 5],
    [110, 5, undefined],
    [110, 6, undefined],
  ]);
  t.same(await page(bob, { after: 1, limit: 1 }), [
    [111, 1, 5],
    [110, 5, 4],
    [1, 1, true, 6],
  ]);
  t.same(await page(bob, { after: 4 }), [
    [110, 5, 4],
    [110, 6, 5],
    [1, 2, false, 6],
  ]);
  t.same(await page(bob, { before: 4 }), [
    [111, 0, 5],
    [1, 0, false, 6],
  ]);
  t.same(await page(bob, { before: 6, limit: 1 }), [
    [110, 5, 4],
    [1, 1, false, 6],
  ]);
  t.same(
    await page(bob, { since: '2020-01-01T00:00:00Z', limit: 1 }),
    [
      [111, 0, 5],
      [110, 5, 4],
      [1, 1, true, 6],
    ],
    'what was trimmed may be as new as `since`',
  );
  t.same(await page(bob, { after: 2, since: '2020-01-01T00:00:00Z' }), [
    [111, 2, 5],
    [110, 5, 4],
    [110, 6, 5],
    [1, 2, false, 6],
  ]);
  await store.directory.trimMessages(room, { seconds: 1, messages: 0 }, Date.now() + 10_000, 100);
  t.same(await page(bob, { after: 5 }), [
    [111, 5, null],
    [1, 0, false, 6],
  ]);
  t.same(await page(bob, { after: 6 }), [[1, 0, false, 6]]);
  t.match(await alice.say('alice', 'lobby', '7'), { code: 1, body: { id: 7, prev: 6 } });
  const mine = async (): Promise<unknown> => (await bob.request({ command: 'list_my_rooms' })).body['rooms'];
  t.match(await mine(), [{ name: 'lobby', last: 7, read: 0, unread: 1 }, {}], 'what was trimmed is not unread');
  t.equal((await bob.request({ command: 'mark_read', room: 'lobby', id: 3 })).code, 1, 'where nothing is kept');
  t.match(await mine(), [{ read: 3, unread: 1 }, {}]);
  const said = { command: 'chatroom_message', username: 'bob', room: 'lobby', message: 'x' };
  for (const id of [6, 7]) {
    const asked = [
      ...['reply', 'reaction', undefined].map((kind) => ({ ...said, kind, re: id })),
      ...['get_message', 'delete_message'].map((command) => ({ command, room: 'lobby', id })),
    ];
    const codes: number[] = [];
    for (const each of asked) codes.push((await bob.request(each)).code);
    t.same(codes, id === 6 ? [11, 11, 11, 11, 11] : [1, 1, 1, 1, 12], `about message ${id}`);
  }
  await daemon.stop('test');
});

t.test('the trimmer goes over all rooms, in steps that become smaller where they take long', async (t) => {
  t.same(
    [nextStep(100, 1), nextStep(100, 3), nextStep(100, 9), nextStep(16, 50), nextStep(6400, 0)],
    [200, 100, 50, 16, 6400],
  );
  const asked: unknown[] = [];
  const pauses: number[] = [];
  const failures: unknown[] = [];
  let trimmed = 0;
  const trimmer: Trimmer = new Trimmer({
    directory: {
      findDue: async (after) => (after === -1 ? { rooms: [3, 5, 7], next: 200 } : { rooms: [], next: undefined }),
      trimMessages: async (room, _kept, _now, most) => {
        asked.push([room, most]);
        if (room === 5) throw new Error('damaged');
        return { count: 10, more: asked.length < 3, took: 6 };
      },
      giveBack: async () => asked.push('give back') < 7,
    },
    kept: () => ({ seconds: 0, messages: 10 }),
    trimmed: (count) => (trimmed += count),
    failed: (error, room) => failures.push([(error as Error).message, room]),
    pause: async (milliseconds) => void pauses.push(milliseconds),
    now: () => 0,
  });
  await trimmer.round();
  t.same(asked, [[3, 16], [3, 16], [3, 16], [5, 16], [7, 16], 'give back', 'give back']);
  t.same([trimmed, failures], [40, [['damaged', 5]]]);
  t.same(pauses.slice(0, 4), [24, 24, 24, 40], 'four times as long as a step, and a while after one that failed');
  const idle = new Trimmer({
    directory: {
      findDue: async () => Promise.reject(new Error('away')),
      trimMessages: async () => ({ count: 0, more: false, took: 0 }),
      giveBack: async () => false,
    },
    kept: () => ({ seconds: 0, messages: 0 }),
    trimmed: () => undefined,
    failed: (error) => failures.push((error as Error).message),
  });
  idle.start();
  idle.start();
  await new Promise((resolve) => setImmediate(resolve));
  await idle.stop();
  t.equal(failures.at(-1), 'away');
});
