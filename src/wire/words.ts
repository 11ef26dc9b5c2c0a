// The sentences that people read: `error`, the reasons of events, rules and summaries. The code says which sentence it
// means, and with which values; the language is known where the line is encoded. The words are in protocol/words/, one
// file for each language.
import { words, type Words } from './generated/words.js';

/** A language in which the server speaks. */
export type Language = keyof typeof words;

/** Names a sentence of the catalogues: a key of `errors`, or the section and the key, such as `reasons.trimmed`. */
export type SentenceKey = keyof Words;

/** What stands in the place of a `{name}`. A sentence is put in the same language as the one around it. */
export type Value = string | number | Sentence;

/** What to say, in no language yet. */
export type Sentence =
  | { readonly key: SentenceKey; readonly values: Readonly<Record<string, Value>> }
  | { readonly verbatim: string };

/** The values that a sentence needs, by the names of its places. Nothing where it has none. */
type ValuesOf<Key extends SentenceKey> = [Words[Key]] extends [never]
  ? []
  : [values: Readonly<Record<Words[Key], Value>>];

const none = {};

/** Makes a sentence of the catalogues. The compiler refuses a key that they lack, and values that do not fit it. */
export function say<Key extends SentenceKey>(key: Key, ...[values]: ValuesOf<Key>): Sentence {
  return { key, values: values ?? none };
}

/** Makes a sentence that is the same in every language: one for operators, or what a person has written. */
export function verbatim(text: string): Sentence {
  return { verbatim: text };
}

/** Puts a sentence into words. Numbers stand as digits. A value is never looked through for places of its own. */
export function inWords(sentence: Sentence, language: Language): string {
  if ('verbatim' in sentence) return sentence.verbatim;
  const { key, values } = sentence;
  return words[language][key].replace(/\{([a-z_]+)\}/g, (place, name: string) => {
    const value = values[name] ?? place;
    return typeof value === 'object' ? inWords(value, language) : String(value);
  });
}
