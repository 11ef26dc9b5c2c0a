// The soak's daemon, on a small disk of its own. Starts, stops and kills it, and fills and frees the disk.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { memoryBytes } from '../../bench/process.js';
import { unshared, within } from '../../test/support/namespace.js';

const launcher = join(import.meta.dirname, '../../../bin/salond');

/** A daemon in a mount namespace whose data folder is a small disk in memory. */
export class Machine {
  readonly #folder: string;
  readonly #holder: ChildProcess;
  #daemon: ChildProcess | undefined;
  /** The daemon's port, the same at every start; 0 before the first. */
  port = 0;
  /** How many times the daemon was started. */
  starts = 0;

  private constructor(folder: string, holder: ChildProcess) {
    this.#folder = folder;
    this.#holder = holder;
  }

  /** Creates the namespace and the disk. Rejects if the system does not allow it. */
  static async make(folder: string, mebibytes: number): Promise<Machine> {
    const [unshare = '', ...options] = unshared('mount');
    const holder = spawn(
      unshare,
      [...options, 'sh', '-c', `mount -t tmpfs -o size=${mebibytes}m soak ${folder} && echo && exec cat`],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    await Promise.race([
      once(holder.stdout, 'data'),
      once(holder, 'close').then(() => {
        throw new Error('there is no disk');
      }),
    ]);
    return new Machine(folder, holder);
  }

  /** Starts the daemon. Fulfils when it is ready; rejects when it ends before that. */
  async start(): Promise<void> {
    const port = this.port === 0 ? '127.0.0.1:0' : `127.0.0.1:${this.port}`;
    const [nsenter = '', ...there] = within('mount', this.#holder.pid ?? 0);
    const child = spawn(
      nsenter,
      [...there, process.execPath, launcher, '--listen', port, '--data', join(this.#folder, 'data')],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: {
          PATH: process.env['PATH'],
          SALOND_PASSWORD_LOG_N: '10',
          SALOND_PASSWORD_P: '1',
          SALOND_MAX_OUTBOX_BYTES: '262144',
        },
      },
    );
    this.#daemon = child;
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const { event, addresses } = JSON.parse(line) as {
          readonly event: string;
          readonly addresses?: readonly string[];
        };
        if (event !== 'ready') return;
        this.port = Number(addresses?.[0]?.split(':')[1]);
        resolve();
      });
      child.once('close', (code) => reject(new Error(`the daemon ended with ${code}`)));
    });
    this.starts += 1;
  }

  /** Sends the signal and waits for the daemon's end. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    const daemon = this.#daemon;
    if (daemon === undefined || daemon.exitCode !== null) return;
    const ended = once(daemon, 'close');
    daemon.kill(signal);
    await ended;
  }

  /** Fills the disk. */
  fill(): void {
    this.#run('sh', '-c', `head -c 1000m /dev/zero > ${this.#folder}/filler 2>/dev/null || true`);
  }

  /** Frees the space that `fill` took. */
  free(): void {
    this.#run('rm', '-f', `${this.#folder}/filler`);
  }

  /** Resident bytes and open files; undefined while no daemon runs. */
  usage(): { readonly memory: number; readonly files: number } | undefined {
    try {
      const pid = this.#daemon?.pid ?? 0;
      return { memory: memoryBytes(pid, 'VmRSS'), files: readdirSync(`/proc/${pid}/fd`).length };
    } catch {
      return undefined;
    }
  }

  /** Stops the daemon, and removes the namespace with its disk. */
  async end(): Promise<void> {
    await this.stop('SIGTERM');
    this.#holder.kill('SIGKILL');
  }

  #run(...command: readonly string[]): void {
    const [nsenter = '', ...there] = within('mount', this.#holder.pid ?? 0);
    const { status, stderr } = spawnSync(nsenter, [...there, ...command], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }
}
