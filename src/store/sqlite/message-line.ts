// Reads the line of a message in an export. It checks what the line alone can show; message-filler.ts checks the rest.
import { countCharacters } from '../../text/characters.js';
import { maxReaction, type Kind } from '../log.js';
import { isKind } from '../run-format.js';
import { isId, problemOfRow, problemOfText, shownValue, type RowRules } from './values.js';

/** A line of an export, parsed. */
export type Line = Readonly<Record<string, unknown>>;

/** A message as its line has it. */
export interface LineMessage {
  readonly room: number;
  readonly id: number;
  readonly author: number;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Undefined where it was deleted. */
  readonly message: string | undefined;
  readonly kind: Kind;
  /** 0 where it is about no other message. */
  readonly about: number;
  readonly key: string | undefined;
}

/**
 * Reads the message of a line. Throws an error that says what is wrong with the line.
 * @param rules checks the key
 */
export function messageOf(line: Line, rules: RowRules): LineMessage {
  const { in: _, room, id, author, time, message, kind = 'text', about = 0, key, deleted, ...others } = line;
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw new Error(`messages have no ${shownValue(unknown)}`);
  const keyed = { room, author, key: key === undefined ? '' : key, id };
  const problem =
    missingOf({ room, id, author, time, message: deleted === undefined ? message : '' }) ??
    problemOfRow('runs', { room, first: id, last: id, time }) ??
    problemOfRow('keys', keyed) ??
    rules('keys', keyed) ??
    (deleted === undefined ? problemOfText(message) : problemOfDeleted(deleted, message)) ??
    problemOfKind(kind, about, Number(id)) ??
    (kind === 'reaction' ? problemOfReaction(message) : undefined);
  if (problem !== undefined) throw new Error(problem);
  return {
    room: Number(room),
    id: Number(id),
    author: Number(author),
    time: Number(time),
    message: deleted === undefined ? String(message) : undefined,
    kind: kind as Kind,
    about: Number(about),
    key: key as string | undefined,
  };
}

/** @param id of the message, which can be about earlier ones alone */
function problemOfKind(kind: unknown, about: unknown, id: number): string | undefined {
  if (!isKind(kind)) return `kind is ${shownValue(kind)}`;
  const isAboutNone = about === 0 && (kind === 'text' || kind === 'action' || kind === 'notice');
  return isAboutNone || (isId(about) && Number(about) < id) ? undefined : `about is ${shownValue(about)}`;
}

/** @param message a text; undefined where it was deleted */
function problemOfReaction(message: unknown): string | undefined {
  if (typeof message !== 'string' || countCharacters(message, maxReaction) <= maxReaction) return undefined;
  return `a reaction has ${maxReaction} characters at most, and message is ${shownValue(message)}`;
}

function problemOfDeleted(deleted: unknown, message: unknown): string | undefined {
  if (deleted !== true) return `deleted is ${shownValue(deleted)}`;
  return message === undefined ? undefined : 'it was deleted, and has a message';
}

function missingOf(members: Line): string | undefined {
  const missing = Object.keys(members).find((name) => members[name] === undefined);
  return missing === undefined ? undefined : `it has no ${missing}`;
}
