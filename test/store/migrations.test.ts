// Data that an older salond left behind is brought up to date, and reads as it did.
import { join } from 'node:path';
import t from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { applicationId, migrations } from '../../src/store/sqlite/migrations.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { temporaryFolder } from '../support/daemon.js';
import { forms, Line, Recorder, turn } from './contract.js';

const strange = '\0é\u2028"\\\u{1f600}\ufffe\0';

t.test('the messages of schema 1 are the same in runs: ids, texts, authors, times and keys', async (t) => {
  const folder = temporaryFolder(t);
  const old = await Database.open(join(folder, 'salond.db'));
  await old.exec(`PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; ${migrations[0] ?? ''}; PRAGMA user_version = 1;
    INSERT INTO users VALUES (1, 'alice', 'alice', 'alice', 'A', 'L', x'00', 0), (2, 'bob', 'bob', 'bob', 'B', 'C', x'00', 0);
    INSERT INTO rooms (id, name, key, skeleton, created) VALUES (1, 'lobby', 'lobby', 'lobby', 0), (2, 'attic', 'attic', 'attic', 0),
      (3, 'empty', 'empty', 'empty', 0)`);
  const insert = await old.prepare('INSERT INTO messages (room, id, author, time, message, key) VALUES (?, ?, ?, ?, ?, ?)');
  const kept: { readonly room: string; readonly id: number; readonly username: string; readonly message: string; readonly time: number }[] = [];
  for (let count = 0; count < 500; count += 1) {
    // Batches of 250 messages, in two rooms by turns, so that runs are cut and stand between one another.
    const room = 1 + (count % 2);
    const id = 1 + Math.floor(count / 2);
    const author = 1 + (count % 3 === 0 ? 1 : 0);
    const message = count % 10 === 0 ? `${strange}${count}` : `${count}`;
    const time = 1000 + Math.floor(count / 250);
    await insert.run(room, id, author, time, message, count % 7 === 0 ? `key ${strange}${count}` : null);
    kept.push({ room: room === 1 ? 'lobby' : 'attic', id, username: author === 1 ? 'alice' : 'bob', message, time });
  }
  await old.close();

  const store = await SqliteStore.open<Line>(folder);
  t.teardown(() => store.close());
  for (const name of ['lobby', 'attic']) {
    const log = await store.openRoom(forms(name), undefined);
    if (typeof log === 'string') throw new Error(log);
    t.equal(log.head, 250);
    const expected = kept.filter(({ room }) => room === name).map(({ id, username, message, time }) => ({ id, prev: id - 1, username, message, time }));
    t.strictSame((await store.readAfter(log, 0, 250, 1000)).messages, expected);
    t.strictSame((await store.readBefore(log, 251, 1000)).messages, expected);
    t.strictSame((await store.readAfter(log, 99, 250, 3)).messages, expected.slice(99, 102));
  }
  t.same(await store.findKeyed('lobby', 2, `key ${strange}42`), { room: 'lobby', id: 22, prev: 21, message: '42' });
  t.equal(await store.findKeyed('lobby', 1, `key ${strange}42`), undefined);
  t.match(await store.openRoom(forms('empty'), undefined), { head: 0 });

  const recorder = new Recorder();
  store.listen(recorder);
  const lobby = await store.openRoom(forms('lobby'), undefined);
  if (typeof lobby === 'string') throw new Error(lobby);
  const next = new Line(lobby, 1, 'after all');
  const again = new Line(lobby, 2, '42', `key ${strange}42`);
  store.append(next);
  store.append(again);
  while (recorder.told.length === 0) await turn();
  t.match([next, again], [{ outcome: 'stored', id: 251, prev: 250 }, { outcome: 'duplicate', id: 22, prev: 21 }]);
});
