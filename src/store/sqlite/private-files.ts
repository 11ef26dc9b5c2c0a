// Creates files that only their owner can read, because they contain password hashes. Removes the files of a command
// that ends too early.
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, fchownSync, openSync, rmSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** What SQLite may put beside a database. */
export const companions = ['-wal', '-shm', '-journal'] as const;

/**
 * Creates a file with the mode 0600, whatever the umask is, and answers its descriptor, which the caller closes. No
 * link is followed. Throws the system's error, EEXIST where something has that name.
 */
export function makePrivate(path: string): number {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  fchmodSync(file, 0o600);
  return file;
}

/**
 * As `makePrivate`, but closes the file. What root creates in another user's folder belongs to that user, whose daemon
 * opens it.
 */
export function makeEmpty(path: string): void {
  const file = makePrivate(path);
  try {
    const { uid, gid } = statSync(dirname(path));
    if (process.geteuid?.() === 0 && uid !== 0) fchownSync(file, uid, gid);
  } finally {
    closeSync(file);
  }
}

/** Sixteen hexadecimal digits that nobody can foresee, for a name. */
export function randomName(): string {
  return randomBytes(8).toString('hex');
}

/** The paths of files that this process has created and not finished. */
const unfinished = new Set<string>();

/** Remembers `path`, so that it and SQLite's files beside it are removed when a signal ends the command. */
export function rememberUnfinished(path: string): void {
  unfinished.add(path);
}

/** Removes the file and what SQLite put beside it, if they are there. */
export function removeUnfinished(path: string): void {
  for (const suffix of ['', ...companions]) rmSync(path + suffix, { force: true });
  unfinished.delete(path);
}

/** Removes all unfinished files, when a signal ends the process. Goes on where one can't be removed. */
export function removeAllUnfinished(): void {
  for (const path of unfinished) {
    try {
      removeUnfinished(path);
    } catch {
      // The next file may be removable.
    }
  }
}
