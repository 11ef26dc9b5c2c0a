// Parses a line from a server, and checks the rules of all lines (PROTOCOL.md §1.3, §3.1, §3.2, §4.1) and, if a
// LineCheck is given, those of protocol/. For the replayer of dialogues and for the suite's clients.
import { isUtf8 } from 'node:buffer';

/** The members of the object on a line. */
export type Members = Readonly<Record<string, unknown>>;

/** A line that a server sent. */
export interface ServerLine {
  readonly code: number;
  readonly members: Members;
}

/** Checks the members of a line with that code (validator.ts). Returns a sentence about the problem, or undefined. */
export type LineCheck = (code: number, members: Members) => string | undefined;

/** The longest line in bytes, without its LF. */
const maxLineBytes = 32_768;
const rfc3339 = /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** A code, one tab and one line of JSON. */
const form = /^([1-9]\d{0,2})\t(\{[^\t\n\x7f-\x9f\u2028\u2029]*\})$/;

/** Parses a line, given without its LF. Returns a sentence if the line breaks a rule. */
export function parseServerLine(bytes: Buffer, problemOf?: LineCheck): ServerLine | string {
  if (bytes.length > maxLineBytes) return `longer than ${maxLineBytes} bytes`;
  return isUtf8(bytes) ? parseServerText(bytes.toString(), problemOf) : notALine;
}

const notALine = 'not a code, one tab and one line of JSON in UTF-8';

/** The same as `parseServerLine`, for a line that has been decoded from UTF-8. */
export function parseServerText(text: string, problemOf?: LineCheck): ServerLine | string {
  // No character has more than three bytes for each of its code units.
  if (text.length * 3 > maxLineBytes && Buffer.byteLength(text) > maxLineBytes)
    return `longer than ${maxLineBytes} bytes`;
  const [, code = '', json = ''] = form.exec(text) ?? [];
  if (code === '') return notALine;
  let members: Members;
  try {
    members = JSON.parse(json) as Members;
  } catch {
    return 'not JSON';
  }
  const line = { code: Number(code), members };
  return problemOfServerLine(line, problemOf) ?? line;
}

/**
 * Checks what a line says, in whatever form it was. Returns a sentence about the problem; undefined if there is none.
 */
export function problemOfServerLine(line: ServerLine, problemOf?: LineCheck): string | undefined {
  return problemOfAnyLine(line) ?? problemOf?.(line.code, line.members);
}

/** Checks the rules of all lines. Returns a sentence about the problem; undefined if there is none. */
function problemOfAnyLine({ code, members }: ServerLine): string | undefined {
  const { id = Number.MAX_SAFE_INTEGER, prev, time, error } = members;
  if (code < 100) {
    if (!beginsRight(members)) return 'command and ref do not come first';
    if (code === 1 ? error !== undefined : typeof error !== 'string' || error === '')
      return 'error does not fit the code';
  }
  if (time !== undefined && (typeof time !== 'string' || !rfc3339.test(time)))
    return 'time is not RFC 3339 in UTC with milliseconds';
  const isInOrder = prev === undefined || (isId(prev) && isId(id) && prev < id);
  return isId(id) && isInOrder ? undefined : 'id and prev are not integers with prev < id';
}

/** Whether `command` and `ref`, as far as they are there, come first and in this order. */
function beginsRight(members: Members): boolean {
  let place = 0;
  const names = Object.keys(members);
  for (const name of ['command', 'ref']) {
    if (!Object.hasOwn(members, name)) continue;
    if (names[place] !== name) return false;
    place += 1;
  }
  return true;
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
