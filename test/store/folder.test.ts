// What the daemon makes of a data folder that it can't use: one clear line that names it, exit code 65, and nothing touched.
// Over the real process, since the promise is about files, locks and an exit code; of foreign files one of each sort, and the store
// says of all of them in this process. Permissions: folder-permissions.test.ts. KILL_POINTS=all, as in `npm run test:slow`, kills
// a first start at every moment of the list, and else at one in four.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Database } from '../../src/store/sqlite/database.js';
import { migrations } from '../../src/store/sqlite/migrations.js';
import { Random } from '../fuzz/random.js';
import { resultOfStart } from '../support/checks.js';
import { temporaryFolder, type Daemon } from '../support/daemon.js';
import { testSeed } from '../support/seed.js';
import { contents, host, isRefusal, start, works } from './folder-support.js';

const random = new Random(testSeed(t));

/** `SALO` in ASCII, as PRAGMA application_id keeps it. */
const ours = 0x53414c4f;
const walMode = 'PRAGMA journal_mode = WAL';

async function database(path: string, sql: string): Promise<void> {
  const made = await Database.open(path);
  await made.exec(sql);
  await made.close();
}

/** The daemon refuses the folder in one line that begins so. */
async function refused(t: Test, daemon: Daemon, says: string): Promise<void> {
  // A daemon that takes the folder is not waited for.
  void daemon.logged('ready').then(
    () => daemon.stop('SIGKILL'),
    () => undefined,
  );
  const { code } = await daemon.exited;
  isRefusal(t, code, daemon.text, says);
}

/** As `refused`, and all of `outer` is as it was. */
async function refusedUntouched(t: Test, outer: string, data: string, says: string): Promise<void> {
  const before = contents(outer);
  await refused(t, start(t, data), says);
  t.same(contents(outer), before, 'every file is as before, and none is new');
}

/** As `refusedUntouched`, by the store in this process. */
async function storeRefuses(t: Test, data: string, says: string): Promise<void> {
  const before = contents(data);
  const { status, stderr } = await resultOfStart(data);
  isRefusal(t, status, stderr, says);
  t.same(contents(data), before, 'every file is as before, and none is new');
}

const foreign: readonly (readonly [name: string, sql: string])[] = [
  ['with an id of its own', 'CREATE TABLE things (a); PRAGMA application_id = 42'],
  ['with a version of its own', 'CREATE TABLE things (a); PRAGMA user_version = 1'],
  ['with neither', 'CREATE TABLE things (a); INSERT INTO things VALUES (1)'],
  ['with neither, and a table of the same name', 'CREATE TABLE users (a); INSERT INTO users VALUES (1)'],
  ['with nothing in it', walMode],
  ['in WAL mode', `${walMode}; CREATE TABLE things (a); INSERT INTO things VALUES (1)`],
];

for (const [index, [name, sql]] of foreign.entries()) {
  t.test(`another program's database, ${name}, is left alone`, async (t) => {
    const data = temporaryFolder(t);
    const path = join(data, 'salond.db');
    await database(path, sql);
    await storeRefuses(t, data, `${path} is another program's database`);
    if (index === 0) await refusedUntouched(t, data, data, `${path} is another program's database`);
  });
}

const strange: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['a text', Buffer.from('my notes\n')],
  ['a long text', Buffer.from('my notes\n'.repeat(1000))],
  ['a database cut short', Buffer.from('SQLite format 3\0')],
  ['zeros', Buffer.alloc(8192)],
];

for (const [index, [name, bytes]] of strange.entries()) {
  t.test(`a file that is no database, ${name}, is left alone`, async (t) => {
    const data = temporaryFolder(t);
    const path = join(data, 'salond.db');
    writeFileSync(path, bytes);
    await storeRefuses(t, data, `${path} is not a database`);
    if (index === 0) await refusedUntouched(t, data, data, `${path} is not a database`);
  });
}

t.test('an empty file where the database was is no new beginning, nor is a log without its database', async (t) => {
  const data = temporaryFolder(t);
  const path = join(data, 'salond.db');
  writeFileSync(path, '');
  await refusedUntouched(t, data, data, `${path} is empty`);
  renameSync(path, `${path}-wal`);
  await refusedUntouched(t, data, data, `${path} is not there, and its log is`);
});

t.test('a folder where the database should be is left alone', async (t) => {
  const data = temporaryFolder(t);
  mkdirSync(join(data, 'salond.db'));
  await refusedUntouched(t, data, data, join(data, 'salond.db'));
});

t.test('a newer schema is refused, with both versions', async (t) => {
  const data = temporaryFolder(t);
  const first = host(t, data);
  await works(first);
  await first.stop();
  const path = join(data, 'salond.db');
  await database(path, 'PRAGMA user_version = 99');
  await refusedUntouched(
    t,
    data,
    data,
    `${path} has schema 99, and this salond knows no newer one than ${migrations.length}`,
  );
});

t.test('a newer schema is refused with the log that a killed daemon left beside it', async (t) => {
  const data = temporaryFolder(t);
  const first = start(t, data);
  await works(first);
  await first.stop('SIGKILL');
  const path = join(data, 'salond.db');
  const bytes = readFileSync(path);
  bytes.writeUInt32BE(99, 60);
  writeFileSync(path, bytes);
  t.ok(existsSync(`${path}-wal`));
  await refusedUntouched(t, data, data, `${path} has schema 99`);
});

t.test('a data path that is a file, or lies below one, is refused', async (t) => {
  const outer = temporaryFolder(t);
  const file = join(outer, 'file');
  writeFileSync(file, 'mine');
  await refusedUntouched(t, outer, file, `${file} is not a folder`);
  await refusedUntouched(t, outer, join(file, 'data'), `${join(file, 'data')} is not a folder`);
});

t.test('a folder in use by another salond is refused, and the other goes on', async (t) => {
  const data = temporaryFolder(t);
  const first = start(t, data);
  t.equal(await works(first), 1);
  const before = Object.keys(contents(data));
  await refused(t, start(t, data), `${data} is in use by another salond`);
  t.same(Object.keys(contents(data)), before, 'no file is new');
  t.equal(await works(first), 2);
});

t.test('a killed daemon leaves the folder free at once', async (t) => {
  const data = temporaryFolder(t);
  for (let round = 1; round <= 3; round += 1) {
    const daemon = start(t, data);
    t.equal(await works(daemon), round);
    await daemon.stop('SIGKILL');
  }
});

t.test('a first start that was killed at any moment does not keep the next from starting', async (t) => {
  const data = join(temporaryFolder(t), 'new');
  const waits = [40, 80, 100, 110, 120, 130, 140, 150, 160, 180, 220, 260];
  const some = process.env['KILL_POINTS'] === 'all' ? waits : [0, 4, 8].map((from) => waits[from + random.below(4)]);
  for (const wait of some) {
    const daemon = start(t, data);
    await Promise.race([
      new Promise((resolve) => {
        setTimeout(resolve, wait);
      }),
      daemon.logged('ready'),
    ]);
    await daemon.stop('SIGKILL');
  }
  t.equal(await works(start(t, data)), 1);
});

t.test('a missing folder is made, for this user only, and so is what is in it', async (t) => {
  const data = join(temporaryFolder(t), 'a', 'b');
  await works(host(t, data));
  t.equal(statSync(data).mode & 0o777, 0o700);
  // The control socket is its group's too, as far as the folder lets anyone through.
  for (const name of readdirSync(data))
    t.equal(statSync(join(data, name)).mode & (name === 'control' ? 0o007 : 0o077), 0, name);
});

const older: readonly (readonly [name: string, make: (path: string) => void | Promise<void>])[] = [
  ['a database of schema 0', (path) => database(path, `PRAGMA application_id = ${ours}`)],
  ['a database of schema 0 in WAL mode', (path) => database(path, `PRAGMA application_id = ${ours}; ${walMode}`)],
];

for (const [name, make] of older) {
  t.test(`${name} is brought up to date`, async (t) => {
    const data = temporaryFolder(t);
    const path = join(data, 'salond.db');
    await make(path);
    const daemon = host(t, data);
    await daemon.port();
    const header = readFileSync(path);
    t.same(
      [header.readUInt32BE(60), header.readUInt32BE(68)],
      [migrations.length, ours],
      'in the file itself, where an older salond looks',
    );
    t.equal(await works(daemon), 1);
    await daemon.stop();
    t.equal(await works(host(t, data)), 2);
  });
}
