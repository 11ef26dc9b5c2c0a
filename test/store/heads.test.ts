// Tests the cache of the newest ids: how many it keeps, and that a commit during a read is not forgotten.
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Messages } from '../../src/store/log.js';
import { Database } from '../../src/store/sqlite/database.js';
import { Heads } from '../../src/store/sqlite/heads.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { temporaryFolder } from '../support/daemon.js';

const max = 10;

/** Heads over a database without messages. */
async function begin(t: Test): Promise<Heads> {
  const folder = temporaryFolder(t);
  await (await SqliteStore.open(folder)).close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.teardown(() => database.close());
  return Heads.prepare({ reader: database, writer: database }, max);
}

/** One message of a log, as a commit stores it. */
function message(log: number, id: number): Messages {
  const texts = { bytes: Buffer.from('x'), begins: [0], ends: [1] };
  return { log, first: id, time: 0, authors: [{ id: 1, name: 'alice' }], texts, kinds: ['text'], about: [0] };
}

t.test('a commit empties the cache where it has too many heads, but for its own', async (t) => {
  const heads = await begin(t);
  for (let log = 1; log <= 100; log += 1) {
    heads.move([message(log, 7)]);
    t.ok(heads.size <= max + 1);
    t.equal(heads.get(log), 7);
  }
});

t.test('a commit during a read is not forgotten, however many heads there are', async (t) => {
  const heads = await begin(t);
  for (let log = 1; log <= max + 1; log += 1) await heads.read(log);
  const reading = heads.read(99);
  heads.move([message(99, 5)]);
  heads.move([message(1, 3)]);
  t.ok(heads.size > max);
  await reading;
  t.equal(heads.get(99), 5, 'the read began before the commit');
  heads.move([message(2, 4)]);
  t.equal(heads.size, 1);
});
