// A database that is whole becomes the data of a folder, at once or not at all. Where other data is there, it takes several renames: the
// first one decides, and whoever claims the folder next does the others. So a restore that is killed leaves the old data or the new, and
// never a database beside the log of another.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { checkIsDatabase } from './header.js';
import { companions, randomName, removeUnfinished } from './private-files.js';

const name = 'salond.db';
/** What is still being made. */
const unfinishedPrefix = `${name}-unfinished-`;
/** What is whole and takes the place of what is there; the time follows, which is the old data's name too. */
const readyPrefix = `${name}-restored-`;
const asidePrefix = `${name}-replaced-`;

/** Brings a file or a folder to the disk, whoever wrote it. */
export function sync(path: string): void {
  const opened = openSync(path, 'r');
  try {
    fsyncSync(opened);
  } finally {
    closeSync(opened);
  }
}

/** A name in the folder for a database that is being made. */
export function unfinishedPath(data: string): string {
  return join(data, unfinishedPrefix + randomName());
}

/** Whether the folder has data, or a log that waits for its data. */
export function hasData(data: string): boolean {
  return ['', '-wal', '-journal'].some(
    (suffix) => lstatSync(join(data, name + suffix), { throwIfNoEntry: false }) !== undefined,
  );
}

/** Whether a restore was interrupted after it had decided. Only whoever holds the folder's lock may finish it. */
export function isToBeFinished(data: string): boolean {
  return namesIn(data).some((each) => each.startsWith(readyPrefix));
}

/** None where the folder can't be read: whoever goes on then says so. */
function namesIn(data: string): readonly string[] {
  try {
    return readdirSync(data);
  } catch {
    return [];
  }
}

/**
 * Makes `unfinished`, a database on disk without a log, the data of the folder, which the caller has locked. Answers where the data
 * that was there is now, if there was some.
 */
export function place(unfinished: string, data: string): string | undefined {
  if (!hasData(data)) {
    renameSync(unfinished, join(data, name));
    sync(data);
    return undefined;
  }
  // Two within a millisecond would have one name.
  const stamp = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(2).toString('hex')}`;
  renameSync(unfinished, join(data, readyPrefix + stamp));
  sync(data);
  finishPlacing(data);
  return join(data, asidePrefix + stamp);
}

/**
 * Does what is left of a restore that was interrupted, and removes what was never whole. The caller holds the folder's lock. Throws
 * DataError, and moves nothing, where what stands ready is no database.
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
    // Of the command that made it, it is always one. Nothing else takes the place of data.
    checkIsDatabase(join(data, ready));
    const aside = asidePrefix + ready.slice(readyPrefix.length);
    // The database goes first: until the end a salond that knows nothing of this sees a log without its database, and does not start.
    for (const suffix of ['', ...companions]) {
      const old = join(data, name + suffix);
      if (lstatSync(old, { throwIfNoEntry: false }) !== undefined) renameSync(old, join(data, aside + suffix));
    }
    sync(data);
    renameSync(join(data, ready), join(data, name));
    sync(data);
  }
}
