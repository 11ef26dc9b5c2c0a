// Starting one program that is measured, and seeing to its end: also when the bench is interrupted.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

export const root = join(import.meta.dirname, '../..');

export interface Running {
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from the spawn until it said that it is ready. */
  readonly readyAfter: number;
  /** Ends it, at once unless a signal is given: nothing it could tidy up is needed any more. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

export interface Program {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The port, where it is fixed; */
  readonly port?: number;
  /** else a line that the program prints tells it. */
  readonly portOf?: (line: string) => number | undefined;
}

/** Debian has daemons where a user's PATH does not look. */
const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin`;

export function isInstalled(program: string): boolean {
  return path.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

const alive = new Set<ChildProcess>();

/** Keeps a process from outliving this one. */
export function guard<Child extends ChildProcess>(child: Child): Child {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

/** Ends whatever runs; for the last moments of this process. */
export function endAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/** A process's resident bytes, as they are or as they were at most: proc(5), `status`. Throws where there is no such process. */
export function memoryBytes(pid: number, of: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${of}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Starts a program and waits until it listens. */
export async function start({
  command: [file = '', ...args],
  env = {},
  port: fixed,
  portOf,
}: Program): Promise<Running> {
  // Else the figures would be those of a server that somebody else started.
  if (fixed !== undefined && (await listens(fixed))) throw new Error(`port ${fixed} is taken`);
  const spawned = performance.now();
  const child = guard(
    spawn(file, args, { cwd: root, env: { ...process.env, PATH: path, ...env }, stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  let failed: Error | undefined;
  child.on('error', (error) => {
    failed = error;
  });
  child.on('exit', (code) => {
    failed ??= new Error(`${file} ended with ${code}`);
  });
  const exited = once(child, 'exit');
  // Where it can't be spawned, that is told by `failed`.
  exited.catch(() => undefined);
  let port = fixed;
  let ready: number | undefined;
  createInterface(child.stdout).on('line', (line) => {
    if ((port ??= portOf?.(line)) !== undefined) ready ??= performance.now();
  });
  for (const limit = spawned + 60_000; port === undefined || !(await listens(port));) {
    if (failed !== undefined) throw failed;
    if (performance.now() > limit) {
      child.kill('SIGKILL');
      throw new Error(`${file} does not listen`);
    }
    await sleep(10);
  }
  return {
    pid: child.pid ?? 0,
    port,
    readyAfter: (ready ?? performance.now()) - spawned,
    stop: async (signal = 'SIGKILL') => {
      child.kill(signal);
      if (child.exitCode === null && child.signalCode === null) await exited;
    },
  };
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
