// Encodes events as lines, in the format of the session that reads them (PROTOCOL.md §4, §8). message-lines.ts encodes
// the many lines of messages.
import type { Members } from './columns.js';
import { fits } from './encode.js';
import { fitted } from './fit.js';
import { defaultFormat, languageOfTexts, PerFormat, type LineFormat, type Written } from './format.js';
import { formOf } from './forms.js';
import { eventColumns } from './generated/columns.js';
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
  const line = form.event(name, worded);
  if (fits(line, format)) return line;
  const write = (cut: Members): string => form.event(name, cut);
  const long = { ...form, write, members: worded, columns: eventColumns[name] ?? [] };
  return fitted(long, format.maxLine, 'texts') ?? encodeOmitted(name, { with: partner, ...worded }, format);
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
