// Makes a backup the data of a folder that no daemon uses. Data that is there is moved aside, never deleted.
import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { applyErasures } from './apply-erasures.js';
import { Database } from './database.js';
import { DataError } from './data-error.js';
import { ErasureList } from './erasure-list.js';
import { lockFolder, makeFolder, removeEmpty } from './folder.js';
import { firstReleased } from './older.js';
import { migrate } from './migrate.js';
import { asDataError } from './open.js';
import { finishPlacing, hasData, place, sync, unfinishedPath } from './place.js';
import { removeUnfinished } from './private-files.js';
import { addReplaced } from './replaced-erasures.js';
import { strangeSchema } from './schema.js';
import type { Source } from './source.js';
import type { RowRules } from './values.js';
import { findDamage, structure } from './find-damage.js';
import { reasonOf } from '../../text/reason.js';

/**
 * Finds all that is wrong with a new backup, a sentence each. Rejects with DataError where the file is not a backup.
 */
export async function checkBackup(source: Source, rules?: RowRules): Promise<readonly string[]> {
  return reading(source.database, async (database) => {
    if (source.version >= firstReleased) return findDamage(database, rules);
    // A backup from before 0.1.0 may have no checksums.
    const strange = await strangeSchema(database, source.version);
    return strange === undefined ? structure(database) : [strange];
  });
}

async function reading<Result>(path: string, work: (database: Database) => Promise<Result>): Promise<Result> {
  const database = await Database.openUnchanging(path);
  try {
    return await work(database);
  } catch (error) {
    throw asDataError(path, error);
  } finally {
    await database.close();
  }
}

/**
 * Copies the source and its log to `path`, as one file without a log, migrated and synced. Rejects with DataError
 * where that fails or the result is damaged, and then removes the copy.
 * @param check throws where somebody wrote to the source meanwhile
 */
export async function copyWhole(source: Source, path: string, check: () => void, rules?: RowRules): Promise<void> {
  try {
    await source.copyTo(path);
    check();
    const database = await Database.open(path);
    try {
      await database.exec('PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF');
      await database.all('PRAGMA journal_mode = DELETE');
      // The log may have brought another version than the file's header said.
      const refuse = (found: readonly string[]): void => {
        if (found[0] !== undefined) throw new DataError(`${source.path} is damaged: ${found[0]}`);
      };
      await migrate(database, source.path, {
        before: async () => refuse(await structure(database)),
        after: async () => refuse(await findDamage(database, rules)),
      });
    } finally {
      await database.close();
    }
    sync(path);
  } catch (error) {
    removeUnfinished(path);
    throw asDataError(source.path, error);
  }
}

/** What became of data that fills a folder. */
export interface Filled {
  /** The path to which data that was there was moved; undefined where there was none. */
  readonly aside: string | undefined;
  /** How many users were erased, because they had been erased before. */
  readonly erased: number;
}

/** How a folder is filled. */
export interface Filling {
  /** Whether data that is there is moved aside, or else what to do where there is some. */
  readonly replace: true | string;
  /** A list of erasures from elsewhere, besides that of the folder. */
  readonly erasures?: ErasureList | undefined;
  /** Tells the operator a sentence, before anything is replaced. */
  readonly tell?: ((sentence: string) => Promise<void>) | undefined;
}

/**
 * Makes the backup the data of `folder`, without the users whom the lists of erasures have, and whom the data that is
 * replaced has erased. Rejects with DataError, and changes nothing, where a daemon uses the folder, the backup is
 * damaged, or there are data and `replace` is not set. A kill at any moment leaves the old data or the new: the next
 * start in the folder finishes an interrupted restore.
 * @param check throws where somebody wrote to the source while it was copied
 */
export async function restore(
  source: Source,
  folder: string,
  replace: boolean,
  check: () => void,
  rules?: RowRules,
  { erasures, tell }: Pick<Filling, 'erasures' | 'tell'> = {},
): Promise<Filled> {
  const how = { replace: replace || '--replace moves it aside', erasures, tell } as const;
  return filling(folder, how, async (path) => copyWhole(source, path, check, rules));
}

/**
 * Fills a new database, which `fill` makes at the path that it is given, erases again who was erased, and makes it the
 * data of `folder`, which is locked meanwhile. Where that fails, the folder's data is as it was before. Rejects with
 * DataError.
 */
export async function filling(
  folder: string,
  { replace, erasures, tell }: Filling,
  fill: (path: string) => Promise<void>,
): Promise<Filled> {
  const data = resolve(folder);
  const made = makeFolder(data);
  const unfinished = unfinishedPath(data);
  let lock: Database | undefined;
  let isDone = false;
  try {
    lock = await lockFolder(data);
    finishPlacing(data);
    if (replace !== true && hasData(data))
      throw new DataError(`${join(data, 'salond.db')} is there already: ${replace}`);
    const list = ErasureList.in(data);
    for (const hashes of erasures?.all ?? []) list.add(hashes);
    await fill(unfinished);
    // Behind the copy: the source may be this folder, and must not be touched before.
    const sentence = hasData(data) ? await addReplaced(data, list) : undefined;
    if (sentence !== undefined) await tell?.(sentence);
    const erased = await applyErasures(unfinished, list);
    sync(unfinished);
    // First, so that the list always has whom the data has erased.
    if (list.all.length > 0) list.writeTo(data);
    const aside = place(unfinished, data);
    isDone = true;
    return { aside, erased };
  } catch (error) {
    // For example, there is no room.
    if (error instanceof Error && 'syscall' in error)
      throw new DataError(`${data} can't be written to: ${reasonOf(error)}`);
    throw asDataError(data, error);
  } finally {
    removeUnfinished(unfinished);
    // While the lock is held: a process that creates the folder again creates its own lock.
    if (!isDone && made !== undefined) removeMade(data, made, lock !== undefined);
    await lock?.close();
  }
}

/** Removes the folders that were created in vain, from the innermost to `made`, if they are empty. */
function removeMade(data: string, made: string, hasLock: boolean): void {
  if (hasLock) rmSync(join(data, 'salond.lock'), { force: true });
  const folders: string[] = [];
  for (let each = data; each.length >= made.length; each = dirname(each)) folders.unshift(each);
  removeEmpty(folders);
}
