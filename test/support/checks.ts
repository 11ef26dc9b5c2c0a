// Runs the checks of `salond` in the test's own process, because starting a process for each takes much longer. Each
// test file that uses them also runs the program itself for some of the same cases.
import { contractRules } from '../../src/rules.js';
import { exitStatus, exitStatusOf } from '../../src/daemon/expected-errors.js';
import { checkConfig, checkData } from '../../src/daemon/preflight.js';
import { printable } from '../../src/text/printable.js';
import { invocation } from '../../src/ops/settings/settings.js';
import { forgetBackup } from '../../src/store/sqlite/backup.js';
import { SqliteStore } from '../../src/store/sqlite/store.js';

/** The exit status and the output of the program. */
export interface ProgramResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The end of the program with error messages, as `main.ts` prints them. */
export function failed(messages: readonly string[], status: number): ProgramResult {
  const lines = messages.join('\n').split('\n');
  return { status, stdout: '', stderr: lines.map((line) => `salond: ${printable(line)}\n`).join('') };
}

/** The result of `salond --check-config` with these arguments. */
export async function resultOfCheckConfig(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramResult> {
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

/** Runs `work`. If it rejects with an expected error, fulfils with the end of the program after that error. */
async function ended(work: () => Promise<ProgramResult>): Promise<ProgramResult> {
  try {
    return await work();
  } catch (error) {
    const status = exitStatusOf(error);
    if (status === undefined) throw error;
    return failed([(error as Error).message], status);
  }
}

/** The result of `salond --check-data` for a folder. */
export function resultOfCheckData(folder: string): Promise<ProgramResult> {
  return ended(async () => {
    const problems = await checkData(folder);
    if (problems.length > 0) return failed(problems, exitStatus.data);
    return { status: 0, stdout: 'the data is as it was written\n', stderr: '' };
  });
}

/** The end of a start on a folder that it can't use; status 0 if it can. */
export function resultOfStart(data: string): Promise<ProgramResult> {
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
