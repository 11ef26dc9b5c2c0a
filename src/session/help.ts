// Answers `help`, for clients and operators, from the specs of their commands.
import { CommandNames } from '../wire/command-names.js';
import { code } from '../wire/generated/codes.js';
import { ruleInWords } from '../wire/fields.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import type { CommandName } from '../wire/generated/parameters.js';
import type { HelpResults } from '../wire/generated/commands/help.js';
import { firstWord, noSuchCommand } from '../wire/mistakes.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { CommandSpec } from '../wire/spec.js';
import { inWords, say, verbatim, type Language, type Sentence } from '../wire/words.js';

/** The codes that a command can answer: its own, and those that its parameters and its gates bring. */
function codesOf({ parameters, user, codes }: CommandSpec): number[] {
  const all = new Set([code.ok, code.failed, code.invalid_field, code.rate_limited, code.busy, ...codes]);
  if (parameters.some(({ required }) => required)) all.add(code.missing_field);
  if (user === 'own') {
    all.add(code.not_authenticated);
    if (parameters.some(({ name }) => name === 'username')) all.add(code.wrong_user);
  }
  return [...all].sort((a, b) => a - b);
}

/** The names of the commands of each table of specs, and the list of them, made once: guests send `help` ahead. */
const namesOf = new WeakMap<object, { readonly names: CommandNames; readonly list: readonly string[] }>();

function namesIn(specs: Readonly<Record<string, CommandSpec>>): {
  readonly names: CommandNames;
  readonly list: readonly string[];
} {
  let made = namesOf.get(specs);
  if (made === undefined) {
    made = { names: new CommandNames(Object.values(specs)), list: Object.keys(specs).sort() };
    namesOf.set(specs, made);
  }
  return made;
}

/** What `helpAbout` answers: what clients and operators are told alike. */
type Description = Pick<HelpResults, 'commands' | 'about' | 'summary' | 'parameters' | 'codes'>;

/** The summary of a command. Operators' commands, which may have the names of clients', have theirs in English. */
function summaryOf(spec: CommandSpec): Sentence {
  const { name, summary } = spec;
  const isClients = (command: string): command is CommandName =>
    Object.hasOwn(commandSpecs, command) && commandSpecs[command as CommandName] === spec;
  return isClients(name) ? say(`summaries.${name}`) : verbatim(summary);
}

/**
 * Answers the names of all `specs`, or a description of the command that `about` names in full, or as people type it.
 * Refuses (11) where there is no such command.
 * @param language of the summary and the rules
 */
export function helpAbout(
  specs: Readonly<Record<string, CommandSpec>>,
  about: string | undefined,
  language: Language = 'en',
): { readonly results: Description } | Refusal {
  const { names, list } = namesIn(specs);
  if (about === undefined) return { results: { commands: list } };
  const word = about.trim();
  const spec = Object.hasOwn(specs, word) ? specs[word] : names.byShort(word);
  if (spec === undefined) return refusal('not_found', noSuchCommand(about, names.nearest(firstWord(word), 'plain')));
  return {
    results: {
      about: spec.name,
      summary: inWords(summaryOf(spec), language),
      parameters: spec.parameters.map(({ name, required, field, fieldIfNew = field }) => ({
        name,
        required,
        rule: inWords(ruleInWords(fieldIfNew), language),
      })),
      codes: codesOf(spec),
    },
  };
}
