// Files that hold password hashes: made for their owner alone, and removed when a command ends before they are whole.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, fchownSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What SQLite may put beside a database. */
export const companions = ['-wal', '-shm', '-journal'] as const;

/**
 * Makes a file that is not there yet, with the mode 0600 whatever the umask. No link is followed. The caller closes it. Throws
 * the system's error, EEXIST where something has that name.
 */
export function makePrivate(path: string): number {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  fchmodSync(file, 0o600);
  return file;
}

/** As `makePrivate`, but empty and closed. What root makes in a folder of another user belongs to that user, whose daemon opens it. */
export function makeEmpty(path: string): void {
  const file = makePrivate(path);
  try {
    const { uid, gid } = statSync(dirname(path));
    if (process.geteuid?.() === 0 && uid !== 0) fchownSync(file, uid, gid);
  } finally {
    closeSync(file);
  }
}

/** Part of a name that nobody can foresee. */
export function randomName(): string {
  return randomBytes(8).toString('hex');
}

/** What this process has made and not finished. */
const unfinished = new Set<string>();

/** Notes that `path`, and what SQLite puts beside it, goes when the command ends by a signal. */
export function rememberUnfinished(path: string): void {
  unfinished.add(path);
}

/** Removes the file and what SQLite put beside it, if they are there. */
export function removeUnfinished(path: string): void {
  for (const suffix of ['', ...companions]) rmSync(path + suffix, { force: true });
  unfinished.delete(path);
}

/** To be called when the process is about to end by a signal. Goes on where one can't be removed. */
export function removeAllUnfinished(): void {
  for (const path of unfinished) {
    try {
      removeUnfinished(path);
    } catch {
      // The next one may go.
    }
  }
}
