// Makes a complete database the data of a folder, atomically. Where other data is there, that takes several renames:
// the first one decides, and if the process is killed, the next start in the folder does the others. So a restore that
// is killed leaves the old data or the new, and never a database beside the log of another.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { checkIsDatabase } from './header.js';
import { indexName } from './search-name.js';
import { companions, randomName, removeUnfinished } from './private-files.js';

const name = 'salond.db';
/** The beginning of the name of an unfinished database. */
const unfinishedPrefix = `${name}-unfinished-`;
/**
 * The beginning of the name of a complete database that is to replace the data. A time follows; the old data's new name
 * has the same time.
 */
const readyPrefix = `${name}-restored-`;
const asidePrefix = `${name}-replaced-`;

/** Syncs a file or a folder to the disk, whichever process wrote it. */
export function sync(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** Makes a path in the folder for a new database. */
export function unfinishedPath(data: string): string {
  return join(data, unfinishedPrefix + randomName());
}

/** Whether the folder has data, or a log that waits for its data. */
export function hasData(data: string): boolean {
  return ['', '-wal', '-journal'].some(
    (suffix) => lstatSync(join(data, name + suffix), { throwIfNoEntry: false }) !== undefined,
  );
}

/** Whether a restore was interrupted after it had decided. Only the holder of the folder's lock may finish it. */
export function isToBeFinished(data: string): boolean {
  return namesIn(data).some((each) => each.startsWith(readyPrefix));
}

/** Removes the index of what was said, which is of other data: the daemon makes it anew. */
function removeSearchIndex(data: string): void {
  removeUnfinished(join(data, indexName));
}

/** The names in the folder. None where it can't be read: the next step then reports that. */
function namesIn(data: string): readonly string[] {
  try {
    return readdirSync(data);
  } catch {
    return [];
  }
}

/**
 * Makes `unfinished`, a database on disk without a log, the data of the folder, which the caller has locked. Answers
 * the path to which data that was there was moved; undefined where there was none.
 */
export function place(unfinished: string, data: string): string | undefined {
  if (!hasData(data)) {
    removeSearchIndex(data);
    renameSync(unfinished, join(data, name));
    sync(data);
    return undefined;
  }
  // The random part tells two restores within a millisecond apart.
  const stamp = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(2).toString('hex')}`;
  renameSync(unfinished, join(data, readyPrefix + stamp));
  sync(data);
  finishPlacing(data);
  return join(data, asidePrefix + stamp);
}

/**
 * Finishes a restore that was interrupted, and removes unfinished databases. The caller must hold the folder's lock.
 * Throws DataError, and moves nothing, where what stands ready is no database.
 */
export function finishPlacing(data: string): void {
  for (const each of namesIn(data)) {
    const [, rest] =
      /^(.{16})(?:-wal|-shm|-journal)?$/.exec(
        each.startsWith(unfinishedPrefix) ? each.slice(unfinishedPrefix.length) : '',
      ) ?? [];
    if (rest !== undefined) removeUnfinished(join(data, unfinishedPrefix + rest));
  }
  for (const ready of namesIn(data)
    .filter((each) => each.startsWith(readyPrefix))
    .sort()) {
    // A restore leaves only databases under this name. Anything else must not replace data.
    checkIsDatabase(join(data, ready));
    const aside = asidePrefix + ready.slice(readyPrefix.length);
    // The database goes first: until the end an older salond sees a log without its database, and does not start.
    for (const suffix of ['', ...companions]) {
      const old = join(data, name + suffix);
      if (lstatSync(old, { throwIfNoEntry: false }) !== undefined) renameSync(old, join(data, aside + suffix));
    }
    removeSearchIndex(data);
    sync(data);
    renameSync(join(data, ready), join(data, name));
    sync(data);
  }
}
