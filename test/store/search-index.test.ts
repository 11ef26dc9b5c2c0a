// The file of the index of what was said (src/store/sqlite/search.ts): it is made anew whatever becomes of it, and no
// word stays in it that was to go.
import { existsSync, mkdirSync, readdirSync, rmdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LogId } from '../../src/store/log.js';
import { Database } from '../../src/store/sqlite/database.js';
import { searchInTime } from '../../src/store/sqlite/search-index.js';
import { restAfter, SearchFollower } from '../../src/store/search-follower.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { SearchTooLong, StoreFailure } from '../../src/store/store.js';
import type { SearchStep } from '../../src/store/search.js';
import { messageOf } from '../../src/text/reason.js';
import { queryOf } from '../../src/text/words.js';
import { temporaryFolder } from '../support/daemon.js';
import { Writer } from '../support/writer.js';
import { damageFirstPage } from './damaged-page.js';

const alice = { id: 1, name: 'alice' };

const openWriter = async (folder: string): Promise<Writer> => new Writer(await SqliteStore.open(folder));

/** Has the index take all that there is. Answers how many messages, and why it was begun anew. */
async function followed({ store }: Writer): Promise<readonly [count: number, anew: readonly string[]]> {
  let count = 0;
  const anew: string[] = [];
  for (let more = true; more; ) {
    const step = await store.search.step();
    count += step.count;
    if (step.anew !== undefined) anew.push(step.anew);
    more = step.more;
  }
  return [count, anew];
}

const find = ({ store }: Writer, room: LogId, match: string): Promise<readonly number[]> =>
  store.search.find(room, queryOf(match), { after: 0, before: Infinity }, 10);

/** The files of the index that have a word. */
const holders = (folder: string, word: string): readonly string[] =>
  readdirSync(folder).filter(
    (name) => name.startsWith('salond.search') && readFileSync(join(folder, name)).includes(word),
  );

async function begin(t: Test): Promise<{ readonly folder: string; readonly path: string; readonly writer: Writer }> {
  const folder = temporaryFolder(t);
  const writer = await openWriter(folder);
  await writer.user('alice');
  return { folder, path: join(folder, 'salond.search'), writer };
}

t.test(
  'an index that is missing, damaged, cut or of other data is made anew, and one that is whole goes on',
  async (t) => {
    const { folder, path, writer } = await begin(t);
    const { id: room } = await writer.room('talk', 1);
    await t.rejects(find(writer, room, 'tea'), /not open/);
    await writer.say(room, alice, 'tea', 'more tea', 'coffee');
    await writer.store.search.refresh();
    t.same(await find(writer, room, 'tea'), [2, 1], 'what was stored lately is found');
    t.same(await followed(writer), [0, ['it was missing']]);
    rmSync(path);
    t.same(await followed(writer), [3, ['its file was removed']]);
    await writer.store.close();

    const reopened = async (): Promise<readonly [number, readonly string[]]> => {
      const again = await openWriter(folder);
      const result = await followed(again);
      t.same(await find(again, room, 'tea'), [2, 1]);
      await again.store.close();
      return result;
    };
    t.same(await reopened(), [0, []], 'it goes on where it was');
    rmSync(path);
    t.same(await reopened(), [3, ['it was missing']]);
    writeFileSync(path, 'this is no index');
    t.match(await reopened(), [3, [/not a database/]]);
    writeFileSync(path, readFileSync(path).subarray(0, 9000));
    t.match(await reopened(), [3, [/./]]);
    const strange = await Database.open(path);
    await strange.exec('UPDATE position SET last = 7');
    await strange.close();
    t.same(await reopened(), [3, ['it is of other data']]);
    const newer = await Database.open(path);
    await newer.exec('PRAGMA user_version = 99');
    await newer.close();
    t.match(await reopened(), [3, [/version 99/]]);
    t.equal(existsSync(path), true);
  },
);

t.test('what is stored while the index is made does not say that it was missing', async (t) => {
  const { writer } = await begin(t);
  const { id: room } = await writer.room('talk', 1);
  const first = writer.store.search.step();
  await writer.say(room, alice, 'tea');
  t.equal((await first).anew, undefined);
  await writer.store.close();
});

t.test('messages that are damaged keep no others from being found', async (t) => {
  const { folder, writer } = await begin(t);
  const [{ id: torn }, { id: whole }] = [await writer.room('torn', 1), await writer.room('whole', 1)];
  await writer.say(torn, alice, 'tea');
  await writer.say(whole, alice, 'tea too');
  const database = await Database.open(join(folder, 'salond.db'));
  await database.exec(`UPDATE runs SET crc = crc + 1 WHERE room = ${torn}`);
  await database.close();
  t.same(await followed(writer), [2, ['it was missing']]);
  t.same([await find(writer, torn, 'tea'), await find(writer, whole, 'tea')], [[], [1]]);
  await writer.store.close();
});

t.test('what stands behind a damaged page of messages is found, and erased, and an erasure ends', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new Writer(await SqliteStore.open(folder, 'relaxed'));
  const author = await writer.user('alice');
  const { id: room } = await writer.room('talk', author.id);
  for (let sent = 1; sent <= 40; sent += 1) await writer.say(room, author, `tea${sent} ${'and more '.repeat(30)}`);
  await damageFirstPage(join(folder, 'salond.db'), 'runs');
  const [count, anew] = await followed(writer);
  t.same(anew, ['it was missing']);
  t.ok(count > 0 && count < 40, `${count} could be read`);
  t.same([await find(writer, room, 'tea1'), await find(writer, room, 'tea40')], [[], [40]]);
  await writer.say(room, author, 'tea41');
  t.same(await followed(writer), [1, []], 'it goes on');
  t.equal(await writer.store.directory.deleteUser(author.id, true), 'changed');
  t.match(await writer.store.erasures.eraseTexts(author.id), { rows: 40 - count, logs: [] });
  t.same(await writer.store.erasures.unfinished(), []);
  await writer.store.erasures.overwritten();
  const bytes = readFileSync(join(folder, 'salond.db'));
  t.same([bytes.includes('tea1 '), bytes.includes('tea40'), bytes.includes('tea41')], [true, false, false]);
  t.same(await find(writer, room, 'tea41'), []);
  await writer.store.close();
});

t.test('no word of what was deleted stays in the files of the index once it is purged', async (t) => {
  const { folder, writer } = await begin(t);
  const { id: room } = await writer.room('talk', 1);
  await writer.say(room, alice, 'the zanzibarian secret', 'plain');
  await writer.say(room, alice, { text: 'a quixotic edit', kind: 'edit', about: 2 }, 'vexatious');
  await followed(writer);
  for (const word of ['zanzibarian', 'quixotic', 'vexatious']) t.not(holders(folder, word).length, 0, word);
  await writer.store.log.deleteMessage(room, 1, () => true);
  await writer.store.log.deleteMessage(room, 3, () => true);
  // Whatever the index has taken note of: the process may end here.
  await writer.store.close();
  const stopped = await openWriter(folder);
  const purge = stopped.store.erasures.overwritten();
  stopped.store.erasures.stop();
  await t.rejects(purge, { message: 'the daemon stops: the next start goes on' });
  await stopped.store.close();
  t.not(holders(folder, 'vexatious').length, 0, 'the index is not removed for that');
  const again = await openWriter(folder);
  await again.store.erasures.overwritten();
  for (const word of ['zanzibarian', 'quixotic']) t.same(holders(folder, word), [], word);
  t.not(holders(folder, 'vexatious').length, 0);
  t.same([await find(again, room, 'plain'), await find(again, room, 'vexatious')], [[2], [4]]);
  await again.store.close();
});

t.test('the words of what was deleted leave the files while the index never catches up', async (t) => {
  const folder = temporaryFolder(t);
  const writer = new Writer(await SqliteStore.open(folder, 'relaxed'));
  await writer.user('alice');
  const { id: room } = await writer.room('talk', 1);
  await writer.say(room, alice, 'the zanzibarian secret');
  await followed(writer);
  await writer.store.log.deleteMessage(room, 1, () => true);
  await writer.store.search.step();
  t.not(holders(folder, 'zanzibarian').length, 0);
  const now = performance.now.bind(performance);
  t.teardown(() => Reflect.deleteProperty(performance, 'now'));
  // As if ten minutes had passed.
  Object.assign(performance, { now: () => now() + 600_000 });
  const flood = Array.from({ length: 100 }, () => 'tea');
  let more = true;
  for (let steps = 0; steps < 30 && more && holders(folder, 'zanzibarian').length > 0; steps += 1) {
    for (let commits = 0; commits < 7; commits += 1) await writer.say(room, alice, ...flood);
    ({ more } = await writer.store.search.step());
  }
  t.same([more, holders(folder, 'zanzibarian')], [true, []]);
  await writer.store.close();
});

t.test('it is known how many messages the index is behind, over a start too', async (t) => {
  const { folder, writer } = await begin(t);
  const { id: room } = await writer.room('talk', 1);
  for (let commits = 0; commits < 40; commits += 1) await writer.say(room, alice, 'one', 'two', 'three');
  const step = async ({ store: { search } }: Writer): Promise<readonly number[]> => [
    (await search.step()).count,
    search.behind,
  ];
  // As many runs as would have 512 messages, of sixteen each.
  t.same(await step(writer), [96, 24]);
  await writer.say(room, alice, 'four');
  await writer.store.close();
  const again = await openWriter(folder);
  t.equal(again.store.search.behind, 0, 'nothing has looked yet');
  t.same(
    [await step(again), await step(again)],
    [
      [25, 0],
      [0, 0],
    ],
  );
  await again.say(room, alice, 'five', 'six');
  t.same(await step(again), [2, 0]);
  t.equal(again.store.search.behindSince, undefined);
  await again.store.close();
});

t.test('the index takes the more of a core the farther it is behind, and all of it at the bound', async (t) => {
  const step = { count: 512, more: true };
  const rests = (isBusy: boolean): readonly number[] =>
    [0, 640, 1000, 5000].map((behind) => Math.round(restAfter({ ...step, isBusy }, 20, behind, 1000)));
  t.same(rests(true), [1000, 10, 0, 0], 'few messages are waited for while others come');
  t.same(rests(false), [60, 7, 0, 0]);
  t.equal(restAfter({ ...step, more: false }, 20, 5000, 1000), 1000);
  const restsBusy = [400, 10_000, 250_000].map((behind) =>
    Math.round(restAfter({ ...step, isBusy: true }, 20, behind, 1_000_000)),
  );
  t.same(restsBusy, [377, 316, 50]);

  // It takes one step after the other at the bound, and stops at once.
  let steps = 0;
  const search = {
    behind: 1000,
    step: async () => ({ count: 512, more: (steps += 1) < 100 }),
  };
  const follower = new SearchFollower({
    search,
    bound: () => 1000,
    anew: (reason) => t.fail(reason),
    failed: (error) => t.fail(String(error)),
    resumed: () => t.fail('resumed'),
  });
  follower.start();
  while (steps < 100) await new Promise((resolve) => setTimeout(resolve, 1));
  await follower.stop();
  t.equal(steps, 100);
});

t.test('steps of the index that fail are told once, and so is the first that succeeds again', async (t) => {
  const told: string[] = [];
  const outcomes = [true, false, false, true, true, false, true];
  let ended = (): void => undefined;
  const end = new Promise<void>((resolve) => (ended = resolve));
  const step = async (): Promise<SearchStep> => {
    const succeeds = outcomes.shift();
    if (outcomes.length === 0) ended();
    if (succeeds !== true) throw new StoreFailure(`${outcomes.length} are left`);
    return { count: 1, more: true };
  };
  const follower = new SearchFollower({
    search: { behind: 0, step },
    bound: () => 0,
    anew: (reason) => told.push(reason),
    failed: (error) => told.push(messageOf(error)),
    resumed: () => told.push('resumed'),
    afterFailure: 0,
  });
  // The rests of a follower keep no process alive.
  const alive = setInterval(() => undefined, 1000);
  follower.start();
  await end;
  clearInterval(alive);
  await follower.stop();
  t.same(told, ['5 are left', 'resumed', '1 are left', 'resumed']);
});

t.test('a folder in the place of the index hinders no erasure, and an index that can not go is told', async (t) => {
  const { folder, path, writer } = await begin(t);
  const { id: room } = await writer.room('talk', 1);
  await writer.say(room, alice, 'tea');
  mkdirSync(path);
  await t.rejects(writer.store.search.step(), /salond\.search is not a file/);
  await writer.store.erasures.overwritten();
  rmdirSync(path);
  t.match(await followed(writer), [1]);
  await writer.store.close();
  writeFileSync(path, 'this is no index');
  mkdirSync(join(`${path}-wal`, 'full'), { recursive: true });
  const again = await openWriter(folder);
  const error = await again.store.erasures.overwritten().catch((thrown: unknown) => thrown);
  t.ok(error instanceof StoreFailure, 'it is tried again');
  t.match(error, { message: /^the index of what was said can't be removed: ./ });
  await again.store.close();
});

t.test('a search that takes too long is given up, and the next one works', async (t) => {
  const { writer, folder } = await begin(t);
  await writer.store.close();
  const finder = await Database.open(join(folder, 'salond.db'), { readOnly: true });
  const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n';
  const error = await searchInTime(finder, 10, () => finder.all(endless)).catch((thrown: unknown) => thrown);
  t.ok(error instanceof SearchTooLong);
  t.same(await searchInTime(finder, 60_000, () => finder.all('SELECT 1 AS one')), [{ one: 1 }]);
  await t.rejects(
    searchInTime(finder, 60_000, () => finder.all('SELECT')),
    /SQLITE_ERROR/,
  );
  await finder.close();
});
