// What can be typed after `salonctl`, and which of the daemon's commands it is.
import type { OperatorCommandName } from '../wire/protocol.js';
import type { CommandSpec, ParameterSpec } from '../wire/spec.js';

/** Headings of the list of commands. */
export type Group = 'Daemon' | 'Connections' | 'Users' | 'Rooms' | 'Data';

/** The commands of protocol/operator as they are typed. One that begins others (`users`) is the first of them. */
export const words: readonly (readonly [words: string, command: OperatorCommandName, group: Group])[] = [
  ['status', 'status', 'Daemon'],
  ['drain', 'drain', 'Daemon'],
  ['reload', 'reload', 'Daemon'],
  ['log-level', 'set_log_level', 'Daemon'],
  ['reset-time', 'reset_time', 'Daemon'],
  ['sessions', 'list_sessions', 'Connections'],
  ['announce', 'announce', 'Connections'],
  ['kick', 'kick', 'Connections'],
  ['ban', 'ban', 'Connections'],
  ['bans', 'list_bans', 'Connections'],
  ['unban', 'unban', 'Connections'],
  ['users', 'list_accounts', 'Users'],
  ['users create', 'create_account', 'Users'],
  ['users set-password', 'set_password', 'Users'],
  ['users disable', 'disable_account', 'Users'],
  ['users enable', 'enable_account', 'Users'],
  ['users delete', 'delete_account', 'Users'],
  ['rooms', 'list_rooms', 'Rooms'],
  ['rooms show', 'show_room', 'Rooms'],
  ['rooms own', 'own_room', 'Rooms'],
  ['rooms close', 'close_room', 'Rooms'],
  ['rooms open', 'open_room', 'Rooms'],
];

/** A request that can't be made of what was typed; the message says why. */
export class UsageError extends Error {}

const units = { '': 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

/** How a time may be typed, to follow a rule for seconds. */
export const unitsRule = '; with a unit: 90s, 15m, 2h, 7d, 1w';

/** Seconds, from `90`, `90s`, `15m`, `2h`, `7d`, `1w`. Throws UsageError. */
export function seconds(text: string): number {
  const [, count, unit = ''] = /^(\d{1,9})([smhdw]?)$/.exec(text) ?? [];
  if (count === undefined) throw new UsageError('It is not a time such as 90, 90s, 15m, 2h or 7d.');
  return Number(count) * units[unit as keyof typeof units];
}

/** Fields that hold a number of seconds, and other whole numbers. */
const durations = new Set(['duration']);
const integers = new Set(['id', 'limit']);

/** A field's value as a request has it, from what was typed. Throws UsageError. */
export function valueOf(field: string, text: string): string | number {
  if (durations.has(field)) return seconds(text);
  if (!integers.has(field)) return text;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError('It is not a whole number.');
  return Number(text);
}

/** What a list goes on after, whose rule differs from list to list. */
export const afterRule =
  'begin after this one: the number of a session, the name of a user or a room, the target of a ban';

/** What may be typed for a parameter, from the rule that the protocol has for its field. */
export function ruleOf({ name, field }: ParameterSpec, rule: string): string {
  if (name === 'after') return afterRule;
  return rule.replace(/; \d+ when not given$/, '') + (durations.has(field) ? unitsRule : '');
}

/** Whether the command takes a password, which comes from standard input. */
export function takesPassword(spec: CommandSpec): boolean {
  return spec.parameters.some(({ field }) => field === 'password');
}

/** The parameters that are typed in their order. */
export function placed(spec: CommandSpec): CommandSpec['parameters'] {
  return spec.parameters.filter(({ required, field }) => required && field !== 'password');
}

/** The parameters that are typed by their names, as `--name`. */
export function named(spec: CommandSpec): CommandSpec['parameters'] {
  return spec.parameters.filter(({ required }) => !required);
}

/** Whether all words that are left are this parameter's: a text that is last, which need not be quoted then. */
export function takesRest(spec: CommandSpec, { name, field }: ParameterSpec): boolean {
  return placed(spec).at(-1)?.name === name && ['notice', 'person_name', 'short_text'].includes(field);
}

/** A parameter as an option: `--first-name`. */
export function optionName({ name }: ParameterSpec): string {
  return `--${name.replaceAll('_', '-')}`;
}

/** A word for a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function typedValue(field: string, value: unknown): string {
  const [unit = '', size = 1] = durations.has(field)
    ? (Object.entries(units)
        .reverse()
        .find(([, each]) => Number(value) % each === 0) ?? [])
    : [];
  return quoted(durations.has(field) ? `${Number(value) / size}${unit}` : String(value));
}

/** A request of that command's as it is typed, without the program: `ban 192.0.2.0/24 --duration 1h`. */
export function typedForm(its: string, spec: CommandSpec, request: Readonly<Record<string, unknown>>): string {
  const values = placed(spec).map(({ name, field }) => typedValue(field, request[name]));
  const options = named(spec)
    .filter(({ name }) => name in request)
    .map((each) => `${optionName(each)} ${typedValue(each.field, request[each.name])}`);
  return [its, ...values, ...options, ...(takesPassword(spec) ? ['< password.txt'] : [])].join(' ');
}

/** Whether the words begin other commands. */
export function isGroup(its: string): boolean {
  return words.some(([other]) => other.startsWith(`${its} `));
}
