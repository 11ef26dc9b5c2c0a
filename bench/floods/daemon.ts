// Starts the daemon that is attacked: with the default settings except where it listens, under a limit of memory where
// one can be set, and with its event loop measured.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { sync } from '../../src/store/sqlite/place.js';
import { guard, root } from '../process.js';
import type { Target } from './attack.js';
import type { MemoryCgroup } from './cgroup.js';
import { ban, hashes } from './data.js';
import { Watchdog } from './watchdog.js';

/** Where the daemon can be reached. */
export type Ports = Pick<Target, 'port' | 'tlsPort' | 'metricsPort' | 'control'>;

/** How the daemon is started. */
export interface DaemonOptions {
  /** The folder of the run: `cheap` or `costly` is copied to `run` in it. */
  readonly folder: string;
  readonly hashes: keyof typeof hashes;
  readonly settings: Readonly<Record<string, string>>;
  /** The most files that it may open; as this process unless given. */
  readonly files: number | undefined;
  readonly cgroup: MemoryCgroup | undefined;
  /** Addresses that are banned from its start on. */
  readonly banned?: readonly string[];
  /** Where to write a profile of its main thread while its loop is measured; nowhere unless given. */
  readonly profile?: string | undefined;
}

/** Milliseconds until a daemon that does not become ready is given up. */
const startTimeout = 60_000;

/** A daemon that runs. */
export interface Attacked {
  readonly pid: number;
  readonly ports: Ports;
  /** Its data folder. */
  readonly data: string;
  readonly watchdog: Watchdog;
  /** The signal or status with which it has ended by itself; undefined while it runs. */
  readonly ended: () => string | undefined;
  /** Kills it and fulfils when it has ended. */
  readonly stop: () => Promise<void>;
}

/** Makes a certificate for localhost in the folder. */
export function makeCertificate(folder: string): void {
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    join(folder, 'key.pem'),
  ];
  const name = ['-days', '30', '-subj', '/CN=localhost', '-out', join(folder, 'certificate.pem')];
  const { status, stderr } = spawnSync('openssl', ['req', '-x509', ...key, ...name], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the certificate can't be made by openssl: ${stderr}`);
}

function portOf(address: string | undefined): number {
  return Number(/\d+$/.exec(address ?? '')?.[0]);
}

/** Starts a daemon on a copy of the data. Rejects if it does not become ready. */
export async function startDaemon(options: DaemonOptions): Promise<Attacked> {
  const { folder, settings, files, cgroup, banned = [], profile } = options;
  const { logN, r, p } = hashes[options.hashes];
  const data = join(folder, 'run');
  rmSync(data, { recursive: true, force: true });
  cpSync(join(folder, options.hashes), data, { recursive: true });
  if (banned.length > 0) await ban(data, banned);
  // Otherwise the system would write the copy during the measurement, and commits would wait for that.
  sync(join(data, 'salond.db'));
  const watchdog = new Watchdog(folder);
  // The shell comes under the limits before the daemon takes its place.
  const limits = [
    ...(cgroup === undefined ? [] : [`echo $$ > '${cgroup.processes}'`]),
    ...(files === undefined ? [] : [`ulimit -n ${files}`]),
    'exec "$@"',
  ];
  const measured = ['--import', join(root, 'dist/bench/floods/loop-delay.js')];
  const daemon = [process.execPath, ...measured, join(root, 'bin/salond'), '--listen', '127.0.0.1:0', '--data', data];
  const child = guard(
    spawn('sh', ['-e', '-c', limits.join('; '), 'sh', ...daemon], {
      cwd: root,
      env: {
        ...process.env,
        ...watchdog.environment,
        LOOP_DELAY: join(folder, 'loop-delay'),
        ...(profile === undefined ? {} : { LOOP_PROFILE: profile }),
        SALOND_TLS_LISTEN: '127.0.0.1:0',
        SALOND_TLS_CERTIFICATE: join(folder, 'certificate.pem'),
        SALOND_TLS_KEY: join(folder, 'key.pem'),
        SALOND_METRICS_LISTEN: '127.0.0.1:0',
        SALOND_CONTROL_SOCKET: join(folder, 'control'),
        SALOND_PASSWORD_LOG_N: String(logN),
        SALOND_PASSWORD_R: String(r),
        SALOND_PASSWORD_P: String(p),
        // Nobody is exempt, neither attackers nor talkers.
        SALOND_EXEMPT_ADDRESSES: '',
        ...settings,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  let ended: string | undefined;
  child.once('exit', (status, signal) => {
    ended = signal ?? `status ${status}`;
  });
  const ports = await portsOf(child, join(folder, 'control'));
  return {
    pid: child.pid ?? 0,
    ports,
    data,
    watchdog,
    ended: () => ended,
    stop: async () => {
      if (ended === undefined) {
        const exited = once(child, 'exit');
        child.kill('SIGKILL');
        await exited;
      }
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** Reads the ports from the line in which the daemon says that it is ready, and drops all later lines. */
async function portsOf(child: ChildProcess, control: string): Promise<Ports> {
  const { stdout } = child;
  if (stdout === null) throw new Error('the daemon has no output');
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => {
      clearTimeout(timer);
      reject(new Error(`the daemon ended with ${status} before it was ready`));
    });
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error('the daemon did not become ready'));
    }, startTimeout);
    createInterface(stdout).on('line', (line) => {
      const entry = JSON.parse(line) as {
        readonly event: string;
        readonly addresses?: readonly string[];
        readonly tls_addresses?: readonly string[];
        readonly metrics?: string;
      };
      if (entry.event !== 'ready') return;
      clearTimeout(timer);
      const [port, tlsPort] = [portOf(entry.addresses?.[0]), portOf(entry.tls_addresses?.[0])];
      resolve({ port, tlsPort, metricsPort: portOf(entry.metrics), control });
    });
  });
}
