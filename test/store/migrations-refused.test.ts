// Data of an older salond that is damaged stays as it was when a start refuses it, so that the older one can go on with
// it. How a conversion goes is reported, and it takes no more memory than a few rows do.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { contractRules } from '../../src/rules.js';
import { Database } from '../../src/store/sqlite/database.js';
import { findDamage } from '../../src/store/sqlite/find-damage.js';
import { migrations } from '../../src/store/sqlite/migrations.js';
import { olderSumOf } from '../../src/store/sqlite/older.js';
import { runRowsOf } from '../../src/store/sqlite/run-rows.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';
import { checkData } from '../../src/store/sqlite/verify.js';
import { startDaemon, temporaryFolder } from '../support/daemon.js';
import { olderDatabase } from '../support/files.js';
import { Writer } from '../support/writer.js';
import { folderWithMessages } from './older-folder.js';

/** Where a file of SQLite has the version of its schema. */
const versionAt = 60;

/**
 * SQL: other messages in a row, with the checksum that belongs to them. The second row begins with the third message.
 */
function instead(json: string): string {
  return `UPDATE runs SET messages = '${json}', crc = ${olderSumOf([1, 3, 4, 5001, json])} WHERE seq = 12`;
}

/** SQL: an index that does not know one row, and says that it knows all. */
function broken(index: string, table: string, columns: string, row: string): string {
  const sql = `CREATE UNIQUE INDEX ${index} ON ${table} (${columns})`;
  return `DROP INDEX ${index}; ${sql} WHERE ${row}; PRAGMA writable_schema = ON;
    UPDATE sqlite_schema SET sql = '${sql}' WHERE name = '${index}'`;
}

const damages: Readonly<Record<string, readonly [sql: string, start: RegExp, check: RegExp]>> = {
  'a changed text': [
    "UPDATE runs SET messages = replace(messages, 'a1', 'A1') WHERE seq = 12",
    /a row of runs is not what was written: seq 12/,
    /a row of runs is not what was written: seq 12/,
  ],
  'a changed name': [
    "UPDATE users SET first_name = 'X' WHERE id = 2",
    /a row of users is not what was written: id 2/,
    /a row of users is not what was written: id 2/,
  ],
  'a hole in the numbering': [
    'DELETE FROM runs WHERE seq = 12',
    /messages are missing in the room with the number 1/,
    /messages are missing in the room with the number 1/,
  ],
  'a text that is not UTF-8': [
    "UPDATE runs SET messages = CAST(replace(CAST(messages AS BLOB), 'a1', x'ff31') AS TEXT) WHERE seq = 12",
    /a row of runs is not what was written: seq 12/,
    /a row of runs is not what was written: seq 12/,
  ],
  'an index without one of its rows': [
    broken('runs_by_room', 'runs', 'room, first', 'seq <> 12'),
    /wrong # of entries in index runs_by_room/,
    /wrong # of entries in index runs_by_room/,
  ],
  'an empty text': [
    instead('[[1,"a1"],[2,""]]'),
    /a row of runs is not what was written: seq 12/,
    /a row of runs can't be salond's: seq 12: message has 0 bytes, and may have 1 to 4,096/,
  ],
  'a message by nobody': [
    instead('[[1,"a1"],[9,"b1"]]'),
    /messages are by nobody in the room with the number 1/,
    /messages are by nobody in the room with the number 1/,
  ],
};

const three = [0, 1, 2].map((at) => [`a${at}`, `b${at}`]);

for (const [what, [sql, start, check]] of Object.entries(damages)) {
  t.test(`${what}: a start refuses the older data and leaves it as it was`, async (t) => {
    const folder = await folderWithMessages(t, three, sql);
    const path = join(folder, 'salond.db');
    const before = readFileSync(path);
    for (let opening = 1; opening <= 2; opening += 1) {
      await t.rejects(SqliteStore.open(folder), { name: 'Error', message: start }, `opening ${opening}`);
      t.ok(before.equals(readFileSync(path)), 'each byte is as it was');
    }
    t.match(await checkData(folder), [check], '--check-data does not ask for a start first');
    t.equal(readFileSync(path).readUInt32BE(versionAt), 4);
  });
}

t.test('a large database is refused too without a change, for what a start looks at', async (t) => {
  const folder = await folderWithMessages(
    t,
    // 37 MB, one MB more than a start looks through.
    [...Array.from({ length: 15 }, () => Array.from({ length: 100 }, () => '\u0001'.repeat(4096))), ['one']],
    `INSERT INTO bans VALUES ('network', '', '', 1, 0, ${olderSumOf(['network', '', '', 1, 0])})`,
  );
  const path = join(folder, 'salond.db');
  const before = readFileSync(path);
  await t.rejects(SqliteStore.open(folder), { message: /a row of bans can't be salond's: kind "network", target ""/ });
  t.ok(before.equals(readFileSync(path)), 'each byte is as it was');
});

t.test('older data that is sound is found to be, without a conversion', async (t) => {
  const folder = await folderWithMessages(t, three);
  t.same(await checkData(folder), []);
  t.equal(readFileSync(join(folder, 'salond.db')).readUInt32BE(versionAt), 4);
  const older = temporaryFolder(t);
  await olderDatabase(join(older, 'salond.db'));
  await t.rejects(checkData(older), { message: /is an older salond's: start this one once/ });
});

t.test('runs are read by bytes, and by rows where they are short', async (t) => {
  const long = Array.from({ length: 100 }, () => '\u0001'.repeat(4096));
  const runs = [...Array.from({ length: 2500 }, (_, at) => [`${at}`]), long, long, ['one'], long, ['two']];
  const folder = await folderWithMessages(t, runs);
  const count = async (): Promise<number[][]> => {
    const database = await Database.open(join(folder, 'salond.db'));
    const read: number[][] = [];
    for await (const rows of runRowsOf(database))
      read.push([rows.length, rows.reduce((bytes, { messages }) => bytes + messages.length, 0)]);
    await database.close();
    return read;
  };
  const older = await count();
  t.equal(older[0]?.[0], 1000);
  await (await SqliteStore.open(folder)).close();
  const newer = await count();
  for (const read of [older, newer]) {
    t.equal(
      read.reduce((sum, [rows = 0]) => sum + rows, 0),
      runs.length,
    );
    t.ok(read.length < 12, 'a long row takes none but its neighbours');
    for (const [rows, bytes] of read) t.ok(rows === 1 || Number(bytes) <= 4 * 1024 * 1024, `${rows} rows`);
  }
  const writer = new Writer(await SqliteStore.open(folder));
  t.match(await writer.readAll(1), { length: 2500 + 302 });
  await writer.store.close();
});

/** Has a conversion report every millisecond. */
function withoutWaiting(t: Test): void {
  const real = globalThis.setInterval;
  t.teardown(() => {
    globalThis.setInterval = real;
  });
  globalThis.setInterval = ((call: () => void, after: number) =>
    real(call, after === 10_000 ? 1 : after)) as typeof setInterval;
}

t.test('a conversion says when it begins, how far it is, and when it is done', async (t) => {
  const folder = await folderWithMessages(
    t,
    Array.from({ length: 5000 }, (_, at) => [`${at}`]),
  );
  const copy = temporaryFolder(t);
  copyFileSync(join(folder, 'salond.db'), join(copy, 'salond.db'));
  withoutWaiting(t);
  const told: unknown[][] = [];
  const percents: number[] = [];
  const store = await SqliteStore.open(folder, 'full', undefined, {
    begun: (...all) => told.push(['begun', ...all]),
    running: (percent) => percents.push(percent),
    done: (...all) => told.push(['done', ...all]),
  });
  await store.close();
  t.match(told, [
    ['begun', 4, migrations.length, Number],
    ['done', Number],
  ]);
  t.same(
    percents,
    percents.toSorted((one, other) => one - other),
  );
  t.ok(percents.length > 0 && percents.every((percent) => Number.isInteger(percent) && percent <= 100));
  const again = await SqliteStore.open(folder, 'full', undefined, {
    begun: () => t.fail('there is nothing to convert'),
    running: () => t.fail('there is nothing to convert'),
    done: () => t.fail('there is nothing to convert'),
  });
  await again.close();
  const database = await Database.open(join(folder, 'salond.db'));
  t.same(await findDamage(database), []);
  await database.close();
});

t.test('a daemon logs it before it listens', async (t) => {
  const folder = temporaryFolder(t);
  await olderDatabase(join(folder, 'salond.db'));
  const daemon = startDaemon(t, { data: folder });
  await daemon.logged('ready');
  t.match(
    daemon.log.slice(0, 3).map(({ event }) => event),
    ['conversion_begun', 'conversion_done', 'ready'],
  );
  t.match(daemon.log[0], { level: 'info', from_schema: 3, to_schema: migrations.length, bytes: Number });
  t.match(daemon.log[1], { level: 'info', seconds: Number });
  t.equal((await daemon.stop()).code, 0);
  const store = await SqliteStore.open(folder, 'full', contractRules);
  await store.close();
});
