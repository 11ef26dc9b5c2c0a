// Folders as an older salond left them, for the tests of their conversion.
import { join } from 'node:path';
import type { Test } from 'tap';
import { nameKey, skeleton } from '../../src/text/names.js';
import { Database } from '../../src/store/sqlite/database.js';
import { applicationId, migrations } from '../../src/store/sqlite/migrations.js';
import { olderSumOf } from '../../src/store/sqlite/older.js';
import { temporaryFolder } from '../support/daemon.js';

/**
 * A folder as 0.1.0 left it: schema 4, each name with one skeleton, that of its key, and every row with its checksum.
 */
export async function folderOf010(
  t: Test,
  users: readonly string[],
  rooms: readonly string[],
  damage = '',
): Promise<string> {
  const folder = temporaryFolder(t);
  const old = await Database.open(join(folder, 'salond.db'));
  await old.exec(
    `PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; ${migrations.slice(0, 4).join(';')}; PRAGMA user_version = 4`,
  );
  for (const [at, name] of users.entries()) {
    const row = [
      name,
      nameKey(name),
      skeleton(nameKey(name)),
      'F',
      'L',
      Buffer.from(`hash of ${name}`),
      1000 + at,
      at === 2 ? 'deleted' : 'active',
    ];
    await old.all(
      `INSERT INTO users (name, key, skeleton, first_name, last_name, password, created, state, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...row,
      olderSumOf(row),
    );
  }
  for (const [at, name] of rooms.entries()) {
    const row = [name, nameKey(name), skeleton(nameKey(name)), `about ${name}`, 2000 + at, 'open'];
    await old.all(
      `INSERT INTO rooms (name, key, skeleton, topic, created, state, crc) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ...row,
      olderSumOf(row),
    );
    await old.all(
      `INSERT INTO roles (room, user, role, crc) VALUES (?, 1, 'owner', ?)`,
      at + 1,
      olderSumOf([at + 1, 1, 'owner']),
    );
  }
  await old.exec(damage);
  await old.close();
  return folder;
}

/** As `folderOf010`, with messages of alice's: each run a list of texts, of a second of its own. */
export async function folderWithMessages(t: Test, runs: readonly (readonly string[])[], damage = ''): Promise<string> {
  const folder = await folderOf010(t, ['alice', 'bob'], ['lobby', 'attic']);
  const old = await Database.open(join(folder, 'salond.db'));
  let first = 1;
  // A transaction for each of thousands would take longer than what is tested.
  await old.exec('BEGIN');
  for (const [at, texts] of runs.entries()) {
    const row = [
      1,
      first,
      first + texts.length - 1,
      5000 + at,
      JSON.stringify(texts.map((text, place) => [1 + (place % 2), text])),
    ];
    await old.all(
      'INSERT INTO runs (seq, room, first, last, time, messages, crc) VALUES (?, ?, ?, ?, ?, ?, ?)',
      10 + 2 * at,
      ...row,
      olderSumOf(row),
    );
    first += texts.length;
  }
  await old.exec('COMMIT');
  await old.exec(damage);
  await old.close();
  return folder;
}
