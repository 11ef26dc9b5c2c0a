// Answers `help`, for clients and operators, from the specs of their commands.
import { code } from '../wire/generated/codes.js';
import { fieldRules } from '../wire/generated/fields.js';
import type { HelpResults } from '../wire/generated/commands/help.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { CommandSpec } from '../wire/spec.js';
import { say } from '../wire/words.js';

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

/** The sorted names of each table of specs, made once, because guests send `help` ahead. */
const namesOf = new WeakMap<object, readonly string[]>();

function sortedNames(specs: Readonly<Record<string, CommandSpec>>): readonly string[] {
  let names = namesOf.get(specs);
  if (names === undefined) namesOf.set(specs, (names = Object.keys(specs).sort()));
  return names;
}

/**
 * Answers the names of all `specs`, or a description of the command that `about` names. Refuses (11) where there is no
 * such command.
 */
export function helpAbout(
  specs: Readonly<Record<string, CommandSpec>>,
  about: string | undefined,
): { readonly results: HelpResults } | Refusal {
  if (about === undefined) return { results: { commands: sortedNames(specs) } };
  const spec = Object.hasOwn(specs, about) ? specs[about] : undefined;
  if (spec === undefined) return refusal('not_found', say('no_help'));
  return {
    results: {
      about,
      summary: spec.summary,
      parameters: spec.parameters.map(({ name, required, field, fieldIfNew = field }) => ({
        name,
        required,
        rule: fieldRules[fieldIfNew]?.rule ?? '',
      })),
      codes: codesOf(spec),
    },
  };
}
