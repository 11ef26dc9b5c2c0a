// Starts the real daemon for a test, on a free port and with its own data folder, and ends it with the test.
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipUnlessPossible } from './skip.js';

/** The project's folder. Works in the sources and in the compiled files. */
export const root = ((): string => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  return folder;
})();

/** The version of the package. */
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string })
  .version;

/** The program that an operator starts. */
export const launcher = join(root, 'bin/salond');

/** Settings for the lowest cost of password hashes, so that tests do not wait for scrypt. */
export const cheapPasswords = { SALOND_PASSWORD_LOG_N: '10', SALOND_PASSWORD_P: '1' } as const;

/** Why a test that needs `::1` can't run here; false if it can. */
export const noIpv6 = skipUnlessPossible(
  Object.values(networkInterfaces())
    .flat()
    .some((each) => each?.address === '::1'),
  'needs IPv6 on the loopback',
);

/** A line of the daemon's log. */
export interface LogEntry {
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

/** The part of tap's test object that is needed here. */
export interface Teardown {
  teardown(end: () => unknown): void;
}

/** The options of a test's daemon. */
export interface DaemonOptions {
  /** The data folder. By default a new one, which is removed after the test. */
  readonly data?: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The words of a program under which the daemon runs, such as `strace`. */
  readonly under?: readonly string[];
  /** The path of the program, by default `launcher`. */
  readonly program?: string;
}

/** How a daemon ended: with a status or by a signal. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/**
 * A daemon that runs for a test, in a process of its own (Daemon) or in the test's (in-process.ts), and what it has
 * logged.
 */
export abstract class RunningDaemon {
  readonly log: LogEntry[] = [];
  /** Everything on standard error, and the lines of standard output that are not JSON. */
  text = '';
  #waiting: (() => void)[] = [];

  constructor(
    readonly data: string,
    readonly exited: Promise<Exit>,
  ) {}

  /** Whether it runs, so that more may be logged. */
  abstract get runs(): boolean;

  /** Ends the daemon as the signal does, and waits for the end. */
  abstract stop(signal?: NodeJS.Signals): Promise<Exit>;

  protected wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  /** Waits for the first log entry of that event. Rejects if the daemon ends without it. */
  async logged(event: string): Promise<LogEntry> {
    for (;;) {
      const entry = this.log.find((each) => each.event === event);
      if (entry !== undefined) return entry;
      if (!this.runs) throw new Error(`the daemon ended without ${event}: ${this.text}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Waits until the daemon is ready. Fulfils with its ports, in the order of `--listen`. */
  async ports(): Promise<number[]> {
    const { addresses } = await this.logged('ready');
    return (addresses as string[]).map((address) => Number(address.split(':').at(-1)));
  }

  async port(): Promise<number> {
    return (await this.ports())[0] ?? 0;
  }

  /** What the daemon shows at `/metrics`. It has to listen there. */
  async metrics(): Promise<string> {
    const response = await fetch(`http://${String((await this.logged('ready'))['metrics'])}/metrics`);
    return response.text();
  }

  /** Waits until the daemon is ready. Fulfils with the path of its control socket. */
  async control(): Promise<string> {
    return String((await this.logged('ready'))['control']);
  }
}

/** A daemon that runs as a process of its own. */
export class Daemon extends RunningDaemon {
  constructor(
    readonly process: ChildProcessByStdio<null, Readable, Readable>,
    data: string,
  ) {
    const exited = once(process, 'close').then(([code, signal]) => {
      this.wake();
      return { code: code as number | null, signal: signal as string | null };
    });
    super(data, exited);
    createInterface(process.stdout).on('line', (line) => this.#take(line));
    process.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
  }

  #take(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogEntry);
    } catch {
      this.text += `${line}\n`;
    }
    this.wake();
  }

  override get runs(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  /** The most memory that the daemon ever had, in MB; 0 on a system without /proc. */
  get peakMemory(): number {
    const status = `/proc/${this.process.pid}/status`;
    return existsSync(status) ? Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(status, 'utf8'))?.[1]) / 1000 : 0;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    this.process.kill(signal);
    return this.exited;
  }
}

/** Creates an empty folder that is removed at the test's end. */
export function temporaryFolder(t: Teardown): string {
  const folder = mkdtempSync(join(tmpdir(), 'salond-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Stops the daemon and waits for a few seconds, because a killed process writes no coverage. */
async function endGently(daemon: Daemon): Promise<void> {
  daemon.process.kill('SIGTERM');
  await Promise.race([daemon.exited, sleep(4000, undefined, { ref: false })]);
}

/** Starts a daemon that is killed at the test's end. Does not wait until it is ready; `await daemon.port()` does. */
export function startDaemon(
  t: Teardown,
  { data, args = [], env = {}, under = [], program = launcher }: DaemonOptions = {},
): Daemon {
  const folder = data ?? temporaryFolder(t);
  const command = [...under, process.execPath, program, '--listen', '127.0.0.1:0', '--data', folder, ...args];
  const [first = '', ...rest] = command;
  const child = spawn(first, rest, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...cheapPasswords, ...env },
  });
  const daemon = new Daemon(child, folder);
  t.teardown(async () => {
    if (process.env['NODE_V8_COVERAGE'] !== undefined) await endGently(daemon);
    child.kill('SIGKILL');
    await daemon.exited;
  });
  return daemon;
}
