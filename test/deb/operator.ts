// What an operator does at a machine that is booted, and looks at.
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

export const good = 'audit_log = "/var/log/salond/audit.log"\n';
export const bad = 'max_connections = "many"\n';

const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8');

export function ok(t: Test, { status, text }: Ran, what: string): void {
  t.equal(status, 0, what, { said: text });
}

/**
 * Gives these commands, one after the other, each of which has to succeed. The guide has to have the same lines together.
 * `put` replaces what the guide can't know, the name of a file say.
 */
export function asTold(
  t: Test,
  machine: Machine,
  commands: readonly string[],
  put: Readonly<Record<string, string>> = {},
): void {
  t.ok(guide.includes(`\n${commands.join('\n')}\n`), 'the guide says so', { commands });
  for (const command of commands) {
    const given = Object.entries(put).reduce((text, [from, to]) => text.replaceAll(from, to), command);
    ok(t, machine.shell(given), given);
  }
}

/** Makes that text the settings. */
export function configure(machine: Machine, text: string): void {
  machine.shell(`printf '%s' '${text}' > /etc/salond/salond.toml`);
}

/** `salonctl status` says that no daemon is there, with status 69, in one line. */
export function nobodyThere(t: Test, machine: Machine): void {
  const { status, text } = machine.run('salonctl', 'status');
  t.equal(status, 69, text);
  t.match(text, /^salonctl: .*\n$/, 'in one line');
}

/** What the journal has of the unit, where it matches. */
export function journal(machine: Machine, pattern: string): readonly string[] {
  const { text } = machine.run('journalctl', '--unit=salond', '--output=cat', `--grep=${pattern}`);
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('--'));
}

/** Looks again and again until it is so, for twenty seconds at most. */
export async function until(is: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !is(); tries += 1)
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
}
