// What the program does with what it is asked: run, check, or print.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkConfig } from './daemon/preflight.js';
import { Daemon } from './daemon/daemon.js';
import { AddressConflict } from './net/listen-addresses.js';
import { CertificateError } from './net/certificates.js';
import { ListenError } from './net/listener.js';
import { AuditError } from './ops/audit-file.js';
import { LineOutput } from './ops/line-output.js';
import { createLog, standardOutput } from './ops/log.js';
import { printable } from './ops/printable.js';
import { kubernetesVariables } from './ops/settings/environment.js';
import { invocation, type Settings } from './ops/settings/settings.js';
import { ReloadableFile } from './ops/settings/text-file.js';
import { ServiceNotifier } from './ops/systemd/notify.js';
import { InheritedSocketError, inheritedSockets } from './ops/systemd/sockets.js';
import { contractRules } from './rules.js';
import { closeDebugger, endOnHangUp, onHangUp, onStopSignal } from './daemon/signals.js';
import { openSqliteStore } from './daemon/store.js';
import { DataError } from './store/sqlite/data-error.js';
import { checkData } from './store/sqlite/verify.js';
import { StoreFailure } from './store/store.js';

/**
 * sysexits(3): the data can't be used; an address can't be listened on; the system refused something else; the settings
 * are wrong, and will be so the next time.
 */
export const exitStatus = { data: 65, unavailable: 69, system: 71, config: 78 } as const;

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

async function run(settings: Settings, version: string, file: ReloadableFile): Promise<void> {
  const output = standardOutput();
  const log = createLog(settings.logLevel, output);
  process.on('exit', () => output.flushSync?.());
  // Node.js would write both to standard error, and wait for whoever reads it.
  process.on('uncaughtException', (err) => {
    log.fatal({ err }, 'uncaught');
    process.exit(1);
  });
  process.removeAllListeners('warning').on('warning', (err) => log.warn({ err }, 'runtime_warning'));
  // Until it has started there is nothing to drain; what a start has done so far outlives a power loss.
  onStopSignal((signal) => {
    log.info({ signal }, 'stopping');
    process.exit(0);
  });
  const variables = kubernetesVariables(process.env);
  if (variables.length > 0) log.info({ variables }, 'kubernetes_variables_ignored');
  const inherited = inheritedSockets(process.env);
  const notify = ServiceNotifier.fromEnvironment(process.env, (err) => log.warn({ err }, 'notify_failed'));
  const readSettings = (): Settings | { readonly problem: string } => {
    const asked = invocation(process.argv.slice(2), process.env, version, file.read);
    if (asked.kind === 'run') return asked.settings;
    return { problem: asked.kind === 'error' ? asked.text.replaceAll('\n', '; ') : 'nothing to run' };
  };
  const daemon = await Daemon.start(settings, {
    log,
    version,
    readSettings,
    notify,
    inherited,
    openStore: openSqliteStore,
    exit: (status) => process.exit(status),
  });
  closeDebugger();
  onStopSignal((signal) => void daemon.stop(signal));
  onHangUp(() => void daemon.reload());
}

/** What `bin/salond` calls. Prints to standard error, a line each, why the daemon can't start. */
export async function main(): Promise<void> {
  const version = readVersion();
  const file = new ReloadableFile();
  const asked = invocation(process.argv.slice(2), process.env, version, file.read);
  const print = (text: string): void => {
    // Whoever reads may have read enough.
    process.stdout.on('error', () => undefined).write(`${text}\n`);
  };
  // Names of files and users are others' text, and nobody may be there to read it.
  const fail = (text: string, status: number): void => {
    const errors = new LineOutput(2);
    for (const line of text.split('\n')) errors.write(`salond: ${printable(line)}\n`);
    errors.finish();
    process.exitCode = status;
  };
  if (asked.kind !== 'run') endOnHangUp();
  if (asked.kind === 'print') {
    print(asked.text);
    return;
  }
  if (asked.kind === 'error') {
    fail(asked.text, exitStatus.config);
    return;
  }
  // What is kept, password hashes among it, is for this user's eyes.
  process.umask(0o077);
  try {
    if (asked.kind === 'check') {
      const { errors, notes } = await checkConfig(asked.settings);
      const [first] = errors;
      if (first === undefined) print(['the settings are good', ...notes].join('\n'));
      else fail(errors.map(({ message }) => message).join('\n'), statusOf(first) ?? exitStatus.config);
      process.exit();
    }
    if (asked.kind === 'check-data') {
      const found = await checkData(asked.folder, contractRules);
      if (found.length > 0) fail(found.join('\n'), exitStatus.data);
      else print('the data is as it was written');
      process.exit();
    }
    await run(asked.settings, version, file);
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    fail((error as Error).message, status);
    process.exit();
  }
}

/** Of what went wrong outside the program, whose message says what; undefined for a fault of the program's own. */
function statusOf(error: unknown): number | undefined {
  if ([InheritedSocketError, CertificateError, AddressConflict, AuditError].some((kind) => error instanceof kind))
    return exitStatus.config;
  if (error instanceof DataError || error instanceof StoreFailure) return exitStatus.data;
  if (error instanceof ListenError) return exitStatus.unavailable;
  // What the system says of a file names it; where in the program that was asked helps nobody.
  return error instanceof Error && 'syscall' in error ? exitStatus.system : undefined;
}
