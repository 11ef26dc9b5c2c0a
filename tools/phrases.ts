// The sentences of the form `text` (PROTOCOL.md §8.2): the module that is made of the `events`, `replies`
// and `values` of protocol/words, and what is wrong with them.
import type { MemberSpec, ProtocolFiles } from './protocol-files.js';
import { literal } from './typescript.js';

/** The members that a sentence names, in places and in conditions, sorted, each once. */
export function membersIn(template: string): readonly string[] {
  const named = Array.from(template.matchAll(/\{(\w+)\}|\[!?(\w+)\?/g), ([, place, condition]) => place ?? condition);
  return [...new Set(named.map(String))].sort();
}

/** The sentences that a reply or an event needs: its own, one for each kind of it, and one for the items of a list. */
function needed(name: string, members: readonly MemberSpec[]): [string, readonly string[]][] {
  const own = members.map((member) => member.name);
  const kinds = members.find((member) => member.name === 'kind')?.values ?? [];
  const variants = own.includes('deleted') ? [...kinds, 'deleted'] : kinds;
  const inner = members.flatMap(({ name: of, of: items, members: inside }): [string, readonly string[]][] => {
    const parts = typeof items === 'object' ? items : inside;
    return parts === undefined ? [] : [[`${name}.${of}`, parts.map((part) => part.name)]];
  });
  return [
    [name, own],
    ...variants.map((variant): [string, readonly string[]] => [`${name}.${variant}`, own]),
    ...inner,
  ];
}

/** The members that a sentence may name, by its key. */
type Needed = ReadonlyMap<string, readonly string[]>;

/** All sentences that there have to be of events and of replies. `refusal` is that of every refusal. */
export function neededPhrases({ events, commands }: Pick<ProtocolFiles, 'events' | 'commands'>): {
  readonly events: Needed;
  readonly replies: Needed;
} {
  return {
    events: new Map(events.flatMap(({ name, members }) => needed(name, members))),
    replies: new Map([
      ['refusal', ['error', 'field', 'retry_after']],
      ...commands.flatMap(({ name, results }) => needed(name, results)),
    ]),
  };
}

/** Says which sentences of a language are missing, too many, or name members that the line does not have. */
function problemsOf(section: Readonly<Record<string, string>>, all: Needed): readonly string[] {
  const missing = [...all.keys()].filter((key) => section[key] === undefined).map((key) => `${key} is missing`);
  const wrong = Object.entries(section).flatMap(([key, template]) => {
    const allowed = all.get(key);
    if (allowed === undefined) return [`there is no ${key}`];
    const others = membersIn(template).filter((name) => !allowed.includes(name));
    return others.length === 0 ? [] : [`${key} has no member ${others.join(' or ')}`];
  });
  return [...missing, ...wrong];
}

/** Says what is wrong with the sentences, and which name other members in one language than in the other. */
function problems({ words: { en, fr }, ...files }: ProtocolFiles): readonly string[] {
  const all = neededPhrases(files);
  const namesOf = (template: string | undefined): string => membersIn(template ?? '').join(' ');
  const ofSections = (['events', 'replies'] as const).flatMap((section) => [
    ...problemsOf(en[section], all[section]).map((problem) => `en.json, ${section}: ${problem}`),
    ...problemsOf(fr[section], all[section]).map((problem) => `fr.json, ${section}: ${problem}`),
    ...Object.keys(en[section])
      .filter((key) => key in fr[section] && namesOf(en[section][key]) !== namesOf(fr[section][key]))
      .map((key) => `fr.json, ${section}: ${key} names other members than in English: ${namesOf(en[section][key])}`),
  ]);
  const values = Object.keys({ ...en.values, ...fr.values }).filter((key) => !(key in en.values && key in fr.values));
  return [...ofSections, ...values.map((key) => `the value ${key} has no word in one of the languages`)];
}

/** The text of src/wire/generated/phrases.ts, without its first line. Throws where the sentences don't fit. */
export function phrasesModule(files: ProtocolFiles): string {
  const wrong = problems(files);
  if (wrong.length > 0) throw new Error(`protocol/words: ${wrong.join('; ')}`);
  const { en, fr } = files.words;
  const of = ({ events, replies, values }: typeof en): object => ({ events, replies, values });
  const table = 'Readonly<Record<string, string>>';
  return (
    '/** The sentences of the form `text` in one language: templates, by names, their kinds, and the lists in them. */\n' +
    `export interface Phrases {\n  readonly events: ${table};\n  readonly replies: ${table};\n` +
    `  /** Words in the place of values. */\n  readonly values: ${table};\n}\n\n` +
    '/** Those of all languages. */\n' +
    `export const phrases: Readonly<Record<'en' | 'fr', Phrases>> = ${literal({ en: of(en), fr: of(fr) })};\n`
  );
}
