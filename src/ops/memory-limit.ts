// Reads how much memory the daemon may use: the machine's, or what its control group is allowed (cgroups(7)).
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname, join } from 'node:path';

/** The part of the memory that connections' buffers may take, if the settings do not say how much. */
const bufferShare = 1 / 4;

/** The least bytes that buffers may take then. */
const leastBufferBytes = 64 * 1024 * 1024;

/** The most bytes for connections' buffers where `max_buffer_bytes` is 0, on a machine that allows `memory` bytes. */
export function defaultBufferBytes(memory: number): number {
  return Math.max(leastBufferBytes, Math.floor(memory * bufferShare));
}

/**
 * The bytes of memory that the daemon may use: the machine's, or the limit of its control group, or of one above that,
 * if it is smaller. Both versions of control groups are read.
 *
 * @param root the folder under which `/proc` and `/sys` are, and `total` the machine's memory, for tests
 */
export function memoryLimit(root = '/', total = totalmem()): number {
  const limits = groupsIn(read(join(root, 'proc/self/cgroup')) ?? '').flatMap(({ mount, file, path }) =>
    Array.from(foldersUpFrom(path), (folder) => Number(read(join(root, mount, folder, file)) ?? NaN)),
  );
  // `max` is no limit. Version 1 has a number beyond any memory for it.
  return Math.min(total, ...limits.filter((limit) => Number.isFinite(limit) && limit > 0));
}

/** A control group: where its version is mounted, the file that has the limit, and the group's path there. */
interface Group {
  readonly mount: string;
  readonly file: string;
  readonly path: string;
}

/**
 * Reads `/proc/self/cgroup`, which has a line `NUMBER:CONTROLLERS:PATH` for each hierarchy; version 2 has no
 * controllers.
 */
function groupsIn(text: string): readonly Group[] {
  return text.split('\n').flatMap((line): Group[] => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) return [];
    if (controllers === '') return [{ mount: 'sys/fs/cgroup', file: 'memory.max', path }];
    if (!controllers.split(',').includes('memory')) return [];
    return [{ mount: 'sys/fs/cgroup/memory', file: 'memory.limit_in_bytes', path }];
  });
}

/** The folder and all above it. In a container the path may be the host's, and only the topmost folder is there. */
function* foldersUpFrom(path: string): Iterable<string> {
  for (let folder = path; folder !== '/'; folder = dirname(folder)) yield folder;
  yield '/';
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
