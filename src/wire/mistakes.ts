// The sentences that tell people what is wrong with a line: what was read, as it was read, and how the line should be.
import { visible } from '../text/printable.js';
import { fieldRules } from './generated/fields.js';
import { isBlank, type PlainForm } from './plain.js';
import type { CommandSpec } from './spec.js';

/** So many characters of what was read are shown. */
const shown = 100;

/**
 * Whether a command takes a password, a token, a proof or an invitation. Then no sentence shows what was read for it
 * (PROTOCOL.md §2.2): the secret may stand in another value's place.
 */
export function takesSecret({ secret = false, parameters }: CommandSpec): boolean {
  return secret !== false || parameters.some(({ field }) => isSecret(field));
}

function isSecret(field: string): boolean {
  const rule = fieldRules[field];
  return rule !== undefined && 'secret' in rule && rule.secret;
}

/** A word that was read, in quotes, with what is invisible in it made visible. */
export function quoted(text: string): string {
  return `"${visible(text, shown)}"`;
}

/** The problem, and what was read where it is. Nothing more where that is not to be shown, or is no value of JSON. */
export function withValue(problem: string, value: unknown): string {
  if (value === undefined || value === null || (typeof value === 'number' && !Number.isFinite(value))) return problem;
  return `${problem}; read: ${typeof value === 'string' ? quoted(value) : visible(JSON.stringify(value), shown)}`;
}

/**
 * The problem, the usage, and what was read.
 * @param rest what followed the command's name; undefined where it is not to be shown
 */
export function withUsage(problem: string, { usage }: PlainForm, rest: string | undefined): string {
  const read = rest === undefined || isBlank(rest, 0) ? '' : `; read: ${quoted(rest.replace(/^ +/, ''))}`;
  return `${problem}; usage: ${usage}${read}`;
}

/** That there is no such command, and the nearest one. @param word what was read for its name */
export function noSuchCommand(word: string, nearest: string | undefined): string {
  const did = nearest === undefined ? '' : ` (did you mean ${nearest}?)`;
  return `there is no command ${quoted(word)}${did}; help lists all commands`;
}
