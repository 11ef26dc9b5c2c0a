// The sentences that tell people what is wrong with a line: what was read, as it was read, and how the line should be.
import { visible } from '../text/printable.js';
import { fieldRules } from './generated/fields.js';
import { isBlank, type PlainForm } from './plain.js';
import type { CommandSpec } from './spec.js';
import { say, type Sentence } from './words.js';

/** So many characters of what was read are shown. */
const shown = 100;

/**
 * Whether a command takes a password, a token, a proof or an invitation. Then no sentence shows what was read for it
 * (PROTOCOL.md §2.2): the secret may stand in another value's place, and a whole token in that of its id.
 */
export function takesSecret({ secret = false, parameters }: CommandSpec): boolean {
  return secret !== false || parameters.some(({ field }) => isSecret(field));
}

function isSecret(field: string): boolean {
  const rule = fieldRules[field];
  return rule !== undefined && 'secret' in rule && rule.secret;
}

/** The problem, and what was read where it is. Nothing more where that is not there, or is no value of JSON. */
export function withValue(problem: Sentence, value: unknown): Sentence {
  if (value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value))) return problem;
  if (typeof value === 'string') return say('wrong_text', { problem, read: visible(value, shown) });
  return say('wrong_value', { problem, read: visible(JSON.stringify(value), shown) });
}

/**
 * The problem, the usage, and what was read.
 * @param rest what followed the command's name; undefined where it is not to be shown
 */
export function withUsage(problem: Sentence, { usage }: PlainForm, rest: string | undefined): Sentence {
  if (rest === undefined || isBlank(rest, 0)) return say('wrong_usage', { problem, usage });
  return say('wrong_line', { problem, usage, read: visible(rest.replace(/^ +/, ''), shown) });
}

/** What stands before the first blank of any kind behind it. */
export function firstWord(text: string): string {
  return /^\s*\S*/u.exec(text)?.[0] ?? '';
}

/** That there is no such command, and the nearest one. @param word what was read for its name */
export function noSuchCommand(word: string, nearest: string | undefined): Sentence {
  const first = firstWord(word);
  // What follows a blank may be a password: a tab separates no values, and comes with what is pasted.
  const read =
    first.length < word.length ? `${visible(word.slice(0, first.length + 1), shown)}…` : visible(word, shown);
  return nearest === undefined ? say('no_command', { read }) : say('no_command_but', { read, nearest });
}
