// What rooms refuse when many come at once, and what tries of a room's password cost (PROTOCOL.md §2.5).
import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Memberships } from '../../src/chat/membership.js';
import { finishUnfinished } from '../../src/session/unfinished.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { atOnce, StoreFailure } from '../../src/store/store.js';
import { nameForms } from '../../src/text/names.js';
import { Client } from '../support/client.js';
import { openSqliteStore, type OpenStore } from '../../src/daemon/store.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { temporaryFolder } from '../support/daemon.js';
import { hostDaemon, startInProcess } from '../support/in-process.js';

const none = { SALOND_EXEMPT_ADDRESSES: '' };

t.test('of a crowd that comes at once, as many users enter as have a place', async (t) => {
  const port = await hostDaemon(t).port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  await alice.ok({ command: 'set_chatroom', room: 'lobby', max_users: 4 });
  const names = Array.from({ length: 8 }, (_, at) => `user${at}`);
  const crowd = await Promise.all(
    [...names, ...names].map(async (name) => ({ name, client: await (await Client.connect(port)).enter(name) })),
  );
  for (const { name, client } of crowd) client.send({ command: 'join_chatroom', username: name, room: 'lobby' });
  const codes = await Promise.all(crowd.map(async ({ client }) => (await client.reply()).code));
  const inside = new Set(crowd.filter((_, at) => codes[at] === 1).map(({ name }) => name));
  t.equal(inside.size, 3, 'beside the owner');
  t.same([...new Set(codes)].sort(), [1, 12]);
  const { body } = await alice.ok('list_users lobby');
  const listed = (body['users'] as readonly { readonly username: string }[]).map(({ username }) => username);
  t.same(listed.sort(), ['alice', ...inside].sort());
  for (const { client } of [{ client: alice }, ...crowd]) client.destroy();
});

t.test("tries of a room's password count as password attempts, and delay those of one address", async (t) => {
  const port = await hostDaemon(t, { env: { ...none, SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '60' } }).port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  await alice.ok({ command: 'set_chatroom', room: 'lobby', password: 'sesame' });
  const bob = await (await Client.connect(port)).enter('bob');
  const join = (password?: string): object => ({ command: 'join_chatroom', username: 'bob', room: 'lobby', password });
  t.equal((await bob.request(join())).code, 12, 'to be asked costs nothing');
  const codes: number[] = [];
  for (let tries = 0; tries < 7; tries += 1) codes.push((await bob.request(join('wrong'))).code);
  t.same(codes.slice(0, 5), [12, 12, 12, 12, 12]);
  const refused = await bob.request(join('sesame'));
  t.equal(refused.code, 14);
  t.ok(Number(refused.body['retry_after']) > 0);
  alice.destroy();
  bob.destroy();
});

t.test('what a process could not finish of a deletion, the next one does', async (t) => {
  const store = new MemoryStore();
  const { directory } = store;
  const users: number[] = [];
  for (const name of ['zero', 'alice', 'bob']) {
    const id = await directory.createUser({
      ...nameForms(name),
      firstName: 'A',
      lastName: 'B',
      password: Buffer.from('x'),
    });
    users.push(id ?? -1);
  }
  const [, alice = -1, bob = -1] = users;
  for (const name of ['lobby', 'attic']) {
    const room = await directory.openRoom(nameForms(name), alice);
    assert.ok(typeof room === 'object');
    store.data.add(room.id, {
      author: { id: bob, name: 'bob' },
      text: 'x',
      kind: 'text',
      about: 0,
      key: undefined,
      time: 1,
    });
  }
  const lobby = await directory.findRoom('lobby');
  await directory.changeRoom(lobby?.id ?? -1, { state: 'deleted' });
  await directory.changeRoom((await directory.findRoom('attic'))?.id ?? -1, { role: { user: bob, role: 'moderator' } });
  await directory.changeUser(alice, { state: 'deleted' });
  const rooms = { ofLog: () => undefined };
  await finishUnfinished({ store, rooms, memberships: new Memberships(store.memberships), inTurn: atOnce });
  t.same(await directory.unfinished(), { rooms: [], users: [] });
  t.match(await directory.findRoom('lobby'), { state: 'deleted', erased: 1 });
  t.same([...((await directory.findRoom('attic'))?.roles ?? [])], [[bob, 'owner']]);
});

t.test('a start does not wait for what is left of a deletion, and the name is given to nobody meanwhile', async (t) => {
  const data = temporaryFolder(t);
  const first = await startInProcess(data, openSqliteStore);
  const owner = await (await Client.connect(first.port)).enter('alice', 'lobby');
  await owner.ok('chatroom_message alice lobby said before');
  owner.destroy();
  await first.daemon.stop('end of the test');
  // What a process leaves that is killed behind the deletion.
  const killed = await SqliteStore.open(data);
  const room = await killed.directory.findRoom('lobby');
  await killed.directory.changeRoom(room?.id ?? -1, { state: 'deleted' });
  await killed.close();

  const { promise: released, resolve: release } = deferred();
  const openStore: OpenStore = async (...args) => {
    const store = await openSqliteStore(...args);
    const directory = proxied(store.directory, {
      eraseMessages: async (id: number) => {
        await released;
        return store.directory.eraseMessages(id);
      },
    });
    return proxied(store, { directory });
  };
  const { daemon, port } = await startInProcess(data, openStore);
  const alice = await (await Client.connect(port)).enter('alice');
  const bob = await (await Client.connect(port)).enter('bob');
  t.match(await alice.request('join_chatroom alice lobby'), { code: 16 }, 'its last owner has to wait');
  t.match(await bob.request('join_chatroom bob lobby'), { code: 12 });
  t.match(await bob.request('chatroom_history lobby'), { code: 10 });
  release();
  let code: number | string = 16;
  while (code === 16) ({ code } = await alice.request('join_chatroom alice lobby'));
  t.equal(code, 1);
  t.match(await alice.ok('chatroom_message alice lobby said afterwards'), { body: { id: 2 } });
  for (const client of [alice, bob]) client.destroy();
  await daemon.stop('end of the test');
});

t.test('a deleted room that a start can not empty is emptied as soon as that works', async (t) => {
  const data = temporaryFolder(t);
  const first = await startInProcess(data, openSqliteStore);
  const owner = await (await Client.connect(first.port)).enter('alice', 'lobby');
  owner.destroy();
  await first.daemon.stop('end of the test');
  const killed = await SqliteStore.open(data);
  const room = await killed.directory.findRoom('lobby');
  assert.ok(room !== undefined);
  await killed.directory.changeRoom(room.id, { state: 'deleted' });
  await killed.close();

  const { setTimeout: usual } = globalThis;
  t.teardown(() => {
    globalThis.setTimeout = usual;
  });
  // The pause between two attempts is none.
  const hurrying = (work: () => void, milliseconds?: number, ...args: readonly unknown[]): NodeJS.Timeout =>
    usual(work, milliseconds === 10_000 ? 0 : milliseconds, ...(args as []));
  globalThis.setTimeout = Object.assign(hurrying, { __promisify__: usual.__promisify__ });
  let isFull = true;
  const { promise: emptied, resolve } = deferred();
  const openStore: OpenStore = async (...args) => {
    const store = await openSqliteStore(...args);
    const directory = proxied(store.directory, {
      eraseMessages: async (id: number) => {
        if (isFull) {
          isFull = false;
          throw new StoreFailure('the disk is full');
        }
        const isMore = await store.directory.eraseMessages(id);
        if (!isMore) resolve();
        return isMore;
      },
    });
    return proxied(store, { directory });
  };
  const { daemon, log } = await startInProcess(data, openStore);
  await emptied;
  while (!log.some(({ event }) => event === 'erasure_resumed')) await turn();
  t.equal(log.filter(({ event }) => event === 'erasure_failed').length, 1);
  await daemon.stop('end of the test');
});

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil;
  });
  return { promise, resolve };
}

/** The object with other members; its methods are called on itself. */
function proxied<Target extends object>(target: Target, others: Readonly<Record<string, unknown>>): Target {
  return new Proxy(target, {
    get: (of, name) => {
      if (typeof name === 'string' && name in others) return others[name];
      const value = Reflect.get(of, name) as unknown;
      return typeof value === 'function' ? (value.bind(of) as unknown) : value;
    },
  });
}
