// Starts the programs that are measured, and ends them, also when the bench is interrupted.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** The project's folder. */
export const root = join(import.meta.dirname, '../..');

/** A process that runs and listens. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  /** Milliseconds from the spawn until it reported that it was ready. */
  readonly readyAfter: number;
  /** Ends it, with SIGKILL unless another signal is given, and fulfils when it has ended. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** How to start a program, and how to find its port. */
export interface Program {
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The port, if it is fixed. */
  readonly port?: number;
  /** Otherwise: the port that a line of the program's output names. */
  readonly portOf?: (line: string) => number | undefined;
}

/** PATH, with the folder in which Debian puts daemons. */
const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin`;

/** Whether there is a program of that name. */
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

/** Registers a child process for `endAll`, so that it does not outlive the bench. */
export function guard<Child extends ChildProcess>(child: Child): Child {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  return child;
}

/** Kills all guarded processes; called when this process exits. */
export function endAll(): void {
  for (const child of alive) child.kill('SIGKILL');
}

/**
 * A process's resident memory in bytes: the current one (VmRSS) or the highest so far (VmHWM). See proc(5), `status`.
 * Throws if there is no such process.
 */
export function memoryBytes(pid: number, of: 'VmRSS' | 'VmHWM'): number {
  const [, kilobytes] =
    new RegExp(`^${of}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}

/** Microseconds of the processor's time that a process has used: proc(5), `stat`, whose ticks are 10 ms. */
export function processorTime(pid: number): number {
  const [, fields = ''] = /\) (.*)$/m.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
  const [user = NaN, system = NaN] = fields.split(' ').slice(11, 13).map(Number);
  return (user + system) * 10_000;
}

/**
 * Starts a program and fulfils when it listens. Rejects when it ends before that, or does not listen within a minute.
 */
export async function start({
  command: [file = '', ...args],
  env = {},
  port: fixed,
  portOf,
}: Program): Promise<Running> {
  // Otherwise the figures would be those of a server that somebody else started.
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
  // `failed` reports a program that can't be spawned.
  exited.catch(() => undefined);
  let port = fixed;
  let ready: number | undefined;
  createInterface(child.stdout).on('line', (line) => {
    if ((port ??= portOf?.(line)) !== undefined) ready ??= performance.now();
  });
  for (const limit = spawned + 60_000; port === undefined || !(await listens(port)); ) {
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
