// The main program of salond: runs the daemon, checks the settings or the data, or prints a text.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Daemon } from './daemon/daemon.js';
import { exitStatus, exitStatusOf } from './daemon/expected-errors.js';
import { checkConfig, checkData } from './daemon/preflight.js';
import type { SettingsRead } from './daemon/reload.js';
import { closeDebugger, endOnHangUp, onHangUp, onStopSignal } from './daemon/signals.js';
import { openSqliteStore } from './daemon/store.js';
import { LineOutput } from './ops/line-output.js';
import { createLog, standardOutput } from './ops/log.js';
import { printable } from './ops/printable.js';
import { kubernetesVariables } from './ops/settings/environment.js';
import { invocation, type Invocation, type Settings } from './ops/settings/settings.js';
import { ReloadableFile } from './ops/settings/text-file.js';
import { ServiceNotifier } from './ops/systemd/notify.js';
import { inheritedSockets } from './ops/systemd/sockets.js';

/** How many threads libuv's pool has, which the launcher decides: it has to before the pool starts. */
export interface ThreadPool {
  /** How many the daemon needs, so that one is always free for a commit. */
  readonly threads: number;
  /** What the operator's UV_THREADPOOL_SIZE was. A smaller number is raised. */
  readonly asked: string | undefined;
}

/** Runs the program; called by bin/salond. Prints errors to standard error, one line each, and sets the exit status. */
export async function main(pool: ThreadPool): Promise<void> {
  const version = readVersion();
  const file = new ReloadableFile();
  const readInvocation = (): Invocation => invocation(process.argv.slice(2), process.env, version, file.read);
  const asked = readInvocation();
  if (asked.kind !== 'run') endOnHangUp();
  // The data holds password hashes and is for this user only.
  process.umask(0o077);
  try {
    switch (asked.kind) {
      case 'print':
        print(asked.text);
        return;
      case 'error':
        fail(asked.text, exitStatus.config);
        return;
      case 'check':
        await printConfigCheck(asked.settings);
        process.exit();
        break;
      case 'check-data':
        await printDataCheck(asked.folder);
        process.exit();
        break;
      case 'run':
        await run(asked.settings, version, pool, () => settingsRead(readInvocation()));
    }
  } catch (error) {
    const status = exitStatusOf(error);
    if (status === undefined) throw error;
    fail((error as Error).message, status);
    process.exit();
  }
}

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

function print(text: string): void {
  // The reader may have read enough and closed the pipe.
  process.stdout.on('error', () => undefined).write(`${text}\n`);
}

/**
 * Prints why the program fails, and sets the exit status. The text may contain names that other people chose, and the
 * print must not wait for a reader.
 */
function fail(text: string, status: number): void {
  const errors = new LineOutput(2);
  for (const line of text.split('\n')) errors.write(`salond: ${printable(line)}\n`);
  errors.finish();
  process.exitCode = status;
}

async function printConfigCheck(settings: Settings): Promise<void> {
  const { errors, notes } = await checkConfig(settings);
  const [first] = errors;
  if (first === undefined) print(['the settings are good', ...notes].join('\n'));
  else fail(errors.map(({ message }) => message).join('\n'), exitStatusOf(first) ?? exitStatus.config);
}

async function printDataCheck(folder: string): Promise<void> {
  const problems = await checkData(folder);
  if (problems.length > 0) fail(problems.join('\n'), exitStatus.data);
  else print('the data is as it was written');
}

function settingsRead(asked: Invocation): SettingsRead {
  if (asked.kind === 'run') return asked.settings;
  return { problem: asked.kind === 'error' ? asked.text.replaceAll('\n', '; ') : 'nothing to run' };
}

/** Starts the daemon. Fulfils when it runs. */
async function run(
  settings: Settings,
  version: string,
  { threads, asked }: ThreadPool,
  readSettings: () => SettingsRead,
): Promise<void> {
  const output = standardOutput();
  const log = createLog(settings.logLevel, output);
  process.on('exit', () => output.flushSync?.());
  // Node.js would write both to standard error, and wait for its reader.
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'uncaught');
    process.exit(1);
  });
  process.removeAllListeners('warning').on('warning', (err) => log.warn({ err }, 'runtime_warning'));
  // Before the daemon has started there are no clients to tell, and a start can be interrupted at any point.
  onStopSignal((signal) => {
    log.info({ signal }, 'stopping');
    process.exit(0);
  });
  const variables = kubernetesVariables(process.env);
  if (variables.length > 0) log.info({ variables }, 'kubernetes_variables_ignored');
  if (asked !== undefined && asked !== process.env['UV_THREADPOOL_SIZE'])
    log.warn({ asked, threads }, 'thread_pool_raised');
  const inherited = inheritedSockets(process.env);
  const notifier = ServiceNotifier.fromEnvironment(process.env, (err) => log.warn({ err }, 'notify_failed'));
  const exit = (status: number): void => process.exit(status);
  // This has to happen before anybody hears that the daemon is ready.
  await nextTurn();
  closeDebugger();
  const daemon = await Daemon.start(settings, {
    log,
    version,
    readSettings,
    notifier,
    inherited,
    openStore: openSqliteStore,
    exit,
  });
  onStopSignal((signal) => void daemon.stop(signal));
  onHangUp(() => void daemon.reload());
}
