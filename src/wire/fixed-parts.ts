// What of each line can't be cut (PROTOCOL.md §8.3): from that follows which `ref` has no room in a reply.
import type { Column, Members } from './columns.js';
import { characterBytes } from './fit.js';
import type { LineFormat } from './format.js';
import { formOf } from './forms.js';
import { code } from './generated/codes.js';
import { eventColumns, resultColumns } from './generated/columns.js';
import { limits } from './generated/limits.js';
import type { EventName } from './line-form.js';
import type { Ref } from './refusal.js';

/** The longest values of members that are not cut: an integer, and a time. No word is longer than a time. */
const [longestInteger, longestTime] = [Number.MAX_SAFE_INTEGER, '2026-11-22T12:00:00.000Z'];

/** A letter with the most bytes, in UTF-8. Escaped it has twelve bytes, but hardly any name is of such letters. */
const [fourBytes, inAscii] = ['\u{10400}', '\u00e9'];

/** A token's text: an id of 24 characters, a dot, and a secret of 43. Nonces and proofs are shorter. */
const longestToken = 'x'.repeat(68);

/** No parameter has a longer name: a test holds it. */
export const longestField = 'x'.repeat(16);

function longestName(column: string, { ascii }: LineFormat): string {
  const { max } = column === 'room' || column === 'name' ? limits.fields.room : limits.fields.username;
  return (ascii ? inAscii : fourBytes).repeat(max);
}

function fixedValue({ name, kind, of }: Column, format: LineFormat): unknown {
  switch (kind) {
    case 'name':
      return longestName(name, format);
    case 'text':
      return name === 'message' ? 'x'.repeat(characterBytes) : '';
    case 'token':
      return longestToken;
    case 'names':
      return [];
    case 'list':
      // Whoever reads a list in parts gets at least one item. Other lists are of codes.
      return of === undefined ? Object.values(code) : [longest(of, format)];
    case 'json':
      return { line_bytes: longestInteger, message_bytes: longestInteger, list: longestInteger };
    case 'time':
      return longestTime;
    case 'word':
      return longestInteger;
    case 'ref':
      return undefined;
  }
}

function longest(columns: readonly Column[], format: LineFormat): Members {
  return Object.fromEntries(columns.map((column) => [column.name, fixedValue(column, format)]));
}

/** Bytes of the longest reply of the command without a `ref`, with all texts and lists cut away. */
export function fixedBytesOfReply(command: string, format: LineFormat): number {
  return Buffer.byteLength(formOf(format).success(command, undefined, longest(resultColumns[command] ?? [], format)));
}

/** As `fixedBytesOfReply`, of a refusal with the longest name of a field. */
export function fixedBytesOfRefusal(command: string, format: LineFormat): number {
  const error = 'x'.repeat(characterBytes);
  const members = { code: code.rate_limited, command, error, field: longestField, retry_after: longestInteger };
  return Buffer.byteLength(formOf(format).refusal({ ...members, ref: undefined }));
}

/** As `fixedBytesOfReply`, of an event. */
export function fixedBytesOfEvent(name: EventName, format: LineFormat): number {
  return Buffer.byteLength(formOf(format).event(name, { ...longest(eventColumns[name] ?? [], format), message: '' }));
}

const known = new Map<string, number>();

/** The longest `ref` that any request has fits in lines of this length, whatever the command. */
const alwaysFits = 4096;

/** A `ref` that is an integer fits always: a long name gives way to it. */
const mostFixed = limits.fields.max_line.min - '"ref":-9007199254740991,'.length;

/** Whether the replies to the command, refusals too, have room for that `ref`. */
export function refFits(command: string, ref: Ref, format: LineFormat): boolean {
  if (format.maxLine >= alwaysFits) return true;
  const key = `${command} ${format.variant}`;
  let fixed = known.get(key);
  if (fixed === undefined) {
    const longest = Math.max(fixedBytesOfReply(command, format), fixedBytesOfRefusal(command, format));
    known.set(key, (fixed = Math.min(longest, mostFixed)));
  }
  const bytesWith = (some: Ref | undefined): number => Buffer.byteLength(formOf(format).success(command, some, {}));
  const ofRef = bytesWith(ref) - bytesWith(undefined);
  return fixed + ofRef <= format.maxLine;
}
