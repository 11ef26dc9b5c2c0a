// Lets root work on a daemon's folder as the folder's owner. The owner decides what the names in it lead to: a link may
// point at any file of the system. As the owner, root reaches only what the owner reaches anyway, and files that it
// creates are the owner's.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { DataError } from './data-error.js';

/** The most links that are followed on the way to a folder. More are taken for a circle. */
const maxLinks = 40;

/** A group without rights, for a folder whose owner is not root and whose group is. */
const nogroup = 65_534;

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The owner of the first thing on the way to `path`, a folder or a link, that is not root's: from there on somebody
 * else decides where the way leads. Undefined where everything on the way that exists is root's.
 */
function ownerOf(path: string): Owner | undefined {
  let at: string = sep;
  const left = resolve(path)
    .split(sep)
    .filter((name) => name !== '');
  let links = 0;
  for (let name = left.shift(); name !== undefined; name = left.shift()) {
    const next = join(at, name);
    const stats = statsOf(next);
    if (stats === undefined) return undefined;
    if (stats.uid !== 0) return { uid: stats.uid, gid: stats.gid === 0 ? nogroup : stats.gid };
    if (!stats.isSymbolicLink()) {
      at = next;
      continue;
    }
    links += 1;
    if (links > maxLinks) throw new DataError(`${path} can't be reached: there are too many links on the way`);
    const target = readlinkSync(next);
    const names = resolve(isAbsolute(target) ? target : join(dirname(next), target))
      .split(sep)
      .filter((each) => each !== '');
    left.unshift(...names);
    at = sep;
  }
  return undefined;
}

function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/**
 * Runs `work` as the owner of `folder` where this process is root's and the folder is not; else as it is. Rejects with
 * DataError.
 */
export async function asOwnerOf<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const { geteuid, getgroups, getegid } = process;
  if (geteuid === undefined || getegid === undefined || getgroups === undefined || geteuid() !== 0) return work();
  const owner = ownerOf(folder);
  if (owner === undefined) return work();
  const before = { gid: getegid(), groups: getgroups() };
  // SQLite asks with the real user's rights whether it may write there.
  const folders = (['TMPDIR', 'SQLITE_TMPDIR'] as const).map((name) => [name, process.env[name]] as const);
  delete process.env['TMPDIR'];
  delete process.env['SQLITE_TMPDIR'];
  try {
    become(folder, owner);
    return await work();
  } finally {
    // Also runs where only the group was changed.
    process.seteuid?.(0);
    if (getegid() !== before.gid) process.setegid?.(before.gid);
    if (getgroups().join() !== before.groups.join()) process.setgroups?.(before.groups);
    for (const [name, value] of folders) if (value !== undefined) process.env[name] = value;
  }
}

/**
 * Runs `work` as root again, where this process is root's and works as another user. Nothing else may run meanwhile,
 * since this applies to every thread.
 */
export function asOneself<Result>(work: () => Result): Result {
  const uid = process.geteuid?.();
  if (process.getuid?.() !== 0 || uid === 0 || uid === undefined) return work();
  process.seteuid?.(0);
  try {
    return work();
  } finally {
    process.seteuid?.(uid);
  }
}

function become(folder: string, { uid, gid }: Owner): void {
  try {
    setGroupsOf(uid, gid);
    process.setegid?.(gid);
    process.seteuid?.(uid);
  } catch (error) {
    throw new DataError(
      `${folder} is of the user ${uid}, and this process may not act as that user (${(error as Error).message}): run it as that user`,
    );
  }
}

function setGroupsOf(uid: number, gid: number): void {
  // The types of Node.js lack this function.
  const { initgroups } = process as unknown as { readonly initgroups: (user: number, group: number) => void };
  try {
    initgroups(uid, gid);
  } catch {
    // The user has no name.
    process.setgroups?.([]);
  }
}
