// Checks stored rows by the contract (PROTOCOL.md §5.5, §6), where the data did not come through the daemon's commands:
// an import, a restored backup, a damaged or crafted database. The store itself knows no rules of names, networks or
// hashes.
import { nameForms, nameKey } from './text/names.js';
import { isIntact } from './accounts/hash-header.js';
import { networkName, parseNetwork } from './ip/networks.js';
import { erasedKey } from './store/deleted-user.js';
import { parsedSettings } from './store/room-settings.js';
import type { Row } from './store/sqlite/database.js';
import type { Completing } from './store/sqlite/filler.js';
import { shownValue, type RowRules } from './store/sqlite/values.js';
import { fieldCheck } from './wire/fields.js';
import { commandSpecs } from './wire/generated/command-specs.js';
import { inWords } from './wire/words.js';

/** The forms of names in every version: a stricter rule binds names that are created, not those that exist. */
const names = {
  users: { max: 32, form: /^[\p{L}\p{Nd}\p{Cn}][\p{L}\p{M}\p{Nd}\p{Cn}_.-]*$/u },
  rooms: { max: 64, form: /^[#+\p{L}\p{Nd}\p{Cn}][#+\p{L}\p{M}\p{Nd}\p{Cn}_.-]*$/u },
} as const;

/** UTF-16 units of the longest key: NFKC makes one character of a name 18 at most. */
const maxKeyUnits = 64 * 18 * 2;

/** Matches characters that no name has, and that no folding makes. */
const notInKeys = /[\p{Cc}/]/u;

/**
 * Matches a character that is newer than this runtime's Unicode. The runtime that accepted the name knew its forms,
 * this one does not.
 */
const unknown = /\p{Cn}/u;

function problemOfName(table: keyof typeof names, { name, key }: Row): string | undefined {
  const { max, form } = names[table];
  if (typeof name !== 'string' || name.length > 2 * max || !form.test(name) || Array.from(name).length > max)
    return `name is ${shownValue(name)}`;
  if (unknown.test(name)) return undefined;
  if (name.normalize('NFC') !== name) return `name is not in NFC: ${shownValue(name)}`;
  return key === nameKey(name)
    ? undefined
    : `key is ${shownValue(key)}, and that of the name is ${shownValue(nameKey(name))}`;
}

function problemOfField(name: string, field: string, value: unknown): string | undefined {
  const problem = fieldCheck(field)(value);
  return problem === undefined ? undefined : `${name} ${inWords(problem, 'en')}: ${shownValue(value)}`;
}

function problemOfUser(row: Row): string | undefined {
  const isErased = row['name'] === '' && row['state'] === 'deleted' && row['key'] === erasedKey(Number(row['id']));
  const problem = isErased ? undefined : problemOfName('users', row);
  if (problem !== undefined) return problem;
  const { state, password, first_name: first, last_name: last, status = '' } = row;
  if (state === 'deleted') {
    const isEmpty = password instanceof Uint8Array && password.length === 0 && first === '' && last === '' && !status;
    return isEmpty ? undefined : 'of a deleted user a password, a name or a status is there';
  }
  if (!(password instanceof Uint8Array && isIntact(password))) {
    return `password is no hash of scrypt's with parameters that salond may have: ${shownValue(password)}`;
  }
  return (
    problemOfField('first_name', 'person_name', first) ??
    problemOfField('last_name', 'person_name', last) ??
    problemOfField('status', 'status', status)
  );
}

function problemOfRoom(row: Row): string | undefined {
  const problem = problemOfName('rooms', row) ?? problemOfField('topic', 'short_text', row['topic']);
  const { settings: text } = row;
  if (problem !== undefined || text === undefined) return problem;
  const settings = typeof text === 'string' ? parsedSettings(text) : undefined;
  if (settings === undefined) return `settings is ${shownValue(text)}`;
  const { password, welcome } = settings;
  if (password !== '' && !isIntact(Buffer.from(password, 'base64')))
    return `password is no hash of scrypt's with parameters that salond may have: ${shownValue(password)}`;
  return problemOfField('welcome', 'welcome', welcome);
}

function problemOfBan({ kind, target, reason, created, until }: Row): string | undefined {
  const text = String(target);
  if (kind !== 'network' && kind !== 'user') return `kind is ${shownValue(kind)}`;
  if (kind === 'network') {
    const network = parseNetwork(text);
    if (network === undefined) return `target is no network: ${shownValue(target)}`;
    if (networkName(network) !== text)
      return `target is ${shownValue(target)}, and the network is written ${networkName(network)}`;
  } else if (text.length > maxKeyUnits || notInKeys.test(text) || (!unknown.test(text) && nameKey(text) !== text)) {
    return `target is no user's key: ${shownValue(target)}`;
  }
  if (until !== 0 && Number(until) < Number(created)) return `until is ${shownValue(until)}, before created`;
  return problemOfField('reason', 'short_text', reason);
}

/** Matches 32 bytes in base64url: a key that is made from the secret of a token. */
const tokenKey = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

function problemOfToken(row: Row): string | undefined {
  const { stored_key: storedKey, server_key: serverKey, created, expires, label, settings } = row;
  for (const [name, value] of Object.entries({ stored_key: storedKey, server_key: serverKey }))
    if (!tokenKey.test(String(value))) return `${name} is not 32 bytes in base64url`;
  if (expires !== 0 && Number(expires) < Number(created)) return `expires is ${shownValue(expires)}, before created`;
  return (
    problemOfField('id', 'base64url', row['id']) ??
    problemOfField('label', 'short_text', label) ??
    problemOfSessionSettings(settings)
  );
}

/** What is wrong with the settings of a session that a token keeps (session/session-settings.ts). */
function problemOfSessionSettings(text: unknown): string | undefined {
  if (text === '') return undefined;
  const problem = `settings is ${shownValue(text)}`;
  let settings: unknown;
  try {
    settings = JSON.parse(String(text));
  } catch {
    return problem;
  }
  if (typeof settings !== 'object' || settings === null || Array.isArray(settings)) return problem;
  for (const [name, value] of Object.entries(settings)) {
    const parameter = commandSpecs.set_session.parameters.find((each) => each.name === name);
    if (parameter === undefined || fieldCheck(parameter.field)(value) !== undefined) return problem;
  }
  return undefined;
}

function problemOfInvitation({ hash, uses, used, created, until }: Row): string | undefined {
  if (!(hash instanceof Uint8Array && hash.length === 32)) return `hash is no SHA-256: ${shownValue(hash)}`;
  if (Number(used) > Number(uses)) return `used is ${shownValue(used)}, of ${shownValue(uses)}`;
  return until !== 0 && Number(until) < Number(created) ? `until is ${shownValue(until)}, before created` : undefined;
}

function problemOfRoomBan({ reason, created, until }: Row): string | undefined {
  if (until !== 0 && Number(until) < Number(created)) return `until is ${shownValue(until)}, before created`;
  return problemOfField('reason', 'short_text', reason);
}

/** Says what is wrong with a row by the contract, as part of a sentence; undefined for nothing. */
export const contractRules: RowRules = (table, row) => {
  switch (table) {
    case 'users':
      return problemOfUser(row);
    case 'rooms':
      return problemOfRoom(row);
    case 'room_bans':
      return problemOfRoomBan(row);
    case 'bans':
      return problemOfBan(row);
    case 'tokens':
      return problemOfToken(row);
    case 'invitations':
      return problemOfInvitation(row);
    case 'keys':
      return problemOfField('key', 'key', row['key']);
    default:
      return undefined;
  }
};

/**
 * Completes the row of an import: adds the key of its name where the export does not have it, and leaves out the
 * skeleton that 0.1.0 exported, since skeletons are made from the names. Throws an error that says what is wrong with
 * the row.
 */
export const completed: Completing = (table, row) => {
  // Older exports do not say in which order roles were given.
  if (table === 'roles') return checkedRow(table, { seq: 0, ...row });
  // Nor what a token's session had asked for.
  if (table === 'tokens') return checkedRow(table, { settings: '', ...row });
  if (table !== 'users' && table !== 'rooms') return checkedRow(table, row);
  const { name } = row;
  // Of an erased user.
  if (table === 'users' && name === '') return checkedRow(table, { status: '', ...row });
  if (typeof name !== 'string') throw new Error(`name is ${shownValue(name)}`);
  if (name.length > 2 * names[table].max) throw new Error(`name is too long: ${shownValue(name)}`);
  const { skeleton: _, ...completedRow }: Record<string, unknown> = row;
  const forms = nameForms(name);
  for (const [column, form] of Object.entries({ name: forms.name, key: forms.key })) {
    if (completedRow[column] === undefined) completedRow[column] = form;
    if (completedRow[column] !== form && !unknown.test(name))
      throw new Error(`${column} is ${shownValue(completedRow[column])}, and that of the name is ${shownValue(form)}`);
  }
  // Older exports have neither settings nor a status.
  return checkedRow(table, {
    ...(table === 'rooms' ? { settings: '{}', erased: 0 } : { status: '' }),
    ...completedRow,
  });
};

/** Throws an error that says what is wrong with the row. */
function checkedRow(table: Parameters<Completing>[0], row: Row): Row {
  const problem = contractRules(table, row);
  if (problem !== undefined) throw new Error(problem);
  return row;
}
