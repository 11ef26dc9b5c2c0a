// Parses a line that a server sent, and holds it to what all lines have in common (PROTOCOL.md §1.3, §3.1, §3.2, §4.1),
// and to protocol/ where a check made from that is given. For the replayer of dialogues and for the suite's clients.
import { isUtf8 } from 'node:buffer';

/** The members of the object on a line. */
export type Members = Readonly<Record<string, unknown>>;

/** A line that a server sent. */
export interface ServerLine {
  readonly code: number;
  readonly members: Members;
}

/**
 * Says in a sentence what is wrong with a line of that code and those members; undefined where nothing is
 * (validator.ts).
 */
export type LineCheck = (code: number, members: Members) => string | undefined;

/** Bytes of a line without its LF. */
const maxLineBytes = 32_768;
const rfc3339 = /^\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** Parses a line, given without its LF. Answers a sentence where it is not what it has to be. */
export function parseServerLine(bytes: Buffer, problemOf?: LineCheck): ServerLine | string {
  if (bytes.length > maxLineBytes) return `longer than ${maxLineBytes} bytes`;
  const [, code = '', json = ''] = /^([1-9]\d{0,2})\t(\{[^\t\n\x7f-\x9f\u2028\u2029]*\})$/.exec(bytes.toString()) ?? [];
  if (code === '' || !isUtf8(bytes)) return 'not a code, one tab and one line of JSON in UTF-8';
  let members: Members;
  try {
    members = JSON.parse(json) as Members;
  } catch {
    return 'not JSON';
  }
  const line = { code: Number(code), members };
  return problemOfAnyLine(line) ?? problemOf?.(line.code, members) ?? line;
}

/** What is wrong with a line whatever its command or event. */
function problemOfAnyLine({ code, members }: ServerLine): string | undefined {
  const { id = Number.MAX_SAFE_INTEGER, prev = 0, time, error } = members;
  if (code < 100) {
    const first = ['command', 'ref'].filter((name) => Object.hasOwn(members, name));
    if (first.some((name, index) => Object.keys(members)[index] !== name)) return 'command and ref do not come first';
    if (code === 1 ? error !== undefined : typeof error !== 'string' || error === '')
      return 'error does not fit the code';
  }
  if (time !== undefined && (typeof time !== 'string' || !rfc3339.test(time)))
    return 'time is not RFC 3339 in UTC with milliseconds';
  return isId(id) && isId(prev) && prev < id ? undefined : 'id and prev are not integers with prev < id';
}

function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
