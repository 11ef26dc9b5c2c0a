// The settings in the environment: `SALOND_` and the key in capitals. A variable with our prefix that is no setting is an
// error, as in the file: a mistyped limit must not be no limit. Kubernetes makes variables with our prefix by itself.

import { isIP } from 'node:net';
import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { settingKeys, isKey, setting, variable } from './table.js';

/** Names the settings file, as the flag --config does. */
export const configVariable = 'SALOND_CONFIG';

const PREFIX = 'SALOND_';

/** Reads all variables that begin with `SALOND_` into `findings`, but for `SALOND_CONFIG` and those of Kubernetes. */
export function readEnvironment(env: NodeJS.ProcessEnv, findings: Findings): void {
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(PREFIX) || name === configVariable || text === undefined) continue;
    const key = name.slice(PREFIX.length).toLowerCase();
    if (isKey(key) && variable(key) === name) take(findings, key, setting(key).kind.fromText(text), () => `${name}:`);
    else if (!isOfKubernetes(name, text)) complain(findings, `${name}: unknown variable${hint(name, key, text)}`);
  }
}

/** The names of the variables that were passed over, since Kubernetes makes them of a Service named `salond` or `salond-…`. */
export function kubernetesVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.entries(env)
    .filter(
      ([name, text = '']) =>
        name.startsWith(PREFIX) && !isKey(name.slice(PREFIX.length).toLowerCase()) && isOfKubernetes(name, text),
    )
    .map(([name]) => name)
    .sort();
}

function upper(key: string): string {
  return PREFIX + key.toUpperCase();
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535;

const isHost = (text: string): boolean => isIP(text) !== 0;

/** `tcp://10.0.0.7:7256`, `udp://[fd00::7]:53`. */
function isPlace(text: string): boolean {
  const [, bracketed, plain = '', port = ''] =
    /^(?:tcp|udp|sctp):\/\/(?:\[([^[\]]+)\]|([^[\]]+)):(\d+)$/.exec(text) ?? [];
  return isHost(bracketed ?? plain) && isPort(port);
}

/** How the names end, longest first, and what their values are (Kubernetes' "Service" page, "Environment variables"). */
const endings: readonly (readonly [RegExp, (text: string) => boolean])[] = [
  [/_PORT_\d+_(?:TCP|UDP|SCTP)_PROTO$/, (text) => /^(?:tcp|udp|sctp)$/.test(text)],
  [/_PORT_\d+_(?:TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(?:TCP|UDP|SCTP)_ADDR$/, isHost],
  [/_PORT_\d+_(?:TCP|UDP|SCTP)$/, isPlace],
  [/_SERVICE_HOST$/, isHost],
  [/_SERVICE_PORT(?:_[A-Z0-9_]+)?$/, isPort],
  [/_PORT$/, isPlace],
];

/** Whether both the name and the value have a form that Kubernetes gives them: a mistyped setting has not. */
function isOfKubernetes(name: string, text: string): boolean {
  return endings.some(([ending, isValue]) => ending.test(name) && isValue(text));
}

function hint(name: string, key: string, text: string): string {
  // No setting's name is near to such a one, whatever the distance says.
  if (!endings.some(([ending]) => ending.test(name))) return suggestion(key, [...settingKeys, 'config'], upper);
  return ` (Kubernetes makes such of a Service, but not with the value ${JSON.stringify(text.slice(0, 60))}; ${upper('listen')} says where to listen)`;
}
