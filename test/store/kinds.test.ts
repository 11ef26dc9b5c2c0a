// What stands in the data folder in the place of a file is refused in one line, and nothing waits for it. The store
// says so in this process for every name and kind, and a daemon for three names, with one kind each.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { claimFolder, lockFolder } from '../../src/store/sqlite/folder.js';
import { launcher, temporaryFolder } from '../support/daemon.js';
import { resultOfCheckData, resultOfStart } from '../support/checks.js';
import { filledFolder } from '../support/files.js';
import { starting } from '../support/salonctl.js';
import { host, isRefusal, start } from './folder-support.js';

t.setTimeout(120_000);
t.jobs = 2;

const fifo = (path: string): unknown => spawnSync('mkfifo', [path]);
const folder = (path: string): unknown => mkdirSync(path);
const link = (path: string): unknown => symlinkSync('/nowhere/file', path);

const names = [
  'salond.db',
  'salond.db-wal',
  'salond.db-shm',
  'salond.db-journal',
  'salond.lock',
  'salond.lock-journal',
  'salond.time',
  'salond.time-new',
  'salond.db-new',
  'backup.db',
] as const;

/** What every test takes a copy of. */
const origin = temporaryFolder(t);
await filledFolder(origin, 1);

function withThing(t: Test, name: string, make: (path: string) => unknown): string {
  const data = temporaryFolder(t);
  cpSync(origin, data, { recursive: true });
  rmSync(join(data, name), { force: true });
  make(join(data, name));
  return data;
}

const kinds = { fifo, folder, link };

for (const [each, name] of names.entries()) {
  for (const [index, [kind, make]] of Object.entries(kinds).entries()) {
    t.test(`a ${kind} in the place of ${name} ends a start with 65 and one line`, { buffered: true }, async (t) => {
      const data = withThing(t, name, make);
      const { status, stderr } = await resultOfStart(data);
      isRefusal(t, status, stderr, `${join(data, name)} is `);
      t.ok(lstatSync(join(data, name)), 'it is still there');
      // One daemon for each kind.
      if (each % 3 !== index || each > 2) return;
      const daemon = start(t, data);
      isRefusal(t, (await daemon.exited).code, daemon.text, `${join(data, name)} is `);
      t.ok(lstatSync(join(data, name)), 'after a daemon too');
    });
  }
}

for (const option of ['--check-data', '--check-config']) {
  t.test(`${option} does not wait for a pipe either`, { buffered: true }, async (t) => {
    for (const name of ['salond.db-journal', 'salond.lock', 'salond.time']) {
      const data = withThing(t, name, fifo);
      if (option === '--check-data' && name !== 'salond.lock') {
        t.match(await resultOfCheckData(data), { status: 65, stderr: `${name} is not a file` });
        continue;
      }
      const args = option === '--check-data' ? [option, data] : [option, '--listen', '127.0.0.1:0', '--data', data];
      const { status, stderr } = spawnSync(process.execPath, [launcher, ...args], {
        encoding: 'utf8',
        timeout: 20_000,
      });
      t.equal(status, 65, name);
      t.match(stderr, `${name} is not a file`);
    }
  });
}

for (const [what, make] of Object.entries({
  'a link': link,
  'a folder': folder,
  'no database': (path: string) => writeFileSync(path, 'x'.repeat(4096)),
})) {
  t.test(
    `${what} named like a restore that is to be finished does not take the place of the data`,
    { buffered: true },
    async (t) => {
      const data = withThing(t, 'salond.db-restored-x', make);
      await t.rejects(claimFolder(data), { name: 'Error', message: /salond\.db-restored-x is / });
      t.ok(lstatSync(join(data, 'salond.db')).isFile());
      t.notOk(existsSync(join(data, 'salond.db-replaced-x')));
    },
  );
}

t.test('a folder on a file system that takes none is refused at once', { buffered: true }, async (t) => {
  for (const data of ['/proc/salond', '/proc/self/salond/data']) {
    const daemon = start(t, data);
    const limit = sleep(20_000, undefined, { ref: false }).then(() => daemon.process.kill('SIGKILL'));
    const { code } = (await Promise.race([daemon.exited, limit])) as { readonly code: number };
    isRefusal(t, code, daemon.text, `${data} can't be made: `);
  }
});

t.test(
  'a lock that was removed while it was taken holds nobody off, and is not taken for one',
  { buffered: true },
  async (t) => {
    const data = temporaryFolder(t);
    const held = await lockFolder(data);
    t.teardown(() => held.close());
    // As a restore does that gives up the folder it made.
    const refused = t.rejects(lockFolder(data), { message: /is in use by another salond/ });
    rmSync(join(data, 'salond.lock'));
    await held.close();
    await refused;
  },
);

t.test('an import that waits for somebody to write into a pipe hears a signal', { buffered: true }, async (t) => {
  const pipe = join(temporaryFolder(t), 'pipe');
  const data = join(temporaryFolder(t), 'data');
  fifo(pipe);
  const { child, ended } = starting(t, ['import', pipe, '--data', data]);
  await sleep(1500);
  child.kill('SIGINT');
  const limit = sleep(10_000, undefined, { ref: false }).then(() => ({ signal: 'none' }));
  t.match(await Promise.race([ended, limit]), { signal: 'SIGINT' });
  t.notOk(existsSync(data));
});

t.test('a data folder whose names are links to files is used', { buffered: true }, async (t) => {
  const [data, elsewhere] = [temporaryFolder(t), temporaryFolder(t)];
  const path = await filledFolder(data, 1);
  cpSync(path, join(elsewhere, 'salond.db'));
  rmSync(path);
  symlinkSync(join(elsewhere, 'salond.db'), path);
  const daemon = host(t, data);
  await daemon.port();
  t.equal((await daemon.stop()).code, 0);
});
