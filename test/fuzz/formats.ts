// Random formats for the fuzzer's connections (PROTOCOL.md §8), and the reading of lines in them. Lines are given as
// Latin-1.
import { defaultFormat, formatOf, type LineFormat } from '../../src/wire/format.js';
import { tsvReader } from '../../tools/tsv-line.js';
import { protocol } from '../support/protocol.js';
import { weighted, type Random } from './random.js';

/** The members of a line. */
export interface Body extends Readonly<Record<string, unknown>> {
  readonly ref?: unknown;
  readonly command?: unknown;
  readonly error?: unknown;
  readonly field?: unknown;
}

const forms = weighted<LineFormat['form']>([3, 'json'], [2, 'tsv'], [1, 'text']);
const leastLine = 512;

/** Any format: for half of the connections that of a session that asks for nothing. */
export function randomFormat(random: Random): LineFormat {
  if (random.once(2)) return defaultFormat;
  const beyond = random.pick([0, random.below(1000), random.below(32_257), 32_256]);
  const [form, ascii] = [random.pick(forms), random.once(3)];
  return formatOf({ form, maxLine: leastLine + beyond, ascii, language: random.pick(['en', 'fr']) });
}

/** The request for a format, with that `ref`. */
export function askFor({ form, maxLine, ascii, language }: LineFormat, ref: number): string {
  return JSON.stringify({ command: 'set_session', form, max_line: maxLine, ascii, language, ref });
}

/**
 * What no line may hold (PROTOCOL.md §3.1), in UTF-8 read as Latin-1: DEL, C1 controls, Unicode's line ends.
 */
const unsafe = /\u007f|\u00c2[\u0080-\u009f]|\u00e2\u0080[\u00a8\u00a9]/;
/** As `unsafe`, and lone surrogates. */
const unsafeEscaped = /\u007f|\u00c2[\u0080-\u009f]|\u00e2\u0080[\u00a8\u00a9]|(?<!\\)(?:\\\\)*\\ud[89a-f]/;
const beyondAscii = /[\u0080-\u00ff]/;
const readTsv = tsvReader(protocol);

/**
 * What no line of that format may hold. In ASCII half of a character is an escape, and in `text` a text may look so.
 */
export function unsafeIn({ form, ascii }: LineFormat): RegExp {
  if (ascii) return /[^\n\t\x20-\x7e]/;
  return form === 'text' ? unsafe : unsafeEscaped;
}

/** The members of a line; a sentence where it is none of its form. Empty in the form `text`. */
export function bodyOf(line: string, { form }: LineFormat): Body | string {
  if (form === 'text') return {};
  const text = beyondAscii.test(line) ? Buffer.from(line, 'latin1').toString() : line;
  if (form === 'tsv') {
    const read = readTsv(text);
    return typeof read === 'string' ? read : read.members;
  }
  try {
    return text.includes('\t{')
      ? (JSON.parse(text.slice(text.indexOf('\t') + 1)) as Body)
      : 'is no line of the protocol';
  } catch {
    return 'is no JSON';
  }
}
