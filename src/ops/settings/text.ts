// Writes the table of settings for people: the text of --help and the commented example file.

import { stringify } from 'smol-toml';
import { commandLineFlags } from './command-line.js';
import { settingKeys, setting, variable } from './table.js';
import type { Key } from './table.js';

/** The text of --help, without a line feed at its end. */
export function helpText(): string {
  const flags = Object.entries(commandLineFlags).map(([name, { argument, explanation }]) => {
    const flag = argument === undefined ? `--${name}` : `--${name} ${argument}`;
    return `  ${flag.padEnd(20)} ${explanation}`;
  });
  const settings = settingKeys.map(
    (key) => `  ${assignment(key)}\n      ${setting(key).explanation}\n      takes ${setting(key).kind.takes}`,
  );
  return [
    'Usage: salond [FLAG]...',
    'A chat-room daemon on raw TCP: one command per line.',
    '',
    'Flags:',
    ...flags,
    '',
    'Settings, with their defaults. Set them in the file (--config FILE, or SALOND_CONFIG), or in the environment as SALOND_ and the',
    `name in capitals (${variable('max_line_bytes')}=4096), with commas between the values of a list. Flags override the environment,`,
    'and the environment overrides the file.',
    '',
    ...settings,
  ].join('\n');
}

/** docs/salond.example.toml: every setting, commented out, at its default. */
export function exampleFile(): string {
  const settings = settingKeys.map(
    (key) => `# ${setting(key).explanation}\n# (${setting(key).kind.takes})\n#${assignment(key)}\n`,
  );
  return [
    '# Settings of salond, all at their defaults. Remove the # before a name to change it.\n' +
      '# Pass the file to the daemon with --config FILE or SALOND_CONFIG, and check it with --check-config.\n' +
      '# The environment (SALOND_ and the name in capitals) overrides this file. Flags override both.\n',
    ...settings,
  ].join('\n');
}

function assignment(key: Key): string {
  return stringify({ [key]: setting(key).default }).trimEnd();
}
