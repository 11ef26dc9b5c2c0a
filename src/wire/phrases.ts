// The sentences of the form `text`, and the words in them, by language.
import type { Language } from './words.js';

/** Those of one language. */
export interface Phrases {
  /**
   * By the name of an event or a command; `NAME.KIND` for a message of that kind, `NAME.deleted` for a deleted one, and
   * `NAME.LIST` for an item of a list.
   */
  readonly lines: Readonly<Record<string, string>>;
  /** Words in the place of values: those of roles, reasons and truths. */
  readonly values: Readonly<Record<string, string>>;
}

/** Those of all languages. */
export const phrases: Readonly<Record<Language, Phrases>> = {
  en: { lines: {}, values: {} },
  fr: { lines: {}, values: {} },
};
