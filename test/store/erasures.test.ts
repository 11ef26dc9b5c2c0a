// Erases a user and all that it wrote, and looks for what is left: in every file of the data folder (PROTOCOL.md §5).
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { ControlConnection } from '../../src/salonctl/control-connection.js';
import { backUp, restore } from '../../src/salonctl/backup.js';
import { exportAll, importAll } from '../../src/salonctl/export.js';
import { Rounds } from '../../src/store/rounds.js';
import { Client } from '../support/client.js';
import { openSqliteStore, type OpenStore } from '../../src/daemon/store.js';
import { emptyDeletedRoom } from '../../src/session/delete-room.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { Deletions } from '../../src/session/deletions.js';
import { StoreFailure } from '../../src/store/store.js';
import { hostDaemon, startInProcess } from '../support/in-process.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';

/** The files of the folder in which one of the texts stands. */
function filesWith(folder: string, ...texts: readonly string[]): readonly string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const bytes = readFileSync(path);
      return texts.some((text) => bytes.includes(text));
    });
}

const secret = 'a text that nobody else writes';
/** A single word of hers, as it stands in the index of what was said. */
const word = 'qwertzwort';
const password = 'looking-glass';

/** Registers a user who writes, between the messages of another one. */
async function write(port: number, messages: number): Promise<{ readonly alice: Client; readonly bob: Client }> {
  const [alice, bob] = [await Client.connect(port), await (await Client.connect(port)).enter('bob', 'lobby')];
  await alice.ok({
    command: 'create_user',
    username: 'Alicia-Nobody-Else',
    first_name: 'Erasable',
    last_name: 'Liddellson',
    password,
  });
  await alice.ok({ command: 'authenticate_user', username: 'alicia-nobody-else', password });
  await alice.ok('join_chatroom alicia-nobody-else lobby');
  await bob.event();
  await alice.ok({ command: 'update_user', status: 'a status of hers' });
  await alice.ok('join_chatroom alicia-nobody-else her-own-room');
  await alice.ok('set_topic her-own-room a topic of hers');
  await alice.ok({ command: 'ban_user', room: 'her-own-room', user: 'bob', reason: 'a reason of hers' });
  for (let sent = 1; sent <= messages; sent += 1) {
    const post = { command: 'chatroom_message', room: 'lobby', key: `key-of-hers-${sent}` };
    await alice.ok({ ...post, username: 'Alicia-Nobody-Else', message: `${secret} Qwertzwort ${sent}` });
    await bob.ok({ ...post, username: 'bob', message: `bob says ${sent}`, key: `his-${sent}` });
  }
  return { alice, bob };
}

const hers = [
  secret,
  word,
  'Qwertzwort',
  'licia-nobody',
  'licia-Nobody',
  'Erasable',
  'Liddellson',
  'a status of hers',
  'key-of-hers',
  'of hers',
];

t.test('an erasure leaves neither texts nor names in any file, and ids and prev as they were', async (t) => {
  const data = temporaryFolder(t);
  const daemon = hostDaemon(t, { data });
  const { alice, bob } = await write(await daemon.port(), 20);
  t.not(filesWith(data, secret).length, 0, 'the texts were there');
  t.match(await bob.request('search_chatroom lobby qwertzwort'), { code: 1, body: { count: 20 } });
  t.not(filesWith(data, word).length, 0, 'the word was in the index');
  await alice.ok({ command: 'delete_user', password, erase: true });
  t.same(filesWith(data, ...hers), [], 'while the daemon runs');
  t.match(await bob.request('create_user alicia-nobody-else A B another password'), { code: 4 });
  t.match(await bob.request('create_user aIicia-nobody-else A B another password'), { code: 4 }, 'it looks like it');
  await daemon.stop();
  t.same(filesWith(data, ...hers), [], 'after its end');

  const again = hostDaemon(t, { data });
  const reader = await (await Client.connect(await again.port())).enter('carol');
  const { body } = await reader.request({ command: 'join_chatroom', username: 'carol', room: 'lobby', after: 0 });
  t.match(body, { last: 40 });
  await again.stop();
});

t.test('an erasure survives an older backup and an older export, wherever they become the data', async (t) => {
  const [data, kept] = [temporaryFolder(t), temporaryFolder(t)];
  const daemon = hostDaemon(t, { data });
  const { alice } = await write(await daemon.port(), 5);
  const connect = async (): Promise<ControlConnection> => ControlConnection.open(await daemon.control(), 20);
  const [backup, text, list] = [join(kept, 'backup.db'), join(kept, 'all.jsonl'), join(data, 'salond.erasures')];
  await backUp(backup, await connect());
  await exportAll(text, undefined, connect);
  t.notOk(existsSync(list));
  await alice.ok({ command: 'delete_user', password, erase: true });
  await daemon.stop();
  t.same(filesWith(data, ...hers), [], 'no names in the list either');
  t.match(statSync(list), { mode: 0o100600 });

  t.match(await restore(backup, data, true), { replaced: String, erased: 1 });
  t.same(filesWith(data, ...hers), [], 'restored, before anybody is served');
  for (const name of readdirSync(data).filter((each) => each.startsWith('salond.db'))) rmSync(join(data, name));
  t.match(await importAll(text, data), { messages: 10, erased: 1 });
  t.same(filesWith(data, ...hers), [], 'imported');

  const [other, none] = [temporaryFolder(t), temporaryFolder(t)];
  t.match(await restore(backup, other, false, list), { erased: 1 }, 'into another folder, by the list of this one');
  t.same(filesWith(other, ...hers), []);
  t.same(readFileSync(join(other, 'salond.erasures')), readFileSync(list), 'which has the list from then on');
  t.same(await restore(backup, none, false), { data: none }, 'without a list');
  t.same(readdirSync(none).sort(), ['salond.db', 'salond.lock']);
  writeFileSync(join(none, 'salond.erasures'), '{"key":"short"}\n');
  await t.rejects(restore(backup, none, true), /not a list of erasures, or is damaged/);

  const whole = readFileSync(list, 'utf8');
  writeFileSync(list, whole.slice(0, -20));
  const store = await SqliteStore.open(data);
  await store.erasures.keepInList();
  await store.close();
  t.equal(readFileSync(list, 'utf8'), whole, 'what a start does: a damaged list is written anew');
  const again = hostDaemon(t, { data });
  const reader = await (await Client.connect(await again.port())).enter('carol');
  t.match(await reader.request('create_user alicia-nobody-else A B another password'), { code: 4 });
  const { body } = await reader.request({ command: 'join_chatroom', username: 'carol', room: 'lobby', after: 0 });
  t.match(body, { last: 10 });
  await again.stop();
  // A user of that name in other data is another one.
  const unrelated = temporaryFolder(t);
  const third = hostDaemon(t, { data: unrelated });
  await write(await third.port(), 1);
  await third.stop();
  t.same(await restore(unrelated, other, true, list).then((done) => 'erased' in done), false);
});

t.test('where the disk fails after the deletion, the user is deleted, and the rest is done later', async (t) => {
  const data = temporaryFolder(t);
  let isFull = true;
  const openStore: OpenStore = async (...args) => {
    const store = await openSqliteStore(...args);
    const overwritten = async (): Promise<void> => {
      if (isFull) throw new StoreFailure('the disk is full');
      await store.erasures.overwritten();
    };
    const erasures = {
      unfinished: () => store.erasures.unfinished(),
      eraseTexts: (user: number) => store.erasures.eraseTexts(user),
      keepInList: () => store.erasures.keepInList(),
      overwritten,
    };
    return new Proxy(store, {
      get: (target, name) => {
        if (name === 'erasures') return erasures;
        const value = Reflect.get(target, name) as unknown;
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  };
  const { daemon, port, log } = await startInProcess(data, openStore);
  const { alice } = await write(port, 2);
  const { body } = await alice.ok({ command: 'delete_user', password, erase: true });
  t.match(body, { left: /^the user is deleted, but texts and names .* erased as soon as that works$/ });
  t.match(await alice.request(`authenticate_user alicia-nobody-else ${password}`), { code: 4 });
  t.equal(log.filter(({ event }) => event === 'erasure_failed').length, 1);
  await daemon.stop('end of the test');
  isFull = false;
  const again = await startInProcess(data, openStore);
  await again.daemon.stop('end of the test');
  t.same(filesWith(data, ...hers), [], 'the next start did the rest');

  const done: string[] = [];
  const deletions = new Deletions((error) => done.push((error as Error).message), 1);
  let fails = 2;
  const work = async (): Promise<void> => {
    fails -= 1;
    if (fails >= 0) throw new StoreFailure('the disk is full');
    done.push('done');
  };
  t.equal(await deletions.finish(work), false);
  t.equal(await deletions.finish(async () => void done.push('another')), true, 'others do not wait for it');
  while (deletions.left > 0) await pause(1);
  t.same(done, ['the disk is full', 'another', 'done']);
  deletions.close();
});

t.test('where the disk fails while a deleted room is emptied, that is said, and it is done later', async (t) => {
  const deletions = new Deletions(() => undefined, 1);
  let parts = 3;
  const eraseMessages = async (): Promise<boolean> => {
    parts -= 1;
    if (parts === 2) throw new StoreFailure('the disk is full');
    return parts > 0;
  };
  const rooms = { opened: async () => undefined, exits: { leave: () => false } };
  const services = { deletions, rooms, evictions: { room: async () => 0 }, store: { directory: { eraseMessages } } };
  const emptied = await emptyDeletedRoom({ id: 1, key: 'lobby' }, services, 'alice');
  t.match(emptied, { sessions: 0, left: /^the room is deleted, but messages .* erased as soon as that works$/ });
  while (deletions.left > 0) await pause(1);
  t.equal(parts, 0);
  deletions.close();
});

t.test('an operator erases a user, and an erasure that was killed goes on at the next start', async (t) => {
  const data = temporaryFolder(t);
  const first = startDaemon(t, { data });
  await write(await first.port(), 3);
  const operator = await Client.connect(await first.control());
  operator.send('erase_account alicia-nobody-else');
  await first.stop('SIGKILL');
  const second = hostDaemon(t, { data });
  const other = await Client.connect(await second.control());
  const { code } = await other.request('erase_account alicia-nobody-else');
  t.ok(code === 1 || code === 11, `answered ${code}`);
  // The rest of an erasure is done in the background.
  while (filesWith(data, ...hers).length > 0) await pause(20);
  await second.stop();
  t.same(filesWith(data, ...hers), []);
  t.ok(existsSync(join(data, 'salond.erasures')), 'it is in the list');
});

t.test(
  'erasures that are asked for while one runs share the next round, and a failed round is theirs alone',
  async (t) => {
    const begun: { readonly users: readonly number[]; readonly end: (error?: Error) => void }[] = [];
    const rounds = new Rounds<number>(
      (users) =>
        new Promise((resolve, reject) => {
          begun.push({ users: [...users], end: (error) => (error === undefined ? resolve() : reject(error)) });
        }),
    );
    const first = rounds.join(1);
    await pause(0);
    const others = [2, 3, 2].map((user) => rounds.join(user));
    await pause(0);
    t.same(
      begun.map(({ users }) => users),
      [[1]],
      'the others wait',
    );
    begun[0]?.end(new Error('the disk is full'));
    await t.rejects(first, { message: 'the disk is full' });
    await pause(0);
    t.same(begun[1]?.users, [2, 3]);
    begun[1]?.end();
    await Promise.all(others);
    const last = rounds.join(4);
    await pause(0);
    begun[2]?.end();
    await last;
    t.equal(begun.length, 3);
  },
);
