// The main program of salond: runs the daemon, checks the settings or the data, or prints a text. It loads the daemon,
// and the checks, only where they are asked for: their modules take longer to load than Node.js takes to start.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { exitStatus, exitStatusOf } from './daemon/expected-errors.js';
import type { SettingsRead } from './daemon/reload.js';
import type { ThreadPool } from './daemon/run.js';
import { endOnHangUp } from './daemon/signals.js';
import { LineOutput } from './ops/line-output.js';
import { printable } from './text/printable.js';
import { invocation, type Invocation, type Settings } from './ops/settings/settings.js';
import { ReloadableFile } from './ops/settings/text-file.js';

const requireModule = createRequire(import.meta.url);

/** What the launcher has found out about the process. */
export interface Launch extends ThreadPool {
  /** Whether Node.js requires modules as well as it imports them, which takes a sixth less time. */
  readonly canRequire: boolean;
}

/** Runs the program; called by bin/salond. Prints errors to standard error, one line each, and sets the exit status. */
export async function main({ canRequire, ...pool }: Launch): Promise<void> {
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
      case 'run': {
        const { run } = canRequire
          ? (requireModule('./daemon/run.js') as typeof import('./daemon/run.js'))
          : await import('./daemon/run.js');
        await run(asked.settings, version, pool, () => settingsRead(readInvocation()));
      }
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
  const { checkConfig } = await import('./daemon/preflight.js');
  const { errors, notes } = await checkConfig(settings);
  const [first] = errors;
  if (first === undefined) print(['the settings are good', ...notes].join('\n'));
  else fail(errors.map(({ message }) => message).join('\n'), exitStatusOf(first) ?? exitStatus.config);
}

async function printDataCheck(folder: string): Promise<void> {
  const { checkData } = await import('./daemon/preflight.js');
  const problems = await checkData(folder);
  if (problems.length > 0) fail(problems.join('\n'), exitStatus.data);
  else print('the data is as it was written');
}

function settingsRead(asked: Invocation): SettingsRead {
  if (asked.kind === 'run') return asked.settings;
  return { problem: asked.kind === 'error' ? asked.text.replaceAll('\n', '; ') : 'nothing to run' };
}
