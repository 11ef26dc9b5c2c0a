// The settings in the environment: `SALOND_` and the key in capitals. A variable with our prefix that is no setting is an
// error, as in the file: a mistyped limit must not be no limit.

import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { KEYS, isKey, setting, variable } from './table.js';

/** Names the settings file, as the flag --config does. */
export const CONFIG_VARIABLE = 'SALOND_CONFIG';

const PREFIX = 'SALOND_';

/** Reads all variables that begin with `SALOND_` into `findings`, but for `SALOND_CONFIG`. */
export function readEnvironment(env: NodeJS.ProcessEnv, findings: Findings): void {
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || name === CONFIG_VARIABLE || text === undefined) continue;
    const key = name.slice(PREFIX.length).toLowerCase();
    if (isKey(key) && variable(key) === name) take(findings, key, setting(key).kind.fromText(text), () => `${name}:`);
    else complain(findings, `${name}: unknown variable${suggestion(key, [...KEYS, 'config'], upper)}`);
  }
}

function upper(key: string): string {
  return PREFIX + key.toUpperCase();
}
