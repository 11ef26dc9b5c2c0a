// Data that an older salond left behind is brought up to date, and reads as it did.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { nameForms, nameKey, skeleton } from '../../src/text/names.js';
import { Database } from '../../src/store/sqlite/database.js';
import { applicationId, migrations } from '../../src/store/sqlite/migrations.js';
import { exported } from '../../src/store/sqlite/export.js';
import { imported as importLines } from '../../src/store/sqlite/import.js';
import { checkBackup, copyWhole, restore } from '../../src/store/sqlite/restore.js';
import { Source } from '../../src/store/sqlite/source.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { sumOf } from '../../src/store/sqlite/sums.js';
import { findDamage } from '../../src/store/sqlite/verify.js';
import { temporaryFolder } from '../support/daemon.js';
import { forms, Line, newUser, Recorder, turn } from './contract.js';

const strange = '\0é\u2028"\\\u{1f600}\ufffe\0';

t.test('the messages of schema 1 are the same in runs: ids, texts, authors, times and keys', async (t) => {
  const folder = temporaryFolder(t);
  const old = await Database.open(join(folder, 'salond.db'));
  await old.exec(`PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; ${migrations[0] ?? ''}; PRAGMA user_version = 1;
    INSERT INTO users VALUES (1, 'alice', 'alice', 'alice', 'A', 'L', x'00', 0), (2, 'bob', 'bob', 'bob', 'B', 'C', x'00', 0);
    INSERT INTO rooms (id, name, key, skeleton, created) VALUES (1, 'lobby', 'lobby', 'lobby', 0), (2, 'attic', 'attic', 'attic', 0),
      (3, 'empty', 'empty', 'empty', 0)`);
  const insert = await old.prepare(
    'INSERT INTO messages (room, id, author, time, message, key) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const kept: {
    readonly room: string;
    readonly id: number;
    readonly username: string;
    readonly message: string;
    readonly time: number;
  }[] = [];
  for (let count = 0; count < 500; count += 1) {
    // Batches of 250 messages, in two rooms by turns, so that runs are cut and stand between one another.
    const room = 1 + (count % 2);
    const id = 1 + Math.floor(count / 2);
    const author = 1 + (count % 3 === 0 ? 1 : 0);
    const message = count % 10 === 0 ? `${strange}${count}` : `${count}`;
    const time = 1000 + Math.floor(count / 250);
    await insert.run(room, id, author, time, message, count % 7 === 0 ? `key ${strange}${count}` : null);
    kept.push({ room: room === 1 ? 'lobby' : 'attic', id, username: author === 1 ? 'alice' : 'bob', message, time });
  }
  await old.close();

  const store = await SqliteStore.open<Line>(folder);
  t.teardown(() => store.close());
  for (const name of ['lobby', 'attic']) {
    const log = await store.openRoom(forms(name), undefined);
    if (typeof log === 'string') throw new Error(log);
    t.equal(log.head, 250);
    const expected = kept
      .filter(({ room }) => room === name)
      .map(({ id, username, message, time }) => ({ id, prev: id - 1, username, message, time }));
    t.strictSame((await store.readAfter(log, 0, 250, 1000)).messages, expected);
    t.strictSame((await store.readBefore(log, 251, 1000)).messages, expected);
    t.strictSame((await store.readAfter(log, 99, 250, 3)).messages, expected.slice(99, 102));
  }
  t.same(await store.findKeyed('lobby', 2, `key ${strange}42`), { room: 'lobby', id: 22, prev: 21, message: '42' });
  t.equal(await store.findKeyed('lobby', 1, `key ${strange}42`), undefined);
  t.match(await store.openRoom(forms('empty'), undefined), { head: 0 });

  const recorder = new Recorder();
  store.listen(recorder);
  const lobby = await store.openRoom(forms('lobby'), undefined);
  if (typeof lobby === 'string') throw new Error(lobby);
  const next = new Line(lobby, 1, 'after all');
  const again = new Line(lobby, 2, '42', `key ${strange}42`);
  store.append(next);
  store.append(again);
  while (recorder.told.length === 0) await turn();
  t.match(
    [next, again],
    [
      { outcome: 'stored', id: 251, prev: 250 },
      { outcome: 'duplicate', id: 22, prev: 21 },
    ],
  );
});

/**
 * A folder as 0.1.0 left it: schema 4, each name with one skeleton, that of its key, and every row with its checksum.
 */
async function folderOf010(t: Test, users: readonly string[], rooms: readonly string[], damage = ''): Promise<string> {
  const folder = temporaryFolder(t);
  const old = await Database.open(join(folder, 'salond.db'));
  await old.exec(
    `PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; ${migrations.slice(0, 4).join(';')}; PRAGMA user_version = 4`,
  );
  for (const [at, name] of users.entries()) {
    const row = [
      name,
      nameKey(name),
      skeleton(nameKey(name)),
      'F',
      'L',
      Buffer.from(`hash of ${name}`),
      1000 + at,
      at === 2 ? 'deleted' : 'active',
    ];
    await old.all(
      `INSERT INTO users (name, key, skeleton, first_name, last_name, password, created, state, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...row,
      sumOf(row),
    );
  }
  for (const [at, name] of rooms.entries()) {
    const row = [name, nameKey(name), skeleton(nameKey(name)), `about ${name}`, 2000 + at, 'open'];
    await old.all(
      `INSERT INTO rooms (name, key, skeleton, topic, created, state, crc) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...row,
      sumOf(row),
    );
    await old.all(
      `INSERT INTO roles (room, user, role, crc) VALUES (?, 1, 'owner', ?)`,
      at + 1,
      sumOf([at + 1, 1, 'owner']),
    );
  }
  await old.exec(damage);
  await old.close();
  return folder;
}

t.test('names of 0.1.0 that look alike by the second skeleton stay, and no third one comes beside them', async (t) => {
  const folder = await folderOf010(
    t,
    ['Ivan', 'lvan', 'B0B', 'BOB', '\u3164', 'x\u0301\u0301\u0301\u0301\u0301'],
    ['Iris', 'lris'],
  );
  let store = await SqliteStore.open<Line>(folder);
  for (let opening = 1; opening <= 2; opening += 1) {
    for (const [at, name] of ['Ivan', 'lvan', 'B0B', 'BOB', '\u3164'].entries()) {
      const { key } = nameForms(name);
      t.match(
        await store.findUser(key),
        { id: at + 1, name, key, state: at === 2 ? 'deleted' : 'active' },
        `${name}, opening ${opening}`,
      );
      t.equal(Buffer.from((await store.findUser(key))?.password ?? []).toString(), `hash of ${name}`);
    }
    for (const [at, name] of ['Iris', 'lris'].entries()) {
      const log = await store.openRoom(nameForms(name), undefined);
      t.match(log, { id: at + 1, name, topic: `about ${name}` });
      t.same(typeof log === 'string' ? log : [...log.owners], [1]);
    }
    for (const name of ['1van', 'IVAN', 'bOb', 'b0b', '\u0399van'])
      t.equal(await store.isTaken(nameForms(name)), true, name);
    t.equal(await store.createUser({ ...newUser('x'), ...nameForms('1VAN') }), undefined);
    t.equal(await store.openRoom(nameForms('1ris'), 1), 'lookalike');
    await store.close();
    store = await SqliteStore.open<Line>(folder);
  }
  t.equal(await store.createUser({ ...newUser('x'), ...nameForms('carol') }), 7, 'ids go on');
  await store.close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(await findDamage(database), []);
  await database.exec("DELETE FROM skeletons WHERE skeleton = 'carol'");
  t.same(await findDamage(database), ['what the name looks like is missing of the user with the number 7']);
  await database.close();
});

async function taken(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

t.test('a backup of 0.1.0 is checked, restored and exported, and the export is taken', async (t) => {
  const names = ['Ivan', 'lvan', 'bob'];
  const folder = await folderOf010(t, names, ['Iris', 'lris']);
  const old = await Database.open(join(folder, 'salond.db'));
  await old.exec('PRAGMA journal_mode = DELETE');
  await old.close();
  const backup = join(folder, 'salond.db');
  const source = await Source.open(backup);
  t.teardown(() => source.close());
  t.same(await checkBackup(source), []);
  const whole = join(temporaryFolder(t), 'whole.db');
  await copyWhole(source, whole, () => undefined);
  const copied = await Database.openUnchanging(whole);
  const lines = await taken(exported(copied));
  await copied.close();
  t.match(
    lines.filter((line) => line.includes('"in":"users"')).map((line) => JSON.parse(line) as object),
    names.map((name) => ({ name, key: nameKey(name) })),
  );
  const [restored, imported] = [temporaryFolder(t), temporaryFolder(t)];
  await restore(source, restored, false, () => undefined);
  await importLines(
    (async function* () {
      for (const line of lines) yield Buffer.from(line);
    })(),
    imported,
    (_, row) => row,
    () => undefined,
  );
  for (const data of [restored, imported]) {
    const store = await SqliteStore.open<Line>(data);
    for (const name of names) t.match(await store.findUser(nameKey(name)), { name, id: names.indexOf(name) + 1 });
    t.equal(await store.isTaken(nameForms('1VAN')), true);
    await store.close();
  }
  const damaged = await Database.open(backup);
  await damaged.exec("UPDATE users SET key = 'x' WHERE id = 1");
  await damaged.close();
  const changed = await Source.open(backup);
  t.teardown(() => changed.close());
  t.match(await checkBackup(changed), [/a row of users is not what was written: id 1/]);
  await t.rejects(
    copyWhole(changed, `${whole}-again`, () => undefined),
    /damaged/,
  );
});

t.test('a row of 0.1.0 that was damaged is so afterwards', async (t) => {
  const folder = await folderOf010(
    t,
    ['alice', 'bob'],
    ['lobby', 'attic'],
    "UPDATE users SET first_name = 'X' WHERE id = 2; UPDATE rooms SET topic = 'X' WHERE id = 1",
  );
  await t.rejects(SqliteStore.open<Line>(folder), /a row of users is not what was written: id 2/);
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(
    (await findDamage(database)).map((text) => text.replace(/.*(users|rooms).*: /, '$1 ')),
    ['users id 2', 'rooms id 1'],
  );
  await database.close();
});
