// What every store has to do with users who are deleted, and with when they were seen last.
import type { Test } from 'tap';
import type { RoomRecord, UserId } from '../../src/store/directory.js';
import type { Store } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import { nameForms } from '../../src/text/names.js';
import { TestPost, type Kind } from './contract-bench.js';

const newUser = (name: string): Parameters<Awaited<ReturnType<Kind['open']>>['directory']['createUser']>[0] => ({
  ...nameForms(name),
  firstName: 'A',
  lastName: 'B',
  password: new Uint8Array(96).fill(1),
});

async function openedBy({ directory }: Store, name: string, creator: UserId): Promise<RoomRecord> {
  const room = await directory.openRoom(nameForms(name), creator);
  if (typeof room === 'string') throw new Error(room);
  return room;
}

/** Runs this part of the suite over stores of that kind. */
export async function erasureContract(t: Test, kind: Kind): Promise<void> {
  await t.test(
    'a user who is deleted leaves its messages, and one who is erased leaves neither name nor text',
    async (t) => {
      let store = await kind.open(t);
      const [alice = 0, bob = 0] = [
        await store.directory.createUser(newUser('Alice')),
        await store.directory.createUser(newUser('bob')),
      ];
      const room = await openedBy(store, 'lobby', bob);
      store.log.listen({
        committed: () => undefined,
        failed: (_, error) => t.fail(error.message),
        broken: (error) => t.fail(error.message),
      });
      for (const [id, name, key] of [
        [alice, 'Alice', 'one'],
        [bob, 'bob', 'one'],
        [alice, 'Alice', 'two'],
      ] as const)
        store.log.append(new TestPost(room, { id, name }, `said by ${name}`, { key }));
      const { id: attic } = await openedBy(store, 'attic', alice);
      await store.directory.changeRoom(attic, { topic: 'hers', settings: { topicBy: alice } });
      await store.directory.changeRoom(room.id, { topic: 'his', settings: { topicBy: bob } });
      const [by, reason] = [alice, 'a reason of hers'];
      const removal = { user: bob, by: 'Alice', reason, ban: { user: bob, by, reason, created: 1, until: undefined } };
      await store.directory.changeRoom(attic, { removal });
      await store.lastSeen.mark(
        new Map([
          [alice, 1000],
          [bob, 2000],
        ]),
      );
      t.same([await store.lastSeen.of(alice), await store.lastSeen.of(bob)], [1000, 2000]);
      const version = (await store.directory.findUser('alice'))?.version ?? 0;
      t.equal(await store.directory.deleteUser(alice, true, version + 1), 'stale');
      t.equal(await store.directory.deleteUser(alice, true, version), 'changed');
      t.equal(await store.directory.deleteUser(alice, true), 'gone');
      t.equal(await store.directory.findUser('alice'), undefined);
      t.equal(await store.lastSeen.of(alice), undefined);
      t.same(
        [...(await store.directory.namesOf([alice, bob]))],
        [
          [alice, ''],
          [bob, 'bob'],
        ],
      );
      for (const taken of ['alice', 'ALICE', 'AIice']) {
        t.equal(await store.directory.isTaken(nameForms(taken)), true, taken);
        t.equal(await store.directory.createUser(newUser(taken)), undefined, taken);
      }
      t.equal(await store.directory.isTaken(nameForms('carol')), false);
      const hash = new Uint8Array(32).fill(7);
      await store.invitations.add({ id: 'one', hash, uses: 1, created: Date.now(), until: undefined });
      t.equal(await store.invitations.register(newUser('alice'), hash), 'taken', 'nor by an invitation');

      // Another process goes on with what this one has begun.
      t.same(await store.erasures.unfinished(), [alice]);
      store = await kind.reopen(store);
      t.same(await store.erasures.unfinished(), [alice]);
      await store.erasures.eraseTexts(alice);
      t.same(await store.erasures.unfinished(), []);
      await store.erasures.overwritten();
      t.match(await store.directory.findRoom('attic'), { topic: '', settings: { topicBy: 0 } });
      t.match(await store.directory.findRoom('lobby'), { topic: 'his' });
      t.match(await store.directory.listRoomBans(attic, '', 10, 2), [{ user: bob, by: alice, reason: '' }]);
      const { messages } = await store.log.readAfter(room.id, 0, 10, 10);
      const said = messages.flatMap(({ authors, texts }) =>
        authors.map(({ id, name }, at) => ({ id, name, text: textAt(texts, at) })),
      );
      t.same(said, [
        { id: alice, name: '', text: '' },
        { id: bob, name: 'bob', text: 'said by bob' },
        { id: alice, name: '', text: '' },
      ]);

      t.equal(await store.directory.deleteUser(bob, false), 'changed');
      t.match(await store.directory.findUser('bob'), { name: 'bob', state: 'deleted', firstName: '', status: '' });
      t.same([...(await store.directory.namesOf([bob]))], [[bob, 'bob']]);
      t.same(await store.erasures.unfinished(), []);
    },
  );
}
