// Encodes events as lines, in the format of the session that reads them (PROTOCOL.md §4, §8). message-lines.ts encodes
// the many lines of messages.
import type { Members } from './columns.js';
import { fits } from './encode.js';
import { escapedText } from './escaped-text.js';
import { fitted } from './fit.js';
import { defaultFormat, languageOfTexts, PerFormat, type LineFormat, type Written } from './format.js';
import { formOf } from './forms.js';
import { eventColumns } from './generated/columns.js';
import { limits } from './generated/limits.js';
import { eventCodes, type EventName } from './line-form.js';
import { inWords, type Sentence } from './words.js';

/** Encodes event 199, the last line before a close. @param retryAfter milliseconds, where coming back makes sense */
export function encodeClosing(reason: Sentence, retryAfter: number | undefined, format = defaultFormat): string {
  return encodeEvent('closing', { reason, retry_after: retryAfter }, format);
}

/**
 * Encodes the line of an event. `MessageLines` encodes the many events of messages. An event that has too much besides
 * its text is 113 (PROTOCOL.md §8.3).
 * @param partner the other user of a private message, whom no member names by itself
 */
export function encodeEvent(
  name: EventName,
  members: object,
  format: LineFormat = defaultFormat,
  partner?: string,
): string {
  const form = formOf(format);
  const worded = inFormat(members as Members, format);
  const cutMessage = withCutMessage(name, worded, format);
  if (cutMessage !== undefined) return cutMessage;
  const line = form.event(name, worded);
  if (fits(line, format)) return line;
  const write = (cut: Members): string => form.event(name, cut);
  const long = { ...form, write, members: worded, columns: eventColumns[name] ?? [] };
  return fitted(long, format.maxLine, 'texts') ?? encodeOmitted(name, { with: partner, ...worded }, format);
}

/** Texts of fewer UTF-16 units are cut by `fitted`. */
const longText = 128;

/** Stands for a text: no name has it. */
const placeholder = '\ue000';

/**
 * The line of a message whose long text is cut. Undefined where it has room for all of its text, or for nothing of it,
 * or where its text is not shown. `fitted` would do the same, in thirty times the time where many sessions differ in
 * `max_line`.
 */
function withCutMessage(name: EventName, members: Members, format: LineFormat): string | undefined {
  const { message } = members;
  const { maxLine } = format;
  if (typeof message !== 'string' || message.length < longText || maxLine >= limits.server_line_bytes) return undefined;
  const form = formOf(format);
  const around = (cut: number | undefined): readonly string[] =>
    form.event(name, { ...members, message: placeholder, cut }).split(form.escape(placeholder));
  const whole = around(undefined);
  const text = escapedText(message, form.escape);
  if (whole.length !== 2 || bytesOf(whole) + text.length <= maxLine) return undefined;
  const frame = around(Buffer.byteLength(message));
  const beginning = text.beginning(maxLine - bytesOf(frame));
  return beginning === '' ? undefined : frame.join(beginning);
}

function bytesOf(parts: readonly string[]): number {
  return parts.reduce((bytes, part) => bytes + Buffer.byteLength(part), 0);
}

/** Puts the `reason` of an event into words, where it is a sentence of the catalogues. */
function inFormat(members: Members, format: LineFormat): Members {
  const { reason } = members;
  if (typeof reason !== 'object') return members;
  return { ...members, reason: inWords(reason as Sentence, languageOfTexts(format)) };
}

/** Encodes the event that tells of one that does not fit. */
function encodeOmitted(name: EventName, { room, with: partner, id, prev }: Members, format: LineFormat): string {
  const form = formOf(format);
  const write = (cut: Members): string => form.event('omitted', cut);
  const members = { code: eventCodes[name], room, with: partner, id, prev };
  const long = { ...form, write, members, columns: eventColumns['omitted'] ?? [] };
  return fitted(long, format.maxLine, 'texts and names') ?? write({ code: eventCodes[name] });
}

/** An event as it is written for those who read it. */
export interface WrittenEvent extends Written {
  readonly bytes: Buffer;
}

/** An event that many may read. It is encoded once for each format. */
export class EventLine extends PerFormat<WrittenEvent> {
  /** @param members in the order of PROTOCOL.md's table */
  constructor(
    readonly name: EventName,
    private readonly members: object,
  ) {
    super((format) => {
      const bytes = Buffer.from(this.encode(format));
      return { bytes, longest: bytes.length };
    });
  }

  /** Encodes the line, for whoever puts it among others. */
  encode(format: LineFormat): string {
    return encodeEvent(this.name, this.members, format);
  }
}
