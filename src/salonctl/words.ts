// Maps the words that are typed after `salonctl` to the daemon's commands, and back.
import type { OperatorCommandName } from '../wire/generated/operator-parameters.js';
import type { CommandSpec, OperatorSpec, ParameterSpec } from '../wire/spec.js';
import { UsageError } from './errors.js';
import type { PasswordField } from './password.js';
import { seconds, typedDuration, unitsRule } from './units.js';

/** A heading in the list of commands. */
export type Group = 'Daemon' | 'Connections' | 'Users' | 'Rooms' | 'Data';

/**
 * The commands of protocol/operator with the words that are typed for them. A group's own command (`users`) comes
 * before the others of the group.
 */
export const typedCommands: readonly (readonly [words: string, command: OperatorCommandName, group: Group])[] = [
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
  ['users tokens', 'list_tokens', 'Users'],
  ['users end-tokens', 'end_tokens', 'Users'],
  ['invitations', 'list_invitations', 'Users'],
  ['invitations create', 'create_invitation', 'Users'],
  ['invitations delete', 'delete_invitation', 'Users'],
  ['users erase', 'erase_account', 'Users'],
  ['rooms', 'list_rooms', 'Rooms'],
  ['rooms show', 'show_room', 'Rooms'],
  ['rooms own', 'own_room', 'Rooms'],
  ['rooms close', 'close_room', 'Rooms'],
  ['rooms open', 'open_room', 'Rooms'],
  ['rooms set', 'set_room', 'Rooms'],
  ['rooms set-password', 'set_room_password', 'Rooms'],
  ['rooms role', 'set_room_role', 'Rooms'],
  ['rooms kick', 'kick_from_room', 'Rooms'],
  ['rooms ban', 'ban_from_room', 'Rooms'],
  ['rooms unban', 'unban_from_room', 'Rooms'],
  ['rooms bans', 'list_room_bans', 'Rooms'],
  ['rooms delete', 'delete_room', 'Rooms'],
  ['messages delete', 'delete_message', 'Rooms'],
];

/** Whether a parameter is a number of seconds, by its field or its name. */
function isDuration({ name, field }: ParameterSpec): boolean {
  return field === 'duration' || name.endsWith('_seconds');
}

/** Fields that are another integer. */
const integers = new Set(['id', 'limit', 'uses', 'count']);

/** What is typed for yes and no. */
const switches: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['yes', true],
  ['true', true],
  ['off', false],
  ['no', false],
  ['false', false],
]);

/** Converts the typed text of a parameter to its value in a request. Throws UsageError. */
export function valueOf(parameter: ParameterSpec, text: string): string | number | boolean {
  const { field } = parameter;
  if (isDuration(parameter)) return seconds(text);
  if (field === 'switch') return switchOf(text);
  if (!integers.has(field)) return text;
  if (!/^\d{1,15}$/.test(text)) throw new UsageError('It is not a whole number.');
  if (field === 'limit' && Number(text) === 0) throw new UsageError('It has to be 1 at least.');
  return Number(text);
}

function switchOf(text: string): boolean {
  const value = switches.get(text.toLowerCase());
  if (value === undefined) throw new UsageError('It is neither on nor off.');
  return value;
}

/** The purposes of some options. The protocol only has the rules of their fields. */
const purposes: Readonly<Record<string, string>> = {
  duration: 'how long the ban holds; until it is unbanned when not given',
  expires: 'the time after which the invitation ends; it does not end by itself when not given',
  over: 'the time within which connections are closed; 30s when not given',
  members_only: 'let only members enter',
  moderated: 'let only owners and moderators speak',
  hidden: 'list the room to its members alone',
  max_users: 'the most users who may be in the room',
  slow_seconds: 'the time between two messages of a user',
  keep_seconds: 'the time after which messages are trimmed',
  keep_messages: 'how many messages are kept',
  welcome: 'what whoever joins is told; empty for nothing',
  without_password: 'take the password of the room away',
  reason: 'the reason that the affected users are told',
  user: 'only the sessions of this user',
  token_id: 'the token to end; all of the user when not given',
};

/** Descriptions of parameters that salonctl handles in its own way. */
const ownRules: Readonly<Record<string, string>> = {
  after:
    'begin after this one: the number of a session, the name of a user or a room, the target of a ban, the id of a token or of an invitation',
  limit: 'show so many at most; all when not given',
};

/** The description of a parameter for help: its purpose, and the rule of its field in the protocol. */
export function ruleOf(parameter: ParameterSpec, rule: string): string {
  const { name } = parameter;
  if (Object.hasOwn(ownRules, name)) return ownRules[name] ?? '';
  const purpose = Object.hasOwn(purposes, name) ? `${purposes[name] ?? ''}: ` : '';
  return purpose + rule + (isDuration(parameter) ? unitsRule : '');
}

function isPassword(field: string): field is PasswordField {
  return field === 'password' || field === 'room_password';
}

/** Which password the command takes from standard input. Undefined where it takes none. */
export function passwordField(spec: CommandSpec): PasswordField | undefined {
  return spec.parameters.map(({ field }) => field).find(isPassword);
}

/** The parameters that are typed as arguments, in order. */
export function positional(spec: CommandSpec): CommandSpec['parameters'] {
  return spec.parameters.filter(({ required, field }) => required && !isPassword(field));
}

/** The parameters that are typed as options, `--name`. */
export function optional(spec: CommandSpec): CommandSpec['parameters'] {
  return spec.parameters.filter(({ required }) => !required);
}

/** Whether the parameter takes all remaining words, so that a text at the end need not be quoted. */
export function takesRest(spec: CommandSpec, { name, field }: ParameterSpec): boolean {
  return positional(spec).at(-1)?.name === name && ['notice', 'person_name', 'short_text'].includes(field);
}

/** A parameter as an option: `--first-name`. */
export function optionName({ name }: ParameterSpec): string {
  return `--${name.replaceAll('_', '-')}`;
}

/** A text as one word for a POSIX shell, quoted if necessary. */
export function quoted(text: string): string {
  return /^[\p{L}\p{M}\p{N}_@%+=:,./-]+$/u.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function typedValue(parameter: ParameterSpec, value: unknown): string {
  if (parameter.field === 'switch') return value === true ? 'on' : 'off';
  return isDuration(parameter) ? typedDuration(Number(value)) : quoted(String(value));
}

/** A request in the form in which it is typed, without the program and a password: `ban 192.0.2.0/24 --duration 1h`. */
export function typedForm(words: string, spec: CommandSpec, request: Readonly<Record<string, unknown>>): string {
  const values = positional(spec).map((each) => typedValue(each, request[each.name]));
  const options = optional(spec)
    .filter(({ name }) => name in request)
    .map((each) => `${optionName(each)} ${typedValue(each, request[each.name])}`);
  return [words, ...values, ...options].join(' ');
}

/** The example of a command's spec in the form in which it is typed, without the program. */
export function typedExample(words: string, spec: OperatorSpec): string {
  const request = spec.example.request as Readonly<Record<string, unknown>>;
  return typedForm(words, spec, request) + (passwordField(spec) === undefined ? '' : ' < password.txt');
}

/** Whether these words are a group, with which the words of other commands begin. */
export function isGroup(words: string): boolean {
  return typedCommands.some(([other]) => other.startsWith(`${words} `));
}
