// Creates a new file that gets its final name only when it is complete and on disk. Until then it has a temporary name
// that no other run uses. A signal removes unfinished files. The next run for the same path removes those that SIGKILL
// or a power failure left behind.
import {
  closeSync,
  constants,
  fsyncSync,
  fstatSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { isCode } from '../store/sqlite/data-error.js';
import { sync } from '../store/sqlite/place.js';
import {
  makePrivate,
  randomName,
  rememberUnfinished,
  removeAllUnfinished,
  removeUnfinished,
} from '../store/sqlite/private-files.js';
import { reasonOf } from '../text/reason.js';
import { FileError } from './errors.js';
import { isSystemError } from './output.js';

/** The path of a file, or an open descriptor such as standard output. */
export type Target = string | number;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds before a full pipe is tried again. */
const pause = 5;

/** Runs `work`. A signal during it removes unfinished files and then ends the process as usual. */
export async function cleaningOnSignals<Result>(work: () => Promise<Result>): Promise<Result> {
  const end = (signal: NodeJS.Signals): void => {
    removeAllUnfinished();
    for (const each of signals) process.off(each, end);
    process.kill(process.pid, signal);
  };
  for (const each of signals) process.on(each, end);
  try {
    return await work();
  } finally {
    for (const each of signals) process.off(each, end);
  }
}

/**
 * Returns a temporary path beside `path`, with `what` in its name. `removeUnfinished` removes the file, and so does a
 * signal that ends the process.
 */
export function partialPath(path: string, what: string): string {
  const partial = `${path}.${what}-${process.pid}-${randomName()}`;
  rememberUnfinished(partial);
  return partial;
}

/** Removes the temporary files of earlier runs for the same path, except those of processes that still run. */
function removeLeftovers(path: string): void {
  const folder = dirname(resolve(path));
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const [, kind, pid] =
      /^\.(partial|copy|whole)-(\d+)-[0-9a-f]{16}(?:-wal|-shm|-journal)?$/.exec(name.slice(basename(path).length)) ??
      [];
    if (kind !== undefined && !isRunning(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return !isCode(error, 'ESRCH');
  }
}

/**
 * Creates a new file. `write` gets the open descriptor and the temporary path. Rejects with FileError if the file can't
 * be created or written.
 */
export async function newFile<Result>(
  path: string,
  write: (file: number, partial: string) => Promise<Result>,
): Promise<Result> {
  if (path === '') throw new FileError('the name of the file is empty');
  const partial = partialPath(path, 'partial');
  let file: number;
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new FileError(`${path} is there already`);
    removeLeftovers(path);
    file = makePrivate(partial);
  } catch (error) {
    throw error instanceof FileError ? error : new FileError(`${path} can't be made: ${reasonOf(error)}`);
  }
  try {
    const result = await write(file, partial);
    fsyncSync(file);
    publish(file, partial, path);
    return result;
  } catch (error) {
    throw writeError(path, error);
  } finally {
    closeSync(file);
    removeUnfinished(partial);
  }
}

/** What to throw where writing that file failed: a FileError for an error of the system, such as a full disk. */
export function writeError(path: string, error: unknown): unknown {
  return isSystemError(error) ? new FileError(`${path} can't be written: ${reasonOf(error)}`) : error;
}

/** Gives the file its final name. Throws FileError if a file of that name exists by now, and system errors. */
function publish(file: number, partial: string, path: string): void {
  try {
    linkSync(partial, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw new FileError(`${path} is there already: another made it meanwhile`);
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].some((code) => isCode(error, code))) throw error;
    moveWithoutLink(partial, path);
  }
  const [written, named] = [fstatSync(file), lstatSync(path)];
  if (written.ino !== named.ino || written.dev !== named.dev)
    throw new FileError(`${path} is not what was written: another program changed ${dirname(path)} meanwhile`);
  sync(dirname(resolve(path)));
}

/**
 * Gives the file its final name on a file system without hard links, such as FAT: creates an empty file of that name,
 * if there is none, and replaces it.
 */
function moveWithoutLink(partial: string, path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
  } catch (error) {
    throw isCode(error, 'EEXIST') ? new FileError(`${path} is there already: another made it meanwhile`) : error;
  }
  renameSync(partial, path);
}

/** Writes all bytes, and waits while a pipe is full. Rejects with FileError if the reader has closed the pipe. */
export async function writeAll(file: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(file, bytes, at);
    } catch (error) {
      if (isCode(error, 'EPIPE')) throw new FileError('nobody reads what is written: the pipe was closed');
      if (!isCode(error, 'EAGAIN')) throw error;
      await wait(pause);
    }
  }
}
