// Describes the rows of older versions of the schema, for migrations and for the check of an older backup.
import { isUtf8 } from 'node:buffer';
import { crc32 } from 'node:zlib';
import { maxRun } from '../run-format.js';
import type { Row, Value } from './database.js';
import { tables, type Shape, type Table } from './sums.js';
import { isId, problemOfText, shownValue } from './values.js';

/** The step of the migrations that gives every row a checksum. */
export const firstWithSums = 3;

/** The schema of 0.1.0, the first release. */
export const firstReleased = 4;

/** The step that takes the skeletons out of the rows of users and rooms. */
export const firstWithoutSkeletons = 5;

/** The step that makes runs of bytes, and gives users and rooms a version. */
export const firstWithBytes = 6;

/**
 * The step that says in which order roles were given, gives users a status and rooms settings, and makes memberships.
 */
export const firstWithOrder = 7;

/**
 * The older checksum of a row, which counts bytes as hexadecimal digits. That of a row without bytes is the present
 * one.
 */
export function olderSumOf(values: readonly Value[]): number {
  return crc32(
    values
      .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : String(value)))
      .join('\0'),
  );
}

const users = ['name', 'key', 'first_name', 'last_name', 'password', 'created', 'state'];
const rooms = ['name', 'key', 'topic', 'created', 'state'];
const roles = ['room', 'user', 'role'];

/** Adds the skeleton after the key, where older rows have it. */
function withSkeleton([name = '', key = '', ...others]: readonly string[]): readonly string[] {
  return [name, key, 'skeleton', ...others];
}

/** The tables after a step of the migrations, from `firstWithSums` on. */
export function shapesAt(version: number): Readonly<Partial<Record<Table, Shape>>> {
  if (version >= firstWithOrder) return tables;
  const withoutOrder = {
    users: { ...tables.users, columns: [...users, 'version'] },
    rooms: { ...tables.rooms, columns: [...rooms, 'version'] },
    skeletons: tables.skeletons,
    roles: { ...tables.roles, columns: roles },
    bans: tables.bans,
    runs: tables.runs,
    keys: tables.keys,
  };
  if (version >= firstWithBytes) return withoutOrder;
  const { skeletons, ...others } = withoutOrder;
  const sum = olderSumOf;
  const older = { ...others, runs: { ...tables.runs, isJson: true } };
  if (version >= firstWithoutSkeletons) {
    return {
      ...older,
      skeletons,
      users: { ...tables.users, columns: users, sum },
      rooms: { ...tables.rooms, columns: rooms, sum },
    };
  }
  const { bans, ...withoutBans } = older;
  return {
    ...withoutBans,
    ...(version >= firstReleased ? { bans } : {}),
    users: { ...tables.users, columns: withSkeleton(users), sum },
    rooms: { ...tables.rooms, columns: withSkeleton(rooms), sum },
  };
}

/** A message of an older run, in JSON: its author and its text. */
export type OlderMessage = readonly [author: number, text: string];

/** Reads the messages of an older run. Answers part of a sentence where something is wrong with them. */
export function olderMessages({ messages, first, last }: Row): readonly OlderMessage[] | string {
  if (!(messages instanceof Buffer && isUtf8(messages))) return 'it is not UTF-8';
  const list = parsed(messages.toString());
  if (!Array.isArray(list) || list.length > maxRun || list.length !== Number(last) - Number(first) + 1)
    return 'it has another length than it says';
  for (const message of list as readonly unknown[]) {
    if (!Array.isArray(message) || message.length !== 2 || !isId(message[0]))
      return `it has ${shownValue(message)} in it`;
    const problem = problemOfText(message[1]);
    if (problem !== undefined) return problem;
  }
  return list as OlderMessage[];
}

/** Parses JSON. Undefined where it is not valid. */
function parsed(messages: string): unknown {
  try {
    return JSON.parse(messages);
  } catch {
    return undefined;
  }
}

/**
 * SQL: finds rooms with keys of no message, in runs of JSON. It looks at the run that begins last before the
 * message, which the index finds: a search among all that begin before it would take hours.
 */
export const olderLostKeys = `SELECT DISTINCT room FROM keys k WHERE NOT EXISTS (SELECT 1 FROM runs r
  WHERE r.room = k.room AND r.first = (SELECT max(first) FROM runs WHERE room = k.room AND first <= k.id)
  AND r.last >= k.id AND r.messages ->> ('$[' || (k.id - r.first) || '][0]') = k.author)`;
