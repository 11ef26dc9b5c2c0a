// The suite's part on commits that fail: nothing of the batch is there (code 2), or, where that can't be known, nothing more
// is told (PROTOCOL.md §3.4, §5.1).
import type { Test } from 'tap';
import { StoreFailure, type LogListener } from '../../src/store/store.js';
import { Bench, breaker, Line, newUser, poison, turn, type Kind } from './contract.js';

function listening({ recorder }: Bench): LogListener<Line> {
  return {
    committed: (entries, time) => recorder.committed(entries, time),
    failed: (entries, error) => recorder.failed(entries, error),
    broken: (error) => recorder.broken(error),
  };
}

export async function failureContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a failed batch leaves nothing, uses no ids, and does not stop the next', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const other = await bench.room('other', alice);
    await bench.append(new Line(lobby, alice, 'kept'));
    const failed = [
      new Line(lobby, alice, 'a'),
      new Line(other, alice, 'b', 'key'),
      new Line(lobby, alice, poison),
      new Line(lobby, alice, 'c'),
    ];
    t.match(await bench.append(...failed), { kind: 'failed', entries: failed, heads: [1, 0, 1, 1] });
    t.ok(bench.recorder.errors[0] instanceof StoreFailure);
    t.same([lobby.assigned, other.assigned], [1, 0]);
    const next = [new Line(lobby, alice, 'd'), new Line(other, alice, 'e')];
    t.equal((await bench.append(...next))?.kind, 'committed');
    t.same(
      next.map(({ fate }) => fate),
      ['stored 2', 'stored 1'],
    );
    const again = await bench.reopened(kind);
    const { messages } = await again.store.readAfter(await again.room('lobby', undefined), 0, 9, 9);
    t.same(
      messages.map(({ id, message }) => [id, message]),
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
    const lines = Array.from(
      { length: 30 },
      (_, index) => new Line(lobby, alice, index % 7 === 3 ? poison : `${index}`),
    );
    for (const line of lines) {
      bench.store.append(line);
      await turn();
    }
    await bench.recorder.tells(lines.at(-1) as Line);
    t.same(
      bench.recorder.told.flatMap(({ entries }) => entries),
      lines,
      'each is told once',
    );
    const { committedLines } = bench.recorder;
    t.not(
      committedLines.some(({ text }) => text === poison),
      true,
    );
    t.same(
      committedLines.map(({ id, prev }) => [id, prev]),
      committedLines.map((_, index) => [index + 1, index]),
    );
    const { messages } = await bench.store.readAfter(lobby, 0, 99, 99);
    t.same(
      messages.map(({ message }) => message),
      committedLines.map(({ text }) => text),
    );
  });

  await t.test(
    'what was to be written beside a failed message is refused with StoreFailure and not there',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const alice = await bench.user('alice');
      const lobby = await bench.room('lobby', alice);
      const told = bench.append(new Line(lobby, alice, poison));
      const writes = await Promise.allSettled([
        bench.store.createUser(newUser('bob')),
        bench.store.changeUser(alice, { password: Buffer.from('new') }),
      ]);
      for (const write of writes)
        t.ok(write.status === 'rejected' && write.reason instanceof StoreFailure, write.status);
      t.match(await told, { kind: 'failed' });
      t.equal(await bench.store.findUser('bob'), undefined);
      t.equal(Buffer.from((await bench.store.findUser('alice'))?.password ?? []).toString(), 'hash');
      t.not(await bench.store.createUser(newUser('bob')), undefined, 'it can be done again');
    },
  );

  await t.test('it is known whether writes succeed, and since when', async (t) => {
    const bench = await Bench.open(t, kind);
    const { store } = bench;
    const told: (string | undefined)[] = [];
    store.listen({ ...listening(bench), writing: (failure) => told.push(failure?.message) });
    t.match(store.writing, { lastCommit: undefined, failing: undefined });
    await store.probe();
    const { lastCommit = 0 } = store.writing;
    t.ok(lastCommit > 0 && lastCommit <= performance.now());
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    for (const text of [poison, poison]) await bench.append(new Line(lobby, alice, text));
    t.ok(store.writing.failing);
    t.equal(store.writing.lastCommit, lastCommit);
    await store.probe();
    t.equal(store.writing.failing, undefined);
    t.ok((store.writing.lastCommit ?? 0) > lastCommit);
    await bench.append(new Line(lobby, alice, poison));
    await bench.append(new Line(lobby, alice, 'kept'));
    t.equal(store.writing.failing, undefined);
    t.match(told, [String, undefined, String, undefined], 'each change is told once');
    t.equal(await store.resetTime(), 0, 'the clock is not behind');
    t.equal((await bench.append(new Line(lobby, alice, 'and this')))?.kind, 'committed');
  });

  await t.test('when nobody knows what is on disk, the store says so once and tells nothing more', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.append(new Line(lobby, alice, 'kept'));
    const settled: string[] = [];
    const watch = (promise: Promise<unknown>, name: string): void => {
      void promise.catch(() => undefined).then(() => settled.push(name));
    };
    const told = bench.append(new Line(lobby, alice, breaker));
    watch(bench.store.createUser(newUser('bob')), 'with it');
    t.equal(await told, undefined);
    t.ok(bench.recorder.brokenBy instanceof Error);
    t.notOk(bench.recorder.brokenBy instanceof StoreFailure);
    watch(bench.store.createUser(newUser('carol')), 'after it');
    bench.store.append(new Line(lobby, alice, 'late'));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    const heard = bench.recorder.told.map((each) => [each.kind, ...each.entries.map(({ text }) => text)]);
    t.same(heard, [['committed', 'kept']]);
    t.same(settled, [], 'what was to be written beside it is not answered either');
    t.equal(lobby.head, 1);
  });
}
