// Reads settings from the environment: each variable is `SALOND_` and the key in capitals. A variable with this prefix
// that is no setting is an error, as in the file, because a mistyped limit would otherwise have no effect. Variables
// that Kubernetes sets with this prefix are ignored.

import { isIP } from 'node:net';
import { complain, suggestion, take } from './findings.js';
import type { Findings } from './findings.js';
import { settingKeys, isKey, setting, variable } from './table.js';

/** The variable that names the settings file, as the flag --config does. */
export const configVariable = 'SALOND_CONFIG';

const prefix = 'SALOND_';

/** Reads all variables that begin with `SALOND_` into `findings`, except `SALOND_CONFIG` and those of Kubernetes. */
export function readEnvironment(env: NodeJS.ProcessEnv, findings: Findings): void {
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith(prefix) || name === configVariable || text === undefined) continue;
    const key = name.slice(prefix.length).toLowerCase();
    if (isKey(key) && variable(key) === name) take(findings, key, setting(key).kind.fromText(text), () => `${name}:`);
    else if (!isOfKubernetes(name, text)) complain(findings, `${name}: unknown variable${hint(name, key, text)}`);
  }
}

/**
 * The names of the variables that are ignored because Kubernetes sets them for a Service named `salond` or `salond-…`.
 */
export function kubernetesVariables(env: NodeJS.ProcessEnv): readonly string[] {
  return Object.entries(env)
    .filter(
      ([name, text = '']) =>
        name.startsWith(prefix) && !isKey(name.slice(prefix.length).toLowerCase()) && isOfKubernetes(name, text),
    )
    .map(([name]) => name)
    .sort();
}

function upper(key: string): string {
  return prefix + key.toUpperCase();
}

const isPort = (text: string): boolean => /^\d{1,5}$/.test(text) && Number(text) <= 65_535;

const isHost = (text: string): boolean => isIP(text) !== 0;

/** Whether the text is a URL such as `tcp://10.0.0.7:7256` or `udp://[fd00::7]:53`. */
function isUrl(text: string): boolean {
  const [, bracketed, plain = '', port = ''] =
    /^(?:tcp|udp|sctp):\/\/(?:\[([^[\]]+)\]|([^[\]]+)):(\d+)$/.exec(text) ?? [];
  return isHost(bracketed ?? plain) && isPort(port);
}

/**
 * The endings of Kubernetes' variable names, longest first, with a check of the value (its "Service" page, "Environment
 * variables").
 */
const endings: readonly (readonly [RegExp, (text: string) => boolean])[] = [
  [/_PORT_\d+_(?:TCP|UDP|SCTP)_PROTO$/, (text) => /^(?:tcp|udp|sctp)$/.test(text)],
  [/_PORT_\d+_(?:TCP|UDP|SCTP)_PORT$/, isPort],
  [/_PORT_\d+_(?:TCP|UDP|SCTP)_ADDR$/, isHost],
  [/_PORT_\d+_(?:TCP|UDP|SCTP)$/, isUrl],
  [/_SERVICE_HOST$/, isHost],
  [/_SERVICE_PORT(?:_[A-Z0-9_]+)?$/, isPort],
  [/_PORT$/, isUrl],
];

/** Whether both the name and the value have a form that Kubernetes gives them. A mistyped setting does not. */
function isOfKubernetes(name: string, text: string): boolean {
  return endings.some(([ending, isValue]) => ending.test(name) && isValue(text));
}

function hint(name: string, key: string, text: string): string {
  // A name with an ending of Kubernetes is no mistyped setting, even if it is similar to one.
  if (!endings.some(([ending]) => ending.test(name))) return suggestion(key, [...settingKeys, 'config'], upper);
  const value = JSON.stringify(text.slice(0, 60));
  return ` (Kubernetes makes such of a Service, but not with the value ${value}; ${upper('listen')} says where to listen)`;
}
