import { code, commandSpecs, limits } from '../wire/protocol.js';
import { refusal } from '../wire/refusal.js';
import type { CommandSpec, FieldRule } from '../wire/spec.js';
import type { Command } from './services.js';

const specs: ReadonlyMap<string, CommandSpec> = new Map(Object.entries(commandSpecs));
const fields: Readonly<Record<string, FieldRule>> = limits.fields;

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

export const help: Command<'help'> = (_session, { parameters: { about } }) => {
  if (about === undefined) return { results: { commands: [...specs.keys()].sort() } };
  const spec = specs.get(about);
  if (spec === undefined) return refusal('not_found', 'there is no help about that: help names all commands');
  return {
    results: {
      about,
      summary: spec.summary,
      parameters: spec.parameters.map(({ name, required, field }) => ({ name, required, rule: fields[field]?.rule })),
      codes: codesOf(spec),
    },
  };
};
