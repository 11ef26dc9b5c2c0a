// When the write-ahead log is brought into the database, and by whom: over databases that only note what they are asked.
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Checkpoints } from '../../src/store/sqlite/checkpoint.js';
import { Database, DatabaseError } from '../../src/store/sqlite/database.js';
import { temporaryFolder } from '../support/daemon.js';

const mebibyte = 1024 * 1024;

interface Setting {
  readonly checkpoints: Checkpoints;
  /** What was asked: by whom, and how. */
  readonly asked: readonly string[];
  /** Gives the log this size; it takes no room on disk. */
  resize(bytes: number): void;
  /** Commits up to and with the next look at the log. */
  commitAndLook(): Promise<void>;
}

async function setting(t: Test, answer: () => Promise<readonly []> = async () => []): Promise<Setting> {
  const path = join(temporaryFolder(t), 'salond.db');
  writeFileSync(`${path}-wal`, '');
  const asked: string[] = [];
  const database = async (name: string): Promise<Database> => {
    const made = await Database.open(':memory:');
    t.teardown(() => made.close());
    t.intercept(made, 'all', { value: (sql: string) => {
      asked.push(`${name} ${sql}`);
      return answer();
    } });
    return made;
  };
  const checkpoints = new Checkpoints(path, await database('writer'), await database('reader'));
  return {
    checkpoints,
    asked,
    resize: (bytes) => truncateSync(`${path}-wal`, bytes),
    commitAndLook: async () => {
      for (let commit = 0; commit < 64; commit += 1) await checkpoints.committed();
    },
  };
}

t.test('a small log is left alone', async (t) => {
  const { asked, resize, commitAndLook } = await setting(t);
  resize(8 * mebibyte - 1);
  await commitAndLook();
  t.same(asked, []);
});

t.test('a large log is brought in by the reading connection, which commits do not wait for, one at a time', async (t) => {
  const finish: (() => void)[] = [];
  const { asked, resize, commitAndLook } = await setting(t, () => new Promise((resolve) => finish.push(() => resolve([]))));
  resize(8 * mebibyte);
  await commitAndLook();
  await commitAndLook();
  t.same(asked, ['reader PRAGMA wal_checkpoint(PASSIVE)']);
  for (const each of finish.splice(0)) each();
  await new Promise((resolve) => { setImmediate(resolve); });
  await commitAndLook();
  t.equal(asked.length, 2);
  for (const each of finish) each();
});

t.test('a huge log is brought in and cut by the writing connection, between two commits', async (t) => {
  const { asked, resize, commitAndLook } = await setting(t);
  resize(256 * mebibyte);
  await commitAndLook();
  t.same(asked, ['writer PRAGMA wal_checkpoint(TRUNCATE)']);
});

t.test('a full disk or a reader in the way only puts it off', async (t) => {
  for (const symbol of ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_LOCKED']) {
    const { asked, resize, commitAndLook } = await setting(t, () => Promise.reject(new DatabaseError(symbol, symbol)));
    for (const size of [8, 256]) {
      resize(size * mebibyte);
      await commitAndLook();
    }
    t.equal(asked.length, 2, symbol);
  }
});

t.test('a failed sync stops everything: the next commit is not answered', async (t) => {
  for (const size of [8, 256]) {
    const error = new DatabaseError('SQLITE_IOERR', 'disk I/O error');
    const { checkpoints, resize, commitAndLook } = await setting(t, () => Promise.reject(error));
    resize(size * mebibyte);
    await commitAndLook();
    await new Promise((resolve) => { setImmediate(resolve); });
    await t.rejects(checkpoints.committed(), error);
    await t.rejects(checkpoints.committed(), error, 'and none after it');
  }
});
