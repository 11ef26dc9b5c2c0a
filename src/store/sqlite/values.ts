// Checks the values of a row, as far as the store itself can: a wrong one could end the process that reads it, or block
// all later ones. src/rules.ts, which is handed in, checks names and hashes.
import { loneSurrogate, maxMessageBytes } from '../stored-text.js';
import { parsedSettings } from '../room-settings.js';
import type { Row } from './database.js';
import { newTables } from './migrations/7.js';
import type { ColumnKind, NewTable } from './migrations/part.js';

/** The end of the year 9999, in milliseconds since 1970: RFC 3339 has four digits for a year. */
export const maxTime = 253_402_300_799_999;

/** UTF-16 units of a key of 64 characters, each of which may be four code points before NFC, of two units. */
const maxKeyUnits = 512;

type Check = (value: unknown) => boolean;

/** Whether the value is a time that a message can have, in milliseconds since 1970. */
export function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= maxTime;
}

/** Whether the value is an id: an integer from 1 on. */
export function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

const isCount: Check = (value) => value === 0 || isId(value);
const isName: Check = (value) => typeof value === 'string' && value !== '';
const isText: Check = (value) => typeof value === 'string';
const isKey: Check = (value) => typeof value === 'string' && value.length <= maxKeyUnits;

function oneOf(...words: readonly string[]): Check {
  return (value) => words.some((word) => word === value);
}

const kinds: Readonly<Record<Exclude<ColumnKind, readonly string[]>, Check>> = {
  id: isId,
  count: isCount,
  time: isTime,
  name: isName,
  text: isText,
  flag: (value) => value === 0 || value === 1,
  bytes: (value) => value instanceof Uint8Array,
};

/** The checks of tables that a part of a migration makes. */
function checksOf(made: Readonly<Record<string, NewTable>>): Readonly<Record<string, Readonly<Record<string, Check>>>> {
  const checkOf = (kind: ColumnKind): Check => (typeof kind === 'string' ? kinds[kind] : oneOf(...kind));
  return Object.fromEntries(
    Object.entries(made).map(([table, { columns }]) => [
      table,
      Object.fromEntries(Object.entries(columns).map(([column, kind]) => [column, checkOf(kind)])),
    ]),
  );
}

const columnChecks: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  users: {
    id: isId,
    name: isName,
    key: isName,
    skeleton: isName,
    first_name: isText,
    last_name: isText,
    created: isTime,
    state: oneOf('active', 'disabled', 'deleted'),
    version: isId,
    status: isText,
  },
  rooms: {
    id: isId,
    name: isName,
    key: isName,
    skeleton: isName,
    topic: isText,
    created: isTime,
    state: oneOf('open', 'closed'),
    version: isId,
    erased: isCount,
    settings: (value) => typeof value === 'string' && parsedSettings(value) !== undefined,
  },
  roles: { room: isId, user: isId, role: oneOf('owner', 'moderator', 'muted'), seq: isCount },
  bans: { kind: oneOf('user', 'network'), target: isName, reason: isText, created: isTime, until: isTime },
  skeletons: { id: isId },
  runs: { seq: isId, room: isId, first: isId, last: isId, time: isTime },
  keys: { room: isId, author: isId, key: isKey, id: isId },
  ...checksOf(newTables),
};

const checks = new Map(Object.entries(columnChecks).map(([table, columns]) => [table, Object.entries(columns)]));

/** Answers what is wrong with a row of that table, as part of a sentence; undefined for nothing. */
export type RowRules = (table: string, row: Row) => string | undefined;

/** Shows a value in a sentence: at most 80 characters of its JSON. */
export function shownValue(value: unknown): string {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : written(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** Writes the value as JSON. A parsed value may be nested too deeply for that. */
function written(value: unknown): string {
  try {
    return value === undefined ? 'nothing' : JSON.stringify(value);
  } catch {
    return 'deeply nested JSON';
  }
}

/** Finds values that no reader of the row can use. Leaves out the messages of a run, which run-format.ts checks. */
export const problemOfRow: RowRules = (table, row) => {
  for (const [column, isGood] of checks.get(table) ?? []) {
    // A row of an older schema may lack one.
    if (row[column] !== undefined && !isGood(row[column])) return `${column} is ${shownValue(row[column])}`;
  }
  return undefined;
};

/** What is wrong with the text of a message, as part of a sentence; undefined for nothing. */
export function problemOfText(text: unknown): string | undefined {
  if (typeof text !== 'string') return `message is ${shownValue(text)}`;
  if (loneSurrogate.test(text)) return `message has half of a surrogate pair: ${shownValue(text)}`;
  // A UTF-16 unit is three bytes at most.
  const bytes = text.length * 3 <= maxMessageBytes ? text.length : Buffer.byteLength(text);
  return bytes > 0 && bytes <= maxMessageBytes
    ? undefined
    : `message has ${bytes} bytes, and may have 1 to 4,096: ${shownValue(text)}`;
}
