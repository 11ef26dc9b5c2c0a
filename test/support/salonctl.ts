// Runs the operator's program as it is typed, or in the test's own process: to begin a process takes it longer than
// most commands take. Each file that uses the latter runs the program itself for some of the same.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { standardStream } from '../../src/salonctl/local.js';
import { execute } from '../../src/salonctl/main.js';
import { root, type RunningDaemon, type Teardown } from './daemon.js';
import { hostDaemon } from './in-process.js';

/** How salonctl ended, and everything that it printed. */
export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

/** A salonctl that runs. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** The surroundings of a run of salonctl, besides its arguments. */
export interface Typing {
  /** The path of the control socket; one that does not exist unless given. */
  readonly socket?: string;
  /** Everything that stands on its standard input; nothing by default. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The words of a program that runs it, such as `timeout 20`. */
  readonly under?: readonly string[];
  /** A line of bash that runs it, such as `"$0" "$@" | head -1`. `$0` is Node.js. */
  readonly shell?: string;
}

/** Starts `salonctl` with these arguments. It is killed at the test's end at the latest. */
export function starting(
  t: Teardown,
  args: readonly string[],
  { socket = '/nowhere', input = '', env = {}, under = [], shell }: Typing = {},
): Running {
  const around = shell === undefined ? under : [...under, 'bash', '--norc', '-c', shell];
  const [program = '', ...rest] = [
    ...around,
    process.execPath,
    join(root, 'bin/salonctl'),
    '--socket',
    socket,
    ...args,
  ];
  const child = spawn(program, rest, { stdio: 'pipe', env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...env } });
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
  const ended = once(child, 'close').then(([status, signal]) => ({
    status: status as number | null,
    signal: signal as NodeJS.Signals | null,
    out,
    err,
  }));
  return { child, ended };
}

/** Runs `salonctl` with these arguments, and waits for its end. */
export function salonctl(t: Teardown, args: readonly string[], typing?: Typing): Promise<Ended> {
  return starting(t, args, typing).ended;
}

/** Collects what is written. */
class Collector extends Writable {
  text = '';

  constructor() {
    super({ decodeStrings: false });
  }

  override _write(piece: string, _: BufferEncoding, done: () => void): void {
    this.text += piece;
    done();
  }
}

/**
 * Runs `salonctl` with these arguments in this process. For commands that neither read nor write a file by a descriptor
 * of the process.
 */
export async function salonctlHere(
  args: readonly string[],
  { socket = '/nowhere', input = '' }: Pick<Typing, 'socket' | 'input'> = {},
): Promise<Ended> {
  if (args.includes(standardStream)) throw new Error('this is about a process');
  const [stdout, stderr] = [new Collector(), new Collector()];
  const stdin = Readable.from(input === '' ? [] : [Buffer.from(input)]);
  const status = await execute(['--socket', socket, ...args], { stdin, stdout, stderr });
  return { status, signal: null, out: stdout.text, err: stderr.text };
}

/** A daemon that runs, with its port for clients and its socket for operators. */
export interface Target {
  readonly daemon: RunningDaemon;
  readonly port: number;
  readonly socket: string;
}

/** Hosts a daemon, and waits until it has its port for clients and its socket for operators. */
export async function hostForOperators(t: Teardown): Promise<Target> {
  const daemon = hostDaemon(t);
  return { daemon, port: await daemon.port(), socket: await daemon.control() };
}
