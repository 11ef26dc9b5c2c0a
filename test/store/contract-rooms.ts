// The suite's part on what owners do to a room: bans, who is put out, its deletion, and who owns it when its owner is
// deleted.
import type { Test } from 'tap';
import type { Removal, RoomRecord } from '../../src/store/directory.js';
import type { Author } from '../../src/store/log.js';
import { defaultSettings } from '../../src/store/room-settings.js';
import { Bench, forms, TestPost, type Kind } from './contract-bench.js';

const far = 9_000_000_000_000;

function banOf(user: Author, by: Author, until?: number): Removal {
  return {
    user: user.id,
    by: by.name,
    reason: 'spam',
    ban: { user: user.id, by: by.id, reason: 'spam', created: 1000, until },
  };
}

async function found({ store }: Bench, name: string): Promise<RoomRecord | undefined> {
  return store.directory.findRoom(forms(name).key);
}

/** Runs this part of the suite over stores of that kind. */
export async function roomContract(t: Test, kind: Kind): Promise<void> {
  await t.test('a ban is of the room, takes a rank, and stays until it is lifted', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const [alice, bob, carol] = [await bench.user('alice'), await bench.user('Bob'), await bench.user('carol')];
    const room = await bench.room('lobby', alice);
    for (const [user, role] of [
      [bob, 'moderator'],
      [carol, 'muted'],
    ] as const)
      await directory.changeRoom(room.id, { role: { user: user.id, role } });
    const { memberships } = bench.store;
    const joined = (user: Author) => ({ room: room.id, user: user.id, key: user.name.toLowerCase() });
    for (const user of [alice, bob, carol])
      await memberships.change({ ...joined(user), kind: 'join', most: 9, password: 0 });
    const told: string[] = [];
    directory.watch({ removed: ({ name }, { user, by }) => told.push(`${name} ${user} ${by}`) });
    t.equal(await directory.changeRoom(room.id, { removal: banOf(carol, alice, far) }), 'changed');
    t.equal(await directory.changeRoom(room.id, { removal: banOf(bob, alice) }), 'changed');
    t.equal(
      await directory.changeRoom(room.id, { removal: { user: 77, by: 'alice', reason: '' } }),
      'changed',
      'a kick',
    );
    t.equal(await directory.changeRoom(room.id, { removal: banOf(bob, alice) }, room.version), 'stale');
    t.same(told, [`lobby ${carol.id} alice`, `lobby ${bob.id} alice`, 'lobby 77 alice']);
    t.match(await memberships.listMembers(room.id, '', 9), [{ user: alice.id }], 'who was put out is no member');
    t.equal((await memberships.listMembers(room.id, '', 9)).length, 1);
    const again = await bench.reopened(kind);
    const record = await found(again, 'lobby');
    t.same([...(record?.bans ?? [])].sort(), [[bob.id, Infinity] as const, [carol.id, far] as const].sort());
    t.same(
      [...(record?.roles ?? [])],
      [
        [alice.id, 'owner'],
        [carol.id, 'muted'],
      ],
      'a muted user stays muted',
    );
    const list = (after: string, limit: number, now = 2000) =>
      again.store.directory.listRoomBans(room.id, after, limit, now);
    t.match(await list('', 9), [
      { name: 'Bob', key: 'bob', user: bob.id, by: alice.id, reason: 'spam', created: 1000, until: undefined },
      { name: 'carol', until: far },
    ]);
    t.match(await list('', 1), [{ name: 'Bob' }]);
    t.match(await list('bob', 9), [{ name: 'carol' }]);
    t.same(
      (await list('', 9, far)).map(({ name }) => name),
      ['Bob'],
      'one that has ended is not listed',
    );
    t.equal(await again.store.directory.changeRoom(room.id, { unban: bob.id }), 'changed');
    t.same([...((await found(again, 'lobby'))?.bans ?? [])], [[carol.id, far]]);
    t.same(
      (await list('', 9)).map(({ name }) => name),
      ['carol'],
    );
  });

  await t.test('whoever is made the owner is banned no more', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const room = await bench.room('lobby', alice);
    await directory.changeRoom(room.id, { removal: banOf(bob, alice) });
    await directory.changeRoom(room.id, { owner: bob.id });
    const record = await found(bench, 'lobby');
    t.same([[...(record?.bans ?? [])], [...(record?.roles ?? [])]], [[], [[bob.id, 'owner']]]);
    t.same(await directory.listRoomBans(room.id, '', 9, 0), []);
  });

  await t.test('the ban of a user who is deleted ends with it, and nobody is banned who is deleted', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const [alice, bob, carol] = [await bench.user('alice'), await bench.user('bob'), await bench.user('carol')];
    const room = await bench.room('lobby', alice);
    for (const each of [bob, carol]) await directory.changeRoom(room.id, { removal: banOf(each, alice) });
    await directory.changeUser(bob.id, { state: 'deleted' });
    t.same((await directory.unfinished()).users, [bob.id]);
    t.match(await directory.roomsNaming(bob.id, -1, 9), [{ id: room.id, key: 'lobby' }]);
    await directory.changeRoom(room.id, { deleted: { user: bob.id, heir: undefined } });
    t.same((await directory.unfinished()).users, []);
    t.same(
      (await directory.listRoomBans(room.id, '', 9, 0)).map(({ name }) => name),
      ['carol'],
    );
    t.same([...((await found(bench, 'lobby'))?.bans ?? [])], [[carol.id, Infinity]]);
    t.equal(await directory.changeRoom(room.id, { removal: banOf(bob, alice) }), 'nobody');
  });

  await t.test('a deleted room is found by nobody, and made again only by its last owner, with its ids', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const [alice, bob, carol] = [await bench.user('alice'), await bench.user('bob'), await bench.user('carol')];
    const room = await bench.room('Lobby', alice);
    const log = await bench.follow(room);
    await bench.append(
      ...Array.from({ length: 50 }, (_, at) => new TestPost(room, bob, `text ${at}`, { key: `k${at}` })),
    );
    const { memberships } = bench.store;
    const joining = { room: room.id, user: bob.id, key: 'bob', kind: 'join', most: 9, password: 0 } as const;
    await memberships.change(joining);
    await directory.changeRoom(room.id, { topic: 'Tea', settings: { hidden: true }, removal: banOf(carol, alice) });
    t.equal(await directory.eraseMessages(room.id), false, 'of a room that is not deleted nothing is erased');
    t.equal(await directory.changeRoom(room.id, { state: 'deleted', owner: alice.id }), 'changed');
    t.match(await found(bench, 'lobby'), { state: 'deleted', topic: '', settings: defaultSettings, bans: new Map() });
    t.same((await directory.listRooms('', '', 10)).rooms, []);
    t.equal(await directory.openRoom(forms('lobby'), undefined), 'missing');
    t.equal(await directory.openRoom(forms('lobby'), bob.id), 'deleted');
    t.equal(await directory.openRoom(forms('lobby'), alice.id), 'erasing');
    t.same((await directory.unfinished()).rooms, [room.id]);
    let parts = 0;
    while (await directory.eraseMessages(room.id)) parts += 1;
    t.ok(parts > 0);
    t.same((await directory.unfinished()).rooms, []);
    await memberships.change(joining);
    t.same(await memberships.listMembers(room.id, '', 9), [], 'memberships have ended, and none begins');
    bench.unfollow(log);
    const again = await bench.reopened(kind);
    t.equal(await again.store.directory.openRoom(forms('lobby'), bob.id), 'deleted');
    const made = await again.room('lobby', alice);
    t.match(made, { id: room.id, name: 'Lobby', state: 'open', erased: 50 });
    t.same([...made.roles], [[alice.id, 'owner']]);
    t.equal((await again.follow(made)).head, 50, 'its ids go on');
    t.match(await again.append(new TestPost(made, alice, 'again', { key: 'k0' })), { outcome: 'stored', id: 51 });
    t.equal(await again.store.log.findKeyed(room.id, bob.id, 'k1'), undefined);
    t.match(await again.stored(made), [{ id: 51, said: 'again' }]);
  });

  await t.test('the roles of a deleted user go to the moderator of longest standing, or the heir', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const [alice, bob, carol] = [await bench.user('alice'), await bench.user('bob'), await bench.user('carol')];
    const rooms: RoomRecord[] = [];
    for (const name of ['one', 'two', 'three']) rooms.push(await bench.room(name, alice));
    const [one, two, three] = rooms as [RoomRecord, RoomRecord, RoomRecord];
    for (const { id } of [carol, bob]) await directory.changeRoom(one.id, { role: { user: id, role: 'moderator' } });
    await directory.changeUser(alice.id, { state: 'deleted' });
    t.same((await directory.unfinished()).users, [alice.id]);
    for (const change of [
      { owner: alice.id },
      { role: { user: alice.id, role: 'muted' } },
      { deleted: { user: bob.id, heir: alice.id } },
    ] as const)
      t.equal(await directory.changeRoom(two.id, change), 'nobody', 'a deleted user is given no role');
    t.equal(await directory.openRoom(forms('four'), alice.id), 'lookalike', 'and makes no room');
    t.same(
      await directory.roomsNaming(alice.id, -1, 2),
      [
        { id: one.id, key: 'one' },
        { id: two.id, key: 'two' },
      ].slice(0, 2),
    );
    t.same(await directory.roomsNaming(alice.id, two.id, 2), [{ id: three.id, key: 'three' }]);
    for (const { id } of rooms) {
      const heir = id === two.id ? bob.id : undefined;
      t.equal(await directory.changeRoom(id, { deleted: { user: alice.id, heir } }), 'changed');
    }
    const rolesOf = async (name: string) => [...((await found(bench, name))?.roles ?? [])];
    t.same(await rolesOf('one'), [
      [bob.id, 'moderator'],
      [carol.id, 'owner'],
    ]);
    t.same(await rolesOf('two'), [[bob.id, 'owner']]);
    t.same(await rolesOf('three'), [], 'the operator decides');
    t.same((await directory.unfinished()).users, []);
    const dave = await bench.user('dave');
    const four = await bench.room('room-of-bob', bob);
    for (const { id } of [dave, await bench.user('erin')])
      await directory.changeRoom(four.id, { role: { user: id, role: 'moderator' } });
    await directory.changeUser(dave.id, { state: 'disabled' });
    t.equal(await directory.changeRoom(four.id, { deleted: { user: bob.id, heir: undefined } }), 'changed');
    t.same(
      (await rolesOf('room-of-bob')).map(([user, role]) => [user === dave.id, role]),
      [
        [true, 'moderator'],
        [false, 'owner'],
      ],
      'who is disabled does not inherit',
    );
  });
}
