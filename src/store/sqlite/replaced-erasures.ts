// Reads who was erased in the data of a folder that a restore replaces: the list of erasures beside it may have been
// emptied or lost, and nobody who was erased may come back with an older backup.
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { Database, DatabaseError } from './database.js';
import type { ErasedHashes } from './erased-names.js';
import { listName, type ErasureList } from './erasure-list.js';
import { firstWithOrder } from './older.js';
import { isWhole, summed } from './sums.js';

/**
 * Adds to the list whom the data in the folder has erased. Answers a sentence for the operator where the list did not
 * have them, or where neither the list nor the data can tell; undefined where there is nothing to say.
 */
export async function addReplaced(data: string, list: ErasureList): Promise<string | undefined> {
  const isEmpty = list.all.length === 0;
  const known = await erasedIn(join(data, 'salond.db'));
  if (known === undefined) {
    return isEmpty
      ? `${listName} is missing or has nobody, and the data that is replaced can't be read: whoever was erased after the backup was made comes back, unless --erasures names a copy of the list`
      : undefined;
  }
  const areNew = known.map((hashes) => list.add(hashes)).includes(true);
  return areNew
    ? `${listName} lacked users who were erased: they are erased again, because the data that is replaced knows them`
    : undefined;
}

/** The hashes of those whom the database at `path` has erased; undefined where it can't be read. */
async function erasedIn(path: string): Promise<readonly ErasedHashes[] | undefined> {
  let database: Database | undefined;
  try {
    // The newest erasures may stand in a log. Without one, nothing is to be made beside the database.
    const hasLog = (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
    database = await (hasLog ? Database.open(path, { readOnly: true }) : Database.openUnchanging(path));
    const [version] = await database.all('PRAGMA user_version');
    if (Number(version?.['user_version']) < firstWithOrder) return [];
    const keys = await database.all(`SELECT ${summed('secrets')} FROM secrets WHERE name = 'erased_names'`);
    const names = await database.all(`SELECT ${summed('erased_names')} FROM erased_names ORDER BY hash`);
    const [key] = keys;
    if (key === undefined) return [];
    if (!isWhole('secrets', key)) return undefined;
    const hashes = names.filter((name) => isWhole('erased_names', name)).map(({ hash }) => String(hash));
    return [{ key: String(key['value']), hashes }];
  } catch (error) {
    if (error instanceof DatabaseError) return undefined;
    throw error;
  } finally {
    await database?.close();
  }
}
