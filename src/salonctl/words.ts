// What can be typed after `salonctl`, and which of the daemon's commands it is.
import { operatorSpecs, type OperatorCommandName } from '../wire/protocol.js';
import type { CommandSpec } from '../wire/spec.js';

/** The words, longest first where one begins another. */
export const words: readonly (readonly [words: string, command: OperatorCommandName])[] = [
  ['status', 'status'],
  ['sessions', 'list_sessions'],
  ['users create', 'create_account'],
  ['users set-password', 'set_password'],
  ['users disable', 'disable_account'],
  ['users enable', 'enable_account'],
  ['users delete', 'delete_account'],
  ['users', 'list_accounts'],
  ['rooms show', 'show_room'],
  ['rooms own', 'own_room'],
  ['rooms close', 'close_room'],
  ['rooms open', 'open_room'],
  ['rooms', 'list_rooms'],
  ['announce', 'announce'],
  ['kick', 'kick'],
  ['bans', 'list_bans'],
  ['ban', 'ban'],
  ['unban', 'unban'],
  ['drain', 'drain'],
  ['reload', 'reload'],
  ['log-level', 'set_log_level'],
  ['reset-time', 'reset_time'],
];

/** A request that can't be made of what was typed; the message says why, in one line. */
export class UsageError extends Error {}

export interface Typed {
  readonly spec: CommandSpec;
  /** The request, but for a password, which is never typed among arguments. */
  readonly request: Readonly<Record<string, unknown>>;
}

const units = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** Seconds, from `90`, `2m`, `1h`, `7d`. */
function seconds(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError(`${text} is no time like 90, 2m, 1h or 7d`);
  return Number(count) * units[unit as keyof typeof units];
}

function value(field: string, text: string): unknown {
  if (field === 'duration') return seconds(text);
  if (field !== 'id' && field !== 'limit') return text;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError(`${text} is no number`);
  return Number(text);
}

/** Whether the command takes a password, which comes from standard input. */
export function takesPassword(spec: CommandSpec): boolean {
  return spec.parameters.some(({ field }) => field === 'password');
}

/** The parameters that are typed in their order · by their names, as `--name`. */
export function placed(spec: CommandSpec): CommandSpec['parameters'] {
  return spec.parameters.filter(({ required, field }) => required && field !== 'password');
}

export function named(spec: CommandSpec): CommandSpec['parameters'] {
  return spec.parameters.filter(({ required }) => !required);
}

/** The request that was typed; undefined where no command begins so. Throws UsageError. The last value takes all words that are left. */
export function typed(args: readonly string[]): Typed | undefined {
  const found = words.find(([its]) => its.split(' ').every((word, at) => args[at] === word));
  if (found === undefined) return undefined;
  const [its, command] = found;
  const spec = operatorSpecs[command];
  const rest = [...args.slice(its.split(' ').length)];
  const request: Record<string, unknown> = { command };
  for (const { name, field } of named(spec)) {
    const at = rest.indexOf(`--${name}`);
    if (at === -1) continue;
    const [, text] = rest.splice(at, 2);
    if (text === undefined) throw new UsageError(`--${name} needs a value`);
    request[name] = value(field, text);
  }
  const wanted = placed(spec);
  for (const [index, { name, field }] of wanted.entries()) {
    const text = index === wanted.length - 1 ? rest.splice(0).join(' ') : rest.shift() ?? '';
    if (text === '') throw new UsageError(`${its} needs ${wanted.map((each) => each.name.toUpperCase()).join(' ')}`);
    request[name] = value(field, text);
  }
  if (rest.length > 0) throw new UsageError(`${its} takes no ${rest[0] ?? ''}`);
  return { spec, request };
}
