// The contract over SqliteStore, and what only a store on disk can be asked.
import { createHash } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { RunDecoder } from '../../src/store/run-format.js';
import { Database, type Statement } from '../../src/store/sqlite/database.js';
import { LongRuns, type RunDescription } from '../../src/store/sqlite/long-runs.js';
import { insertRuns, RunBatch } from '../../src/store/sqlite/runs.js';
import { backUp } from '../../src/store/sqlite/backup.js';
import { configure, create } from '../../src/store/sqlite/open.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { nameForms } from '../../src/text/names.js';
import { temporaryFolder } from '../support/daemon.js';
import { readOf, Writer } from '../support/writer.js';
import { storedMessages } from '../support/stored-messages.js';
import { Bench, breaker, newUser, poison, TestPost, type Kind } from './contract-bench.js';
import { storeContract } from './contract.js';
import { turn } from './posts.js';

/** The folders of the stores that are open. */
const folders = new Map<Store<TestPost>, string>();

async function openIn(folder: string): Promise<Store<TestPost>> {
  const store = await SqliteStore.open<TestPost>(folder);
  folders.set(store, folder);
  return store;
}

function folderOf(store: Store<TestPost>): string {
  const folder = folders.get(store);
  if (folder === undefined) throw new Error('a store that is not open');
  return folder;
}

async function close(store: Store<TestPost>): Promise<void> {
  if (folders.delete(store)) await store.close();
}

/** Runs SQL on a connection of its own beside the store's. */
async function beside(folder: string, sql: string): Promise<void> {
  const database = await Database.open(join(folder, 'salond.db'));
  await database.exec(sql);
  await database.close();
}

/** SQL: whether a row that is inserted has a message of that text, of less than 128 bytes. */
function holds(text: string): string {
  const bytes = Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
  return `instr(NEW.messages, x'${bytes.toString('hex')}')`;
}

// A failing insert rolls its statement back as a full disk does; bad JSON in SQL is an error that salond does not
// expect.
const breaking = `
  CREATE TRIGGER fail BEFORE INSERT ON runs WHEN ${holds(poison)} BEGIN SELECT RAISE(ABORT, 'no room'); END;
  CREATE TRIGGER break BEFORE INSERT ON runs WHEN ${holds(breaker)} BEGIN SELECT json('{'); END`;

/** A start refuses triggers that are not salond's. */
async function mend(folder: string): Promise<void> {
  await beside(folder, 'DROP TRIGGER fail; DROP TRIGGER break');
}

const kind: Kind = {
  open: async (t) => {
    const folder = temporaryFolder(t);
    const store = await openIn(folder);
    t.teardown(async () => {
      for (const [open, its] of folders) if (its === folder) await close(open);
    });
    await beside(folder, breaking);
    return store;
  },
  reopen: async (store) => {
    const folder = folderOf(store);
    await close(store);
    await mend(folder);
    const opened = await openIn(folder);
    await beside(folder, breaking);
    return opened;
  },
};

storeContract(kind);

t.test('what was written is in the file, byte for byte', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const text = '\0é\u2028"\\\u{1f600}\ufffe\0';
  const lobby = await bench.room('lobby', alice);
  await bench.append(new TestPost(lobby, alice, text, { key: text }), new TestPost(lobby, alice, '12'));
  const plain = { room: 'lobby', username: 'alice' };
  t.match(await storedMessages(join(folderOf(bench.store), 'salond.db')), [
    { ...plain, id: 1, text, key: text },
    { ...plain, id: 2, text: '12', key: undefined },
  ]);
});

t.test('a store that another program keeps locked fails and works again when it is free', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const other = await Database.open(join(folderOf(bench.store), 'salond.db'));
  await other.exec('BEGIN IMMEDIATE');
  const locked = new TestPost(lobby, alice, 'while locked', { key: 'k' });
  const told = bench.append(locked);
  const failure: unknown = await bench.store.directory.createUser(newUser('bob')).catch((error: unknown) => error);
  t.ok(failure instanceof StoreFailure);
  await told;
  await other.exec('ROLLBACK');
  const next = new TestPost(lobby, alice, 'when free', { key: 'k' });
  await bench.append(next);
  t.same(bench.results([locked, next]), ['none stored 0', 'stored 1']);
  await other.close();
});

t.test('a folder is held by one store at a time, and free when it is closed', async (t) => {
  const store = await kind.open(t);
  const folder = folderOf(store);
  await t.rejects(openIn(folder), { message: `${folder} is in use by another salond` });
  await close(store);
  await mend(folder);
  t.ok(await openIn(folder));
});

t.test('what is too much for one batch is stored by several', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  await bench.append(
    ...Array.from(
      { length: 20_000 },
      (_, count) => new TestPost(lobby, alice, `${count}`, { key: count % 2 === 0 ? `${count}` : undefined }),
    ),
  );
  t.equal(bench.recorder.commits.length, Math.ceil(20_000 / 2048));
  const { messages, more } = await bench.store.log.readAfter(lobby.id, 19_000, 20_000, 1000);
  t.notOk(more);
  t.same(
    readOf(messages).map(({ id }) => id),
    Array.from({ length: 1000 }, (_, index) => 19_001 + index),
  );
});

t.test('reads and writes go on side by side', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const followed = await bench.follow(lobby);
  const last = new TestPost(lobby, alice, 'last');
  for (let count = 0; count < 200; count += 1) {
    bench.store.log.append(new TestPost(lobby, alice, `${count}`));
    await turn();
    const { head } = followed;
    const { length } = readOf((await bench.store.log.readAfter(lobby.id, 0, head, 1000)).messages);
    if (length !== head) t.fail(`${head} messages were told and ${length} can be read`);
  }
  await bench.append(last);
  t.same(bench.results([last]), ['stored 201']);
  t.equal((await bench.follow(lobby)).head, 201);
});

t.test('the write-ahead log is brought into the database while the store is open', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const text = 'x'.repeat(4000);
  for (let batch = 0; batch < 130; batch += 1)
    await bench.append(...Array.from({ length: 40 }, () => new TestPost(lobby, alice, text)));
  const path = join(folderOf(bench.store), 'salond.db');
  for (let tries = 0; tries < 200 && statSync(path).size < 8 * 1024 * 1024; tries += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  t.ok(statSync(path).size > 8 * 1024 * 1024, 'most of 20 MiB are in the database itself');
});

t.test('every statement of a store can be prepared', async (t) => {
  const folder = temporaryFolder(t);
  // What makes the tables prepares statements of its own.
  await close(await openIn(folder));
  // A statement is prepared in its first call, so a wrong one would only be found there.
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object
  const taken = t.capture(Database.prototype, 'prepare', Database.prototype.prepare);
  const store = await openIn(folder);
  taken.restore();
  t.teardown(() => close(store));
  const database = await Database.open(join(folder, 'salond.db'));
  t.teardown(() => database.close());
  const statements = taken().map(({ args: [sql] }) => sql);
  t.ok(statements.length > 100, `${statements.length} statements`);
  for (const sql of statements) await database.all(`EXPLAIN ${sql}`);
});

/** A long and a short read of a database, and the names of those that were asked for, in the order of their answers. */
async function readsOf(database: Database) {
  const long = await database.prepare('SELECT ?1', { isLong: true });
  const short = await database.prepare('SELECT ?1');
  const order: string[] = [];
  const ask = async (statement: Statement, name: string): Promise<void> => {
    await statement.all(name);
    order.push(name);
  };
  return { long, short, order, ask };
}

t.test('a short read goes before the long ones that wait, and all end before the connection is closed', async (t) => {
  const database = await Database.open(':memory:');
  const { long, short, order, ask } = await readsOf(database);
  const pages = [1, 2, 3].map((number) => ask(long, `page ${number}`));
  const login = ask(short, 'login');
  const closed = database.close().then(() => order.push('closed'));
  await Promise.all([...pages, login, closed]);
  t.strictSame(order, ['page 1', 'login', 'page 2', 'page 3', 'closed']);
});

t.test('a long read waits for eight short ones at most', async (t) => {
  const database = await Database.open(':memory:');
  t.teardown(() => database.close());
  const { long, short, order, ask } = await readsOf(database);
  const logins = Array.from({ length: 20 }, () => ask(short, 'login'));
  await Promise.all([...logins, ask(long, 'page 1'), ask(long, 'page 2')]);
  const places = [order.indexOf('page 1'), order.indexOf('page 2')];
  // The first login did not wait.
  t.same(places, [9, 18]);
});

t.test('a connection is suspended although reads come without a pause, and they go on afterwards', async (t) => {
  const database = await Database.open(':memory:');
  t.teardown(() => database.close());
  const look = await database.prepare('SELECT 1');
  let [ended, isOver] = [0, false];
  const reading = async (): Promise<void> => {
    for (; !isOver && ended < 1000; ended += 1) await look.all();
  };
  // One of them always waits when another one ends.
  const readers = [reading(), reading(), reading()];
  await database.suspend();
  t.ok(ended <= 3, `${ended} reads have ended`);
  isOver = true;
  await database.takeOver(await Database.open(':memory:'));
  await Promise.all(readers);
});

t.test('a list looks at some of the rooms in one read, and says where it goes on', async (t) => {
  const store = await openIn(temporaryFolder(t));
  t.teardown(() => close(store));
  const writer = new Writer(store);
  const { id } = await writer.user('alice');
  const names = Array.from({ length: 2005 }, (_, at) => `room-${String(at).padStart(5, '0')}`);
  await Promise.all(names.map((name) => store.directory.openRoom(nameForms(name), id)));
  const { directory } = store;
  t.same(await directory.listRooms('nothing', '', 10), { rooms: [], next: names[1999] });
  t.same(await directory.listRooms('nothing', names[1999] ?? '', 10), { rooms: [], next: undefined });
  t.match(await directory.listRooms('02', names[1999] ?? '', 2), {
    rooms: [{ name: 'room-02000' }, { name: 'room-02001' }],
    next: 'room-02001',
  });
  t.match(await directory.listRooms('', '', 1), { rooms: [{ name: 'room-00000' }], next: 'room-00000' });
});

t.test('a list of users does so too, however many of them are deleted', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(folder);
  t.teardown(() => close(store));
  const { directory } = store;
  await new Writer(store).user('zoe');
  const beside = await Database.open(join(folder, 'salond.db'));
  await beside.exec(`WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 2004)
    INSERT INTO users (name, key, first_name, last_name, password, created, state, version, crc)
    SELECT printf('user-%05d', n), printf('user-%05d', n), '', '', x'', 0, 'deleted', 2, 0 FROM numbers`);
  await beside.close();
  t.same(await directory.listUsers('', 10), { users: [], next: 'user-01999' });
  t.match(await directory.listUsers('user-01999', 10), { users: [{ name: 'zoe' }], next: undefined });
  t.match(await directory.listUsers('user-02000', 1), { users: [{ name: 'zoe' }], next: 'zoe' });
});

t.test('a run is read in parts from what was kept of it, and once it is forgotten it is read again', async (t) => {
  const folder = temporaryFolder(t);
  await (await SqliteStore.open(folder)).close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.teardown(() => database.close());
  const text = JSON.stringify('\u0001'.repeat(4096)).slice(1, -1);
  const batch = new RunBatch();
  const runs = 5;
  for (let run = 0; run < runs; run += 1) {
    batch.begin(1, 1 + 100 * run, 5000 + run);
    for (let at = 0; at < 100; at += 1) batch.addText(1 + at, 'text', 0, text);
    batch.end();
  }
  await database.all(insertRuns, ...batch.take());
  const rows = await database.all(
    'SELECT room, first, last, time, length(messages) AS length, crc FROM runs ORDER BY seq',
  );
  const described = rows as unknown as readonly RunDescription[];
  const reader = await LongRuns.prepare(database);
  const read = async (run: number, at: number): Promise<number> => {
    const { first, count, bytes, columns } = await reader.read(
      described[run] as RunDescription,
      1 + 100 * run + at,
      1 + 100 * run + 90,
      100_000,
    );
    t.equal(first, 1 + 100 * run + at);
    t.equal(columns.authors[0], 1 + at);
    t.ok(count === 0 || bytes.length <= 100_000);
    for (const [place, begin] of columns.begins.entries())
      if (bytes.toString('latin1', begin, columns.ends[place]) !== text) t.fail('the text is another');
    return count;
  };
  t.equal(await read(0, 0), 4);
  await database.exec(`UPDATE runs SET messages = zeroblob(${described[0]?.length ?? 0}) WHERE seq = 1`);
  t.equal(await read(0, 88), 3, 'what was kept was checked');
  for (let run = 1; run < runs; run += 1) t.equal(await read(run, 50), 4);
  await t.rejects(read(0, 0), /a row of runs is not what was written/, 'it is read again');
  await t.rejects(read(0, 0), /a row of runs is not what was written/, 'and an error is not kept');
});

/** How long work takes on the clock of `mostWorkInTurn`: milliseconds for 64 KiB, for a row, and for a line of JSON. */
const [bytesTake, rowTakes, lineTakes] = [1, 0.05, 0.02];

/**
 * The most milliseconds for which runs are checked and JSON is written in one turn of the event loop while `work` runs.
 * Nothing else takes time.
 */
async function mostWorkInTurn(t: Test, work: () => Promise<unknown>): Promise<number> {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object
  const { add } = RunDecoder.prototype;
  const { stringify } = JSON;
  let [most, now, began, isOver] = [0, 0, 0, false];
  const take = (bytes: number, more: number): void => {
    now += (bytesTake * bytes) / 65_536 + more;
    most = Math.max(most, now - began);
  };
  const captured = [
    t.capture(performance, 'now', () => now),
    t.capture(RunDecoder.prototype, 'add', function (this: RunDecoder, piece: Buffer, isLast: boolean) {
      take(piece.length, isLast ? rowTakes : 0);
      add.call(this, piece, isLast);
    }),
    t.capture(JSON, 'stringify', (value: unknown) => {
      const text = stringify(value);
      take(text.length, lineTakes);
      return text;
    }),
  ];
  const count = (): void => {
    began = now;
    if (!isOver) setImmediate(count);
  };
  count();
  await work();
  isOver = true;
  for (const each of captured) each.restore();
  return most;
}

t.test('whoever reads long runs, or many, checks them for a short time in one turn of the event loop', async (t) => {
  const folder = temporaryFolder(t);
  const store = await openIn(folder);
  t.teardown(() => close(store));
  const writer = new Writer(store);
  const alice = await writer.user('alice');
  const room = (await writer.room('long', alice.id)).id;
  const other = (await writer.room('other', alice.id)).id;
  const short = (await writer.room('short', alice.id)).id;
  // Runs as older data has them, which may be five times as long, and as they are written now.
  const text = JSON.stringify('\u0001'.repeat(4096)).slice(1, -1);
  const batch = new RunBatch();
  for (const [log, first, count] of [
    [room, 1, 20],
    ...Array.from({ length: 20 }, (_, at) => [room, 21 + 2 * at, 2] as const),
    [room, 61, 20],
    [other, 1, 20],
  ] as const) {
    batch.begin(log, first, 5000);
    for (let at = 0; at < count; at += 1) batch.addText(alice.id, 'text', 0, text);
    batch.end();
  }
  for (let id = 1; id <= 200; id += 1) {
    batch.begin(short, id, 5000);
    batch.addText(alice.id, 'text', 0, 'x');
    batch.end();
  }
  const database = await Database.open(join(folder, 'salond.db'));
  await database.all(insertRuns, ...batch.take());
  await database.close();
  const { log } = store;
  const check = async (name: string, least: number, work: () => Promise<unknown>): Promise<void> => {
    const found = await mostWorkInTurn(t, work);
    // A step is a millisecond and a piece. The turns that are counted may have two: one before the network is read, and
    // one after it, when a read of the database was answered.
    t.ok(found <= 4 && found >= least, `${name}: ${found} ms`);
  };
  await check('the newest message', 0, () => writer.head(room));
  const some = [7, ...Array.from({ length: 20 }, (_, at) => 21 + 2 * at), 70];
  await check('what a search found', 0.5, () => log.readEach(room, some));
  const all = Array.from({ length: 200 }, (_, at) => 1 + at);
  await check('short runs that a search found', 0.5, () => log.readEach(short, all));
  await check('an edit', 0.5, async () => {
    t.same(await writer.say(room, alice, { text: 'x', kind: 'edit', about: 7 }), ['stored 81']);
  });
  await check('a deletion', 0.5, async () => t.equal(await log.deleteMessage(room, 70, () => true), 'deleted'));
  await check('the feed', 0.5, async () => t.match(await store.feed?.read(''), { isEnd: false }));
  await check('what is stored about a user', 0.5, async () => {
    for await (const lines of store.personal?.of(alice.id) ?? []) t.ok(lines);
  });
  t.same(await writer.say(other, alice, 'y'), ['stored 21'], 'it is numbered after a long run that nobody was shown');
});

t.test('a backup is one state of the data, while commits go on, and has nothing that was deleted', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'salond.db');
  await create(path);
  const database = await configure(path, 'relaxed');
  t.teardown(() => database.close());
  await database.exec('CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT)');
  const fill = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 6000)`;
  await database.all(`${fill} INSERT INTO texts SELECT n, hex(zeroblob(500)) FROM numbers`);
  await database.all('INSERT INTO texts VALUES (7000, ?)', 'a secret that is deleted');
  await database.all(`${fill} INSERT INTO texts SELECT 8000 + n, hex(zeroblob(500)) || ' a secret' FROM numbers`);
  // The first one's page stays in use, those of the others do not.
  await database.exec('DELETE FROM texts WHERE id >= 7000');
  let [commits, commitsBefore] = [0, 0];
  const ending = new AbortController();
  const committing = (async () => {
    while (!ending.signal.aborted) {
      // Each commit has two rows, so a copy of half of one would show.
      await database.exec("INSERT INTO texts (text) VALUES ('new'), ('new')");
      commits += 1;
      await turn();
    }
  })();
  const pieces: Buffer[] = [];
  const { bytes, sha256 } = await backUp(folder, async (piece) => {
    if (pieces.length === 0) commitsBefore = commits;
    pieces.push(piece);
  });
  ending.abort();
  await committing;
  const copy = Buffer.concat(pieces);
  t.equal(bytes, copy.length);
  t.equal(sha256, createHash('sha256').update(copy).digest('hex'));
  t.notOk(copy.includes('a secret'));
  const copied = join(folder, 'copy.db');
  writeFileSync(copied, copy);
  const opened = await Database.openUnchanging(copied);
  t.teardown(() => opened.close());
  const [row] = await opened.all("SELECT count(*) AS count FROM texts WHERE text = 'new'");
  const count = Number(row?.['count']);
  t.equal(count % 2, 0);
  t.ok(count / 2 < commitsBefore, `${count / 2} of ${commitsBefore} commits until the copy was whole are in it`);
  t.same(await opened.all('PRAGMA integrity_check'), [{ integrity_check: 'ok' }]);
  t.same(await opened.all('PRAGMA journal_mode'), [{ journal_mode: 'delete' }], 'it needs no log beside it');
});
