// The suite's part on a store that can't be reached for a while (PROTOCOL.md §3.4): what comes is refused with code 16,
// what is under way waits until its outcome is known, and is told once. For stores that can be away.
import type { Test } from 'tap';
import { StoreAway, type Store } from '../../src/store/store.js';
import { Bench, forms, newUser, TestPost, type Kind } from './contract-bench.js';
import { turn } from './posts.js';

/** What the promise rejects with; undefined where it fulfils. */
async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** Runs this part of the suite over stores of that kind. */
export async function awayContract(t: Test, kind: Kind): Promise<void> {
  const skip = kind.takeAway === undefined ? 'the store is always there' : false;
  const takeAway = (store: Store<TestPost>, underWay: 'stored' | 'lost' = 'lost'): (() => void) =>
    (kind.takeAway as NonNullable<Kind['takeAway']>)(store, underWay);
  const pause = (store: Store<TestPost>): (() => void) => (kind.pause as NonNullable<Kind['pause']>)(store);

  await t.test('what comes while it is away is refused, and taken again afterwards', { skip }, async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const { log, directory } = bench.store;
    await bench.append(new TestPost(lobby, alice, 'before', { key: 'k' }));
    const comeBack = takeAway(bench.store);
    t.ok(log.writing.away);
    t.equal(log.append(new TestPost(lobby, alice, 'refused')), 'away');
    const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
      ['readAfter', () => log.readAfter(lobby.id, 0, 9, 9)],
      ['findKeyed', () => log.findKeyed(lobby.id, alice.id, 'k')],
      ['follow', () => log.follow(lobby.id)],
      ['probe', () => log.probe()],
      ['resetTime', () => log.resetTime()],
      ['openRoom', () => directory.openRoom(forms('lobby'), alice.id)],
      ['findRoom', () => directory.findRoom('lobby')],
      ['listRooms', () => directory.listRooms('', '', 9)],
      ['changeRoom', () => directory.changeRoom(lobby.id, { state: 'closed' })],
      ['createUser', () => directory.createUser(newUser('bob'))],
      ['findUser', () => directory.findUser('alice')],
      ['namesOf', () => directory.namesOf([alice.id])],
      ['passwordHeads', () => directory.passwordHeads()],
      ['isTaken', () => directory.isTaken(forms('alice'))],
      ['changeUser', () => directory.changeUser(alice.id, { state: 'disabled' })],
      ['listUsers', () => directory.listUsers('', 9)],
      ['listBans', () => directory.listBans()],
      ['setBan', () => directory.setBan({ kind: 'user', target: 'x', reason: '', created: 0, until: undefined })],
      ['a token by its id', () => bench.store.tokens.find('x')],
      ['the tokens of a user', () => bench.store.tokens.list(alice.id)],
      ['the end of a token', () => bench.store.tokens.remove(alice.id, 'x')],
      ['removeBan', () => directory.removeBan({ kind: 'user', target: 'x' })],
    ];
    for (const [name, call] of calls) t.ok((await failureOf(call())) instanceof StoreAway, name);
    comeBack();
    t.equal(log.writing.away, undefined);
    t.match(bench.recorder.reachability, [String, undefined], 'each change is told once');
    const followed = await bench.follow(lobby);
    t.equal(followed.head, 1, 'nothing of what was refused is there');
    t.match(await directory.findRoom('lobby'), { state: 'open' });
    t.match(await directory.findUser('alice'), { state: 'active' });
    t.equal(await directory.findUser('bob'), undefined);
    t.same(await directory.listBans(), []);
    const after = new TestPost(lobby, alice, 'after');
    await bench.append(after);
    t.same(bench.results([after]), ['stored 2']);
    t.equal(followed.head, 2);
  });

  for (const underWay of ['stored', 'lost'] as const) {
    await t.test(`a commit that is under way waits, and is told once: it is ${underWay}`, { skip }, async (t) => {
      const bench = await Bench.open(t, kind);
      const alice = await bench.user('alice');
      const lobby = await bench.room('lobby', alice);
      const followed = await bench.follow(lobby);
      const posts = [
        new TestPost(lobby, alice, 'a'),
        new TestPost(lobby, alice, 'b', { key: 'k' }),
        new TestPost(lobby, alice, 'b', { key: 'k' }),
      ];
      const goOn = pause(bench.store);
      bench.send(...posts);
      const created = bench.store.directory.createUser(newUser('bob'));
      let isCreated = false;
      void created.then(() => {
        isCreated = true;
      });
      await turn();
      // It has set out: this one waits for the next commit.
      const next = new TestPost(lobby, alice, 'c');
      bench.send(next);
      const comeBack = takeAway(bench.store, underWay);
      goOn();
      t.ok((await failureOf(bench.store.directory.findUser('alice'))) instanceof StoreAway);
      for (let turns = 0; turns < 50; turns += 1) await turn();
      t.same(bench.results([...posts, next]), ['untold', 'untold', 'untold', 'untold']);
      t.same([isCreated, followed.head], [false, 0]);
      comeBack();
      await bench.recorder.tells(next);
      t.same(bench.results([...posts, next]), ['stored 1', 'stored 2', 'duplicate 2', 'stored 3']);
      t.not(await created, undefined);
      t.same(
        (await bench.stored(lobby)).map(({ id, said }) => [id, said]),
        [
          [1, 'a'],
          [2, 'b'],
          [3, 'c'],
        ],
      );
      t.same(await bench.stored(lobby), bench.recorder.rows(lobby));
    });
  }

  await t.test(
    'what another writer stores meanwhile comes afterwards, in order with what was under way',
    { skip: kind.openBeside === undefined ? 'there can be no other writer' : skip },
    async (t) => {
      for (const underWay of ['stored', 'lost'] as const) {
        const bench = await Bench.open(t, kind);
        const beside = new Bench(await (kind.openBeside as NonNullable<Kind['openBeside']>)(bench.store));
        const alice = await bench.user('alice');
        const room = await bench.room(`room ${underWay}`, alice);
        const [followed] = [await bench.follow(room), await beside.follow(room)];
        const own = new TestPost(room, alice, 'own', { key: 'k' });
        const goOn = pause(bench.store);
        bench.send(own);
        await turn();
        const comeBack = takeAway(bench.store, underWay);
        goOn();
        for (let count = 0; count < 5; count += 1) await beside.append(new TestPost(room, alice, `foreign ${count}`));
        t.equal(followed.head, 0);
        comeBack();
        await bench.recorder.tells(own);
        await bench.recorder.until(() => followed.head === 6);
        await beside.recorder.until(() => beside.recorder.rows(room).length === 6);
        t.same(bench.recorder.rows(room), await bench.stored(room));
        t.same(beside.recorder.rows(room), await bench.stored(room));
        t.equal(bench.recorder.result(own)?.outcome, 'stored');
        const again = new TestPost(room, alice, 'own', { key: 'k' });
        await bench.append(again);
        t.same(bench.results([again]), [`duplicate ${bench.recorder.result(own)?.id}`]);
      }
    },
  );

  await t.test('a store that is closed while it is away waits for what is under way', { skip }, async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const post = new TestPost(lobby, alice, 'a');
    const goOn = pause(bench.store);
    bench.send(post);
    await turn();
    const comeBack = takeAway(bench.store, 'stored');
    goOn();
    const closed = bench.store.close().then(() => bench.results([post]));
    for (let turns = 0; turns < 20; turns += 1) await turn();
    t.same(bench.results([post]), ['untold']);
    comeBack();
    t.same(await closed, ['stored 1']);
  });
}
