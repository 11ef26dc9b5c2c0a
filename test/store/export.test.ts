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
  { text: 'first go', key: 'gone' },
  { text: 'second go', kind: 'edit', about: 7 },
  { text: 'Plainer', kind: 'edit', about: 1 },
] as const;

t.test('kinds, what messages are about and deletions are exported and imported', async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  await filledFolder(folder, 3);
  const writer = await openWriter(folder);
  const room = await writer.room('talk', 1);
  const alice = { id: 1, name: 'alice' };
  for (const each of said) await writer.say(room.id, alice, each);
  for (const id of [7, 9]) t.equal(await writer.store.log.deleteMessage(room.id, id, () => true), 'deleted');
  await writer.store.directory.changeUser(2, { firstName: 'Bobby' });
  const before = await writer.readAll(room.id);
  await writer.store.close();
  const lines = await exportOf(folder);
  t.ok(
    lines.some((line) => line.includes('"message":"Plain","kind":"edit","about":1}')),
    'they stand behind the text',
  );
  t.same(
    lines.filter((line) => line.includes('"deleted":true')).map((line) => line.replace(/.*"time":\d+,/, '{')),
    [
      '{"deleted":true,"key":"gone"}\n',
      '{"kind":"edit","about":7,"deleted":true}\n',
      '{"kind":"edit","about":1,"deleted":true}\n',
    ],
  );
  t.notOk(lines.some((line) => line.includes(' go"') || line.includes('Plainer')));
  t.ok(
    lines.some((line) => line.endsWith('"message":"plain"}\n')),
    'and are left out of a plain text',
  );
  await importOf(lines.join(''), other);
  const copy = await openWriter(other);
  t.same(await copy.readAll(room.id), before);
  t.same([...(await copy.store.log.readAfter(room.id, 0, 99, 99)).edited], [[1, 5]], 'edits are found again');
  t.same(await copy.say(room.id, alice, { text: 'whatever', key: 'gone' }), ['duplicate 7']);
  t.match(await copy.store.directory.findUser('bob'), { firstName: 'Bobby', version: 1 });
  await copy.store.close();
  t.same(await exportOf(other), lines, 'an export of the import is the same');
});

const token = {
  id: 'aabbccdd',
  user: 1,
  parent: undefined,
  storedKey: `${'s'.repeat(42)}A`,
  serverKey: `${'t'.repeat(42)}A`,
  label: 'phone',
  settings: '{"form":"tsv"}',
  created: 1000,
  expires: 253_402_300_000_000,
} as const;

t.test('tokens are exported and imported, each with its user and its use', async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  await filledFolder(folder, 1);
  const { store } = await openWriter(folder);
  await store.tokens.add(token, 9);
  await store.tokens.add({ ...token, id: 'eeff0011', parent: token.id, expires: undefined }, 9);
  await store.tokens.markUsed([{ ...token, lastUsed: 2000 }]);
  const before = await store.tokens.list(1);
  await store.close();
  const lines = await exportOf(folder);
  await importOf(lines.join(''), other);
  const copy = await openWriter(other);
  t.same(await copy.store.tokens.list(1), before);
  t.match(before, [
    { id: token.id, lastUsed: 2000 },
    { parent: token.id, expires: token.expires, lastUsed: undefined },
  ]);
  await copy.store.close();
  const members = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const [change, says] of [
    [{ user: 9 }, /there is no user 9/],
    [{ stored_key: 'short' }, /stored_key is not 32 bytes in base64url; it is .*"stored_key":"…","server_key":"…"/],
  ] as const) {
    const changed = sealed(members.map((line) => (line['in'] === 'tokens' ? { ...line, ...change } : line)));
    await t.rejects(importOf(changed, temporaryFolder(t)), { message: says });
  }
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
  await memberships.change({ ...alice, user: 2, key: 'bob', kind: 'invite', most: 9, password: 0, by: 1 });
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
    [{ about: 1 }, /about is 1/],
    [{ kind: 'edit' }, /about is 0/],
    [{ deleted: true }, /it was deleted, and has a message/],
    [{ deleted: 1, message: undefined }, /deleted is 1/],
    [{ message: undefined }, /it has no message/],
  ] as const) {
    const changed = sealed(lines.map((line) => (line['in'] === 'messages' ? { ...line, ...change } : line)));
    await t.rejects(importOf(changed, temporaryFolder(t)), { message: says });
  }
});

t.test('private conversations, read marks and blocks are exported and imported', async (t) => {
  const [folder, other] = [temporaryFolder(t), temporaryFolder(t)];
  await filledFolder(folder, 3);
  const writer = await openWriter(folder);
  const { conversations, blocks } = writer.store;
  const [alice, bob] = [
    { id: 1, name: 'alice' },
    { id: 2, name: 'bob' },
  ];
  const [{ log: first }, { log: second }] = [await conversations.open(1, 2), await conversations.open(1, 1)];
  await writer.say(first, bob, { text: 'psst', key: 'k' }, 'are you there?');
  await writer.say(second, alice, 'buy milk');
  await conversations.markRead(1, first, 1);
  await blocks.add(2, 1, 10);
  const before = await conversations.list(1, undefined, 10);
  await writer.store.close();
  const lines = await exportOf(folder);
  await importOf(lines.join(''), other);
  const copy = await openWriter(other);
  t.equal(before.length, 2);
  t.same(await copy.store.conversations.list(1, undefined, 10), before);
  t.equal(before.find(({ log }) => log === first)?.read, 1);
  t.same(await copy.store.blocks.list(2, 10), ['alice']);
  t.same(
    (await copy.readAll(first)).map(({ text }) => text),
    ['psst', 'are you there?'],
  );
  t.same(await copy.say(first, bob, { text: 'psst', key: 'k' }), ['duplicate 1']);
  t.same((await copy.store.conversations.open(2, 1)).isNew, false);
  await copy.store.close();
  t.same(await exportOf(other), lines, 'an export of the import is the same');

  const parsed = lines.slice(0, -1).map((line) => JSON.parse(line) as Record<string, unknown>);
  for (const [table, change, says] of [
    ['conversations', { id: 5 }, /id is 5/],
    ['conversations', { one: 7 }, /a user is not there of the conversation/],
    ['conversations', { newest: 5 }, /the time of the newest message is wrong of the conversation/],
    ['conversations', { other: 1 }, /a row of conversations with the one, other of another/],
    ['direct_marks', { user: 3 }, /somebody else has read the conversation/],
    ['direct_marks', { read: -1 }, /read is -1/],
    ['blocks', { blocked: 7 }, /somebody who is not there blocks/],
    ['rooms', { id: first }, /id is 10995/],
  ] as const) {
    const at = parsed.findIndex((line) => line['in'] === table);
    const changed = sealed(parsed.map((line, place) => (place === at ? { ...line, ...change } : line)));
    await t.rejects(importOf(changed, temporaryFolder(t)), { message: says });
  }
  const intruder = sealed(parsed.map((line) => (line['room'] === second ? { ...line, author: 2 } : line)));
  await t.rejects(importOf(intruder, temporaryFolder(t)), {
    message: /messages are by somebody else in the conversation/,
  });
  const homeless = sealed(parsed.map((line) => (line['room'] === second ? { ...line, room: second + 1 } : line)));
  await t.rejects(importOf(homeless, temporaryFolder(t)), { message: /there is no room/ });
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
