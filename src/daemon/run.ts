// Runs the daemon as a process: its log on standard output, its signals, and what the service manager hands over. Loads
// everything that the daemon is made of.
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createLog, standardOutput } from '../ops/log.js';
import { kubernetesVariables } from '../ops/settings/environment.js';
import type { Settings } from '../ops/settings/settings.js';
import { ServiceNotifier } from '../ops/systemd/notify.js';
import { inheritedSockets } from '../ops/systemd/sockets.js';
import { Daemon } from './daemon.js';
import type { SettingsRead } from './reload.js';
import { closeDebugger, onHangUp, onStopSignal } from './signals.js';
import { openSqliteStore } from './store.js';

/** The size of libuv's thread pool. The launcher sets it, because that has to happen before the pool starts. */
export interface ThreadPool {
  /** How many the daemon needs, so that one is always free for a commit. */
  readonly threads: number;
  /** What the operator's UV_THREADPOOL_SIZE was. A smaller number is raised. */
  readonly asked: string | undefined;
}

/**
 * Starts the daemon. Fulfils when it runs.
 * @param readSettings reads the settings again, for a reload
 */
export async function run(
  settings: Settings,
  version: string,
  { threads, asked }: ThreadPool,
  readSettings: () => SettingsRead,
): Promise<void> {
  const output = standardOutput();
  const log = createLog(settings.logLevel, output);
  process.on('exit', () => output.flushSync?.());
  // Node.js would write uncaught errors and warnings to standard error, and wait for its reader.
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
