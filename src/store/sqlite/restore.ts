// A backup → the data of a folder that no daemon uses. Data that is there is moved aside, never deleted.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Database } from './database.js';
import { checkHeader, DataError, lockFolder, sync } from './folder.js';
import { firstReleased } from './migrations.js';
import { findDamage, structure } from './verify.js';

/** All that is wrong with a backup, a sentence each. Rejects with DataError where it is none. */
export async function checkBackup(path: string): Promise<readonly string[]> {
  if (checkHeader(path)) throw new DataError(`${path} is not there`);
  const database = await Database.open(path);
  try {
    const [row] = await database.all('PRAGMA user_version');
    // One from before 0.1.0 may have no checksums: its start brings it up to date.
    return Number(row?.['user_version']) >= firstReleased ? await findDamage(database) : await structure(database);
  } finally {
    await database.close();
  }
}

/**
 * Makes the backup the data of `folder`. Answers where the data that was there is now, if there was some. Rejects with DataError,
 * and changes nothing, where a daemon uses the folder, the backup is none or damaged, or there are data and `replace` is not set.
 */
export async function restore(backup: string, folder: string, replace: boolean): Promise<string | undefined> {
  const data = resolve(folder);
  mkdirSync(data, { recursive: true, mode: 0o700 });
  const path = join(data, 'salond.db');
  const lock = await lockFolder(data);
  const copy = `${path}-restored`;
  try {
    const isReplaced = existsSync(path) || existsSync(`${path}-wal`);
    if (isReplaced && !replace) throw new DataError(`${path} is there already: --replace moves it aside`);
    const [damage] = await checkBackup(backup);
    if (damage !== undefined) throw new DataError(`${backup} is damaged: ${damage}`);
    copyFileSync(backup, copy);
    sync(copy);
    const aside = isReplaced ? moveAside(path) : undefined;
    renameSync(copy, path);
    sync(data);
    return aside;
  } finally {
    rmSync(copy, { force: true });
    await lock.close();
  }
}

/** Under a name with the time, the log too: both are needed to read it. */
function moveAside(path: string): string {
  const aside = `${path}-replaced-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  return aside;
}
