// What a row may hold, as far as the store itself can say: a value outside of it would end the process that reads it, or stand in the
// way of every later one. What a name and a text may be is for src/rules.ts to say, which is handed in.
import { loneSurrogate, maxMessageBytes } from '../stored-text.js';
import type { Row } from './database.js';

/** The end of the year 9999, in milliseconds since 1970: RFC 3339 has four digits for a year. */
export const maxTime = 253_402_300_799_999;

/** UTF-16 units of a key of 64 characters, each of which may be four code points before NFC, of two units. */
const maxKeyUnits = 512;

type Check = (value: unknown) => boolean;

/** Whether it is a time that a message can have, in milliseconds since 1970. */
export function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= maxTime;
}

/** Whether it is an id, or a number that counts from 1 on. */
export function isId(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) > 0;
}

const isName: Check = (value) => typeof value === 'string' && value !== '';
const isText: Check = (value) => typeof value === 'string';
const isKey: Check = (value) => typeof value === 'string' && value.length <= maxKeyUnits;

function oneOf(...words: readonly string[]): Check {
  return (value) => words.some((word) => word === value);
}

const checks: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  users: {
    name: isName,
    key: isName,
    skeleton: isName,
    first_name: isText,
    last_name: isText,
    created: isTime,
    state: oneOf('active', 'disabled', 'deleted'),
    version: isId,
  },
  rooms: {
    name: isName,
    key: isName,
    skeleton: isName,
    topic: isText,
    created: isTime,
    state: oneOf('open', 'closed'),
    version: isId,
  },
  roles: { room: isId, user: isId, role: oneOf('owner', 'member') },
  bans: { kind: oneOf('user', 'network'), target: isName, reason: isText, created: isTime, until: isTime },
  runs: { room: isId, first: isId, last: isId, time: isTime },
  keys: { room: isId, author: isId, key: isKey, id: isId },
};

/** What is wrong with a row, part of a sentence; undefined for nothing. */
export type RowRules = (table: string, row: Row) => string | undefined;

/** As a value is shown in a sentence. */
export function shownValue(value: unknown): string {
  const text = value instanceof Uint8Array ? `${value.length} bytes` : written(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

/** JSON may be nested more deeply than it can be written again. */
function written(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'nothing';
  } catch {
    return 'deeply nested JSON';
  }
}

/** What no reader of the row could work with. Of a run, its messages are left out: `problemOfMessages`. */
export const problemOfRow: RowRules = (table, row) => {
  for (const [column, isGood] of Object.entries(checks[table] ?? {})) {
    // A row of an older schema may lack one.
    if (row[column] !== undefined && !isGood(row[column])) return `${column} is ${shownValue(row[column])}`;
  }
  return undefined;
};

/** What is wrong with one message's text. An empty one, which no client can send, does no harm to those who read it: `min` is 0 for them. */
export function problemOfText(text: unknown, min: 0 | 1): string | undefined {
  if (typeof text !== 'string') return `message is ${shownValue(text)}`;
  if (loneSurrogate.test(text)) return `message has half of a surrogate pair: ${shownValue(text)}`;
  // A UTF-16 unit is three bytes at most.
  const bytes = text.length * 3 <= maxMessageBytes ? text.length : Buffer.byteLength(text);
  return bytes >= min && bytes <= maxMessageBytes
    ? undefined
    : `message has ${bytes} bytes, and may have 1 to 4,096: ${shownValue(text)}`;
}
