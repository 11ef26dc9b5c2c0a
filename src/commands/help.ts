// help: lists all commands, or describes one, and how it is typed.
import { helpAbout } from '../session/help.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import { fullForm, shortForm } from '../wire/plain.js';
import type { CommandSpec } from '../wire/spec.js';
import type { Command } from './services.js';

const specs: Readonly<Record<string, CommandSpec>> = commandSpecs;

const shortNames = Object.values(specs)
  .flatMap(({ short }) => short ?? [])
  .sort();

/**
 * Describes the command that `about` names, by its full or its short name, with the usage and an example of that name;
 * or lists all names. Whoever typed a short name, or reads sentences, gets the short ones too: programs have no use for
 * them.
 */
export const help: Command<'help'> = ({ format }, { parameters: { about }, isShort = false }) => {
  const answer = helpAbout(specs, about, format.language);
  if ('code' in answer) return answer;
  const isPerson = isShort || format.form === 'text';
  if (about === undefined) return isPerson ? { results: { ...answer.results, short_names: shortNames } } : answer;
  const spec = specs[answer.results.about ?? ''];
  if (spec === undefined) return answer;
  const isFull = about.trim() === spec.name;
  const form = (isFull ? undefined : shortForm(spec)) ?? fullForm(spec);
  const example = isFull ? spec.typed?.full : spec.typed?.short;
  return { results: { ...answer.results, short: spec.short, usage: form.usage, example } };
};
