// The contract over SqliteStore, and what only a store on disk can be asked.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { StoreFailure, type Store } from '../../src/store/store.js';
import { temporaryFolder } from '../support/daemon.js';
import { Bench, breaker, forms, Line, newUser, poison, storeContract, turn, type Kind } from './contract.js';

/** The folders of the stores that are open. */
const folders = new Map<Store<Line>, string>();

async function openIn(folder: string): Promise<Store<Line>> {
  const store = await SqliteStore.open<Line>(folder);
  folders.set(store, folder);
  return store;
}

function folderOf(store: Store<Line>): string {
  const folder = folders.get(store);
  if (folder === undefined) throw new Error('a store that is not open');
  return folder;
}

async function close(store: Store<Line>): Promise<void> {
  if (folders.delete(store)) await store.close();
}

/** Runs SQL on a connection of its own beside the store's. */
async function beside(folder: string, sql: string): Promise<void> {
  const database = await Database.open(join(folder, 'salond.db'));
  await database.exec(sql);
  await database.close();
}

// A failing insert rolls its statement back as a full disk does; bad JSON in SQL is an error that salond does not expect.
const breaking = `
  CREATE TRIGGER fail BEFORE INSERT ON runs WHEN instr(NEW.messages, '"${poison}"') BEGIN SELECT RAISE(ABORT, 'no room'); END;
  CREATE TRIGGER break BEFORE INSERT ON runs WHEN instr(NEW.messages, '"${breaker}"') BEGIN SELECT json('{'); END`;

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
  await bench.append(new Line(lobby, alice, text, text), new Line(lobby, alice, '12'));
  const database = await Database.open(join(folderOf(bench.store), 'salond.db'));
  const rows = await database.all(
    'SELECT hex(message) AS message, hex(key) AS key, typeof(message) AS type FROM messages',
  );
  await database.close();
  const hex = Buffer.from(text).toString('hex').toUpperCase();
  t.same(rows, [
    { message: hex, key: hex, type: 'text' },
    { message: '3132', key: '', type: 'text' },
  ]);
});

t.test('a store that another program keeps locked fails and works again when it is free', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const other = await Database.open(join(folderOf(bench.store), 'salond.db'));
  await other.exec('BEGIN IMMEDIATE');
  const told = bench.append(new Line(lobby, alice, 'while locked', 'k'));
  const failure: unknown = await bench.store.createUser(newUser('bob')).catch((error: unknown) => error);
  t.ok(failure instanceof StoreFailure);
  t.match(await told, { kind: 'failed' });
  await other.exec('ROLLBACK');
  const next = new Line(lobby, alice, 'when free', 'k');
  t.equal((await bench.append(next))?.kind, 'committed');
  t.match(next, { outcome: 'stored', id: 1 });
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

t.test('a large batch is stored whole', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const lines: Line[] = [];
  for (let count = 0; count < 20_000; count += 1)
    lines.push(new Line(lobby, alice, `${count}`, count % 2 === 0 ? `${count}` : undefined));
  await bench.append(...lines);
  t.equal(bench.recorder.told.length, 1);
  const { messages, more } = await bench.store.readBefore(lobby, 20_001, 1000);
  t.ok(more);
  t.same(
    messages.map(({ id }) => id),
    Array.from({ length: 1000 }, (_, index) => 19_001 + index),
  );
});

t.test('reads and writes go on side by side', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const last = new Line(lobby, alice, 'last');
  for (let count = 0; count < 200; count += 1) {
    bench.store.append(new Line(lobby, alice, `${count}`));
    await turn();
    const { head } = lobby;
    const { messages } = await bench.store.readAfter(lobby, 0, head, 1000);
    if (messages.length !== head) t.fail(`${head} messages were told and ${messages.length} can be read`);
  }
  await bench.append(last);
  t.equal(last.id, 201);
  t.match(await bench.store.openRoom(forms('lobby'), undefined), { head: 201 });
});

t.test('the write-ahead log is brought into the database while the store is open', async (t) => {
  const bench = await Bench.open(t, kind);
  const alice = await bench.user('alice');
  const lobby = await bench.room('lobby', alice);
  const text = 'x'.repeat(4000);
  for (let batch = 0; batch < 130; batch += 1) {
    await bench.append(...Array.from({ length: 40 }, () => new Line(lobby, alice, text)));
  }
  const path = join(folderOf(bench.store), 'salond.db');
  for (let tries = 0; tries < 200 && statSync(path).size < 8 * 1024 * 1024; tries += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  t.ok(statSync(path).size > 8 * 1024 * 1024, 'most of 20 MiB are in the database itself');
});
