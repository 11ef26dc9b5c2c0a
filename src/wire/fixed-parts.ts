// What of each line can't be cut (PROTOCOL.md §8.3): from that follows which `ref` has no room in a reply.
import type { Column, Members } from './columns.js';
import type { LineFormat } from './format.js';
import { formOf } from './forms.js';
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

/** At least one character of a piece of a text has room. */
const pieceBytes = 12;

function longestName(column: string, { ascii }: LineFormat): string {
  const { max } = column === 'room' || column === 'name' ? limits.fields.room : limits.fields.username;
  return (ascii ? inAscii : fourBytes).repeat(max);
}

function fixedValue({ name, kind, of }: Column, format: LineFormat): unknown {
  switch (kind) {
    case 'name':
      return longestName(name, format);
    case 'text':
      return name === 'message' ? 'x'.repeat(pieceBytes) : '';
    case 'token':
      return longestToken;
    case 'names':
      return [];
    case 'list':
      // Whoever reads a list in parts gets at least one item.
      return of === undefined ? [] : [longest(of, format)];
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

/** As `fixedBytesOfReply`, of an event. */
export function fixedBytesOfEvent(name: EventName, format: LineFormat): number {
  return Buffer.byteLength(formOf(format).event(name, { ...longest(eventColumns[name] ?? [], format), message: '' }));
}

const known = new Map<string, number>();

/** The longest `ref` that any request has fits in lines of this length, whatever the command. */
const alwaysFits = 4096;

/** Whether the replies to the command have room for that `ref`. */
export function refFits(command: string, ref: Ref, format: LineFormat): boolean {
  if (format.maxLine >= alwaysFits) return true;
  const key = `${command} ${format.variant}`;
  let fixed = known.get(key);
  if (fixed === undefined) known.set(key, (fixed = fixedBytesOfReply(command, format)));
  const bytesWith = (some: Ref | undefined): number => Buffer.byteLength(formOf(format).success(command, some, {}));
  const ofRef = bytesWith(ref) - bytesWith(undefined);
  return fixed + ofRef <= format.maxLine;
}
