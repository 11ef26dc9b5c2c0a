// Turns the command line, the environment and the settings file into checked settings, or into a text to print. Read
// table.ts first (which settings there are), then kinds.ts (how a value is checked), then the three sources: file.ts,
// environment.ts and command-line.ts. Nothing here prints or ends the process: main does.

import { readCommandLine, takeFlags } from './command-line.js';
import type { CommandLine } from './command-line.js';
import { configVariable, readEnvironment } from './environment.js';
import { readSettingsFile } from './file.js';
import type { ListenAddress, SocketPath } from './addresses.js';
import { complain, take } from './findings.js';
import type { Findings } from './findings.js';
import { checkPaths } from './paths.js';
import { setting, settingKeys, settingsOf, type Settings } from './table.js';
import { readText, type ReadText } from './text-file.js';
import { helpText } from './text.js';

export type { ListenAddress, SocketPath } from './addresses.js';
export type { Settings } from './table.js';
export { exampleFile } from './text.js';

/** The task of the program. A text has no line feed at its end. An error's text has one line per problem. */
export type Invocation =
  | { readonly kind: 'run'; readonly settings: Settings }
  | { readonly kind: 'check'; readonly settings: Settings }
  | { readonly kind: 'check-data'; readonly folder: string }
  | { readonly kind: 'print'; readonly text: string }
  | { readonly kind: 'error'; readonly text: string };

/**
 * Determines the task of the program. `argv` comes without node and the program's name. `read` reads the settings file,
 * if one is named. --help and --version are answered before anything is checked.
 */
export function invocation(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  version: string,
  read: ReadText = readText,
): Invocation {
  const findings: Findings = { values: new Map(), problems: [] };
  const commandLine = readCommandLine(argv, findings);
  if (commandLine.has('help')) return { kind: 'print', text: helpText() };
  if (commandLine.has('version')) return { kind: 'print', text: `salond ${version}` };

  const folder = commandLine.get('check-data')?.at(-1);
  if (folder !== undefined && findings.problems.length === 0) return { kind: 'check-data', folder };

  // Each source replaces the values of those before it: defaults, file, environment, flags.
  for (const key of settingKeys) take(findings, key, setting(key).default, () => `default of ${key}`);
  readNamedFile(commandLine, env, findings, read);
  readEnvironment(env, findings);
  takeFlags(commandLine, findings);

  checkHashMemory(findings);
  checkTls(findings);
  checkProxies(findings);
  checkPaths(findings);
  if (findings.problems.length > 0) return { kind: 'error', text: findings.problems.join('\n') };
  return { kind: commandLine.has('check-config') ? 'check' : 'run', settings: settingsOf(findings.values) };
}

function readNamedFile(commandLine: CommandLine, env: NodeJS.ProcessEnv, findings: Findings, read: ReadText): void {
  const flag = commandLine.get('config')?.at(-1);
  const path = flag ?? env[configVariable];
  if (path === '') complain(findings, `${flag === '' ? '--config' : configVariable}: must name a file`);
  else if (path !== undefined) readSettingsFile(path, findings, read);
}

/** Checks that scrypt needs less than 2 GiB of memory, 128 × N × r bytes. N and r may be too much only together. */
function checkHashMemory(findings: Findings): void {
  const logN = Number(findings.values.get('password_log_n'));
  const r = Number(findings.values.get('password_r'));
  if (128 * 2 ** logN * r < 2 ** 31 - 2 ** 20) return;
  complain(
    findings,
    `password_log_n ${logN} and password_r ${r}: one password check would take 2 GiB of memory or more`,
  );
}

function checkTls({ values, problems }: Findings): void {
  const [listen, certificate, key] = (['tls_listen', 'tls_certificate', 'tls_key'] as const).map((name) =>
    values.get(name),
  );
  const [certificates, keys] = [certificate, key].map((list) => (Array.isArray(list) ? list.length : 0));
  if (certificates !== keys) problems.push('tls_certificate and tls_key must name as many files');
  else if (Array.isArray(listen) && listen.length > 0 && certificates === 0)
    problems.push('tls_listen needs tls_certificate and tls_key');
}

function checkProxies({ values, problems }: Findings): void {
  const [proxied, trusted, ...listening] = (['proxy_protocol', 'trusted_proxies', 'listen', 'tls_listen'] as const).map(
    (name) => values.get(name),
  );
  if (!Array.isArray(proxied) || proxied.length === 0) return;
  if (!Array.isArray(trusted) || trusted.length === 0) problems.push('proxy_protocol needs trusted_proxies');
  const places = listening.flat() as readonly (ListenAddress | SocketPath)[];
  const addresses = places.flatMap((each) => ('path' in each ? [] : [`${each.host} ${each.port}`]));
  const missing = (proxied as readonly ListenAddress[]).find(
    ({ host, port }) => !addresses.includes(`${host} ${port}`),
  );
  if (missing !== undefined)
    problems.push(`proxy_protocol: neither listen nor tls_listen has ${missing.host} with port ${missing.port}`);
}
