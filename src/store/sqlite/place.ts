// Makes a database that is whole the data of a folder, all at once or not at all. Where other data is there, that takes
// several renames: the first one decides, and whoever claims the folder next does the others. So a restore that is
// killed leaves the old data or the new, and never a database beside the log of another.
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { checkIsDatabase } from './header.js';
import { companions, randomName, removeUnfinished } from './private-files.js';

const name = 'salond.db';
/** Begins the name of what is not finished. */
const unfinishedPrefix = `${name}-unfinished-`;
/**
 * Begins the name of what is whole and takes the place of what is there. A time follows, which names the old data too.
 */
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

/** The names in the folder; none where it can't be read, which the next step says. */
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
    renameSync(unfinished, join(data, name));
    sync(data);
    return undefined;
  }
  // The random part is for two within a millisecond.
  const stamp = `${new Date().toISOString().replaceAll(/[:.]/g, '-')}-${randomBytes(2).toString('hex')}`;
  renameSync(unfinished, join(data, readyPrefix + stamp));
  sync(data);
  finishPlacing(data);
  return join(data, asidePrefix + stamp);
}

/**
 * Finishes a restore that was interrupted, and removes what was never whole. The caller holds the folder's lock. Throws
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
    // A restore leaves nothing but databases there. Nothing else takes the place of data.
    checkIsDatabase(join(data, ready));
    const aside = asidePrefix + ready.slice(readyPrefix.length);
    // The database goes first: until the end an older salond sees a log without its database, and does not start.
    for (const suffix of ['', ...companions]) {
      const old = join(data, name + suffix);
      if (lstatSync(old, { throwIfNoEntry: false }) !== undefined) renameSync(old, join(data, aside + suffix));
    }
    sync(data);
    renameSync(join(data, ready), join(data, name));
    sync(data);
  }
}
