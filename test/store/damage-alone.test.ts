// Damage in one row is the matter of whoever asks for that row. What others write in the same batch is stored, whatever
// the order in which it comes, and what is damaged stays as it is.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { RoomRecord } from '../../src/store/directory.js';
import type { Author } from '../../src/store/log.js';
import { DamagedLogs } from '../../src/store/sqlite/damaged-logs.js';
import { Database } from '../../src/store/sqlite/database.js';
import { Statement } from '../../src/store/sqlite/statement.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { nameForms } from '../../src/text/names.js';
import { temporaryFolder } from '../support/daemon.js';
import { Writer } from '../support/writer.js';
import { damageFirstPage } from './damaged-page.js';

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

t.test('a change that fails beside a reply fails alone: what looks up the reply does not hide that', async (t) => {
  const { writer, alice, lobby } = await damaged(
    t,
    "CREATE TRIGGER no BEFORE INSERT ON bans WHEN new.target = 'mallory' BEGIN SELECT RAISE(ABORT, 'no'); END",
  );
  const { directory, log } = writer.store;
  for (const [key, stored] of [
    [undefined, 3],
    ['k3', 4],
  ] as const) {
    const bans = ['bob', 'mallory', 'carol'].map((target) =>
      directory.setBan({ kind: 'user', target, reason: String(key), created: 1, until: undefined }),
    );
    const said = writer.say(lobby.id, alice, { text: 'a reply', kind: 'reply', about: 1, key });
    t.same(
      (await Promise.allSettled(bans)).map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    t.same(await said, [`stored ${stored}`]);
    t.same(
      (await directory.listBans()).map(({ target, reason }) => [target, reason]).sort(),
      ['bob', 'carol'].map((target) => [target, String(key)]),
    );
  }
  t.equal((await writer.readAll(lobby.id)).length, 4);
  t.same([writer.failures, writer.unread, log.writing.failing], [[], [], undefined]);
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

const numbers = 'WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000)';

/**
 * A store in which the first page of an index is damaged, after `sql` has filled it: it may use 3,000 `numbers`. It has
 * alice and her rooms, with the ids 1 to 5, and a message in the first one.
 * @param before writes more before the damage
 */
async function withDamagedPage(
  t: Test,
  index: string,
  sql: string,
  key?: string,
  before?: (writer: Writer, alice: Author) => Promise<unknown>,
): Promise<[Writer, Author]> {
  const folder = temporaryFolder(t);
  const path = join(folder, 'salond.db');
  const store = await SqliteStore.open(folder);
  t.teardown(() => store.close());
  const writer = new Writer(store);
  const alice = await writer.user('alice');
  for (const [at, name] of ['lobby', 'between', 'attic', 'cellar', 'den'].entries())
    t.equal((await writer.room(name, alice.id)).id, at + 1);
  await writer.say(1, alice, { text: 'one', key });
  await before?.(writer, alice);
  await damageFirstPage(path, index, sql);
  return [writer, alice];
}

for (const [what, index, key] of [
  ['rows', 'runs_by_log', undefined],
  ['keys', 'keys', 'k'],
] as const)
  t.test(
    `a room whose ${what} are on a damaged page is refused, in one commit with others that are stored`,
    async (t) => {
      const [writer, alice] = await withDamagedPage(
        t,
        index,
        `${numbers} INSERT INTO runs (room, first, last, time, messages, crc) SELECT 2, n, n, 0, x'', 0 FROM numbers;
      ${numbers} INSERT INTO keys (room, author, key, id, crc) SELECT 2, 1, 'key-' || n, n, 0 FROM numbers`,
        key,
      );
      const post = (log: number, text: string) =>
        ({ log, author: alice, text, kind: 'text', about: 0, key: key && key + text }) as const;
      for (let round = 1; round <= 3; round += 1) {
        const bob = writer.user(`bob-${round}`);
        const results = await writer.append(...[3, 1, 4, 1, 5].map((log, place) => post(log, `${round}${place}`)));
        t.same(results, [`stored ${round}`, 'failed 0', `stored ${round}`, 'failed 0', `stored ${round}`]);
        t.match(await bob, { name: `bob-${round}` });
      }
      t.same(await writer.append(post(1, 'alone')), ['failed 0'], 'also alone');
      t.equal(writer.unread.length, 7);
      for (const { message } of writer.unread) t.match(message, /database disk image is malformed/);
      t.same([writer.failures, writer.brokenBy, writer.store.log.writing.failing], [[], undefined, undefined]);
      t.equal((await writer.readAll(3)).length, 3);
    },
  );

for (const [what, index, key] of [
  ['the edits of its target', 'edits', undefined],
  ['the edits of its target, with a key,', 'edits', 'k'],
  ['its key', 'keys', 'k'],
] as const)
  t.test(`an edit for which ${what} can't be read, beside changes, is refused alone`, async (t) => {
    const [writer, alice] = await withDamagedPage(
      t,
      index,
      `${numbers} INSERT INTO edits (room, about, id, crc) SELECT 2, 1, n, 0 FROM numbers;
    ${numbers} INSERT INTO keys (room, author, key, id, crc) SELECT 2, 1, 'key-' || n, n, 0 FROM numbers`,
    );
    const post = (log: number, text: string, about = 0) =>
      ({ log, author: alice, text, kind: about > 0 ? 'edit' : 'text', about, key: key && key + text }) as const;
    for (let round = 1; round <= 2; round += 1) {
      const bob = writer.user(`bob-${round}`);
      const results = await writer.append(
        post(3, `a${round}`),
        post(1, `b${round}`, 1),
        { ...post(1, 'c'), key: undefined },
        post(4, `d${round}`),
      );
      t.same(results, [`stored ${round}`, 'failed 0', `stored ${round + 1}`, `stored ${round}`]);
      t.match(await bob, { name: `bob-${round}` });
    }
    t.equal(writer.unread.length, 2);
    for (const { message } of writer.unread) t.match(message, /database disk image is malformed/);
    t.same([writer.failures, writer.brokenBy, writer.store.log.writing.failing], [[], undefined, undefined]);
  });

for (const [what, index, kind] of [
  ['an edit for which the edits of its target', 'edits', 'edit'],
  ['a reply for which its room', 'rooms', 'reply'],
] as const)
  t.test(`${what} can't be read, sent again with its key beside changes, spoils nothing`, async (t) => {
    const [writer, alice] = await withDamagedPage(
      t,
      index,
      `${numbers} INSERT INTO edits (room, about, id, crc) SELECT 2, 1, n, 0 FROM numbers`,
      'k',
      async (before, author) => {
        await before.say(1, author, { text: 'edited', kind, about: 1, key: 'again' });
        for (const log of [3, 4]) await before.say(log, author, 'one');
      },
    );
    const post = (log: number, text: string, about = 0) =>
      ({
        log,
        author: alice,
        text,
        kind: about > 0 ? kind : 'text',
        about,
        key: about > 0 ? 'again' : undefined,
      }) as const;
    for (let round = 1; round <= 2; round += 1) {
      const bob = writer.user(`bob-${round}`);
      const results = await writer.append(
        post(3, `a${round}`),
        post(1, 'edited', 1),
        { ...post(1, 'edited', 99), key: undefined },
        post(4, `d${round}`),
        { ...post(4, 'key'), key: `x${round}` },
        { ...post(4, 'edited', 1), key: `x${round}` },
      );
      t.same(results, [
        `stored ${round + 1}`,
        'duplicate 2',
        index === 'edits' ? 'missing 0' : 'failed 0',
        `stored ${2 * round}`,
        `stored ${2 * round + 1}`,
        `conflict ${2 * round + 1}`,
      ]);
      t.match(await bob, { name: `bob-${round}` });
    }
    t.equal(writer.unread.length, index === 'edits' ? 0 : 2);
    t.same([writer.failures, writer.brokenBy, writer.store.log.writing.failing], [[], undefined, undefined]);
  });

t.test(
  'a user who meets a damaged page is refused, in one commit with others and messages that are stored',
  async (t) => {
    const [writer, alice] = await withDamagedPage(
      t,
      'sqlite_autoindex_users_1',
      `${numbers} INSERT INTO users (name, key, first_name, last_name, password, created, state, version, crc)
    SELECT 'fred ' || n, 'fred ' || n, '', '', x'', 0, 'active', 1, 0 FROM numbers`,
    );
    const users = Promise.allSettled(['yves', 'bob', 'zoe', 'carol'].map((name) => writer.user(name)));
    t.same(await writer.say(3, alice, 'said beside it'), ['stored 1']);
    t.same(
      (await users).map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'rejected'],
    );
    t.same([writer.failures, writer.brokenBy, writer.store.log.writing.failing], [[], undefined, undefined]);
    t.ok(await writer.store.directory.findUser('zoe'));
  },
);

t.test('a log that could not be written is tried again after a minute', async (t) => {
  let now = 0;
  const logs = new DamagedLogs(() => now);
  const failure = new StoreFailure('no page');
  logs.add(new Map([[7, failure]]));
  t.same([...logs.of([6, 7])], [[7, failure]]);
  now = 60_000;
  t.equal(logs.of([7]).size, 0);
  for (let log = 0; log < 1000; log += 1) logs.add(new Map([[log, failure]]));
  t.equal(logs.of([5, 999]).size, 2);
  logs.add(new Map([[1000, failure]]));
  t.same([...logs.of([5, 999, 1000]).keys()], [1000], 'there is a bound');
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

t.test(
  'users who are looked for at the same time are read by two statements, and damage in one is its own',
  async (t) => {
    const { writer } = await damaged(t, "UPDATE users SET status = 'x' WHERE key = 'alice'");
    const { directory } = writer.store;
    const names = Array.from({ length: 20 }, (_, at) => `user-${at}`);
    for (const name of names) await writer.user(name);
    let statements = 0;
    const all = Reflect.get(Statement.prototype, 'all');
    Statement.prototype.all = function (this: Statement, ...values) {
      statements += 1;
      return all.call(this, ...values);
    };
    t.teardown(() => {
      Statement.prototype.all = all;
    });
    const found = await Promise.all([...names, 'nobody'].map((name) => directory.findUser(name)));
    t.same(
      found.map((user) => user?.name),
      [...names, undefined],
    );
    t.equal(statements, 2, 'the first by itself, the others together');
    await Promise.all(names.map(() => directory.passwordHeads()));
    t.equal(statements, 4);
    const [whole, spoilt] = await Promise.allSettled([directory.findUser('user-3'), directory.findUser('alice')]);
    t.match(whole, { value: { name: 'user-3' } });
    t.ok(spoilt.status === 'rejected' && spoilt.reason instanceof StoreFailure);
  },
);
