// The index of what was said (src/store/sqlite/search-index.ts).
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { SearchIndex } from '../../src/store/sqlite/search-index.js';
import { temporaryFolder } from '../support/daemon.js';
import { filledFolder, openWriter } from '../support/files.js';

const all = [0, Number.MAX_SAFE_INTEGER] as const;
const alice = { id: 1, name: 'alice' };

t.test('the newest messages with all words of a query are found, in their room alone', async (t) => {
  const folder = temporaryFolder(t);
  await filledFolder(folder, 1);
  const writer = await openWriter(folder);
  const [room, other] = [await writer.room('talk', 1), await writer.room('other', 1)];
  await writer.say(room.id, alice, 'Tea at five', 'Coffee, "tea"?');
  await writer.say(room.id, alice, { text: 'tea', kind: 'reaction', about: 1 });
  await writer.say(other.id, alice, 'Green TEA', '私は東京都に住んでいます');
  await writer.say(room.id, alice, 'thé et tea', 'crème', 'NEAR AND OR NOT "quoted" tea*');
  const path = join(folder, 'salond.search');
  const reader = await Database.open(join(folder, 'salond.db'), { readOnly: true });
  let index = await SearchIndex.open(path, reader);
  const indexed = async (): Promise<number> => {
    let count = 0;
    for (let step = await index.advance(); step > 0; step = await index.advance()) count += step;
    return count;
  };
  t.ok((await indexed()) >= 8);
  t.equal(await indexed(), 0);
  const find = (query: string, from = room.id, limit = 10): ReturnType<SearchIndex['find']> =>
    index.find(from, query, all, limit);
  t.same(await find('tea'), [6, 4, 2, 1]);
  t.same(await find('tea', room.id, 2), [6, 4]);
  t.same(await index.find(room.id, 'tea', [1, 6], 10), [4, 2], 'both ends are left out');
  t.same(await find('COFFEE té tea'), [], 'all words');
  t.same(await find('the TEA'), [4]);
  t.same(await find('creme'), [5]);
  t.same(await find('NOT OR near'), [6], 'no word is an operator');
  t.same(await find('"*:^-'), []);
  t.same(await find('tea', other.id), [1]);
  t.same(await find('京都', other.id), [2]);
  t.same(await find('都', other.id), [2]);
  t.equal(await find(Array.from({ length: 17 }, (_, at) => `w${at}`).join(' ')), 'too many words');
  await writer.say(room.id, alice, 'late tea');
  t.same(await find('late'), []);
  await index.close();
  index = await SearchIndex.open(path, reader);
  t.equal(await indexed(), 1, 'it goes on where it was');
  t.same(await find('late'), [7]);

  await index.replace(
    room.id,
    new Map([
      [7, 'early milk'],
      [1, undefined],
    ]),
  );
  t.same([await find('late'), await find('milk'), await find('five')], [[], [7], []]);
  await index.forget(room.id, 4);
  t.same(await find('tea'), [6]);
  await index.close();
  writeFileSync(path, 'this is no index');
  for (const suffix of ['-wal', '-shm']) rmSync(path + suffix, { force: true });
  index = await SearchIndex.open(path, reader);
  t.ok((await indexed()) >= 9, 'it is made anew');
  t.same(await find('late'), [7]);
  await index.close();
  await reader.close();
  await writer.store.close();
});

t.test('a word that was deleted is in no file, and a room that was trimmed to its end is indexed again', async (t) => {
  const folder = temporaryFolder(t);
  await filledFolder(folder, 0);
  const writer = await openWriter(folder);
  const room = await writer.room('talk', 1);
  await writer.say(room.id, alice, 'the zanzibarian secret', 'plain');
  const reader = await Database.open(join(folder, 'salond.db'), { readOnly: true });
  const index = await SearchIndex.open(join(folder, 'salond.search'), reader);
  while ((await index.advance()) > 0);
  const holders = (): string[] =>
    readdirSync(folder).filter(
      (name) => name.startsWith('salond.search') && readFileSync(join(folder, name)).includes('zanzibarian'),
    );
  t.ok(holders().length > 0);
  await index.replace(room.id, new Map([[1, undefined]]));
  await index.purge();
  t.same(holders(), []);
  assert.equal(
    (await writer.store.directory.trimMessages(room.id, { seconds: 1, messages: 0 }, Date.now() + 60_000, 100)).count,
    2,
  );
  await writer.say(room.id, alice, 'after the end');
  while ((await index.advance()) > 0);
  t.same(await index.find(room.id, 'end', all, 10), [3]);
  await index.close();
  await reader.close();
  await writer.store.close();
});
