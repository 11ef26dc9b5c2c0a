import { code } from '../wire/generated/codes.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import { fieldRules } from '../wire/generated/fields.js';
import { refusal } from '../wire/refusal.js';
import type { CommandSpec } from '../wire/spec.js';
import type { AnswerOf, Command } from './services.js';

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

/** The names of all `specs`, or what there is to say of the one that is named. */
export function helpAbout(specs: Readonly<Record<string, CommandSpec>>, about: string | undefined): AnswerOf<'help'> {
  if (about === undefined) return { results: { commands: Object.keys(specs).sort() } };
  const spec = Object.hasOwn(specs, about) ? specs[about] : undefined;
  if (spec === undefined) return refusal('not_found', 'there is no help on that; help lists all commands');
  return {
    results: {
      about,
      summary: spec.summary,
      parameters: spec.parameters.map(({ name, required, field, made = field }) => ({
        name,
        required,
        rule: fieldRules[made]?.rule ?? '',
      })),
      codes: codesOf(spec),
    },
  };
}

export const help: Command<'help'> = (_session, { parameters: { about } }) => helpAbout(commandSpecs, about);
