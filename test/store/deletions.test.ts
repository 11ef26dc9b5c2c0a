// What a deletion leaves on disk: no text, a row with its checksum, and a table of edits that says what the runs say.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Author, LogId } from '../../src/store/log.js';
import { Database } from '../../src/store/sqlite/database.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { LongRuns } from '../../src/store/sqlite/long-runs.js';
import { sumOf } from '../../src/store/sqlite/sums.js';
import { temporaryFolder } from '../support/daemon.js';
import { filledFolder, openWriter } from '../support/files.js';
import type { Writer } from '../support/writer.js';

const anyone = (): boolean => true;

interface Talk {
  readonly folder: string;
  readonly path: string;
  readonly writer: Writer;
  readonly log: LogId;
  readonly alice: Author;
}

async function begin(t: Test): Promise<Talk> {
  const folder = temporaryFolder(t);
  const path = await filledFolder(folder, 1);
  const writer = await openWriter(folder);
  return { folder, path, writer, log: (await writer.room('talk', 1)).id, alice: { id: 1, name: 'alice' } };
}

/** Whether a text stands in any file of the folder. */
function isOnDisk(folder: string, text: string): boolean {
  return readdirSync(folder).some(
    (name) => name.startsWith('salond.db') && readFileSync(join(folder, name)).includes(text),
  );
}

async function damageIn(path: string): Promise<readonly string[]> {
  const database = await Database.open(path);
  try {
    return await findDamage(database);
  } finally {
    await database.close();
  }
}

t.test(
  'the texts of deleted messages and of their edits are in no file, short or long, and nothing else is gone',
  async (t) => {
    const { folder, path, writer, log, alice } = await begin(t);
    // A word that is no part of a table's name: the schema is on the disk too.
    const long = 'a long murmur '.repeat(280);
    await writer.say(log, alice, 'kept one', 'a short murmur', 'kept two', ...Array.from({ length: 40 }, () => long));
    await writer.say(log, alice, { text: 'an edited murmur', kind: 'edit', about: 2 });
    await writer.say(log, alice, { text: 'kept three', kind: 'reply', about: 2 });
    const before = await writer.readAll(log);
    const last = before.length - 1;
    t.equal(await writer.store.log.deleteMessage(log, 2, anyone), 'deleted');
    for (let id = 4; id < last; id += 1) t.equal(await writer.store.log.deleteMessage(log, id, anyone), 'deleted');
    const expected = before.map((each) => (each.text.includes('murmur') ? { ...each, text: '' } : each));
    t.same(await writer.readAll(log), expected);
    await writer.store.close();
    t.ok(isOnDisk(folder, 'kept one') && isOnDisk(folder, 'kept three'));
    t.notOk(isOnDisk(folder, 'murmur'));
    t.same(await damageIn(path), []);
  },
);

t.test('rows of edits that the runs do not have, or lack, are found', async (t) => {
  const { folder, path, writer, log, alice } = await begin(t);
  await writer.say(log, alice, 'one', 'two');
  for (const text of ['first', 'second']) await writer.say(log, alice, { text, kind: 'edit', about: 1 });
  await writer.store.close();
  const database = await Database.open(path);
  await database.all('UPDATE edits SET about = 2, crc = ? WHERE id = 3', sumOf([log, 2, 3]));
  t.same(await findDamage(database), [`edits are not as their table says in the room with the number ${log}`]);
  await database.all('UPDATE edits SET about = 1, crc = ? WHERE id = 3', sumOf([log, 1, 3]));
  t.same(await findDamage(database), []);
  await database.all('INSERT INTO edits VALUES (?, 2, 9, ?)', log, sumOf([log, 2, 9]));
  t.match(await findDamage(database), [/^edits are not as their table says/]);
  await database.all('DELETE FROM edits WHERE id <> 3');
  t.match(await findDamage(database), [/^edits are not as their table says/]);
  await database.all('INSERT INTO edits VALUES (?, 1, 4, ?)', log, sumOf([log, 1, 4]));
  t.same(await findDamage(database), []);
  const damaged = await openWriter(folder);
  t.teardown(() => damaged.store.close());
  await database.all('UPDATE edits SET crc = 7 WHERE id = 4');
  t.match(await findDamage(database), [/^a row of edits is not what was written/]);
  await database.close();
  await t.rejects(damaged.readAll(log), { message: /a row of edits is not what was written/ }, 'and none is shown');
});

t.test('a long run that is written anew between its description and its reading is read as it is then', async (t) => {
  const { path, writer, log, alice } = await begin(t);
  await writer.say(log, alice, 'one', 'secret', 'three');
  const database = await Database.open(path);
  t.teardown(() => database.close());
  const runs = await LongRuns.prepare(database);
  const [row] = await database.all('SELECT *, length(messages) AS length FROM runs WHERE room = ?', log);
  const described = {
    room: log,
    first: 1,
    last: 3,
    time: Number(row?.['time']),
    length: Number(row?.['length']),
    crc: Number(row?.['crc']),
  };
  t.equal(await writer.store.log.deleteMessage(log, 2, anyone), 'deleted');
  const { bytes, columns } = await runs.read(described, 1, 3, 1000);
  t.equal(columns.begins[1], columns.ends[1]);
  t.notOk(bytes.includes('secret'));
  await writer.store.close();
});

t.test('a deletion in a damaged row fails alone, and nothing of it is stored', async (t) => {
  const { path, writer, log, alice } = await begin(t);
  await writer.say(log, alice, 'one');
  await writer.say(log, alice, { text: 'edit', kind: 'edit', about: 1 });
  const database = await Database.open(path);
  await database.all('UPDATE runs SET crc = crc + 1 WHERE room = ? AND first = 2', log);
  await database.close();
  const deleting = writer.store.log.deleteMessage(log, 1, anyone);
  const said = writer.say(log, alice, 'goes on');
  await t.rejects(deleting, { message: /a row of runs is not what was written/ });
  t.same(await said, ['stored 3']);
  const { messages } = await writer.store.log.readAfter(log, 0, 1, 1);
  t.equal(messages[0]?.texts.ends[0], (messages[0]?.texts.begins[0] ?? 0) + 3, 'the message keeps its text');
  t.match(
    await writer.say(log, alice, { text: 'x', kind: 'edit', about: 2 }),
    [/failed 0/],
    'an edit of what is damaged fails',
  );
  await writer.store.close();
});
