// An export says all that is stored, and its import is the same again: kinds and what messages are about, too.
import { join } from 'node:path';
import t from 'tap';
import { completed, contractRules } from '../../src/rules.js';
import { Database } from '../../src/store/sqlite/database.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { exported } from '../../src/store/sqlite/export.js';
import { imported } from '../../src/store/sqlite/import.js';
import { temporaryFolder } from '../support/daemon.js';
import { filledFolder, openWriter, sealed } from '../support/files.js';

async function exportOf(folder: string): Promise<readonly string[]> {
  const database = await Database.openUnchanging(join(folder, 'salond.db'));
  try {
    const lines: string[] = [];
    for await (const line of exported(database)) lines.push(line);
    return lines;
  } finally {
    await database.close();
  }
}

async function importOf(text: string, folder: string): Promise<void> {
  async function* bytes(): AsyncIterable<Uint8Array> {
    yield Buffer.from(text);
  }
  await imported(bytes(), folder, completed, contractRules);
}

const said = [
  { text: 'plain' },
  { text: 'waves', kind: 'action' },
  { text: 'an answer \u0085\u2028"', kind: 'reply', about: 1, key: 'k' },
  { text: '👍', kind: 'reaction', about: 2 },
  { text: 'Plain', kind: 'edit', about: 1 },
  { text: 'all', kind: 'notice' },
] as const;

t.test('kinds and what messages are about are exported and imported', async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  await filledFolder(folder, 3);
  const writer = await openWriter(folder);
  const room = await writer.room('talk', 1);
  await writer.say(room.id, { id: 1, name: 'alice' }, ...said);
  await writer.store.directory.changeUser(2, { firstName: 'Bobby' });
  const before = await writer.readAll(room.id);
  await writer.store.close();
  const lines = await exportOf(folder);
  t.ok(
    lines.some((line) => line.includes('"message":"Plain","kind":"edit","about":1}')),
    'they stand behind the text',
  );
  t.ok(
    lines.some((line) => line.endsWith('"message":"plain"}\n')),
    'and are left out of a plain text',
  );
  await importOf(lines.join(''), other);
  const copy = await openWriter(other);
  t.same(await copy.readAll(room.id), before);
  t.match(await copy.store.directory.findUser('bob'), { firstName: 'Bobby', version: 1 });
  await copy.store.close();
  t.same(await exportOf(other), lines, 'an export of the import is the same');
});

t.test('a kind that is none, and an id that is none, are refused in words', async (t) => {
  const folder = temporaryFolder(t);
  await filledFolder(folder, 1);
  const lines = (await exportOf(folder)).slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const [change, says] of [
    [{ kind: 'shout' }, /kind is "shout"/],
    [{ kind: 5 }, /kind is 5/],
    [{ about: -1 }, /about is -1/],
    [{ about: 1.5 }, /about is 1.5/],
    [{ about: 'x' }, /about is "x"/],
  ] as const) {
    const changed = sealed(lines.map((line) => (line['in'] === 'messages' ? { ...line, ...change } : line)));
    await t.rejects(importOf(changed, temporaryFolder(t)), { message: says });
  }
});

t.test(
  'bans and what was erased are exported and imported, also where a process ended before all was erased',
  async (t) => {
    const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
    await filledFolder(folder, 3);
    const writer = await openWriter(folder);
    const { directory } = writer.store;
    const [gone, half] = [await writer.room('gone', 1), await writer.room('half', 1)];
    for (const { id } of [gone, half])
      await writer.say(id, { id: 1, name: 'alice' }, { text: 'x', key: 'k' }, { text: 'y' });
    const ban = { user: 2, by: 1, reason: 'spam', created: 1000, until: 5000 };
    const lobby = await directory.findRoom('lobby');
    await directory.changeRoom(lobby?.id ?? 0, { removal: { user: 2, by: 'alice', reason: 'spam', ban } });
    await directory.changeRoom(lobby?.id ?? 0, { settings: { hidden: true, welcome: 'hi' } });
    for (const { id } of [gone, half]) await directory.changeRoom(id, { state: 'deleted' });
    while (await directory.eraseMessages(gone.id));
    // The key goes first.
    t.equal(await directory.eraseMessages(half.id), true);
    t.same((await directory.unfinished()).rooms, [half.id]);
    await writer.store.close();
    const database = await Database.openUnchanging(join(folder, 'salond.db'));
    t.same(await findDamage(database, contractRules), []);
    await database.close();
    const lines = await exportOf(folder);
    t.ok(lines.some((line) => line.includes('"in":"room_bans","room":') && line.includes('"until":5000')));
    await importOf(lines.join(''), other);
    t.same(await exportOf(other), lines, 'an export of the import is the same');
    const copy = await openWriter(other);
    t.match(await copy.store.directory.findRoom('half'), { state: 'deleted', erased: 2 });
    t.equal(await copy.head(half.id), 2, 'ids go on');
    await copy.store.close();
    for (const [change, says] of [
      [{ settings: '{"password":"eA=="}' }, /password is no hash/],
      [{ settings: `{"welcome":"${'x'.repeat(501)}"}` }, /welcome/],
      [{ settings: '{"hidden":1}' }, /settings is/],
      [{ erased: -1 }, /erased is -1/],
    ] as const) {
      const changed = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
      const wrong = sealed(changed.map((line) => (line['in'] === 'rooms' ? { ...line, ...change } : line)));
      await t.rejects(importOf(wrong, temporaryFolder(t)), { message: says });
    }
  },
);
