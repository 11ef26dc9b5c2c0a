// How the lines that a session reads are written (PROTOCOL.md §8), and what is written once for all who read it alike.
import { limits } from './generated/limits.js';
import type { Language } from './words.js';

const forms = ['json', 'tsv', 'text'] as const;
const languages: readonly Language[] = ['en', 'fr'];

/** `json` by default, `tsv` for programs without a JSON parser, `text` for people. */
export type Form = (typeof forms)[number];

/** What a session may say of its lines. */
export interface FormatChoice {
  readonly form: Form;
  /** Bytes of the longest line, its LF included; Infinity where there is no limit. */
  readonly maxLine: number;
  /** Whether everything beyond U+007E is an escape. */
  readonly ascii: boolean;
  /** That of errors and of the text form. Events are the same in all languages otherwise. */
  readonly language: Language;
}

/** How lines are written. Made by `formatOf`. */
export interface LineFormat extends FormatChoice {
  /** The place of form, ascii and language among all there are. */
  readonly variant: number;
}

/** Makes a format. */
export function formatOf(choice: FormatChoice): LineFormat {
  const { form, maxLine, ascii, language } = choice;
  // Only sentences differ by language, and events have them in the text form alone.
  const spoken = form === 'text' ? languages.indexOf(language) : 0;
  const variant = (forms.indexOf(form) * 2 + Number(ascii)) * languages.length + spoken;
  return { form, maxLine, ascii, language, variant };
}

/** How lines are written for a session that has asked for nothing. */
export const defaultFormat = formatOf({
  form: 'json',
  maxLine: limits.server_line_bytes,
  ascii: false,
  language: 'en',
});

/** The language of what is neither an error nor help: sentences among the members of other lines. */
export function languageOfTexts({ form, language }: FormatChoice): Language {
  return form === 'text' ? language : 'en';
}

/** What was written in one format. */
export interface Written {
  /** The bytes of its longest line, the LF included. */
  readonly longest: number;
}

/** More than any `maxLine` of a session. */
const variantStep = 65_536;

/** What many sessions read: it is written once for each format in which one of them reads it. */
export class PerFormat<Result extends Written> {
  readonly #write: (format: LineFormat, side: 0 | 1) => Result;
  /** With lines of any length, by variant. */
  readonly #whole: (Result | undefined)[] = [];
  /** With shorter lines, by variant, `maxLine` and side. */
  #cut: Map<number, Result> | undefined;

  /** @param write is called once for each format and side, when somebody reads it */
  constructor(write: (format: LineFormat, side: 0 | 1) => Result) {
    this.#write = write;
  }

  /**
   * What was written for that format.
   * @param side that of the reader in a private conversation. Lines that are whole are the same on both.
   */
  in(format: LineFormat, side: 0 | 1 = 0): Result {
    const { variant, maxLine } = format;
    const whole = (this.#whole[variant] ??= this.#write(unlimited(format), 0));
    if (whole.longest <= maxLine) return whole;
    this.#cut ??= new Map();
    const key = (variant * variantStep + maxLine) * 2 + side;
    let cut = this.#cut.get(key);
    if (cut === undefined) this.#cut.set(key, (cut = this.#write(format, side)));
    return cut;
  }
}

const unlimitedFormats: LineFormat[] = [];

/** The same format for lines of any length. */
function unlimited(format: LineFormat): LineFormat {
  return (unlimitedFormats[format.variant] ??= { ...format, maxLine: Infinity });
}
