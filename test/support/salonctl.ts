// Runs the operator's program from its command line, against a daemon of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Test } from 'tap';
import { root, startDaemon, type Daemon, type Teardown } from './daemon.js';

/** A daemon that runs, with its port for clients and its control socket. */
export interface Target {
  readonly daemon: Daemon;
  readonly port: number;
  readonly socket: string;
}

/** Starts a daemon that ends with the test. */
export async function startTarget(t: Test): Promise<Target> {
  const daemon = startDaemon(t);
  return { daemon, port: await daemon.port(), socket: await daemon.control() };
}

/** What a run of salonctl left. */
export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

/** How salonctl is run. */
export interface Typing {
  /** The path of the control socket; one that does not exist unless given. */
  readonly socket?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A script of bash that runs it, such as `exec "$0" "$@" | head -1`; `$0` is Node.js. */
  readonly shell?: string;
}

/** Runs `salonctl` with these arguments and fulfils when it has ended. */
export async function salonctl(
  t: Teardown,
  args: readonly string[],
  { socket = '/nowhere', input = '', env = {}, shell }: Typing = {},
): Promise<Ended> {
  const program = [join(root, 'bin/salonctl'), '--socket', socket, ...args];
  const [command, ...rest] =
    shell === undefined
      ? [process.execPath, ...program]
      : ['bash', '--norc', '-c', shell, process.execPath, ...program];
  const child = spawn(command, rest, { stdio: 'pipe', env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...env } });
  t.teardown(() => child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}
