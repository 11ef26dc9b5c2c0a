// Tests `salonctl restore`: it restores everything in its source, including the write-ahead log, and never changes the
// source. restore-killed.test.ts tests restores that are killed.
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { BadData } from '../../src/salonctl/errors.js';
import { restore } from '../../src/salonctl/backup.js';
import { exportAll } from '../../src/salonctl/export.js';
import { Database } from '../../src/store/sqlite/database.js';
import { Source } from '../../src/store/sqlite/source.js';
import { contents } from '../store/folder-support.js';
import { Client } from '../support/client.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { filledFolder, head, killedFolder, messagesIn, namesIn, olderDatabase } from '../support/files.js';
import { salonctl } from '../support/salonctl.js';

const noDaemon = (): never => {
  throw new Error('no daemon is needed');
};

/** The error about bad data that the work rejects with; undefined if it fulfils. */
async function refusal(work: Promise<unknown>): Promise<string | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (!(error instanceof BadData)) throw error;
    return error.message;
  }
}

t.test(
  'a copy of a data folder, given as a folder or a file, is restored with its write-ahead log, and is not changed',
  async (t) => {
    const copy = await killedFolder(t);
    const before = contents(copy);
    for (const source of [copy, join(copy, 'salond.db')]) {
      const data = join(temporaryFolder(t), 'data');
      t.match(await salonctl(t, ['restore', source, '--data', data]), { status: 0 });
      t.strictSame(contents(copy), before, 'the source is unchanged');
      t.strictSame(namesIn(data), ['salond.db', 'salond.lock']);
      t.equal(await messagesIn(t, data), 70);
    }
    const link = join(temporaryFolder(t), 'link.db');
    symlinkSync(join(copy, 'salond.db'), link);
    const data = join(temporaryFolder(t), 'data');
    await restore(link, data, false);
    t.equal(await head(data), 70, 'the source may be a link');
    const text = join(temporaryFolder(t), 'export.jsonl');
    t.match(await exportAll(text, copy, noDaemon), { lines: 82 });
    t.strictSame(contents(copy), before, 'an export does not change it either');
  },
);

t.test(
  'a folder can be restored from itself with its log, and the replaced database stays beside it with its own log',
  async (t) => {
    const data = await killedFolder(t);
    writeFileSync(join(data, 'salond.search'), 'the index of other data');
    t.match(await restore(join(data, 'salond.db'), data, true), { replaced: /^salond\.db-replaced-/ });
    t.notOk(existsSync(join(data, 'salond.search')), 'the index of what was said was of other data');
    const aside =
      namesIn(data)?.find(
        (name) => /^salond\.db-replaced-[^.]*$/.test(name) && !name.endsWith('-wal') && !name.endsWith('-shm'),
      ) ?? '';
    t.ok(existsSync(join(data, `${aside}-wal`)));
    t.notOk(existsSync(join(data, 'salond.db-wal')));
    t.equal(await head(data), 70);
    const again = join(temporaryFolder(t), 'data');
    await restore(join(data, aside), again, false);
    t.equal(await head(again), 70);
  },
);

t.test(
  'a log that is damaged, cut, of another database or a link is refused with the reason, and nothing is created',
  async (t) => {
    const cases: Readonly<Record<string, readonly [(folder: string) => void, RegExp]>> = {
      cut: [
        (folder) => truncateSync(join(folder, 'salond.db-wal'), 10_000),
        /salond\.db-wal is damaged: of its \d+ frames only the first 2 are/,
      ],
      missing: [
        (folder) => rmSync(join(folder, 'salond.db-wal')),
        /salond\.db-wal is damaged: of its \d+ frames only the first 0 are/,
      ],
      'no log': [(folder) => writeFileSync(join(folder, 'salond.db-wal'), 'my notes'), /is damaged|is not the log of/],
      'a link': [
        (folder) => {
          rmSync(join(folder, 'salond.db-shm'));
          copyFileSync(join(folder, 'salond.db-wal'), join(folder, 'elsewhere'));
          rmSync(join(folder, 'salond.db-wal'));
          symlinkSync('elsewhere', join(folder, 'salond.db-wal'));
        },
        /salond\.db-wal is a link/,
      ],
      'the database missing': [(folder) => rmSync(join(folder, 'salond.db')), /is not there/],
    };
    const killed = await killedFolder(t);
    for (const [what, [change, says]] of Object.entries(cases)) {
      const folder = temporaryFolder(t);
      cpSync(killed, folder, { recursive: true });
      change(folder);
      const before = contents(folder);
      const data = join(temporaryFolder(t), 'data');
      t.match(await refusal(restore(join(folder, 'salond.db'), data, false)), says, what);
      t.equal(namesIn(data), undefined, `${what}: nothing is created`);
      t.strictSame(contents(folder), before, `${what}: the source is unchanged`);
    }
  },
);

t.test('a copy without its log is restored with a note that the newest messages may be missing', async (t) => {
  const killed = await killedFolder(t);
  for (const suffix of ['-wal', '-shm']) rmSync(join(killed, `salond.db${suffix}`));
  const data = join(temporaryFolder(t), 'data');
  t.match(await restore(join(killed, 'salond.db'), data, false), { data, note: /without a log/ });
  t.equal(await head(data), 50);
});

t.test('a source that a program is writing to is refused', async (t) => {
  const folder = await killedFolder(t);
  const source = await Source.open(join(folder, 'salond.db'));
  t.teardown(() => source.close());
  source.checkUnchanged();
  const writer = await Database.open(join(folder, 'salond.db'));
  t.teardown(() => writer.close());
  await writer.exec('UPDATE bans SET reason = reason || 1');
  t.throws(() => source.checkUnchanged(), { message: /is being written to: is it a running daemon's/ });
  // This source has no log at first, and gets one.
  const plain = await filledFolder(join(folder, 'plain'));
  const other = await Source.open(plain);
  t.teardown(() => other.close());
  const second = await Database.open(plain);
  t.teardown(() => second.close());
  await second.exec('UPDATE bans SET reason = reason || 1');
  t.throws(() => other.checkUnchanged(), { message: /is being written to/ });
});

t.test('the folder of a running daemon can be restored elsewhere, and the daemon goes on', async (t) => {
  const live = temporaryFolder(t);
  await filledFolder(live, 50);
  const daemon = startDaemon(t, { data: live });
  const alice = await Client.connect(await daemon.port());
  await alice.ok({ command: 'authenticate_user', username: 'alice', password: 'alice password' });
  await alice.ok('join_chatroom alice lobby');
  await alice.say('alice', 'lobby', 'more');
  const data = join(temporaryFolder(t), 'data');
  await restore(live, data, false);
  t.equal(await head(data), 51);
  t.match(await refusal(restore(live, live, true)), /in use by another salond/);
  t.equal((await alice.say('alice', 'lobby', 'still here')).code, 1);
});

t.test('a start removes the files of a killed restore or import, and no file of another name', async (t) => {
  const data = temporaryFolder(t);
  await filledFolder(data, 30);
  const mine = ['salond.db-unfinished-notes', 'salond.db-unfinished-0123456789abcdef-notes', 'notes'];
  for (const name of [
    ...mine,
    'salond.db-unfinished-0123456789abcdef',
    'salond.db-unfinished-fedcba9876543210-journal',
  ])
    writeFileSync(join(data, name), 'x');
  t.equal(await head(data), 30);
  t.strictSame(namesIn(data), [...mine, 'salond.db', 'salond.lock'].sort());
});

t.test('a backup of an older schema is converted in the restored copy', async (t) => {
  const folder = temporaryFolder(t);
  const backup = join(folder, 'older.db');
  await olderDatabase(backup);
  const before = readFileSync(backup);
  const data = join(folder, 'data');
  await restore(backup, data, false);
  t.equal(await head(data), 2);
  t.match(await exportAll(join(folder, 'export.jsonl'), backup, noDaemon), { lines: 7 });
  t.ok(before.equals(readFileSync(backup)), 'the backup is unchanged');
  mkdirSync(join(folder, 'empty'));
  t.match(await refusal(restore(join(folder, 'empty'), join(folder, 'other'), false)), /is not there/);
});
