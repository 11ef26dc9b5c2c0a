// An export says all that is stored, and its import is the same again: kinds and what messages are about, too.
import { join } from 'node:path';
import t from 'tap';
import { completed, contractRules } from '../../src/rules.js';
import { Database } from '../../src/store/sqlite/database.js';
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

t.test('memberships and invitations are exported and imported, and are refused where they fit nothing', async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  await filledFolder(folder, 1);
  const writer = await openWriter(folder);
  const room = await writer.room('talk', 1);
  const { memberships, invitations } = writer.store;
  const alice = { room: room.id, user: 1, key: 'alice' };
  await memberships.change({ ...alice, kind: 'join', most: 9, password: 2 });
  await memberships.change({ ...alice, kind: 'read', id: 3 });
  await memberships.change({ ...alice, user: 2, key: 'bob', kind: 'invite', most: 9, password: 0 });
  const hash = Uint8Array.from({ length: 32 }, (_, byte) => byte);
  await invitations.add({ id: 'a1', hash, uses: 3, created: 5, until: undefined });
  const before = [await memberships.listMembers(room.id, '', 9), await invitations.list('', 9)];
  await writer.store.close();
  const lines = await exportOf(folder);
  await importOf(lines.join(''), other);
  const copy = await openWriter(other);
  t.same([await copy.store.memberships.listMembers(room.id, '', 9), await copy.store.invitations.list('', 9)], before);
  t.match(await copy.store.invitations.find(hash), { id: 'a1' });
  await copy.store.close();
  t.same(await exportOf(other), lines, 'an export of the import is the same');
  const parsed = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const [table, change, says] of [
    ['members', { user: 99 }, /there is no user 99/],
    ['members', { room: 99 }, /there is no room 99/],
    ['members', { key: 'zoe' }, /a membership is of nobody/],
    ['invitations', { hash: 'AAAA' }, /hash is no SHA-256/],
  ] as const) {
    const last = parsed.findLastIndex((line) => line['in'] === table);
    const changed = sealed(parsed.map((line, at) => (at === last ? { ...line, ...change } : line)));
    await t.rejects(importOf(changed, temporaryFolder(t)), { message: says }, JSON.stringify(change));
  }
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
