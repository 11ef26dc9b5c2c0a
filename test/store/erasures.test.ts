// Erases a user and all that it wrote, and looks for what is left: in every file of the data folder (PROTOCOL.md §5).
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { ControlConnection } from '../../src/salonctl/control-connection.js';
import { backUp, restore } from '../../src/salonctl/backup.js';
import { exportAll, importAll } from '../../src/salonctl/export.js';
import { Rounds } from '../../src/store/rounds.js';
import { worded } from '../support/sentences.js';
import { Client } from '../support/client.js';
import { openSqliteStore, type OpenStore } from '../../src/daemon/store.js';
import { emptyDeletedRoom } from '../../src/session/delete-room.js';
import { Database } from '../../src/store/sqlite/database.js';
import { Deletions } from '../../src/store/sqlite/deletions.js';
import { ErasedRuns } from '../../src/store/sqlite/erased-runs.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { sumOf } from '../../src/store/sqlite/sums.js';
import { Deletions as UserDeletions } from '../../src/session/deletions.js';
import { unreached } from '../../src/store/erasures.js';
import { StoreFailure } from '../../src/store/store.js';
import { jsonText } from '../../src/text/json.js';
import { hostDaemon, startInProcess } from '../support/in-process.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { Writer } from '../support/writer.js';
import { damageFirstPage } from './damaged-page.js';

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
  const told: string[] = [];
  const tell = async (sentence: string): Promise<void> => void told.push(sentence);
  writeFileSync(list, '');
  t.match(await restore(backup, data, true, undefined, tell), { erased: 1 }, 'with an emptied list');
  t.match(told, [/^salond\.erasures lacked users who were erased: they are erased again/]);
  t.same(
    filesWith(data, ...hers).filter((path) => !path.includes('replaced')),
    [],
  );
  t.equal(readFileSync(list, 'utf8'), whole, 'the list is whole again');
  t.match(await restore(backup, data, true, undefined, tell), { erased: 1 });
  t.equal(told.length, 1, 'nothing is to be said');
  const broken = temporaryFolder(t);
  writeFileSync(join(broken, 'salond.db'), 'no database');
  t.match(await restore(backup, broken, true, undefined, tell), { replaced: String });
  t.match(told[1], /^salond\.erasures is missing or has nobody, .* comes back, unless --erasures names a copy/);
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
  let isFull = false;
  let damage = unreached();
  const openStore: OpenStore = async (...args) => {
    const store = await openSqliteStore(...args);
    const overwritten = async (): Promise<void> => {
      if (isFull) throw new StoreFailure('the disk is full');
      await store.erasures.overwritten();
    };
    const erasures = {
      unfinished: () => store.erasures.unfinished(),
      eraseTexts: async (user: number) => unreached(await store.erasures.eraseTexts(user), damage),
      keepInList: () => store.erasures.keepInList(),
      overwritten,
      stop: () => store.erasures.stop(),
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
  isFull = true;
  const { body } = await alice.ok({ command: 'delete_user', password, erase: true });
  t.match(body, { left: /^the user is deleted, but texts and names .* erased as soon as that works$/ });
  t.match(await alice.request(`authenticate_user alicia-nobody-else ${password}`), { code: 4 });
  t.equal(log.filter(({ event }) => event === 'erasure_failed').length, 1);
  await daemon.stop('end of the test');
  isFull = false;
  damage = { rows: 2, logs: [1] };
  const again = await startInProcess(data, openStore);
  // The rest is done in the background.
  while (filesWith(data, ...hers).length > 0) await pause(20);
  t.same(filesWith(data, ...hers), [], 'the next start did the rest');
  const dora = await (await Client.connect(again.port)).enter('dora');
  const erased = await dora.ok({ command: 'delete_user', password: 'dora password', erase: true });
  t.match(erased.body, { left: /^the user is erased, but rows of messages that are damaged/ });
  t.match(
    again.log.filter(({ event }) => event === 'erasure_incomplete'),
    [{ rows: 2, rooms: '1' }],
  );
  dora.destroy();
  await again.daemon.stop('end of the test');

  const done: string[] = [];
  const deletions = new UserDeletions(
    { failed: (error) => done.push((error as Error).message), resumed: () => done.push('resumed') },
    1,
  );
  let fails = 2;
  const work = async (): Promise<void> => {
    fails -= 1;
    if (fails >= 0) throw new StoreFailure('the disk is full');
    done.push('done');
  };
  t.equal(await deletions.finish(work), false);
  t.equal(await deletions.finish(async () => void done.push('another')), true, 'others do not wait for it');
  while (deletions.left > 0) await pause(1);
  t.same(done, ['the disk is full', 'another', 'done', 'resumed']);
  deletions.close();
});

t.test('where the disk fails while a deleted room is emptied, that is said, and it is done later', async (t) => {
  const deletions = new UserDeletions({ failed: () => undefined, resumed: () => undefined }, 1);
  let parts = 3;
  const eraseMessages = async (): Promise<boolean> => {
    parts -= 1;
    if (parts === 2) throw new StoreFailure('the disk is full');
    return parts > 0;
  };
  const rooms = { opened: async () => undefined, exits: { leave: () => false } };
  const services = { deletions, rooms, evictions: { room: async () => 0 }, store: { directory: { eraseMessages } } };
  const emptied = await emptyDeletedRoom({ id: 1, key: 'lobby' }, services, 'alice');
  t.match(worded(emptied), {
    sessions: 0,
    left: /^the room is deleted, but messages .* erased as soon as that works$/,
  });
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

t.test('a stop ends an erasure that is under way, and leaves the rest to the next start', async (t) => {
  const data = temporaryFolder(t);
  let stopped: Promise<void> | undefined;
  const openStore: OpenStore = async (...args) => {
    const store = await openSqliteStore(...args);
    const { erasures } = store;
    const eraseTexts = erasures.eraseTexts.bind(erasures);
    erasures.eraseTexts = (user) => {
      const erased = eraseTexts(user);
      stopped = daemon.stop('end of the test');
      return erased;
    };
    return store;
  };
  const { daemon, port, log } = await startInProcess(data, openStore);
  const { alice } = await write(port, 2);
  const { body } = await alice.ok({ command: 'delete_user', password, erase: true });
  t.match(body, { left: /^the user is deleted, but texts and names .* or the daemon stops: they are erased as soon/ });
  await stopped;
  t.same(
    log.filter(({ level }) => level === 'error'),
    [],
    'that is no failure',
  );
  t.not(filesWith(data, secret).length, 0);
  const next = await startInProcess(data, openSqliteStore);
  while (filesWith(data, ...hers).length > 0) await pause(20);
  await next.daemon.stop('end of the test');
});

t.test('an erasure reads only the rows in which the user wrote, and all where it can not know them', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new Writer(await SqliteStore.open(folder, 'relaxed'));
  const { store } = writer;
  const [bob, alice, carol, dave, erin] = [
    await writer.user('bob'),
    await writer.user('alice'),
    await writer.user('carol'),
    await writer.user('dave'),
    await writer.user('erin'),
  ];
  const { id: room } = await writer.room('lobby', bob.id);
  const { log } = await store.conversations.open(bob.id, alice.id);
  for (const author of [bob, bob, alice, carol, dave, erin, alice]) await writer.say(room, author, `by ${author.name}`);
  await writer.say(log, alice, 'by alice in private');
  const anew: string[] = [];
  const follow = async (): Promise<void> => {
    for (let more = true; more; ) {
      const step = await store.search.step();
      anew.push(...(step.anew === undefined ? [] : [step.anew]));
      more = step.more;
    }
  };
  const change = async (file: string, sql: string, ...values: readonly (number | Buffer)[]): Promise<void> => {
    const database = await Database.open(join(folder, file));
    await database.all(sql, ...values);
    await database.close();
  };
  const erase = async (user: number): ReturnType<typeof store.erasures.eraseTexts> => {
    await store.directory.deleteUser(user, true);
    return store.erasures.eraseTexts(user);
  };
  const areLeft = (): readonly string[] =>
    ['alice', 'carol', 'dave', 'erin', 'bob'].filter((name) => filesWith(folder, `by ${name}`).length > 0);
  await follow();
  await writer.say(room, alice, 'by alice, and not followed yet');
  await change('salond.db', 'UPDATE runs SET crc = crc + 1 WHERE seq = 1');
  t.same(await erase(alice.id), { rows: 0, logs: [] }, 'the damaged row is not looked at');
  await store.erasures.overwritten();
  t.same(areLeft(), ['carol', 'dave', 'erin', 'bob']);
  t.same([await store.erasures.unfinished(), anew], [[], ['it was missing']]);

  await follow();
  await change('salond.search', "UPDATE authors SET users = CAST(x'0101' || users AS BLOB)");
  t.same(
    await erase(carol.id),
    { rows: 1, logs: [room] },
    'the list is damaged: all is read, and what is damaged is told',
  );
  await follow();
  t.equal(anew.at(-1), 'its list of authors is not what was written');
  rmSync(join(folder, 'salond.search'));
  t.same(await erase(dave.id), { rows: 1, logs: [room] }, 'there is no list');
  await follow();

  // A list which says that erin wrote in the second run alone.
  const index = await Database.open(join(folder, 'salond.search'), { readOnly: true });
  const [row] = await index.all('SELECT before, last FROM authors');
  await index.close();
  const [last, users] = [Number(row?.['last']), Buffer.from([erin.id, 1, 2])];
  await change('salond.search', 'UPDATE authors SET users = ?, crc = ?', users, sumOf([0, last, users]));
  t.same(await erase(erin.id), { rows: 1, logs: [room] }, 'a list of other data');
  await follow();
  t.equal(anew.at(-1), 'its list of authors is of other data');
  await store.erasures.overwritten();
  t.same(areLeft(), ['bob']);
  await store.close();
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

t.test('an erasure takes few commits, and a text that is deleted meanwhile does not come back', async (t) => {
  const folder = temporaryFolder(t);
  const filling = new Writer(await SqliteStore.open(folder, 'relaxed'));
  const [alice, bob] = [await filling.user('alice'), await filling.user('bob')];
  const rooms = [(await filling.room('one', bob.id)).id, (await filling.room('two', bob.id)).id];
  for (let sent = 0; sent < 280; sent += 1) {
    const log = rooms[sent % 2] ?? 0;
    // In one row, and in one of the rooms with keys.
    const key = log === rooms[0] ? `key ${sent}` : undefined;
    const post = { log, kind: 'text', about: 0, key: undefined } as const;
    await filling.append(
      { ...post, author: alice, text: jsonText('by alice'), key },
      { ...post, author: bob, text: jsonText(`by bob ${sent}.`) },
    );
  }
  await filling.store.close();
  const [writer, reader] = [
    await Database.open(join(folder, 'salond.db')),
    await Database.open(join(folder, 'salond.db')),
  ];
  await writer.exec('PRAGMA secure_delete = ON');
  const deletions = await Deletions.prepare(writer);
  let commits = 0;
  const write = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    commits += 1;
    // The third writes the first rows.
    if (commits === 3) await deletions.blank(rooms[0] ?? 0, [2]);
    await writer.exec('BEGIN IMMEDIATE');
    const result = await work();
    await writer.exec('COMMIT');
    return result;
  };
  const runs = await ErasedRuns.prepare({ reader, writer }, { write, known: undefined, rests: false });
  t.same(await runs.erase(new Set([alice.id])), { rows: 0, logs: [] });
  t.equal(commits, 2 + 2 + 1 + 1, 'two to wait, two for 280 rows, one for the row that was changed, one for the keys');
  t.same(await findDamage(writer), []);
  t.same(await writer.all('SELECT count(*) AS keys FROM keys'), [{ keys: 0 }]);
  for (const each of [writer, reader]) await each.close();
  t.same(filesWith(folder, 'by alice', 'by bob 0.'), []);
  t.not(filesWith(folder, 'by bob 1.').length, 0);
});

t.test('a damaged page that an erasure meets only when it writes keeps none of the other texts', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new Writer(await SqliteStore.open(folder, 'relaxed'));
  const { store } = writer;
  const [alice, bob] = [await writer.user('alice'), await writer.user('bob')];
  const [{ id: edited }, { id: other }] = [await writer.room('edited', bob.id), await writer.room('other', bob.id)];
  await writer.say(edited, alice, 'first by alice');
  await writer.say(edited, alice, { text: 'edit by alice', kind: 'edit', about: 1 });
  for (const room of [edited, other]) await writer.say(room, alice, 'last by alice');
  await writer.say(other, bob, 'by bob');
  await damageFirstPage(join(folder, 'salond.db'), 'edits');
  t.equal(await store.directory.deleteUser(alice.id, true), 'changed');
  t.same(await store.erasures.eraseTexts(alice.id), { rows: 1, logs: [edited] }, 'the edit is told');
  t.same(await store.erasures.unfinished(), []);
  await store.erasures.overwritten();
  await store.close();
  const left = ['first by alice', 'edit by alice', 'last by alice', 'by bob'];
  t.same(
    left.filter((text) => filesWith(folder, text).length > 0),
    ['edit by alice', 'by bob'],
  );
});
