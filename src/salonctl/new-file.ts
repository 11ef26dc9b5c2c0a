// A new file under the name that the operator gave, once it is whole and on disk. Until then it has a name of its own, which no other run
// has. A signal removes the unfinished files at once. The next run removes those that SIGKILL or a power failure left.
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
import { FileError } from './errors.js';

/** Where something is written to: a file that is not there yet, or an open descriptor, of standard output say. */
export type Target = string | number;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Milliseconds until a pipe that is full is tried again. */
const pause = 5;

/** While `work` runs, a signal removes what is not finished and then ends the process as it would have. */
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

/** A name beside `path` for what is being made; `what` says what it is. It is removed when a signal ends the process, and by `removeUnfinished`. */
export function partialPath(path: string, what: string): string {
  const partial = `${path}.${what}-${process.pid}-${randomName()}`;
  rememberUnfinished(partial);
  return partial;
}

/** Removes what earlier runs for the same path left that were killed. What a running one makes stays. */
function removeLeftovers(path: string): void {
  const folder = dirname(resolve(path));
  for (const name of readdirSync(folder)) {
    if (!name.startsWith(`${basename(path)}.`)) continue;
    const [, kind, pid] =
      /^\.(partial|copy)-(\d+)-[0-9a-f]{16}(?:-wal|-shm|-journal)?$/.exec(name.slice(basename(path).length)) ?? [];
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

/** Writes a new file through `write`, which may also look at it by its path. Rejects with FileError where it can't be made. */
export async function newFile<Result>(
  path: string,
  write: (file: number, partial: string) => Promise<Result>,
): Promise<Result> {
  const partial = partialPath(path, 'partial');
  let file: number;
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) throw new FileError(`${path} is there already`);
    removeLeftovers(path);
    file = makePrivate(partial);
  } catch (error) {
    throw error instanceof FileError ? error : new FileError(`${path} can't be made: ${(error as Error).message}`);
  }
  try {
    const result = await write(file, partial);
    fsyncSync(file);
    publish(file, partial, path);
    return result;
  } catch (error) {
    // No room, say.
    if (error instanceof Error && 'syscall' in error) throw new FileError(`${path} can't be written: ${error.message}`);
    throw error;
  } finally {
    closeSync(file);
    removeUnfinished(partial);
  }
}

/** Gives the file its name, if nobody has made one of that name meanwhile. Throws FileError, and the system's errors. */
function publish(file: number, partial: string, path: string): void {
  try {
    linkSync(partial, path);
  } catch (error) {
    if (isCode(error, 'EEXIST')) throw new FileError(`${path} is there already: another made it meanwhile`);
    if (!['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].some((code) => isCode(error, code))) throw error;
    moveWithoutLink(partial, path);
  }
  const [made, named] = [fstatSync(file), lstatSync(path)];
  if (made.ino !== named.ino || made.dev !== named.dev)
    throw new FileError(`${path} is not what was written: another program changed ${dirname(path)} meanwhile`);
  sync(dirname(resolve(path)));
}

/** On a file system without links, that of a memory stick say: a file of that name is made, if there is none, and replaced. */
function moveWithoutLink(partial: string, path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600));
  } catch (error) {
    throw isCode(error, 'EEXIST') ? new FileError(`${path} is there already: another made it meanwhile`) : error;
  }
  renameSync(partial, path);
}

/** Writes all of it, and waits where a pipe is full. Rejects with FileError where nobody reads it any more. */
export async function writeAll(file: number, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(file, bytes, at);
    } catch (error) {
      if (isCode(error, 'EPIPE')) throw new FileError('nobody reads what is written: the pipe was closed');
      if (!isCode(error, 'EAGAIN')) throw error;
      await wait(pause);
    }
  }
}
