// The catalogues of sentences in protocol/words, one for each language: the module that is made of them, and what is
// wrong with them. The English rules and summaries stand in limits.json and commands/, with what they are about.
import type { FieldRule } from '../src/wire/spec.js';
import { keyOf, literal } from './typescript.js';

/** Sentences by their keys. `{name}` is the place of a value. */
type Sentences = Readonly<Record<string, string>>;

/** A file of protocol/words. */
export interface Catalogue {
  /** The `error` of refusals, and parts of it. */
  readonly errors: Sentences;
  /** Why connections and rooms end, and what else events and results say in words. */
  readonly reasons: Sentences;
  /** The rule of each field of limits.json, which has the English one. */
  readonly rules: Sentences;
  /** The summary of each client's command, whose file in commands/ has the English one. */
  readonly summaries: Sentences;
  /** The sentences of the form `text`, by the name of the event (tools/phrases.ts). */
  readonly events: Sentences;
  /** The same by the name of the command whose reply it is. */
  readonly replies: Sentences;
  /** Words in the place of values in these. */
  readonly values: Sentences;
}

/** The catalogues by language, in the order in which the module has them. */
export interface Catalogues {
  readonly en: Catalogue;
  readonly fr: Catalogue;
}

/** What has its English words in files of its own. */
interface Described {
  readonly commands: readonly { readonly name: string; readonly summary: string }[];
  readonly limits: { readonly fields: Readonly<Record<string, FieldRule>> };
}

/** The places of a sentence, sorted, each once. */
export function placesOf(sentence: string): readonly string[] {
  return [...new Set(Array.from(sentence.matchAll(/\{([a-z_]+)\}/g), ([, name = '']) => name))].sort();
}

/** Adds the English words that stand elsewhere. */
export function withDescriptions(
  english: Omit<Catalogue, 'rules' | 'summaries'>,
  { commands, limits }: Described,
): Catalogue {
  return {
    ...english,
    rules: Object.fromEntries(Object.entries(limits.fields).map(([field, { rule }]) => [field, rule])),
    summaries: Object.fromEntries(commands.map(({ name, summary }) => [name, summary])),
  };
}

/** All sentences of a catalogue by the names that src/wire/words.ts knows: those of `errors` need no section. */
function flat({ errors, reasons, rules, summaries }: Catalogue): ReadonlyMap<string, string> {
  const of = (section: string, sentences: Sentences): [string, string][] =>
    Object.entries(sentences).map(([key, sentence]) => [`${section}.${key}`, sentence]);
  return new Map([
    ...Object.entries(errors),
    ...of('reasons', reasons),
    ...of('rules', rules),
    ...of('summaries', summaries),
  ]);
}

/** Says which French sentences are missing, too many, or have other places than the English ones. */
function problems(english: ReadonlyMap<string, string>, french: ReadonlyMap<string, string>): readonly string[] {
  const places = (sentence = ''): string => placesOf(sentence).join(' ');
  return [
    ...[...english.keys()].filter((key) => !french.has(key)).map((key) => `${key} is missing`),
    ...[...french.keys()].filter((key) => !english.has(key)).map((key) => `${key} is in no other language`),
    ...[...french]
      .filter(([key, sentence]) => english.has(key) && places(english.get(key)) !== places(sentence))
      .map(([key]) => `${key} has other {places} than in English: ${places(english.get(key))}`),
  ];
}

/**
 * The text of src/wire/generated/words.ts, without its first line. Throws where the French catalogue does not have the
 * same sentences as the English one, with the same places.
 */
export function wordsModule({ en, fr }: Catalogues): string {
  const [english, french] = [flat(en), flat(fr)];
  const wrong = problems(english, french);
  if (wrong.length > 0) throw new Error(`protocol/words/fr.json: ${wrong.join('; ')}`);
  const places = Array.from(english, ([key, sentence]) => {
    const names = placesOf(sentence).map((name) => `'${name}'`);
    return `  readonly ${keyOf(key)}: ${names.join(' | ') || 'never'};\n`;
  });
  const all = { en: Object.fromEntries(english), fr: Object.fromEntries(french) };
  return (
    '/** The sentences of the catalogues, and the places of each that need a value. */\n' +
    `export interface Words {\n${places.join('')}}\n\n` +
    '/** The words of each sentence by language. */\n' +
    `export const words: Readonly<Record<'en' | 'fr', Readonly<Record<keyof Words, string>>>> = ${literal(all)};\n`
  );
}
