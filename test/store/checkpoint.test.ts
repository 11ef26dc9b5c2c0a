// When the write-ahead log is brought into the database, and by whom: over databases that only note what they are
// asked.
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Checkpoints } from '../../src/store/sqlite/checkpoint.js';
import { Database, DatabaseError, type Row } from '../../src/store/sqlite/database.js';
import { temporaryFolder } from '../support/daemon.js';

interface Log {
  pages: number;
  /** Pages that the database has already. */
  copied: number;
}

interface Setting {
  readonly checkpoints: Checkpoints;
  /** What was asked, but for looks at the log: by whom, and how. */
  readonly asked: string[];
  readonly log: Log;
  /** Makes a commit, and what the next one waits for. Then the log is looked at, if it is time. */
  readonly commit: () => Promise<void>;
  /** Makes commits up to and with the next look at the log. */
  readonly commitAndLook: () => Promise<void>;
}

/** @param answer what becomes of a checkpoint: the log changes, or it rejects */
async function setting(t: Test, answer: (log: Log) => Promise<unknown> = async () => undefined): Promise<Setting> {
  const asked: string[] = [];
  const log = { pages: 0, copied: 0 };
  const database = async (name: string): Promise<Database> => {
    const made = await Database.open(':memory:');
    t.teardown(() => made.close());
    t.intercept(made, 'all', {
      value: async (sql: string): Promise<readonly Row[]> => {
        const mode = /^PRAGMA wal_checkpoint\((\w+)\)$/.exec(sql)?.[1] ?? sql;
        if (mode !== 'NOOP') {
          asked.push(`${name} ${mode}`);
          await answer(log);
        }
        return [{ busy: 0, log: log.pages, checkpointed: log.copied }];
      },
    });
    return made;
  };
  const checkpoints = new Checkpoints(await database('writer'), await database('reader'));
  const commit = async (): Promise<void> => {
    await checkpoints.committed();
    await turn();
  };
  return {
    checkpoints,
    asked,
    log,
    commit,
    commitAndLook: async () => {
      for (let count = 0; count < 64; count += 1) await commit();
    },
  };
}

t.test('a small log is left alone', async (t) => {
  const { asked, log, commitAndLook } = await setting(t);
  log.pages = 2047;
  await commitAndLook();
  t.same(asked, []);
});

t.test('a large log is copied by the reading connection, which commits do not wait for, one at a time', async (t) => {
  const finish: (() => void)[] = [];
  const { asked, log, commitAndLook } = await setting(t, () => new Promise<void>((resolve) => finish.push(resolve)));
  log.pages = 2048;
  await commitAndLook();
  await commitAndLook();
  t.same(asked, ['reader PASSIVE']);
  for (const each of finish.splice(0)) each();
  await turn();
  log.pages = 4096;
  await commitAndLook();
  t.same(asked, ['reader PASSIVE', 'reader PASSIVE'], 'too much came meanwhile');
  for (const each of finish) each();
});

t.test('the little that is left over is copied between two commits, and the log begun anew', async (t) => {
  const { commit, asked, log, commitAndLook } = await setting(t);
  log.pages = 2048;
  await commitAndLook();
  log.pages = 3072;
  log.copied = 2048;
  await commit();
  t.same(asked, ['reader PASSIVE'], 'the log is looked at after the next commit, which does not wait for that');
  await commit();
  t.same(asked, ['reader PASSIVE', 'writer PASSIVE']);
  log.pages = 64;
  log.copied = 0;
  await commitAndLook();
  t.equal(asked.length, 2);
});

t.test('of a huge log more is copied between two commits, but not all that a long read left', async (t) => {
  const { commit, asked, log, commitAndLook } = await setting(t);
  log.pages = 65_536;
  await commitAndLook();
  t.same(asked.splice(0), ['reader PASSIVE']);
  log.copied = 65_536 - 8192;
  await commit();
  await commit();
  t.same(asked.splice(0), ['writer PASSIVE']);
  log.pages = 262_144;
  await commitAndLook();
  t.equal(asked[0], 'reader PASSIVE', 'what a backup has left is copied beside the commits');
  t.same(asked.slice(1), ['writer PASSIVE'], 'and what comes faster than it is copied is not');
});

t.test('a full disk or a reader in the way only puts it off', async (t) => {
  for (const symbol of ['SQLITE_FULL', 'SQLITE_BUSY', 'SQLITE_LOCKED']) {
    const refuse = (): Promise<never> => Promise.reject(new DatabaseError(symbol, symbol));
    const { commit, asked, log, commitAndLook } = await setting(t, refuse);
    for (const copied of [0, 2000]) {
      Object.assign(log, { pages: 2048, copied });
      await commitAndLook();
    }
    await commit();
    t.same(asked, ['reader PASSIVE', 'writer PASSIVE', 'writer PASSIVE'], symbol);
  }
});

t.test('a failed sync stops everything: the next commit is not answered', async (t) => {
  for (const copied of [0, 2000]) {
    const error = new DatabaseError('SQLITE_IOERR', 'disk I/O error');
    const { checkpoints, commit, log, commitAndLook } = await setting(t, () => Promise.reject(error));
    Object.assign(log, { pages: 2048, copied });
    await commitAndLook();
    if (copied > 0) await commit();
    t.throws(() => checkpoints.committed(), error);
    t.throws(() => checkpoints.committed(), error, 'and none after it');
  }
});

t.test('a real log is begun anew while it is written', async (t) => {
  const path = join(temporaryFolder(t), 'log.db');
  const open = async (): Promise<Database> => {
    const database = await Database.open(path);
    await database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0');
    return database;
  };
  const writer = await open();
  const reader = await open();
  await writer.exec('CREATE TABLE texts (id INTEGER PRIMARY KEY, text TEXT)');
  const insert = await writer.prepare('INSERT INTO texts (text) VALUES (?)');
  const checkpoints = new Checkpoints(writer, reader);
  const pages = async (): Promise<number> => Number((await writer.all('PRAGMA wal_checkpoint(NOOP)'))[0]?.['log']);
  await insert.run('x'.repeat(12 * 1024 * 1024));
  const most = await pages();
  let commits = 1;
  for (; commits < 5000 && (await pages()) >= most; commits += 1) {
    await insert.run('short');
    await checkpoints.committed();
  }
  t.ok(most > 2048, 'there was a large log');
  t.ok((await pages()) < 100, `${commits} commits, and the log begins with the last of them`);
  t.same(await reader.all('SELECT count(*) AS count FROM texts'), [{ count: commits }]);
  for (const database of [reader, writer]) await database.close();
});
