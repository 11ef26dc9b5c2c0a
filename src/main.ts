// What the program does with what it is asked: run, check, or print.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from './daemon.js';
import { CertificateError } from './net/certificates.js';
import { ListenError } from './net/listener.js';
import { AuditError } from './ops/audit.js';
import { createLog } from './ops/log.js';
import { invocation, type Settings } from './ops/settings/settings.js';
import { Notify } from './ops/systemd/notify.js';
import { InheritedSocketError, inheritedSockets } from './ops/systemd/sockets.js';
import { contractRules } from './rules.js';
import { DataError } from './store/sqlite/folder.js';
import { checkData } from './store/sqlite/verify.js';

/** sysexits(3): the data can't be used · an address can't be listened on · the settings are wrong, and will be so the next time. */
export const exitStatus = { data: 65, unavailable: 69, config: 78 } as const;

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

async function run(settings: Settings, version: string): Promise<void> {
  const log = createLog(settings.logLevel);
  const inherited = inheritedSockets(process.env);
  const notify = Notify.fromEnvironment(process.env, (err) => log.warn({ err }, 'notify_failed'));
  const readSettings = (): Settings | { readonly problem: string } => {
    const asked = invocation(process.argv.slice(2), process.env, version);
    if (asked.kind === 'run') return asked.settings;
    return { problem: asked.kind === 'error' ? asked.text.replaceAll('\n', '; ') : 'nothing to run' };
  };
  await Daemon.start(settings, { log, version, readSettings, notify, inherited });
}

/** What `bin/salond` calls. Prints to standard error, a line each, why the daemon can't start. */
export async function main(): Promise<void> {
  const version = readVersion();
  const asked = invocation(process.argv.slice(2), process.env, version);
  const print = (text: string): void => void process.stdout.write(`${text}\n`);
  const fail = (text: string, status: number): void => {
    for (const line of text.split('\n')) process.stderr.write(`salond: ${line}\n`);
    process.exitCode = status;
  };
  if (asked.kind === 'print') return print(asked.text);
  if (asked.kind === 'error') return fail(asked.text, exitStatus.config);
  if (asked.kind === 'check') return print('the settings are good');
  // What is kept, password hashes among it, is for this user's eyes.
  process.umask(0o077);
  try {
    if (asked.kind === 'check-data') {
      const found = await checkData(asked.folder, contractRules);
      if (found.length > 0) fail(found.join('\n'), exitStatus.data);
      else print('the data is as it was written');
      process.exit();
    }
    await run(asked.settings, version);
  } catch (error) {
    const status = statusOf(error);
    if (status === undefined) throw error;
    fail((error as Error).message, status);
    process.exit();
  }
}

/** Of what went wrong outside the program, whose message says what; undefined for a fault of the program's own. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof InheritedSocketError || error instanceof CertificateError || error instanceof AuditError) return exitStatus.config;
  if (error instanceof DataError) return exitStatus.data;
  return error instanceof ListenError ? exitStatus.unavailable : undefined;
}
