// The suite's part on memberships: who belongs to which room, how many one may have, what was read, and what is listed.
import type { Test } from 'tap';
import type { Author, LogId } from '../../src/store/log.js';
import type { MembershipName, MembershipOutcome } from '../../src/store/membership.js';
import type { Payer } from '../../src/turns/payer.js';
import { Bench, type Kind } from './contract-bench.js';

const payer: Payer = { payerClass: 'user', payerAddress: '192.0.2.1', payerUser: 'somebody' };
const most = 1000;

function named(room: { readonly id: LogId }, user: Author): MembershipName {
  return { room: room.id, user: user.id, key: user.name.toLowerCase() };
}

/** Runs this part of the suite over stores of that kind. */
export async function membershipContract(t: Test, kind: Kind): Promise<void> {
  await t.test(
    'a membership begins with a join or an invitation, ends once, and is there after a restart',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const [alice, bob] = [await bench.user('Alice'), await bench.user('Bob')];
      const room = await bench.room('Lobby', alice);
      const { memberships } = bench.store;
      t.equal(await memberships.find(room.id, 'alice'), undefined, 'the creator has not joined yet');
      t.equal(await memberships.change({ ...named(room, alice), kind: 'join', most, password: 0 }, payer), 'changed');
      t.equal(await memberships.change({ ...named(room, alice), kind: 'join', most, password: 0 }, payer), 'same');
      t.equal(
        await memberships.change({ ...named(room, alice), kind: 'invite', most, password: 0, by: 7 }, payer),
        'same',
      );
      t.equal(await memberships.change({ ...named(room, bob), kind: 'invite', most, password: 0, by: 7 }), 'changed');
      t.equal(await memberships.change({ ...named(room, bob), kind: 'invite', most, password: 0, by: 7 }), 'same');
      const invited = await memberships.find(room.id, 'bob');
      t.match(invited, { room: room.id, user: bob.id, key: 'bob', isInvited: true, by: 7, read: 0 });
      t.equal(await memberships.change({ ...named(room, bob), kind: 'read', id: 1 }), 'none', 'it has not joined');
      t.same(await memberships.listRooms(bob.id, '', 10), []);
      t.equal(await memberships.change({ ...named(room, bob), kind: 'join', most, password: 0 }), 'changed');
      t.same(
        await memberships.find(room.id, 'bob'),
        { ...invited, isInvited: false, by: 0 },
        'a member since the invitation',
      );
      t.equal(await memberships.change({ ...named(room, bob), kind: 'join', most: 0, password: 2 }), 'changed');
      t.match(await memberships.find(room.id, 'bob'), { password: 2, isInvited: false }, 'a newer password was given');
      t.equal(await memberships.change({ ...named(room, alice), kind: 'end' }, payer), 'changed');
      t.equal(await memberships.change({ ...named(room, alice), kind: 'end' }, payer), 'none');
      const { store } = await bench.reopened(kind);
      t.equal(await store.memberships.find(room.id, 'alice'), undefined);
      t.same(await store.memberships.find(room.id, 'bob'), { ...invited, password: 2, isInvited: false, by: 0 });
    },
  );

  await t.test(
    'what was read moves forth and back, and is listed with the rooms in the order of their keys',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const [alice, bob] = [await bench.user('Alice'), await bench.user('Bob')];
      const rooms = [await bench.room('Zoo', alice), await bench.room('attic', bob), await bench.room('Hall', bob)];
      const { memberships, directory } = bench.store;
      for (const room of rooms)
        await memberships.change({ ...named(room, alice), kind: 'join', most, password: 0 }, payer);
      const [zoo, attic, hall] = rooms.map(({ id }) => id);
      await directory.changeRoom(hall ?? -1, { role: { user: alice.id, role: 'muted' } });
      for (const [id, outcome] of [
        [7, 'changed'],
        [7, 'same'],
        [3, 'changed'],
      ] as const) {
        t.equal(await memberships.change({ ...named({ id: zoo ?? -1 }, alice), kind: 'read', id }, payer), outcome);
      }
      t.same(await memberships.listRooms(alice.id, '', 10), [
        { room: attic, name: 'attic', key: 'attic', role: 'member', read: 0, erased: 0 },
        { room: hall, name: 'Hall', key: 'hall', role: 'muted', read: 0, erased: 0 },
        { room: zoo, name: 'Zoo', key: 'zoo', role: 'owner', read: 3, erased: 0 },
      ]);
      t.match(await memberships.listRooms(alice.id, 'attic', 1), [{ name: 'Hall' }]);
      t.same(await memberships.listRooms(bob.id, '', 10), []);
      await memberships.change({ ...named({ id: zoo ?? -1 }, bob), kind: 'invite', most, password: 0, by: 7 });
      t.equal(await memberships.share(alice.id, bob.id), false, 'an invitation is not accepted yet');
      await memberships.change({ ...named({ id: zoo ?? -1 }, bob), kind: 'join', most, password: 0 });
      t.equal(await memberships.share(alice.id, bob.id), true);
      t.equal(await memberships.share(bob.id, alice.id), true);
      await directory.deleteUser(alice.id, true);
      await memberships.change({ ...named({ id: attic ?? -1 }, alice), kind: 'invite', most, password: 0, by: bob.id });
      t.same(await memberships.listMembers(attic ?? -1, '', 10), [], 'who was deleted meanwhile becomes no member');
      t.same(await memberships.listRooms(alice.id, '', 10), []);
    },
  );

  await t.test('a user has as many rooms, and as many open invitations, as it may have', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('Alice');
    const rooms = [await bench.room('a', alice), await bench.room('b', alice), await bench.room('c', alice)];
    const { memberships } = bench.store;
    const ask = (kind: 'join' | 'invite', most: number): Promise<readonly MembershipOutcome[]> =>
      Promise.all(
        rooms.map((room) => memberships.change({ ...named(room, alice), kind, most, password: 0, by: 7 }, payer)),
      );
    t.same(await ask('invite', 2), ['changed', 'changed', 'full'], 'together they are counted too');
    t.same(await ask('join', 2), ['changed', 'changed', 'full'], 'an invitation is no room that was joined');
    t.same(await ask('join', 2), ['same', 'same', 'full']);
    t.same(await ask('invite', 2), ['same', 'same', 'changed'], 'the others are open no more');
  });

  await t.test('nobody shuts a user off from the invitations of others', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('Alice');
    const { memberships } = bench.store;
    const rooms: { readonly id: LogId }[] = [];
    for (let at = 0; at < 24; at += 1) rooms.push(await bench.room(`room${at}`, alice));
    const invite = (at: number, by: number): Promise<MembershipOutcome> =>
      memberships.change(
        { ...named(rooms[at] ?? { id: -1 }, alice), kind: 'invite', most: 22, password: 0, by },
        payer,
      );
    const open = async (): Promise<readonly number[]> => {
      const found = await Promise.all(rooms.map(({ id }) => memberships.find(id, 'alice')));
      return [...found.keys()].filter((at) => found[at] !== undefined);
    };
    const many = await Promise.all(Array.from({ length: 21 }, (_, at) => invite(at, 7)));
    t.same(many, [...new Array<string>(20).fill('changed'), 'full'], 'twenty of one user');
    t.equal(await invite(20, 7), 'full');
    t.same([await invite(20, 8), await invite(21, 8)], ['changed', 'changed']);
    t.equal(await invite(22, 9), 'changed', 'one gives way');
    t.equal((await open()).length, 22);
    t.same((await open()).slice(-3), [20, 21, 22], 'of whoever has invited most often');
    await memberships.endInvitations(alice.id, 7, payer);
    t.same(await open(), [20, 21, 22]);
    await memberships.change({ ...named(rooms[20] ?? { id: -1 }, alice), kind: 'join', most, password: 0 }, payer);
    await memberships.endInvitations(alice.id, 8, payer);
    t.same(await open(), [20, 22], 'a room that was joined stays');
  });

  await t.test('thousands who join and leave together are stored and listed in the order of their keys', async (t) => {
    const bench = await Bench.open(t, kind);
    const owner = await bench.user('owner');
    const room = await bench.room('gathering', owner);
    const { memberships } = bench.store;
    const crowd = await Promise.all(Array.from({ length: 600 }, (_, at) => bench.user(`m${at + 1000}`)));
    const all = (
      change: { readonly kind: 'join'; readonly most: number; readonly password: number } | { readonly kind: 'end' },
    ) => Promise.all(crowd.map((user) => memberships.change({ ...named(room, user), ...change }, payer)));
    t.ok((await all({ kind: 'join', most, password: 0 })).every((outcome) => outcome === 'changed'));
    t.same(
      (await memberships.listMembers(room.id, 'm1100', 3)).map(({ key, user }) => [key, user]),
      crowd.slice(101, 104).map(({ id, name }) => [name, id]),
    );
    const [first, second] = crowd;
    const oldest = await memberships.oldest(room.id, first?.id ?? -1);
    t.equal(oldest?.since, (await memberships.find(room.id, second?.name ?? ''))?.since);
    const { directory } = bench.store;
    await directory.changeRoom(room.id, { role: { user: second?.id ?? -1, role: 'muted' } });
    await directory.changeUser(crowd[2]?.id ?? -1, { state: 'disabled' });
    const heir = (await memberships.oldest(room.id, first?.id ?? -1))?.user ?? -1;
    t.ok(
      crowd.slice(3).some(({ id }) => id === heir),
      'who was muted or disabled does not look after a room',
    );
    const half = crowd.splice(300);
    t.ok((await all({ kind: 'end' })).every((outcome) => outcome === 'changed'));
    t.equal((await memberships.listMembers(room.id, '', 1000)).length, half.length);
    for (const user of half) await memberships.change({ ...named(room, user), kind: 'end' });
    t.equal(await memberships.oldest(room.id, -1), undefined);
    const invited = half.at(-1) ?? owner;
    await memberships.change({ ...named(room, invited), kind: 'invite', most, password: 0, by: 7 }, payer);
    t.match(await memberships.oldest(room.id, -1), { user: invited.id, isInvited: true });
  });

  await t.test('of several changes of one membership the last one holds', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('Alice');
    const room = await bench.room('Lobby', alice);
    const { memberships } = bench.store;
    const name = named(room, alice);
    const outcomes = await Promise.all([
      memberships.change({ ...name, kind: 'end' }, payer),
      memberships.change({ ...name, kind: 'join', most, password: 0 }, payer),
      memberships.change({ ...name, kind: 'read', id: 4 }, payer),
      memberships.change({ ...name, kind: 'end' }, payer),
      memberships.change({ ...name, kind: 'invite', most, password: 0, by: 7 }, payer),
    ]);
    t.same(outcomes, ['none', 'changed', 'changed', 'changed', 'changed']);
    t.match(await memberships.find(room.id, 'alice'), { isInvited: true, read: 0 });
    const joining = { ...name, kind: 'join', most, password: 0, isKnown: true } as const;
    const late = [memberships.change({ ...name, kind: 'end' }, payer), memberships.change(joining, payer)];
    t.same(await Promise.all(late), ['changed', 'none'], 'an invitation that has ended lets nobody join');
    t.equal(await memberships.find(room.id, 'alice'), undefined);
  });
}
