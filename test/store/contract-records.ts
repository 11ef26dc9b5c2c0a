// The suite's part on records that several change: versions, and who is told of a change (src/store/directory.ts).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import type { Ban, Directory, RoomRecord, Version } from '../../src/store/directory.js';
import { defaultSettings } from '../../src/store/room-settings.js';
import { ownersOf } from '../../src/store/roles.js';
import { Bench, forms, type Kind } from './contract-bench.js';

/** Keeps what a directory tells, each change as one line. */
function tellsOf(directory: Directory): string[] {
  const told: string[] = [];
  directory.watch({
    roomChanged: (room) => told.push(`${room.name} ${room.state} ${ownersOf(room).join()}`),
    banned: ({ kind, target, reason }) => told.push(`banned ${kind} ${target} ${reason}`),
    unbanned: ({ kind, target }) => told.push(`unbanned ${kind} ${target}`),
  });
  return told;
}

async function roomOf({ store }: Bench, name: string): Promise<RoomRecord> {
  const room = await store.directory.findRoom(forms(name).key);
  assert.ok(room !== undefined);
  return room;
}

/** Runs this part of the suite over stores of that kind. */
export async function recordContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a change moves the version on, and one that was read before it is stale', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const room = await bench.room('Lobby', alice);
    t.equal((await roomOf(bench, 'lobby')).version, room.version, 'opening it changes nothing');
    t.equal(await directory.changeRoom(room.id, { state: 'closed' }, room.version), 'changed');
    const closed = await roomOf(bench, 'lobby');
    t.match(closed, { id: room.id, name: 'Lobby', state: 'closed', created: room.created });
    t.same([...closed.roles], [[alice.id, 'owner']], 'what a change does not name stays');
    t.not(closed.version, room.version);
    t.equal(await directory.changeRoom(room.id, { owner: bob.id }, room.version), 'stale');
    t.same(await roomOf(bench, 'lobby'), closed, 'a stale change changes nothing');
    t.equal(await directory.changeRoom(room.id, { owner: bob.id }), 'changed', 'without a version it is not asked');
    const again = await bench.reopened(kind);
    const owned = await roomOf(again, 'lobby');
    t.same([owned.state, [...owned.roles]], ['closed', [[bob.id, 'owner']]], 'the only owner');
    t.equal(await again.store.directory.changeRoom(room.id, { state: 'open' }, owned.version), 'changed');
    t.equal(await again.store.directory.changeRoom(4711, { state: 'open' }), 'gone');

    const user = await again.store.directory.findUser('alice');
    assert.ok(user !== undefined);
    t.equal(await again.store.directory.changeUser(alice.id, { lastName: 'New' }, user.version), 'changed');
    t.equal(await again.store.directory.changeUser(alice.id, { lastName: 'Newer' }, user.version), 'stale');
    const changed = await again.store.directory.findUser('alice');
    t.match(changed, { id: alice.id, firstName: 'First', lastName: 'New', state: 'active', created: user.created });
    t.not(changed?.version, user.version);
    t.equal(await again.store.directory.changeUser(4711, { lastName: 'x' }), 'gone');
  });

  await t.test('a role stays until it is taken away, the one that was given first stands first', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob, carol] = [await bench.user('alice'), await bench.user('bob'), await bench.user('carol')];
    const room = await bench.room('lobby', alice);
    for (const [user, role] of [
      [carol, 'moderator'],
      [bob, 'muted'],
      [bob, 'moderator'],
      [carol, 'moderator'],
    ] as const) {
      t.equal(await bench.store.directory.changeRoom(room.id, { role: { user: user.id, role } }), 'changed');
    }
    const given = [
      [alice.id, 'owner'],
      [carol.id, 'moderator'],
      [bob.id, 'moderator'],
    ];
    t.same([...(await roomOf(bench, 'lobby')).roles], given);
    const again = await bench.reopened(kind);
    t.same([...(await roomOf(again, 'lobby')).roles], given);
    const { directory } = again.store;
    t.equal(
      await directory.changeRoom(room.id, { owner: bob.id, role: { user: carol.id, role: 'member' } }),
      'changed',
    );
    t.same([...(await roomOf(again, 'lobby')).roles], [[bob.id, 'owner']]);
    t.equal(await directory.changeRoom(room.id, { topic: 'Tea', role: { user: bob.id, role: 'member' } }), 'changed');
    const last = await roomOf(again, 'lobby');
    t.same([last.topic, [...last.roles]], ['Tea', []]);
  });

  await t.test("a room's settings and a user's status stay, each until it is changed", async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const room = await bench.room('lobby', alice);
    t.same((await roomOf(bench, 'lobby')).settings, defaultSettings);
    const { directory } = bench.store;
    t.equal(await directory.changeRoom(room.id, { settings: { welcome: 'é"\n', slowSeconds: 5 } }), 'changed');
    t.equal(
      await directory.changeRoom(room.id, { topic: 'Tea', settings: { hidden: true, slowSeconds: 0 } }),
      'changed',
    );
    t.equal(await directory.changeUser(alice.id, { status: 'at tea' }), 'changed');
    t.equal(await directory.changeUser(alice.id, { lastName: 'New' }), 'changed');
    const again = await bench.reopened(kind);
    const changed = await roomOf(again, 'lobby');
    t.same(changed.settings, { ...defaultSettings, welcome: 'é"\n', hidden: true });
    t.equal(changed.topic, 'Tea');
    t.match(await again.store.directory.findUser('alice'), { status: 'at tea', lastName: 'New' });
  });

  await t.test('of those who change a record at one version, exactly one succeeds', async (t) => {
    const bench = await Bench.open(t, kind);
    const beside = kind.openBeside === undefined ? bench : new Bench(await kind.openBeside(bench.store));
    const alice = await bench.user('alice');
    const room = await bench.room('lobby', alice);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }), async (writers) => {
        const before = await roomOf(bench, 'lobby');
        const user = await bench.store.directory.findUser('alice');
        const directories = writers.map((isOther) => (isOther ? beside : bench).store.directory);
        const outcomes = await Promise.all(
          directories.map((directory) => directory.changeRoom(room.id, { state: 'closed' }, before.version)),
        );
        const others = await Promise.all(
          directories.map((directory, place) =>
            directory.changeUser(alice.id, { lastName: `changed by ${place}` }, user?.version),
          ),
        );
        for (const each of [outcomes, others]) {
          assert.deepEqual([...each].sort(), ['changed', ...Array.from({ length: each.length - 1 }, () => 'stale')]);
        }
        const winner = others.indexOf('changed');
        assert.equal((await bench.store.directory.findUser('alice'))?.lastName, `changed by ${winner}`);
      }),
      { numRuns: 10 },
    );
  });

  await t.test('versions of one record are never used again', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const room = await bench.room('lobby', alice);
    const versions = new Set<Version>([room.version]);
    for (let change = 0; change < 8; change += 1) {
      await bench.store.directory.changeRoom(room.id, { state: change % 2 === 0 ? 'closed' : 'open' });
      versions.add((await roomOf(bench, 'lobby')).version);
    }
    t.equal(versions.size, 9);
  });

  await t.test(
    'listeners hear of a change before whoever made it is answered, and of none that was not made',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const { directory } = bench.store;
      const alice = await bench.user('alice');
      const room = await bench.room('Lobby', alice);
      const told = [tellsOf(directory), tellsOf(directory)];
      const expect = (...lines: readonly string[]): void => {
        for (const each of told) t.same(each.splice(0), lines);
      };
      const ban: Ban = Object.freeze({ kind: 'user', target: 'bob', reason: 'spam', created: 1000, until: undefined });
      await directory.changeRoom(room.id, { state: 'closed' }).then((changed) => {
        t.equal(changed, 'changed');
        expect(`Lobby closed ${alice.id}`);
      });
      await directory.setBan(ban).then(() => expect('banned user bob spam'));
      await directory.removeBan(ban).then(() => expect('unbanned user bob'));
      await directory.changeRoom(room.id, { state: 'open' }, room.version);
      await directory.changeRoom(4711, { state: 'open' });
      await directory.removeBan(ban);
      expect();
    },
  );

  await t.test(
    'listeners hear of what another writer changes, in its order',
    { skip: kind.openBeside === undefined ? 'there can be no other writer' : false },
    async (t) => {
      const bench = await Bench.open(t, kind);
      const beside = new Bench(await (kind.openBeside as NonNullable<Kind['openBeside']>)(bench.store));
      const alice = await bench.user('alice');
      const room = await bench.room('Lobby', alice);
      const told = tellsOf(bench.store.directory);
      const { directory } = beside.store;
      const ban: Ban = Object.freeze({ kind: 'user', target: 'bob', reason: 'spam', created: 1000, until: undefined });
      await directory.changeRoom(room.id, { state: 'closed' });
      await directory.setBan(ban);
      await directory.removeBan(ban);
      await directory.changeRoom(room.id, { state: 'open' });
      const all = [`Lobby closed ${alice.id}`, 'banned user bob spam', 'unbanned user bob', `Lobby open ${alice.id}`];
      // A change of this writer comes after what it was told of before.
      const own = new Promise<void>((resolve) => {
        bench.store.directory.watch({
          roomChanged: ({ name }) => {
            if (name === 'own') resolve();
          },
        });
      });
      const ownRoom = await bench.room('own', alice);
      await bench.store.directory.changeRoom(ownRoom.id, { state: 'closed' });
      await own;
      t.same(told, [...all, `own closed ${alice.id}`]);
    },
  );
}
