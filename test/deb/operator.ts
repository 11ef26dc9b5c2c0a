// What an operator does and checks on a booted machine, for the tests of the package.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { root } from '../support/daemon.js';
import type { Debian, Ran } from './debian.js';
import type { Machine } from './machine.js';

/** A machine with salond's package, and the folder that it was booted from. */
export interface Site {
  readonly debian: Debian;
  readonly machine: Machine;
}

/** Settings that are right. */
export const good = 'audit_log = "/var/log/salond/audit.log"\n';
/** Settings that are wrong. */
export const bad = 'max_connections = "many"\n';

const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8');

/** Asserts that a program succeeded. */
export function ok(t: Test, { status, text }: Ran, what: string): void {
  t.equal(status, 0, what, { output: text });
}

/**
 * Runs commands of the operator's guide, each of which has to succeed. Asserts that the guide has exactly these lines
 * in a row. `put` maps a word of the guide, such as a file name, to the one that is used here.
 */
export function asTold(
  t: Test,
  machine: Machine,
  commands: readonly string[],
  put: Readonly<Record<string, string>> = {},
): void {
  t.ok(guide.includes(`\n${commands.join('\n')}\n`), 'the guide has these commands', { commands });
  for (const command of commands) {
    const given = Object.entries(put).reduce((text, [from, to]) => text.replaceAll(from, to), command);
    ok(t, machine.shell(given), given);
  }
}

/** Writes the settings file. */
export function configure(machine: Machine, text: string): void {
  machine.shell(`printf '%s' '${text}' > /etc/salond/salond.toml`);
}

/** Asserts that `salonctl status` reports in one line that no daemon runs, with exit status 69. */
export function nobodyThere(t: Test, machine: Machine): void {
  const { status, text } = machine.run('salonctl', 'status');
  t.equal(status, 69, text);
  t.match(text, /^salonctl: .*\n$/, 'in one line');
}

/** The lines of the unit's journal that match the pattern. */
export function journal(machine: Machine, pattern: string): readonly string[] {
  const { text } = machine.run('journalctl', '--unit=salond', '--output=cat', `--grep=${pattern}`);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
}

/** Polls until the condition is true, for at most twenty seconds. */
export async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !condition(); tries += 1)
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
}
