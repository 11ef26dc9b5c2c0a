// Starts daemons in the test's own process. To begin a process takes a daemon longer than most tests take: those about
// what is said on the wire, in the log and in files host their daemons here. Those about signals, the end of a process,
// its memory, its output or its arguments start the program (daemon.ts).
import { setTimeout as sleep } from 'node:timers/promises';
import { Daemon, type Surroundings } from '../../src/daemon/daemon.js';
import type { SettingsRead } from '../../src/daemon/reload.js';
import { openSqliteStore, type OpenStore } from '../../src/daemon/store.js';
import { exitStatus, exitStatusOf } from '../../src/daemon/expected-errors.js';
import { createLog } from '../../src/ops/log.js';
import { invocation, type Invocation, type Settings } from '../../src/ops/settings/settings.js';
import { ReloadableFile } from '../../src/ops/settings/text-file.js';
import { failed } from './checks.js';
import {
  cheapPasswords,
  RunningDaemon,
  temporaryFolder,
  type DaemonOptions,
  type Exit,
  type LogEntry,
  type Teardown,
  version,
} from './daemon.js';

/** A daemon that runs in this process. */
export interface InProcessDaemon {
  readonly daemon: Daemon;
  /** The port on 127.0.0.1 for clients. */
  readonly port: number;
  readonly log: readonly LogEntry[];
  /** The statuses with which the daemon wanted to end its process. */
  readonly exits: readonly number[];
}

function settingsOf(data: string, env: Readonly<Record<string, string>>): Settings {
  const asked = invocation(['--listen', '127.0.0.1:0', '--data', data], { ...cheapPasswords, ...env }, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  return asked.settings;
}

/**
 * Starts a daemon, which runs until `daemon.stop`.
 * @param data the data folder, in which the daemon creates its control socket
 * @param env settings, as variables of the environment
 */
export async function startInProcess(
  data: string,
  openStore: OpenStore,
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessDaemon> {
  const settings = settingsOf(data, env);
  const log: LogEntry[] = [];
  const exits: number[] = [];
  const write = (line: string): void => {
    log.push(JSON.parse(line) as LogEntry);
  };
  const surroundings: Surroundings = {
    log: createLog(settings.logLevel, { write }),
    version: 'test',
    readSettings: () => settings,
    notifier: undefined,
    inherited: { clients: [], control: [] },
    openStore,
    exit: (status) => {
      exits.push(status);
    },
  };
  const daemon = await Daemon.start(settings, surroundings);
  const { addresses } = log.find(({ event }) => event === 'ready') as unknown as { readonly addresses: string[] };
  return { daemon, port: Number(addresses[0]?.split(':').at(-1)), log, exits };
}

/** A daemon that runs in this process over the SQLite store, as the program would run it. */
export class HostedDaemon extends RunningDaemon {
  readonly #settle: (exit: Exit) => void;
  #daemon: Daemon | undefined;
  #hasEnded = false;

  constructor(data: string) {
    let settle: (exit: Exit) => void = () => undefined;
    super(
      data,
      new Promise((resolve) => {
        settle = resolve;
      }),
    );
    this.#settle = settle;
  }

  override get runs(): boolean {
    return !this.#hasEnded;
  }

  #exit(code: number): void {
    this.#hasEnded = true;
    this.#settle({ code, signal: null });
    this.wake();
  }

  #fail(messages: string, status: number): void {
    this.text = failed([messages], status).stderr;
    this.#exit(status);
  }

  /** Starts it with these settings. Where it can't start, it ends with the program's status and text. */
  async start(readInvocation: () => Invocation): Promise<void> {
    const asked = readInvocation();
    if (asked.kind === 'error') this.#fail(asked.text, exitStatus.config);
    if (asked.kind !== 'run') return;
    const { settings } = asked;
    const write = (line: string): void => {
      this.log.push(JSON.parse(line) as LogEntry);
      this.wake();
    };
    try {
      this.#daemon = await Daemon.start(settings, {
        log: createLog(settings.logLevel, { write }),
        version,
        readSettings: () => settingsRead(readInvocation()),
        notifier: undefined,
        inherited: { clients: [], control: [] },
        openStore: openSqliteStore,
        exit: (status) => this.#exit(status),
      });
    } catch (error) {
      const status = exitStatusOf(error);
      if (status === undefined) throw error;
      this.#fail((error as Error).message, status);
    }
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Exit> {
    if (this.#daemon === undefined) await this.logged('ready');
    await this.#daemon?.stop(signal);
    return this.exited;
  }
}

function settingsRead(asked: Invocation): SettingsRead {
  if (asked.kind === 'run') return asked.settings;
  return { problem: asked.kind === 'error' ? asked.text.replaceAll('\n', '; ') : 'nothing to run' };
}

/**
 * Starts a daemon in this process that is stopped at the test's end. Does not wait: `await daemon.port()` does. Once
 * this process has itself read a file of the data, other processes find the data free, as POSIX locks have it: a test
 * of what another process may do with the data starts the program.
 */
export function hostDaemon(
  t: Teardown,
  { data, args = [], env = {} }: Pick<DaemonOptions, 'data' | 'args' | 'env'> = {},
): HostedDaemon {
  const folder = data ?? temporaryFolder(t);
  const daemon = new HostedDaemon(folder);
  // As in the program: the data is for this user only.
  process.umask(0o077);
  const file = new ReloadableFile();
  const words = ['--listen', '127.0.0.1:0', '--data', folder, ...args];
  const started = daemon.start(() => invocation(words, { ...cheapPasswords, ...env }, version, file.read));
  t.teardown(async () => {
    await started.catch(() => undefined);
    if (daemon.runs) await Promise.race([daemon.stop(), sleep(4000, undefined, { ref: false })]);
  });
  return daemon;
}
