// The feed says all that is stored, in the order of the commits, once, wherever a reader begins again.
import { join } from 'node:path';
import t from 'tap';
import { Passwords } from '../../src/accounts/passwords.js';
import { Database } from '../../src/store/sqlite/database.js';
import { SqliteFeed } from '../../src/store/sqlite/feed.js';
import type { Author } from '../../src/store/log.js';
import { temporaryFolder } from '../support/daemon.js';
import { openWriter, type Line } from '../support/files.js';
import { exportOf, feedAfter, messagesIn, positionOf, rowsIn, without } from './feed-lines.js';
import { Random } from '../fuzz/random.js';

t.test('whatever is stored, a reader that begins again anywhere has all of it once', async (t) => {
  for (const seed of [1, 2, 3]) {
    const random = new Random(seed);
    const folder = temporaryFolder(t);
    const writer = await openWriter(folder);
    const { store } = writer;
    const [authors, rooms]: [Author[], number[]] = [[await writer.user('first')], []];
    let feed: Line[] = [];
    for (let step = 0; step < 80; step += 1) {
      const author = authors[random.below(authors.length)] ?? authors[0];
      const room = rooms[random.below(Math.max(1, rooms.length))];
      const action = random.below(8);
      if (author === undefined) throw new Error('there is one');
      if (action === 0) authors.push(await writer.user(`user${step}`));
      else if (action === 1 || room === undefined) rooms.push((await writer.room(`room${step}`, author.id)).id);
      else if (action === 2) await store.directory.changeUser(author.id, { firstName: `Name${step}` });
      else if (action === 3) await store.directory.changeRoom(room, { topic: `topic ${step}` });
      else if (action === 4) {
        await store.directory.setBan({ kind: 'user', target: author.name, reason: '', created: 1, until: 0 });
        if (random.once(2)) await store.directory.removeBan({ kind: 'user', target: author.name });
      } else if (action === 5) {
        // The reader is killed, and what it wrote last is lost with it.
        feed = feed.slice(0, random.below(feed.length + 1));
        feed.push(...(await feedAfter(store, positionOf(feed))));
      } else {
        const texts = Array.from({ length: 1 + random.below(5) }, (_, at) => `${step} ${at}`);
        await writer.say(room, author, ...texts);
      }
    }
    feed.push(...(await feedAfter(store, positionOf(feed))));
    const fresh = await feedAfter(store, '');
    await store.close();
    const all = await exportOf(folder);
    for (const lines of [feed, fresh]) {
      t.same(
        messagesIn(lines).map((line) => without(line, 'position')),
        messagesIn(all),
        'every message once, in the order of the commits',
      );
      t.same(rowsIn(lines), rowsIn(all));
      const known = new Set<string>();
      for (const line of lines) {
        known.add(`${String(line['in'])} ${String(line['id'])}`);
        if (line['in'] !== 'messages') continue;
        if (!known.has(`rooms ${String(line['room'])}`) || !known.has(`users ${String(line['author'])}`))
          t.fail(`${JSON.stringify(line)} comes before what it names`);
      }
    }
  }
});

t.test('a number is never given twice, and a position that is not there is refused', async (t) => {
  const folder = temporaryFolder(t);
  const writer = await openWriter(folder);
  const alice = await writer.user('alice', await new Passwords({ logN: 10, r: 8, p: 1 }, 8).hash('rabbit-hole'));
  const { id: room } = await writer.room('lobby', alice.id);
  for (const text of ['one', 'two']) await writer.say(room, alice, text);
  const position = positionOf(await feedAfter(writer.store, ''));
  t.match(await writer.store.feed?.read(position), { lines: [], position, isEnd: true });
  t.equal(await writer.store.feed?.read('99.1.1'), 'unknown');
  t.equal(await writer.store.feed?.read('here'), 'unknown');
  await writer.store.close();
  const database = await Database.open(join(folder, 'salond.db'));
  await database.exec('DELETE FROM runs WHERE seq = 2');
  await database.close();
  const again = await openWriter(folder);
  await again.say(room, alice, 'three', 'four');
  t.match(await feedAfter(again.store, position), [{ message: 'three' }, { message: 'four' }]);
  // The newest run is removed while the store is open, and the next messages come with a change and without one.
  const before = positionOf(await feedAfter(again.store, ''));
  const { id: other } = await again.room('attic', alice.id);
  await again.say(other, alice, 'five');
  await again.store.directory.changeRoom(other, { state: 'deleted' });
  while (await again.store.directory.eraseMessages(other));
  await again.say(room, alice, 'six');
  await again.say(room, alice, 'seven');
  t.match(messagesIn(await feedAfter(again.store, before)), [{ message: 'six' }, { message: 'seven' }]);
  await again.store.close();
});

t.test('the oldest removed rows are forgotten, and a reader who has not read them begins anew', async (t) => {
  const folder = temporaryFolder(t);
  const writer = await openWriter(folder);
  const { store } = writer;
  const ban = (target: string) => ({ kind: 'user' as const, target, reason: '', created: 1, until: undefined });
  await store.directory.setBan(ban('early'));
  const early = positionOf(await feedAfter(store, ''));
  for (let at = 0; at < 450; at += 1) {
    await store.directory.setBan(ban(`user${at}`));
    if (at < 430) await store.directory.removeBan(ban(`user${at}`));
  }
  const reader = await Database.open(join(folder, 'salond.db'));
  const database = await Database.open(join(folder, 'salond.db'));
  const commits = { write: <Result>(job: () => Promise<Result>) => job() };
  const feed = await SqliteFeed.prepare({ reader, writer: database }, commits, 100);
  const begun = await feed.read('');
  if (begun === 'unknown' || begun.isEnd) throw new Error('there are more lines than one part has');
  const late = positionOf(await feedAfter(store, ''));
  await store.directory.setBan(ban('late'));
  let steps = 0;
  while (await feed.forget()) steps += 1;
  t.equal(steps, 1, 'some at a time');
  t.equal(await feed.forget(), false, 'the next look comes later');
  const [left] = await database.all('SELECT count(*) AS count FROM changes WHERE made = 2');
  t.equal(left?.['count'], 99 + 1, 'the newest are kept');
  t.equal(await store.feed?.read(early), 'unknown', 'removed rows behind it are forgotten');
  const rest = await feedAfter(store, begun.position);
  t.same(
    rowsIn([...begun.lines.map((each) => JSON.parse(each) as Line), ...rest]),
    rowsIn(await exportOf(folder)),
    'who has begun since they were removed goes on',
  );
  t.match(await feedAfter(store, late), [{ target: 'late' }]);
  for (const each of [reader, database]) await each.close();
  await store.close();
});
