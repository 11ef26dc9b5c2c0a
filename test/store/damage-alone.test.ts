// Damage in one row is the matter of whoever asks for that row. What others write in the same batch is stored, whatever
// the order in which it comes, and what is damaged stays as it is.
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { RoomRecord } from '../../src/store/directory.js';
import type { Author } from '../../src/store/log.js';
import { Database } from '../../src/store/sqlite/database.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { nameForms } from '../../src/text/names.js';
import { temporaryFolder } from '../support/daemon.js';
import { Writer } from '../support/writer.js';

interface Damaged {
  readonly writer: Writer;
  readonly alice: Author;
  readonly lobby: RoomRecord;
}

/**
 * A store with alice, two rooms of hers, and messages with keys in the lobby; `sql` is what becomes of it behind the
 * store's back.
 */
async function damaged(t: Test, sql: string, isReopened = false): Promise<Damaged> {
  const folder = temporaryFolder(t);
  let store: Store = await SqliteStore.open(folder);
  t.teardown(() => store.close());
  let writer = new Writer(store);
  const alice = await writer.user('alice');
  const lobby = await writer.room('lobby', alice.id);
  await writer.room('attic', alice.id);
  await writer.say(lobby.id, alice, { text: 'one', key: 'k1' }, { text: 'two', key: 'k2' });
  const beside = await Database.open(join(folder, 'salond.db'));
  // So much that a start does not look through all of it.
  if (isReopened) await beside.exec('CREATE TABLE large (bytes); INSERT INTO large VALUES (zeroblob(34000000))');
  if (isReopened) await beside.exec('PRAGMA wal_checkpoint(TRUNCATE); DROP TABLE large');
  await beside.exec(sql);
  await beside.close();
  if (isReopened) {
    await store.close();
    store = await SqliteStore.open(folder);
    writer = new Writer(store);
  }
  return { writer, alice, lobby };
}

const spoiled = (text: string): string =>
  `UPDATE runs SET messages = CAST(replace(CAST(messages AS TEXT), '${text}', upper('${text}')) AS BLOB)`;

interface Job {
  readonly sql: string;
  readonly run: (store: Store, alice: number, lobby: number) => Promise<unknown>;
}

const jobs: Readonly<Record<string, Job>> = {
  'a room that is opened': {
    sql: "UPDATE rooms SET topic = 'x' WHERE key = 'attic'",
    run: ({ directory }, alice) => directory.openRoom(nameForms('attic'), alice),
  },
  'a role of a room that is opened': {
    sql: "UPDATE roles SET role = 'x' WHERE room = (SELECT id FROM rooms WHERE key = 'attic')",
    run: ({ directory }, alice) => directory.openRoom(nameForms('attic'), alice),
  },
  'a version of a room that is opened': {
    sql: "UPDATE rooms SET version = 7 WHERE key = 'attic'",
    run: ({ directory }, alice) => directory.openRoom(nameForms('attic'), alice),
  },
  'the messages of a page': {
    sql: spoiled('one'),
    run: ({ log }, _, lobby) => log.readAfter(lobby, 0, 2, 10),
  },
  'a room that is closed': {
    sql: "UPDATE rooms SET topic = 'x' WHERE key = 'lobby'",
    run: ({ directory }, _, lobby) => directory.changeRoom(lobby, { state: 'closed' }),
  },
  'a user who is changed': {
    sql: "UPDATE users SET last_name = 'x'",
    run: ({ directory }, alice) => directory.changeUser(alice, { firstName: 'Alicia' }),
  },
};

for (const [what, { sql, run }] of Object.entries(jobs)) {
  t.test(`${what}, with damage, fails alone`, async (t) => {
    const { writer, alice, lobby } = await damaged(t, sql);
    const { store } = writer;
    const failed = run(store, alice.id, lobby.id).then(
      () => undefined,
      (error: unknown) => error,
    );
    const [bob, ban] = [
      writer.user('bob'),
      store.directory.setBan({ kind: 'user', target: 'mallory', reason: '', created: 1, until: undefined }),
    ];
    t.same(await writer.say(lobby.id, alice, 'said beside it'), ['stored 3']);
    const error = await failed;
    t.ok(error instanceof StoreFailure && error.message.includes('salond.db is damaged'), String(error));
    t.match(await bob, { name: 'bob' });
    await ban;
    t.match(await store.directory.listBans(), [{ target: 'mallory' }]);
    t.equal(store.log.writing.failing, undefined, 'the disk is not to blame');
  });
}

t.test('what a job did before it failed is undone, and the jobs before and after it stand', async (t) => {
  // What gives a new room its owner fails when the room is there already.
  const { writer, alice } = await damaged(
    t,
    "CREATE TRIGGER no BEFORE INSERT ON roles BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  const { directory } = writer.store;
  const [bob, den, carol] = await Promise.allSettled([
    writer.user('bob'),
    directory.openRoom(nameForms('den'), alice.id),
    writer.user('carol'),
  ]);
  t.same([bob.status, den.status, carol.status], ['fulfilled', 'rejected', 'fulfilled']);
  t.equal(await directory.findRoom('den'), undefined);
  t.ok(await directory.findUser('carol'));
});

for (const [what, sql, spared] of [
  ['a key', "UPDATE keys SET id = 2 WHERE key = 'k1'", 'duplicate 2'],
  ['the message of a key', spoiled('one'), 'failed 0'],
] as const) {
  t.test(`a message whose key can't be looked up, since ${what} is damaged, fails alone`, async (t) => {
    const { writer, alice, lobby } = await damaged(t, sql);
    const attic = await writer.room('attic');
    const post = (log: number, text: string, key?: string) =>
      ({ log, author: alice, text, kind: 'text', about: 0, key }) as const;
    const results = await writer.append(
      post(attic.id, 'a', 'k1'),
      post(lobby.id, 'one', 'k1'),
      post(lobby.id, 'two', 'k2'),
      post(lobby.id, 'three', 'k3'),
      post(lobby.id, 'four'),
    );
    t.same(results, ['stored 1', 'failed 0', spared, 'stored 3', 'stored 4']);
    t.equal(await writer.head(lobby.id), 4);
    t.same(writer.failures, []);
    t.equal(writer.store.log.writing.failing, undefined);
  });
}

for (const [what, key] of [
  ['with keys', 'k'],
  ['without keys', undefined],
] as const) {
  t.test(`messages ${what} to a log whose newest message is damaged fail alone`, async (t) => {
    const { writer, alice, lobby } = await damaged(t, 'UPDATE runs SET last = 9', true);
    const attic = await writer.room('attic');
    const post = (log: number, text: string) =>
      ({ log, author: alice, text, kind: 'text', about: 0, key: key && key + text }) as const;
    const results = await writer.append(post(lobby.id, 'a'), post(attic.id, 'b'), post(lobby.id, 'c'));
    t.same(results, ['failed 0', 'stored 1', 'failed 0']);
    await t.rejects(writer.head(lobby.id), { message: /salond\.db is damaged/ });
    t.equal(await writer.head(attic.id), 1);
    t.equal(writer.store.log.writing.failing, undefined);
  });
}

t.test('a batch that meets a damaged page fails, the store goes on, and the error says what to do', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'salond.db');
  const store = await SqliteStore.open(folder);
  t.teardown(() => store.close());
  const writer = new Writer(store);
  const alice = await writer.user('alice');
  const lobby = await writer.room('lobby', alice.id);
  await writer.say(lobby.id, alice, 'one');
  const beside = await Database.open(path);
  await beside.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const [found] = await beside.all(
    `SELECT (rootpage - 1) * page_size AS place, user_version AS version
      FROM sqlite_schema, pragma_page_size, pragma_user_version WHERE name = 'runs_by_log'`,
  );
  const file = openSync(path, 'r+');
  writeSync(file, 'no page', Number(found?.['place']));
  closeSync(file);
  // After another connection's commit the store reads the page again.
  await beside.exec(`PRAGMA user_version = ${Number(found?.['version'])}`);
  await beside.close();

  t.same(await writer.say(lobby.id, alice, 'two'), ['nothing stored']);
  t.match(writer.failures, [{ message: /malformed: the database is damaged, and salond --check-data tells where/ }]);
  t.equal(writer.brokenBy, undefined);
  await writer.user('bob');
  t.match(await store.directory.findUser('bob'), { name: 'bob' }, 'what does not meet the page is stored');
});

t.test('a log that is followed anew while a message to it is on its way has that message', async (t) => {
  const { writer, alice, lobby } = await damaged(t, 'SELECT 1');
  const { log } = writer.store;
  for (let round = 3; round < 30; round += 1) {
    // Nobody follows it any more, as after somebody was put out.
    const left = writer.say(lobby.id, alice, 'left behind');
    t.equal(await writer.head(lobby.id), round);
    await left;
  }
  t.match(await log.readAfter(lobby.id, 28, 100, 1), { messages: [{ first: 29 }], more: false });
});
