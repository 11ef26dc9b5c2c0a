// What trimming leaves on disk: a log that is whole whenever the process is killed, that an export and an import keep,
// and a file that becomes smaller.
import assert from 'node:assert/strict';
import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { completed, contractRules } from '../../src/rules.js';
import type { Kept } from '../../src/store/retention.js';
import { Database } from '../../src/store/sqlite/database.js';
import { exported } from '../../src/store/sqlite/export.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { imported } from '../../src/store/sqlite/import.js';
import { temporaryFolder } from '../support/daemon.js';
import { filledFolder, openWriter } from '../support/files.js';

const newest10: Kept = { seconds: 0, messages: 10 };

t.test('after each step the files are those of a whole log, as a kill would leave them', async (t) => {
  const folder = temporaryFolder(t);
  await filledFolder(folder, 3);
  const writer = await openWriter(folder);
  const alice = { id: 1, name: 'alice' };
  const room = await writer.room('talk', 1);
  // Runs of 7, each with a key: the last cut is inside of one.
  for (let run = 0; run < 6; run += 1)
    await writer.say(
      room.id,
      alice,
      ...Array.from({ length: 7 }, (_, at) => ({ text: `${run} ${at}`, key: `${run} ${at}` })),
    );
  let erased = 0;
  for (let more = true; more; ) {
    const step = await writer.store.directory.trimMessages(room.id, newest10, Date.now(), 1);
    erased += step.count;
    more = step.more;
    const copy = temporaryFolder(t);
    cpSync(folder, copy, { recursive: true });
    const database = await Database.open(join(copy, 'salond.db'));
    t.same(await findDamage(database, contractRules), []);
    await database.close();
    const again = await openWriter(copy);
    const { messages } = await again.store.log.readAfter(room.id, 0, 42, 100);
    t.equal(messages[0]?.first, erased + 1);
    t.equal(
      messages.reduce((sum, { authors }) => sum + authors.length, 0),
      42 - erased,
    );
    t.same(await again.say(room.id, alice, 'next'), ['stored 43']);
    await again.store.close();
  }
  t.equal(erased, 32);
  await writer.store.close();

  const lines: string[] = [];
  const database = await Database.openUnchanging(join(folder, 'salond.db'));
  for await (const line of exported(database)) lines.push(line);
  await database.close();
  const other = temporaryFolder(t);
  async function* bytes(): AsyncIterable<Uint8Array> {
    yield Buffer.from(lines.join(''));
  }
  await imported(bytes(), other, completed, contractRules);
  const copy = await openWriter(other);
  t.equal((await copy.store.directory.findRoom('talk'))?.erased, 32);
  t.same(
    (await copy.readAll(room.id)).map(({ id }) => id),
    Array.from({ length: 10 }, (_, at) => 33 + at),
  );
  t.same(await copy.say(room.id, alice, { text: 'again', key: '0 0' }), ['stored 43'], 'its key was free');
  await copy.store.close();
});

t.test('the time of a step is that in which the messages are removed', async (t) => {
  const folder = temporaryFolder(t);
  await filledFolder(folder, 1);
  const writer = await openWriter(folder);
  t.teardown(() => writer.store.close());
  const room = await writer.room('talk', 1);
  for (let run = 0; run < 20; run += 1) await writer.say(room.id, { id: 1, name: 'alice' }, `message ${run}`);
  const slow = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000)
    SELECT count(*) FROM numbers`;
  const beside = await Database.open(join(folder, 'salond.db'));
  await beside.exec(`CREATE TRIGGER slow AFTER DELETE ON runs WHEN old.room = ${room.id} AND old.first = 1
    BEGIN ${slow}; END`);
  await beside.close();
  const begun = performance.now();
  const { count, took } = await writer.store.directory.trimMessages(room.id, newest10, Date.now(), 1000);
  const whole = performance.now() - begun;
  t.equal(count, 10);
  t.ok(took > whole / 2, `${took} of ${whole} ms`);
});

t.test('the space is given back to the disk', async (t) => {
  const folder = temporaryFolder(t);
  await filledFolder(folder, 1);
  const writer = await openWriter(folder);
  const room = await writer.room('talk', 1);
  for (let commit = 0; commit < 20; commit += 1)
    await writer.say(room.id, { id: 1, name: 'alice' }, ...Array.from({ length: 100 }, () => 'x'.repeat(4000)));
  await writer.store.close();
  const before = statSync(join(folder, 'salond.db')).size;
  const again = await openWriter(folder);
  const { directory } = again.store;
  while ((await directory.trimMessages(room.id, newest10, Date.now(), 100)).more);
  while (await directory.giveBack());
  await again.store.close();
  const after = statSync(join(folder, 'salond.db')).size;
  assert.ok(before > 8_000_000);
  t.ok(after < before / 4, `${before} and ${after} bytes`);
});
