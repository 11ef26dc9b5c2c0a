// Erases again who is in the list of erasures (erasure-list.ts), in a database that is to become the data of a folder
// and that nobody else uses: a backup or an export may be older than the erasure.
import { Checkpoints } from './checkpoint.js';
import { Database } from './database.js';
import { ErasedNames, insertHashes, insertKey } from './erased-names.js';
import type { ErasureList } from './erasure-list.js';
import { SqliteErasures } from './erasures.js';
import { withSum } from './prepared.js';
import { Rooms } from './rooms.js';
import { Users } from './users.js';

/** How many users are looked at in one read. */
const usersAtOnce = 1000;

/**
 * Erases those users, and whose erasure the database had begun, and leaves no text of theirs in the file, free pages
 * included. Adds to the list who was erased in that database before. Fulfils with how many were erased. Rejects with
 * DatabaseError, or a StoreFailure where a row is damaged.
 * @param path a database of this version, without a log
 */
export async function applyErasures(path: string, list: ErasureList): Promise<number> {
  const database = await Database.open(path);
  try {
    await database.exec('PRAGMA secure_delete = ON; PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF');
    const write = async <Result>(work: () => Promise<Result>): Promise<Result> => {
      await database.exec('BEGIN IMMEDIATE');
      const result = await work();
      await database.exec('COMMIT');
      return result;
    };
    const both = { reader: database, writer: database };
    await write(() => adopt(database, list));
    const users = await Users.prepare(both);
    for (const id of await listed(database, list)) await write(() => users.delete(id, true));
    const rooms = await Rooms.prepare(both);
    const erasures = await SqliteErasures.prepare(both, {
      checkpoints: new Checkpoints(database, database),
      commits: { write, probe: async () => undefined },
      changeRoom: async (id, change, version) => {
        const room = await write(() => rooms.change(id, change, version));
        return typeof room === 'string' ? room : 'changed';
      },
      isAlone: true,
    });
    const names = await ErasedNames.prepare(both);
    const erased = await erasures.eraseAll();
    for (const hashes of await names.all()) list.add(hashes);
    // Also overwrites the free pages, which may have texts of older data.
    if (erased > 0) await database.exec('VACUUM; UPDATE free_pages SET are_old = 0');
    return erased;
  } finally {
    await database.close();
  }
}

/** Has the database refuse the names in the list too, where its hashes are by a key of the list, or it has no key. */
async function adopt(database: Database, list: ErasureList): Promise<void> {
  const [row] = await database.all("SELECT value FROM secrets WHERE name = 'erased_names'");
  const found = list.all.find(({ key }) => row === undefined || key === row['value']);
  if (found === undefined) return;
  if (row === undefined) await database.all(insertKey, ...withSum('erased_names', found.key));
  await database.all(insertHashes.sql, insertHashes.rows(found.hashes));
}

/** The users in the list who are in the database, and not deleted. */
async function listed(database: Database, list: ErasureList): Promise<readonly number[]> {
  const found: number[] = [];
  if (list.all.length === 0) return found;
  const sql = `SELECT id, key, created, state FROM users WHERE id > ? ORDER BY id LIMIT ${usersAtOnce}`;
  for (let after = 0; ; ) {
    const rows = await database.all(sql, after);
    for (const { id, key, created, state } of rows)
      if (state !== 'deleted' && list.has(String(key), Number(created))) found.push(Number(id));
    if (rows.length < usersAtOnce) return found;
    after = Number(rows.at(-1)?.['id']);
  }
}
