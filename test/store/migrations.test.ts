// Data that an older salond left behind is brought up to date, and reads as it did.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { nameForms, nameKey, skeleton } from '../../src/text/names.js';
import { Database, type Value } from '../../src/store/sqlite/database.js';
import { applicationId, migrations } from '../../src/store/sqlite/migrations.js';
import { exported } from '../../src/store/sqlite/export.js';
import { imported as importLines } from '../../src/store/sqlite/import.js';
import { checkBackup, copyWhole, restore } from '../../src/store/sqlite/restore.js';
import { Source } from '../../src/store/sqlite/source.js';
import { migrate } from '../../src/store/sqlite/migrate.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { olderSumOf, shapesAt } from '../../src/store/sqlite/older.js';
import { sumOf } from '../../src/store/sqlite/sums.js';
import { defaultSettings } from '../../src/store/room-settings.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { root, temporaryFolder } from '../support/daemon.js';
import { readOf, Writer, type Read } from '../support/writer.js';
import { folderOf010, folderWithMessages } from './older-folder.js';

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
  const kept: (Read & { readonly room: string })[] = [];
  for (let count = 0; count < 500; count += 1) {
    // Batches of 250 messages, in two rooms by turns, so that runs are cut and stand between one another.
    const room = 1 + (count % 2);
    const id = 1 + Math.floor(count / 2);
    const author = 1 + (count % 3 === 0 ? 1 : 0);
    const text = count % 10 === 0 ? `${strange}${count}` : `${count}`;
    const time = 1000 + Math.floor(count / 250);
    await insert.run(room, id, author, time, text, count % 7 === 0 ? `key ${strange}${count}` : null);
    const plain = { kind: 'text', about: 0 } as const;
    kept.push({
      room: room === 1 ? 'lobby' : 'attic',
      id,
      author: author === 1 ? 'alice' : 'bob',
      text,
      time,
      ...plain,
    });
  }
  await old.close();

  const writer = new Writer(await SqliteStore.open(folder));
  const { log } = writer.store;
  t.teardown(() => writer.store.close());
  const lobby = await writer.room('lobby');
  for (const name of ['lobby', 'attic']) {
    const { id } = await writer.room(name);
    t.equal(await writer.head(id), 250);
    const expected = kept.flatMap(({ room, ...message }) => (room === name ? [message] : []));
    t.same(readOf((await log.readAfter(id, 0, 250, 1000)).messages), expected);
    t.same(readOf((await log.readAfter(id, 99, 250, 3)).messages), expected.slice(99, 102));
  }
  t.same(await log.findKeyed(lobby.id, 2, `key ${strange}42`), { id: 22, text: '42', kind: 'text', about: 0 });
  t.equal(await log.findKeyed(lobby.id, 1, `key ${strange}42`), undefined);
  t.equal(await writer.head((await writer.room('empty')).id), 0);
  const [alice, bob] = [1, 2].map((id) => ({ id, name: '' }) as const);
  const plain = { log: lobby.id, kind: 'text', about: 0 } as const;
  t.same(
    await writer.append(
      { ...plain, author: alice ?? { id: 0, name: '' }, text: 'after all', key: undefined },
      { ...plain, author: bob ?? { id: 0, name: '' }, text: '42', key: `key ${strange}42` },
    ),
    ['stored 251', 'duplicate 22'],
  );
});

t.test('names of 0.1.0 that look alike by the second skeleton stay, and no third one comes beside them', async (t) => {
  const folder = await folderOf010(
    t,
    ['Ivan', 'lvan', 'B0B', 'BOB', '\u3164', 'x\u0301\u0301\u0301\u0301\u0301'],
    ['Iris', 'lris'],
  );
  let store = await SqliteStore.open(folder);
  for (let opening = 1; opening <= 2; opening += 1) {
    for (const [at, name] of ['Ivan', 'lvan', 'B0B', 'BOB', '\u3164'].entries()) {
      const { key } = nameForms(name);
      t.match(
        await store.directory.findUser(key),
        { id: at + 1, version: 1, name, key, state: at === 2 ? 'deleted' : 'active' },
        `${name}, opening ${opening}`,
      );
      t.equal(Buffer.from((await store.directory.findUser(key))?.password ?? []).toString(), `hash of ${name}`);
    }
    for (const [at, name] of ['Iris', 'lris'].entries()) {
      const room = await store.directory.openRoom(nameForms(name), undefined);
      t.match(room, { id: at + 1, version: 1, name, topic: `about ${name}` });
      t.same(typeof room === 'string' ? room : [...room.roles], [[1, 'owner']]);
    }
    for (const name of ['1van', 'IVAN', 'bOb', 'b0b', '\u0399van'])
      t.equal(await store.directory.isTaken(nameForms(name)), true, name);
    t.equal(await store.directory.createUser({ ...someone, ...nameForms('1VAN') }), undefined);
    t.equal(await store.directory.openRoom(nameForms('1ris'), 1), 'lookalike');
    await store.close();
    store = await SqliteStore.open(folder);
  }
  t.equal(await store.directory.createUser({ ...someone, ...nameForms('carol') }), 7, 'ids go on');
  await store.close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(await findDamage(database), []);
  await database.exec("DELETE FROM skeletons WHERE skeleton = 'carol'");
  t.same(await findDamage(database), ['what the name looks like is missing of the user with the number 7']);
  await database.close();
});

const someone = { firstName: 'First', lastName: 'Last', password: Buffer.from('hash') } as const;

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
    const store = await SqliteStore.open(data);
    for (const name of names)
      t.match(await store.directory.findUser(nameKey(name)), { name, id: names.indexOf(name) + 1 });
    t.equal(await store.directory.isTaken(nameForms('1VAN')), true);
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
  const database = await Database.open(join(folder, 'salond.db'));
  await migrate(database, folder);
  t.same(
    (await findDamage(database)).map((text) => text.replace(/.*(users|rooms).*: /, '$1 ')),
    ['users id 2', 'rooms id 1'],
  );
  await database.close();
});

/** A folder as schema 6 left it, with users, rooms and their owners. `damage` can change it. */
async function folderOf6(t: Test, damage = ''): Promise<string> {
  const folder = temporaryFolder(t);
  const old = await Database.open(join(folder, 'salond.db'));
  await old.exec(
    `PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; ${migrations.slice(0, 6).join(';\n')}; PRAGMA user_version = 6`,
  );
  const add = async (table: 'users' | 'rooms' | 'roles' | 'skeletons', row: Value[], id?: number): Promise<void> => {
    const place = id === undefined ? [] : [id];
    const columns = [...place.map(() => 'id'), ...(shapesAt(6)[table]?.columns ?? []), 'crc'];
    const values = columns.map(() => '?').join(', ');
    await old.all(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${values})`, ...place, ...row, sumOf(row));
  };
  for (const [at, name] of ['alice', 'bob', 'carol'].entries()) {
    await add('users', [name, name, 'F', 'L', Buffer.from(`hash of ${name}`), 1000, 'active', 3 + at], at + 1);
    await add('skeletons', ['user', skeleton(name), at + 1]);
  }
  for (const [at, name] of ['lobby', 'attic'].entries()) {
    await add('rooms', [name, name, 'tea', 2000, 'open', 5], at + 1);
    await add('skeletons', ['room', skeleton(name), at + 1]);
  }
  await add('roles', [1, 2, 'owner']);
  await add('roles', [1, 1, 'owner']);
  await add('roles', [2, 1, 'owner']);
  await old.exec(damage);
  await old.close();
  return folder;
}

t.test('schema 6 becomes 7: what is new is as in new rows', async (t) => {
  const folder = await folderOf6(t);
  const store = await SqliteStore.open(folder);
  const { directory } = store;
  t.match(await directory.findUser('bob'), { id: 2, version: 4, firstName: 'F', state: 'active', status: '' });
  const lobby = await directory.findRoom('lobby');
  t.match(lobby, { id: 1, version: 5, topic: 'tea', state: 'open', settings: defaultSettings });
  t.strictSame([...(lobby?.roles.keys() ?? [])], [1, 2], 'which of them was first is not known');
  t.equal(await directory.changeRoom(1, { role: { user: 3, role: 'owner' }, settings: { welcome: 'hi' } }), 'changed');
  await store.close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(await database.all('PRAGMA user_version'), [{ user_version: 7 }]);
  t.same(await findDamage(database), []);
  await database.close();
});

t.test('an erasure leaves no text in the free pages that a conversion has left either', async (t) => {
  const texts = Array.from({ length: 300 }, (_, each) => `a word of theirs ${each} ${'x'.repeat(200)}`);
  const folder = await folderWithMessages(t, [texts.slice(0, 100), texts.slice(100, 200), texts.slice(200)]);
  const path = join(folder, 'salond.db');
  const [free, texted] = [
    async (): Promise<number> => Number((await store.all('PRAGMA freelist_count'))[0]?.['freelist_count']),
    (): boolean => ['', '-wal'].some((suffix) => readFileSync(path + suffix).includes('word of theirs')),
  ];
  const opened = await SqliteStore.open(folder);
  const store = await Database.open(path);
  t.ok((await free()) > 10);
  for (const user of [1, 2]) {
    t.equal(await opened.directory.deleteUser(user, true), 'changed');
    if (user === 1) await opened.erasures.eraseTexts(user);
  }
  t.ok(texted());
  await opened.erasures.eraseTexts(2);
  await opened.erasures.overwritten();
  t.notOk(texted());
  t.same(await store.all('SELECT are_old, (SELECT count(*) FROM zeros) AS zeros FROM free_pages'), [
    { are_old: 0, zeros: 0 },
  ]);
  t.ok((await free()) > 10, 'the pages are free again');
  await store.close();
  await opened.close();
  t.same(await findDamage(await Database.open(path)), []);
});

t.test('a row of schema 6 that was damaged is so afterwards', async (t) => {
  const folder = await folderOf6(
    t,
    "UPDATE users SET first_name = 'X' WHERE id = 3; UPDATE rooms SET topic = 'X' WHERE id = 2; UPDATE roles SET role = 'muted' WHERE room = 2",
  );
  const database = await Database.open(join(folder, 'salond.db'));
  await migrate(database, folder);
  t.same(
    (await findDamage(database)).map((text) => text.replace(/.*(users|rooms|roles).*: /, '$1 ')),
    ['users id 3', 'rooms id 2', 'roles room 2, user 1'],
  );
  await database.close();
});

const awkward = ['\0', strange, '\u007f\u0085\u2028', '"\\/', '\u{10ffff}', '\u0001'.repeat(4096), 'x'.repeat(4096)];

t.test('the JSON of runs becomes bytes that say the same, in rows with the numbers that they had', async (t) => {
  const runs = [
    awkward,
    Array.from({ length: 100 }, (_, at) => `${at}`),
    ...Array.from({ length: 250 }, () => ['one', 'two']),
  ];
  const folder = await folderWithMessages(t, runs);
  // As `salond.time` names a row: an operator let the times go back after it.
  const newest = { seq: 10 + 2 * (runs.length - 1), time: 5000 + runs.length - 1 };
  const writer = new Writer(await SqliteStore.open(folder));
  const read = await writer.readAll(1);
  t.same(
    read.map(({ id, author, text, time }) => [id, author, text, time]),
    runs
      .flatMap((texts, at) => texts.map((text, place) => [place % 2 === 0 ? 'alice' : 'bob', text, 5000 + at]))
      .map((message, at) => [at + 1, ...message]),
  );
  await writer.store.close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(await database.all('SELECT seq, time FROM runs ORDER BY seq DESC LIMIT 1'), [newest]);
  t.same(await findDamage(database), []);
  await database.close();
});

t.test(
  'runs that were damaged, or that nobody can have written, stay known to be, and the others are converted',
  async (t) => {
    const runs = Array.from({ length: 230 }, (_, at) => [`a${at}`, `b${at}`]);
    const crafted = JSON.stringify([[1, 'a'], 7]);
    const folder = await folderWithMessages(
      t,
      runs,
      `UPDATE runs SET messages = replace(messages, 'a3', 'A3') WHERE seq = 16;
     UPDATE runs SET messages = '[' WHERE seq = 18;
     UPDATE runs SET time = -5 WHERE seq = 20;
     DROP INDEX runs_by_room;
     UPDATE runs SET first = 3 WHERE seq = 22;
     CREATE INDEX runs_by_room ON runs (room, first);
     UPDATE runs SET messages = '${crafted}', crc = ${olderSumOf([1, 15, 16, 5007, crafted])} WHERE seq = 24`,
    );
    const whole = await Database.open(join(folder, 'salond.db'));
    // The schema is as it was: only the index does not know of two rows in one place.
    await whole.exec(
      `PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX runs_by_room ON runs (room, first)' WHERE name = 'runs_by_room'`,
    );
    await whole.close();
    // As a large one, which a start does not look through.
    const database = await Database.open(join(folder, 'salond.db'));
    await migrate(database, folder);
    t.same(await database.all('PRAGMA user_version'), [{ user_version: migrations.length }]);
    t.same(
      (await findDamage(database)).map((text) => text.replace(/.*: seq/, 'seq')),
      ['seq 16', 'seq 18', 'seq 20', 'seq 22', 'seq 24'],
    );
    t.same(await database.all('SELECT count(*) AS count FROM runs'), [{ count: runs.length }]);
    t.same(await database.all('SELECT room FROM runs WHERE seq = 22'), [{ room: -22 }], 'its place is taken');
    await database.close();
  },
);

t.test('a conversion that is killed at any moment leaves the old data, and the next start converts it', async (t) => {
  const runs = Array.from({ length: 1500 }, (_, at) =>
    Array.from({ length: 20 }, (__, place) => `text ${at} ${place}`),
  );
  const folder = await folderWithMessages(t, runs);
  const script = join(root, 'dist/test/store/opening.js');
  /** Opens the folder in a process of its own, which is killed after so many milliseconds; answers how long it took. */
  const open = async (data: string, patience?: number): Promise<number> => {
    const begun = performance.now();
    const child = spawn(process.execPath, [script, data], { stdio: 'inherit' });
    const timer = patience === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), patience);
    await once(child, 'close');
    clearTimeout(timer);
    return performance.now() - begun;
  };
  const copy = join(temporaryFolder(t), 'copy');
  cpSync(folder, copy, { recursive: true });
  const whole = await open(copy);
  const versions: number[] = [];
  for (const part of [0.3, 0.6, 0.75, 0.9]) {
    await open(folder, whole * part);
    const database = await Database.open(join(folder, 'salond.db'));
    const [row] = await database.all(
      'SELECT (SELECT user_version FROM pragma_user_version) AS version, count(*) AS count, sum(last) AS sum FROM runs',
    );
    await database.close();
    versions.push(Number(row?.['version']));
    t.ok([4, migrations.length].includes(Number(row?.['version'])), 'it is of one version or the other');
    t.equal(row?.['count'], runs.length);
    t.equal(Number(row?.['sum']), 20 * ((runs.length * (runs.length + 1)) / 2));
  }
  t.comment(versions.join(', '));
  t.equal(versions[0], 4, 'the first was killed before it was done');
  const writer = new Writer(await SqliteStore.open(folder));
  t.match(await writer.readAll(1), { length: 30_000 });
  await writer.store.close();
});

t.test('an export says the same of converted data as 0.1.0 said of the old', async (t) => {
  const folder = await folderWithMessages(t, [awkward, ['one']]);
  const store = await SqliteStore.open(folder);
  await store.close();
  const database = await Database.openUnchanging(join(folder, 'salond.db'));
  const lines = (await taken(exported(database))).filter((line) => line.includes('"in":"messages"'));
  await database.close();
  const line = (value: object): string =>
    `${JSON.stringify(value).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')}\n`;
  const texts = [...awkward, 'one'];
  t.same(
    lines,
    texts.map((message, at) => {
      const isLast = at === texts.length - 1;
      const author = isLast || at % 2 === 0 ? 1 : 2;
      return line({ in: 'messages', room: 1, id: at + 1, author, time: isLast ? 5001 : 5000, message });
    }),
  );
});
