// The suite's part on users, rooms and bans: who may take which name, what a room is when it is opened, and what is
// listed (PROTOCOL.md §5.5).
import type { Test } from 'tap';
import { Bench, forms, newUser, type Kind } from './contract-bench.js';

/** Runs this part of the suite over stores of that kind. */
export async function directoryContract(t: Test, kind: Kind): Promise<void> {
  await t.test(
    'a user is found by its key, with the name as first written and the password byte for byte',
    async (t) => {
      const {
        store: { directory },
      } = await Bench.open(t, kind);
      const password = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      const id = await directory.createUser({ ...newUser('Alice'), password });
      const found = await directory.findUser('alice');
      t.match(found, { id, name: 'Alice', key: 'alice' });
      t.same([...(found?.password ?? [])], [...password]);
      t.equal(await directory.findUser('Alice'), undefined, 'the key is compared as it stands');
      t.equal(await directory.findUser('bob'), undefined);
    },
  );

  await t.test('a name is taken for those of the same key and for those that look like it', async (t) => {
    const {
      store: { directory },
    } = await Bench.open(t, kind);
    t.equal(await directory.isTaken(forms('alice')), false);
    await directory.createUser(newUser('Alice'));
    for (const name of ['Alice', 'aLICE', 'a1ice']) {
      t.equal(await directory.isTaken(forms(name)), true, `${name} is taken`);
      t.equal(await directory.createUser(newUser(name)), undefined, `${name} can't be created`);
    }
    t.equal(await directory.isTaken(forms('alicia')), false);
    t.match(await directory.findUser('alice'), { name: 'Alice' });
    t.equal(await directory.findUser('a1ice'), undefined);
  });

  await t.test(
    'either skeleton of a name is held against both of the others, in whichever order they come',
    async (t) => {
      const {
        store: { directory },
      } = await Bench.open(t, kind);
      for (const [first, ...others] of [
        ['Ivan', 'lvan', '1van', 'LVAN'],
        ['lris', 'Iris', '1ris'],
        ['1l', 'II'],
      ] as const) {
        await directory.createUser(newUser(first));
        for (const name of others) {
          t.equal(await directory.isTaken(forms(name)), true, `${name} looks like ${first}`);
          t.equal(await directory.createUser(newUser(name)), undefined, `${name} can't be created`);
        }
      }
      t.equal(await directory.isTaken(forms('iris')), false, 'as the small letter it looks like neither');
      t.notOk((await directory.createUser(newUser('iris'))) === undefined);
    },
  );

  await t.test('of two who create names that look alike at once, one is refused', async (t) => {
    const {
      store: { directory },
    } = await Bench.open(t, kind);
    const ids = await Promise.all(['lvan', 'Ivan', '1van'].map((name) => directory.createUser(newUser(name))));
    t.same(
      ids.map((id) => id !== undefined),
      [true, false, false],
    );
    const owner = ids[0] ?? -1;
    const rooms = await Promise.all(['Ivory', 'lvory'].map((name) => directory.openRoom(forms(name), owner)));
    t.same(
      rooms.map((room) => (typeof room === 'string' ? room : room.name)),
      ['Ivory', 'lookalike'],
    );
  });

  await t.test('the name of a deleted user stays taken, and so does what looks like it', async (t) => {
    const bench = await Bench.open(t, kind);
    await bench.store.directory.changeUser((await bench.user('Ivan')).id, {
      state: 'deleted',
      firstName: '',
      lastName: '',
      password: new Uint8Array(),
    });
    const {
      store: { directory },
    } = await bench.reopened(kind);
    for (const name of ['Ivan', 'ivan', 'lvan']) t.equal(await directory.createUser(newUser(name)), undefined, name);
  });

  await t.test('a user that is deleted stays so, whoever changes it at the same time', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const deleted = { state: 'deleted', firstName: '', lastName: '', password: new Uint8Array() } as const;
    const { directory } = bench.store;
    t.same(
      await Promise.all([
        directory.changeUser(alice.id, { state: 'disabled' }),
        directory.changeUser(alice.id, deleted),
        directory.changeUser(alice.id, deleted),
        directory.changeUser(alice.id, { state: 'active' }),
        directory.changeUser(alice.id, { password: Buffer.from('new') }),
      ]),
      ['changed', 'changed', 'gone', 'gone', 'gone'],
    );
    t.match(await (await bench.reopened(kind)).store.directory.findUser('alice'), {
      state: 'deleted',
      password: { length: 0 },
    });
  });

  await t.test('the changes of one payer are made in the order in which they were asked for', async (t) => {
    const bench = await Bench.open(t, kind);
    const { directory } = bench.store;
    const users = await Promise.all(['alice', 'bob', 'carol'].map((name) => bench.user(name)));
    const changes = [...Array(90).keys()].map((each) => {
      const user = users[each % 3];
      const payer = { payerClass: 'user', payerAddress: 'an address', payerUser: user?.name ?? '' } as const;
      return directory.changeUser(user?.id ?? -1, { firstName: `name ${each}` }, undefined, payer);
    });
    t.same(await Promise.all(changes), Array(90).fill('changed'));
    const { directory: again } = (await bench.reopened(kind)).store;
    for (const [place, { name }] of users.entries())
      t.match(await again.findUser(name), { firstName: `name ${87 + place}`, version: 31 });
  });

  await t.test('of two who create one name at once, one is refused', async (t) => {
    const {
      store: { directory },
    } = await Bench.open(t, kind);
    const ids = await Promise.all(['alice', 'Alice', 'A1ice'].map((name) => directory.createUser(newUser(name))));
    t.same(
      ids.map((id) => id !== undefined),
      [true, false, false],
    );
    t.match(await directory.findUser('alice'), { name: 'alice' });
  });

  await t.test('a new password takes the place of the old one, and of nobody else', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    await bench.user('bob');
    await bench.store.directory.changeUser(alice.id, { password: Buffer.from('new') });
    const {
      store: { directory },
    } = await bench.reopened(kind);
    t.equal(Buffer.from((await directory.findUser('alice'))?.password ?? []).toString(), 'new');
    t.equal(Buffer.from((await directory.findUser('bob'))?.password ?? []).toString(), 'hash');
    t.match(await directory.findUser('alice'), { id: alice.id });
  });

  await t.test('a user that is disabled stays, with its name and password, and can be active again', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    t.match(await bench.store.directory.findUser('alice'), { state: 'active' });
    await bench.store.directory.changeUser(alice.id, { state: 'disabled' });
    const {
      store: { directory },
    } = await bench.reopened(kind);
    t.match(await directory.findUser('alice'), { id: alice.id, state: 'disabled' });
    t.equal(await directory.createUser(newUser('Alice')), undefined);
    await directory.changeUser(alice.id, { state: 'active' });
    t.equal(Buffer.from((await directory.findUser('alice'))?.password ?? []).toString(), 'hash');
    t.match(await directory.findUser('alice'), { state: 'active' });
  });

  await t.test('the beginnings of stored passwords are told, each once, however many have it', async (t) => {
    const {
      store: { directory },
    } = await Bench.open(t, kind);
    const told = async (): Promise<readonly string[]> =>
      (await directory.passwordHeads()).map((head) => Buffer.from(head).toString()).sort();
    t.same(await told(), []);
    for (const [name, password] of [
      ['a', 'first of sixteen, and a'],
      ['b', 'first of sixteen, and b'],
      ['c', 'another sixteen b c'],
      ['d', 'short'],
      ['e', ''],
    ] as const) {
      await directory.createUser(newUser(name, password));
    }
    t.same(await told(), ['another sixteen ', 'first of sixteen', 'short']);
    await directory.changeUser((await directory.findUser('c'))?.id ?? -1, { password: new Uint8Array() });
    t.same(await told(), ['first of sixteen', 'short']);
    for (let each = 0; each < 40; each += 1)
      await directory.createUser(newUser(`many-${each}`, `${each} is a beginning of its own`));
    t.equal((await told()).length, 16);
  });

  await t.test('users are listed in the order of their keys, some at a time', async (t) => {
    const {
      store: { directory },
    } = await Bench.open(t, kind);
    for (const name of ['carol', 'Alice', 'bob', 'éloïse']) await directory.createUser(newUser(name));
    t.match(await directory.listUsers('', 2), {
      users: [
        { name: 'Alice', key: 'alice', firstName: String, lastName: String, state: 'active', created: Number },
        { name: 'bob' },
      ],
      next: 'bob',
    });
    t.same(
      (await directory.listUsers('bob', 10)).users.map(({ name }) => name),
      ['carol', 'éloïse'],
    );
    await directory.changeUser((await directory.findUser('carol'))?.id ?? -1, {
      state: 'deleted',
      firstName: '',
      lastName: '',
      password: new Uint8Array(),
    });
    t.same(
      (await directory.listUsers('bob', 1)).users.map(({ name }) => name),
      ['éloïse'],
      'a deleted one is not listed',
    );
  });

  await t.test('a ban is kept until it is removed, one for each target', async (t) => {
    const bench = await Bench.open(t, kind);
    const ban = { kind: 'network', target: '192.0.2.0/24', reason: 'spam', created: 1000, until: 2000 } as const;
    const other = { kind: 'user', target: 'alice', reason: '', created: 1001, until: undefined } as const;
    await bench.store.directory.setBan({ ...ban, reason: 'noise' });
    await bench.store.directory.setBan(ban);
    await bench.store.directory.setBan(other);
    const {
      store: { directory },
    } = await bench.reopened(kind);
    t.same(await directory.listBans(), [ban, other]);
    await directory.removeBan(ban);
    await directory.removeBan({ kind: 'network', target: 'alice' });
    t.same(await directory.listBans(), [other]);
  });

  await t.test(
    'the first to open a room creates it and owns it; whoever opens it later finds it as first written',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const alice = await bench.user('alice');
      const bob = await bench.user('bob');
      const created = await bench.room('Lobby', alice);
      t.match(created, { name: 'Lobby', key: 'lobby', topic: '', state: 'open', version: Number, created: Number });
      t.same([...created.roles], [[alice.id, 'owner']]);
      for (const creator of [bob, undefined]) {
        t.same(await bench.store.directory.openRoom(forms('LOBBY'), creator?.id), created);
      }
    },
  );

  await t.test('a room that nobody wants to create stays missing', async (t) => {
    const {
      store: { directory },
    } = await Bench.open(t, kind);
    t.equal(await directory.openRoom(forms('lobby'), undefined), 'missing');
    t.equal(await directory.openRoom(forms('lobby'), undefined), 'missing');
    t.same(await directory.listRooms('', '', 10), { rooms: [], next: undefined });
  });

  await t.test('a room that looks like another is not created', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    await bench.room('lobby', alice);
    t.equal(await bench.store.directory.openRoom(forms('1obby'), alice.id), 'lookalike');
    t.equal(
      await bench.store.directory.openRoom(forms('1obby'), undefined),
      'missing',
      'it is not there for whoever would not create it',
    );
    t.match((await bench.store.directory.listRooms('', '', 10)).rooms, [{ key: 'lobby' }]);
    t.match(await bench.room('alice', alice), { name: 'alice' }, 'a room may be called as a user is');
  });

  await t.test('rooms are listed in the order of their keys, from a key on, by what their keys contain', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    for (const name of ['Delta', 'alpha', 'Beta', 'gamma', '100%', 'a_b']) await bench.room(name, alice);
    const keys = async (match: string, after: string, limit: number): Promise<readonly string[]> =>
      (await bench.store.directory.listRooms(match, after, limit)).rooms.map(({ key }) => key);
    t.same(await keys('', '', 10), ['100%', 'a_b', 'alpha', 'beta', 'delta', 'gamma']);
    t.same(await keys('', '', 2), ['100%', 'a_b']);
    t.same(await keys('', 'a_b', 2), ['alpha', 'beta'], '`after` is not among them');
    t.same(await keys('', 'b', 2), ['beta', 'delta'], '`after` need not be a room');
    t.same(await keys('', 'gamma', 10), []);
    t.same(await keys('lt', '', 10), ['delta']);
    t.same(await keys('a', 'alpha', 2), ['beta', 'delta']);
    t.same(await keys('%', '', 10), ['100%'], 'a pattern is text');
    t.same(await keys('_', '', 10), ['a_b'], 'a pattern is text');
    t.match(await bench.store.directory.listRooms('beta', '', 1), {
      rooms: [{ name: 'Beta', key: 'beta', topic: '' }],
      next: 'beta',
    });
    t.equal((await bench.store.directory.listRooms('', 'beta', 10)).next, undefined, 'the list has an end');
  });

  await t.test('a viewer is shown the hidden rooms of which it is a member, by however small parts', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const { directory, memberships } = bench.store;
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      const { id } = await bench.room(name, alice);
      // Its text looks like the setting.
      if (name === 'a') await directory.changeRoom(id, { settings: { welcome: '"hidden":true' } });
      if (name > 'a' && name < 'e') await directory.changeRoom(id, { settings: { hidden: true } });
      if (name === 'c')
        await memberships.change({ room: id, user: bob.id, key: 'bob', kind: 'invite', most: 1, password: 0, by: 7 });
    }
    const keys = async (after: string, limit: number, viewer?: number): Promise<readonly string[]> =>
      (await directory.listRooms('', after, limit, viewer)).rooms.map(({ key }) => key);
    t.same(await keys('', 9, bob.id), ['a', 'c', 'e']);
    t.same(await keys('a', 1, alice.id), ['e'], 'those that are left out fill no part');
    t.same(await keys('', 9), ['a', 'b', 'c', 'd', 'e'], 'an operator is shown all');
  });

  await t.test('the order of keys is that of code points, in every script', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    // U+20000 is above U+FA0E, but its first UTF-16 unit is below it.
    for (const name of ['\u{20000}', '\ufa0e', 'é', 'z']) await bench.room(name, alice);
    t.same(
      (await bench.store.directory.listRooms('', '', 10)).rooms.map(({ key }) => key),
      ['z', 'é', '\ufa0e', '\u{20000}'],
    );
    t.same(
      (await bench.store.directory.listRooms('', '\ufa0e', 10)).rooms.map(({ key }) => key),
      ['\u{20000}'],
    );
  });
}
