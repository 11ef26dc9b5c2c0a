// Runs the operator's program as it is typed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root, type Teardown } from './daemon.js';

export interface Ended {
  readonly status: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Typing {
  /** The control socket; one that is nowhere where none is given. */
  readonly socket?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Arguments before it, of a shell's `exec "$0" "$@" | head -1` say; `$0` is Node.js. */
  readonly shell?: string;
}

/** Runs `salonctl` with these arguments, and waits for its end. */
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
