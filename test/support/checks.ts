// What `salond` says of settings and folders, found in the test's own process: a process each would take most of the time. Each
// file that uses it has the program itself say some of the same.
import { contractRules } from '../../src/rules.js';
import { exitStatus, exitStatusOf } from '../../src/daemon/expected-errors.js';
import { checkConfig, checkData } from '../../src/daemon/preflight.js';
import { printable } from '../../src/ops/printable.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { forgetBackup } from '../../src/store/sqlite/backup.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';

/** How the program ends and what it prints. */
export interface Said {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program's end with messages, as `main.ts` prints them. */
export function failed(messages: readonly string[], status: number): Said {
  const lines = messages.join('\n').split('\n');
  return { status, stdout: '', stderr: lines.map((line) => `salond: ${printable(line)}\n`).join('') };
}

/** What `salond --check-config` with these arguments says. */
export async function saidOfSettings(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Said> {
  const asked = invocation(['--check-config', ...args], env, 'test');
  if (asked.kind === 'error') return failed([asked.text], exitStatus.config);
  if (asked.kind !== 'check') throw new Error(JSON.stringify(asked));
  const { errors, notes } = await checkConfig(asked.settings);
  const [first] = errors;
  if (first === undefined)
    return { status: 0, stdout: `${['the settings are good', ...notes].join('\n')}\n`, stderr: '' };
  return failed(
    errors.map(({ message }) => message),
    exitStatusOf(first) ?? exitStatus.config,
  );
}

/** The error that `work` rejects with, as the program ends with it. */
async function ended(work: () => Promise<Said>): Promise<Said> {
  try {
    return await work();
  } catch (error) {
    const status = exitStatusOf(error);
    if (status === undefined) throw error;
    return failed([(error as Error).message], status);
  }
}

/** What `salond --check-data` says of a folder. */
export function saidOfData(folder: string): Promise<Said> {
  return ended(async () => {
    const problems = await checkData(folder);
    if (problems.length > 0) return failed(problems, exitStatus.data);
    return { status: 0, stdout: 'the data is as it was written\n', stderr: '' };
  });
}

/** What a start says of a folder that it can't use; a status of 0 where it can. */
export function saidOfStart(data: string): Promise<Said> {
  return ended(async () => {
    const store = await SqliteStore.open(data, 'full', contractRules);
    try {
      forgetBackup(data);
    } finally {
      await store.close();
    }
    return { status: 0, stdout: '', stderr: '' };
  });
}
