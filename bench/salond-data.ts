// Creates the data that salond is measured with: a user for each connection of a room, and any number of messages.
// Users are created through the store; messages are inserted in large statements.
import { join } from 'node:path';
import { keysOf, newToken, tokenText } from '../src/accounts/token-secret.js';
import { nameForms } from '../src/text/names.js';
import { Passwords, type ScryptParameters } from '../src/accounts/passwords.js';
import { Database } from '../src/store/sqlite/database.js';
import { sync } from '../src/store/sqlite/place.js';
import { insertRuns, RunBatch } from '../src/store/sqlite/runs.js';
import { SqliteStore } from '../src/store/sqlite/store.js';
import { makeSkeletons } from '../src/store/sqlite/skeletons.js';
import { summed, sumOf } from '../src/store/sqlite/sums.js';

/** The password of every user. */
export const password = 'load without end';

/** The lowest cost of a hash, since the load does not measure logins. */
const cheap = { logN: 10, r: 8, p: 1 } as const;

/** Makes a data folder with the users load-0, load-1 and so on. */
export async function makeData(folder: string, users: number, parameters: ScryptParameters = cheap): Promise<void> {
  const store = await SqliteStore.open(folder);
  const hash = await new Passwords(parameters, 1).hash(password);
  await Promise.all(
    Array.from({ length: users }, (_, user) =>
      store.directory.createUser({
        ...nameForms(`load-${user}`),
        firstName: 'L',
        lastName: 'L',
        password: hash,
      }),
    ),
  );
  await store.close();
}

/** Gives each of so many users a token, and makes the rooms room-0, room-1 and so on. Answers the tokens' texts. */
export async function makeTokens(folder: string, users: number, rooms: number): Promise<readonly string[]> {
  const store = await SqliteStore.open(folder);
  const texts = await Promise.all(
    Array.from({ length: users }, async (_, each) => {
      const { id, secret } = newToken();
      const user = (await store.directory.findUser(nameForms(`load-${each}`).key))?.id ?? 0;
      const times = { created: Date.now(), expires: undefined };
      await store.tokens.add({ id, user, parent: undefined, ...keysOf(secret), label: '', settings: '', ...times }, 1);
      return tokenText(id, secret);
    }),
  );
  for (let room = 0; room < rooms; room += 1) await store.directory.openRoom(nameForms(`room-${room}`), 1);
  await store.close();
  return texts;
}

/** Adds `count` messages of 100 bytes, rounded up to hundreds, in rooms of 10,000, to a folder that no daemon uses. */
export async function addMessages(folder: string, count: number): Promise<void> {
  const database = await Database.open(join(folder, 'salond.db'));
  await database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN');
  const [newest] = await database.all('SELECT coalesce(max(id), 0) AS id FROM rooms');
  const before = Number(newest?.['id']);
  const rooms = Array.from({ length: Math.ceil(count / 10_000) }, (_, at) => {
    const name = `full-${before + 1 + at}`;
    return [before + 1 + at, name, name, '', 0, 'open', 1, '{}', 0] as const;
  });
  await insert(
    database,
    `INSERT INTO rooms (id, ${summed('rooms')})`,
    rooms.map((room) => [...room, sumOf(room.slice(1))]),
  );
  await makeSkeletons(database);
  // 100 runs of 100 messages a room, as a busy room has them.
  const runs = new RunBatch();
  const text = 'x'.repeat(100);
  for (let run = 0; run < Math.ceil(count / 100); run += 1) {
    runs.begin(before + 1 + Math.floor(run / 100), (run % 100) * 100 + 1, 1_790_000_000_000 + run);
    for (let at = 0; at < 100; at += 1) runs.addText(1 + (at % 50), 'text', 0, text);
    runs.end();
    // A statement takes some megabytes.
    if (run % 100 === 99) await database.all(insertRuns, ...runs.take());
  }
  await database.all(insertRuns, ...runs.take());
  await database.exec('COMMIT; PRAGMA journal_mode = WAL');
  await database.close();
  // Otherwise the system would write the file during a measurement, and every sync would wait for that.
  sync(join(folder, 'salond.db'));
}

async function insert(database: Database, into: string, rows: readonly (readonly unknown[])[]): Promise<void> {
  const values = rows[0]?.map((_, at) => `value ->> ${at}`).join(', ') ?? '';
  if (values !== '') await database.all(`${into} SELECT ${values} FROM json_each(?)`, JSON.stringify(rows));
}
