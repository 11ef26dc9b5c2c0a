// The data that salond is measured with: users for every connection of a room, and as many messages as are asked for. Written
// through the store itself, the messages in one statement.
import { join } from 'node:path';
import { nameForms } from '../src/accounts/accounts.js';
import { Passwords, type ScryptParameters } from '../src/accounts/passwords.js';
import { Database } from '../src/store/sqlite/database.js';
import { sync } from '../src/store/sqlite/folder.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import type { Entry } from '../src/store/store.js';

export const password = 'load without end';

/** Logins are not what the load measures: a hash at the least cost. */
const cheap = { logN: 10, r: 8, p: 1 } as const;

/** Fills a new data folder with `users` users, load-0 and so on. */
export async function makeData(folder: string, users: number, parameters: ScryptParameters = cheap): Promise<void> {
  const store = await SqliteStore.open<Entry>(folder);
  const hash = await new Passwords(parameters, 1).hash(password);
  await Promise.all(Array.from({ length: users }, (_, user) => store.createUser({
    ...nameForms(`load-${user}`), firstName: 'L', lastName: 'L', password: hash,
  })));
  await store.close();
}

/** Adds `count` messages of 100 bytes, rounded up to hundreds, in rooms of 10,000, to a folder that no daemon uses. */
export async function addMessages(folder: string, count: number): Promise<void> {
  const database = await Database.open(join(folder, 'salond.db'));
  await database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN');
  const [newest] = await database.all('SELECT coalesce(max(id), 0) AS id FROM rooms');
  const before = Number(newest?.['id']);
  await database.all(
    `WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO rooms (id, name, key, skeleton, created) SELECT ? + i, 'full-' || (? + i), 'full-' || (? + i), 'full-' || (? + i), 0 FROM n`,
    Math.ceil(count / 10_000), before, before, before, before,
  );
  // 100 runs of 100 messages a room, as a busy room has them.
  const messages = JSON.stringify(Array.from({ length: 100 }, (_, at) => [1 + at % 50, 'x'.repeat(100)]));
  await database.all(
    `WITH RECURSIVE n(i) AS (VALUES (0) UNION ALL SELECT i + 1 FROM n WHERE i < ? - 1)
     INSERT INTO runs (room, first, last, time, messages)
     SELECT ? + 1 + i / 100, i % 100 * 100 + 1, i % 100 * 100 + 100, 1790000000000 + i, ? FROM n`,
    Math.ceil(count / 100), before, messages,
  );
  await database.exec('COMMIT; PRAGMA journal_mode = WAL');
  await database.close();
  // Else the system would write it while something is measured, and every sync would wait for that.
  sync(join(folder, 'salond.db'));
}
