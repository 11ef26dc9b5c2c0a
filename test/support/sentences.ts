// What sentences say in English, for tests of code that does not encode them.
import { inWords, type Sentence } from '../../src/wire/words.js';

/** The sentence's English words, and undefined for none. */
export function inEnglish(sentence: Sentence | undefined): string | undefined {
  return sentence && inWords(sentence, 'en');
}

/** A copy of a value, such as a refusal, with the English words in the place of each sentence in it. */
export function worded(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return value;
  if (Array.isArray(value)) return value.map(worded);
  if ('verbatim' in value || ('key' in value && 'values' in value)) return inWords(value as Sentence, 'en');
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, worded(each)]));
}
