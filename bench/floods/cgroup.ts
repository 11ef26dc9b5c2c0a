// A memory cgroup for the daemon: whoever takes more than its limit is killed by the kernel. Needs a file system of
// cgroups, version 2 or 1, in which this process may make a folder.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The files of a version, and where its hierarchy is mounted. */
interface Version {
  readonly root: string;
  readonly limit: string;
  /** The file with a line `oom_kill N`. */
  readonly kills: string;
}

const versions: readonly Version[] = [
  { root: '/sys/fs/cgroup', limit: 'memory.max', kills: 'memory.events' },
  { root: '/sys/fs/cgroup/unified', limit: 'memory.max', kills: 'memory.events' },
  { root: '/sys/fs/cgroup/memory', limit: 'memory.limit_in_bytes', kills: 'memory.oom_control' },
];

/** What the names of all cgroups of this bench begin with. The id of the bench's process follows. */
const prefix = 'salond-floods-';

/** Removes what runs that were interrupted have left. A cgroup with a process in it can't be removed. */
function removeLeft(root: string): void {
  for (const name of readdirSync(root)) {
    const [, pid] = new RegExp(`^${prefix}(\\d+)-`).exec(name) ?? [];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    try {
      rmdirSync(join(root, name));
    } catch {
      // Its process is still there.
    }
  }
}

/** A cgroup that limits memory. */
export class MemoryCgroup {
  readonly #folder: string;
  readonly #kills: string;

  private constructor(folder: string, kills: string) {
    this.#folder = folder;
    this.#kills = kills;
  }

  /** Makes a cgroup with a limit in bytes. Returns undefined if none can be made. `name` is unique in this process. */
  static make(name: string | number, bytes: number): MemoryCgroup | undefined {
    for (const { root, limit, kills } of versions) {
      const folder = join(root, `${prefix}${process.pid}-${name}`);
      try {
        if (!existsSync(join(root, 'cgroup.procs'))) continue;
        removeLeft(root);
        mkdirSync(folder);
      } catch {
        continue;
      }
      try {
        if (existsSync(join(folder, limit))) {
          writeFileSync(join(folder, limit), String(bytes));
          return new MemoryCgroup(folder, kills);
        }
      } catch {
        // Another version may be writable.
      }
      rmdirSync(folder);
    }
    return undefined;
  }

  /** The file to which a process writes its id to come under the limit. */
  get processes(): string {
    return join(this.#folder, 'cgroup.procs');
  }

  /** How many processes the kernel has killed for the limit. */
  get kills(): number {
    return killsIn(readFileSync(join(this.#folder, this.#kills), 'utf8'));
  }

  /** Removes it, once its processes have ended. */
  async remove(): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      try {
        rmdirSync(this.#folder);
        return;
      } catch {
        await sleep(20);
      }
    }
  }
}

/** The number of kills in the text of `memory.events` or `memory.oom_control`; 0 if it does not tell. */
export function killsIn(text: string): number {
  return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
}
