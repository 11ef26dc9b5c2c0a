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
