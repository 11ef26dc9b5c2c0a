// What a client asks for its session (set_session, PROTOCOL.md §8): how lines are written, and which events come. A
// token keeps it.
import type { EventChoice } from '../chat/speaks.js';
import { defaultFormat, formatOf, type Form, type LineFormat } from '../wire/format.js';
import type { Language } from '../wire/words.js';

/** All settings of a session. */
export interface SessionSettings {
  readonly form: Form;
  readonly events: EventChoice;
  /** Whether the reply to a join lists the users. */
  readonly names: boolean;
  /** Bytes of the longest line that the session reads, its LF included. */
  readonly max_line: number;
  /** Seconds without a line after which one comes; 0 for never. */
  readonly keepalive: number;
  readonly ascii: boolean;
  readonly language: Language;
}

/** Those that a client has asked for. The others are the server's. */
export type AskedSettings = { readonly [Name in keyof SessionSettings]?: SessionSettings[Name] | undefined };

const defaults: SessionSettings = {
  form: defaultFormat.form,
  events: 'all',
  names: true,
  max_line: defaultFormat.maxLine,
  keepalive: 0,
  ascii: defaultFormat.ascii,
  language: defaultFormat.language,
};

/** How a session reads. */
export interface Reading {
  /** What its client has asked for. */
  readonly asked: AskedSettings;
  /** All that is in force. */
  readonly settings: SessionSettings;
  readonly format: LineFormat;
}

const unasked = new Map<Language, Reading>();

/** How a session reads whose client has asked for nothing. Those of one language share one object. */
export function unaskedReading(language: Language): Reading {
  let reading = unasked.get(language);
  if (reading === undefined) unasked.set(language, (reading = readingOf({}, language)));
  return reading;
}

/** How a session reads whose client has asked for that. @param language the server's */
export function readingOf(asked: AskedSettings, language: Language): Reading {
  const settings = { ...defaults, language, ...(given(asked) as Partial<SessionSettings>) };
  const { form, max_line: maxLine, ascii } = settings;
  return { asked, settings, format: formatOf({ form, maxLine, ascii, language: settings.language }) };
}

/** Adds what a client asks for now to what it has asked for before. */
export function askedBoth(before: AskedSettings, now: AskedSettings): AskedSettings {
  return { ...before, ...given(now) };
}

function given(asked: AskedSettings): AskedSettings {
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

/** What a token keeps: JSON, or an empty text where nothing was asked for. */
export function keptSettings(asked: AskedSettings): string {
  const text = JSON.stringify(given(asked));
  return text === '{}' ? '' : text;
}

/** What `keptSettings` has written. */
export function askedSettings(kept: string): AskedSettings {
  return kept === '' ? {} : (JSON.parse(kept) as AskedSettings);
}
