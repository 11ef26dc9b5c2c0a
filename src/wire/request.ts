// Parses lines into requests, in both forms of PROTOCOL.md §2, and checks them by the command's spec in the order of
// §2.4 (5, 3, 6, 3, 7). The checks that need the session come afterwards, in session/gates.ts.
import { CommandNames } from './command-names.js';
import { commonRequest } from './common.js';
import { fieldCheck, isRef, type Check } from './fields.js';
import { unroundIntegers } from './integers.js';
import { firstWord, noSuchCommand, takesSecret, withUsage, withValue } from './mistakes.js';
import { fullForm, isBlank, plainValues, shortForm, type PlainForm } from './plain.js';
import { commandSpecs } from './generated/command-specs.js';
import { limits } from './generated/limits.js';
import type { CommandName, CommandParameters } from './generated/parameters.js';
import { refusal, type Ref, type Refusal } from './refusal.js';
import type { CommandSpec } from './spec.js';
import { hasLoneSurrogate, nestsDeeperThan } from './well-formed.js';
import { say, type Sentence } from './words.js';

/** A request that passed every check that needs no session. */
export type Request = {
  readonly [Name in CommandName]: {
    readonly command: Name;
    readonly spec: CommandSpec;
    readonly parameters: CommandParameters[Name];
    readonly ref: Ref | undefined;
    /**
     * The message as `jsonText` (src/text/json.ts) writes it, where the fast path has read it from the line
     * (common.ts).
     */
    readonly jsonText?: string;
    /** Whether a person typed the command's short name. */
    readonly isShort?: true;
  };
}[CommandName];

/** A request of the commands that a parser was made for. */
export interface AnyRequest {
  readonly command: string;
  readonly spec: CommandSpec;
  readonly parameters: object;
  readonly ref: Ref | undefined;
  /** 2 where the command or one of its parameters came with the second edition of the contract. */
  readonly edition?: 2 | undefined;
  /** Whether a person typed the command's short name. */
  readonly isShort?: true;
}

interface CompiledCommand {
  readonly spec: CommandSpec;
  /** The parameters that came with the second edition. */
  readonly newParameters: readonly string[];
  readonly checks: readonly CompiledCheck[];
  /** Whether sentences may show what was read. */
  readonly shown: boolean;
  /** How it is typed by its full name. */
  readonly full: CompiledForm;
  /** How it is typed by its short name, where it has one. */
  readonly short: CompiledForm | undefined;
}

interface CompiledForm {
  readonly form: PlainForm;
  /** The checks of the parameters that can be typed. */
  readonly checks: readonly CompiledCheck[];
}

interface CompiledCheck {
  readonly name: string;
  readonly required: boolean;
  readonly check: Check;
  /** What the value has to meet besides if another parameter has that value. */
  readonly narrowed: { readonly by: string; readonly to: string; readonly check: Check } | undefined;
}

interface Commands {
  readonly byName: ReadonlyMap<unknown, CompiledCommand>;
  readonly names: CommandNames;
}

function compile(specs: readonly CommandSpec[]): Commands {
  return { byName: new Map(specs.map((spec) => [spec.name, compiled(spec)])), names: new CommandNames(specs) };
}

function compiled(spec: CommandSpec): CompiledCommand {
  const checks = spec.parameters.map(({ name, required, field, narrowed }) => ({
    name,
    required,
    check: fieldCheck(field),
    narrowed: narrowed && { ...narrowed, check: fieldCheck(narrowed.field) },
  }));
  const short = shortForm(spec);
  return {
    spec,
    newParameters: spec.parameters.filter(({ edition }) => edition === 2).map(({ name }) => name),
    checks,
    shown: !takesSecret(spec),
    full: { form: fullForm(spec), checks },
    short: short && {
      form: short,
      checks: short.fillsIn ? checks.filter(({ name }) => name !== 'username') : checks,
    },
  };
}

/** Whether `parsed` is a request to carry out, and not a refusal to send at once. */
export function isRequest<Parsed extends AnyRequest>(parsed: Parsed | Refusal): parsed is Parsed {
  return 'spec' in parsed;
}

/**
 * Parses and checks one line, which is not empty and begins with neither space nor tab.
 * @param own as of `Parser`
 */
export function parseRequest(line: string, own = ''): Request | Refusal {
  return commonRequest(line) ?? parseGeneral(line, own);
}

/**
 * Parses a line, which must not be empty, nor begin with a space or a tab.
 * @param own the name of the session's user, which is the `username` of what begins with a short name; empty for a
 * guest's, whose request the gates refuse (8) before anything reads it
 */
export type Parser<Parsed extends AnyRequest = AnyRequest> = (line: string, own?: string) => Parsed | Refusal;

/** Makes a parser of requests for these commands. */
export function parserOf(specs: readonly CommandSpec[]): Parser {
  const commands = compile(specs);
  return (line, own = '') => (line.startsWith('{') ? parseJson(commands, line) : parsePlain(commands, line, own));
}

/** Parses as `parseRequest` does, without the fast path. Both must give the same request. */
// The checks make the parameters what the generated types say.
export const parseGeneral = parserOf(Object.values(commandSpecs)) as Parser<Request>;

function parseJson(commands: Commands, line: string): AnyRequest | Refusal {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return refusal('malformed', say('not_json'));
  }
  unroundIntegers(line, members);
  const ref = isRef(members['ref']) ? members['ref'] : undefined;
  const name = members['command'];
  const command = commands.byName.get(name);
  const named = { command: command?.spec.name, ref };
  if (nestsDeeperThan(limits.depth, line)) {
    return refusal('malformed', say('nests_too_deep', { levels: limits.depth }), named);
  }
  if (hasLoneSurrogate(line)) return refusal('malformed', say('lone_surrogate'), named);
  if (name === undefined || name === null) {
    return refusal('missing_field', say('missing', { field: 'command' }), { field: 'command', ref });
  }
  if (command === undefined) return unknownCommand(commands, name, 'json', ref);
  const explain: Explain = (problem, field) => (command.shown ? withValue(problem, members[field]) : problem);
  return withEdition(check(command, command.checks, members, ref, explain), command, members);
}

function parsePlain(commands: Commands, line: string, own: string): AnyRequest | Refusal {
  const space = line.indexOf(' ');
  const word = space === -1 ? line : line.slice(0, space);
  const rest = space === -1 ? '' : line.slice(space);
  const full = commands.byName.get(word);
  if (full !== undefined) return parseValues(full, full.full, rest);
  const command = commands.byName.get(commands.names.byShort(word)?.name);
  if (command?.short === undefined) return unknownCommand(commands, word, 'plain');
  const parsed = { ...parseValues(command, command.short, rest), edition: 2 as const };
  if (!isRequest(parsed)) return parsed;
  const ownName = command.short.form.fillsIn ? { username: own } : {};
  return { ...parsed, isShort: true, parameters: { ...ownName, ...parsed.parameters } };
}

/** Parses and checks what follows a command's name. */
function parseValues(command: CompiledCommand, { form, checks }: CompiledForm, rest: string): AnyRequest | Refusal {
  const { spec, shown } = command;
  const explain: Explain = (problem) => withUsage(problem, form, shown ? rest : undefined);
  const malformed = (problem: Sentence): Refusal =>
    withEdition(refusal('malformed', explain(problem, ''), { command: spec.name }), command, {});
  if (spec.alone === true && !isBlank(rest, 0)) return malformed(say('nothing_may_follow', { command: form.name }));
  const values = plainValues(rest, form);
  if (values === undefined) return malformed(say('bad_quotes'));
  return withEdition(check(command, checks, values, undefined, explain), command, values);
}

/** Completes the sentence that says what is wrong with a field. */
type Explain = (problem: Sentence, field: string) => Sentence;

/** @param name what stands in the place of a command's name */
function unknownCommand({ names }: Commands, name: unknown, form: 'plain' | 'json', ref?: Ref): Refusal {
  const error =
    typeof name === 'string' ? noSuchCommand(name, names.nearest(firstWord(name), form)) : say('unknown_command');
  return refusal('unknown_command', error, form === 'json' ? { ref } : {});
}

/** Marks what has a command or a parameter of the second edition, whether it is a request or a refused one. */
function withEdition<Parsed extends AnyRequest | Refusal>(
  parsed: Parsed,
  { spec, newParameters }: CompiledCommand,
  members: Readonly<Record<string, unknown>>,
): Parsed {
  const isNew = spec.edition === 2 || newParameters.some((name) => !isMissing(members[name]));
  return isNew ? { ...parsed, edition: 2 } : parsed;
}

/** Looks for missing fields first, then for invalid ones in the order of the spec, then `ref` (PROTOCOL.md §2.4). */
function check(
  { spec }: CompiledCommand,
  checks: readonly CompiledCheck[],
  members: Readonly<Record<string, unknown>>,
  ref: Ref | undefined,
  explain: Explain,
): AnyRequest | Refusal {
  const command = spec.name;
  for (const { name, required } of checks) {
    if (!required || !isMissing(members[name])) continue;
    return refusal('missing_field', explain(say('missing', { field: name }), name), { field: name, command, ref });
  }
  // Takes only the members that the spec names, so that no command sees others.
  const parameters: Record<string, unknown> = {};
  for (const { name, check: problemOf, narrowed } of checks) {
    const value = members[name];
    if (isMissing(value)) continue;
    let problem = problemOf(value);
    if (narrowed !== undefined && members[narrowed.by] === narrowed.to) problem ??= narrowed.check(value);
    if (spec.ordered?.[1] === name) problem ??= problemOfOrder(spec.ordered[0], parameters, String(value));
    if (problem !== undefined) {
      const error = explain(say('invalid', { field: name, problem }), name);
      return refusal('invalid_field', error, { field: name, command, ref });
    }
    const other = spec.exclusive?.includes(name) === true && spec.exclusive.find((each) => each in parameters);
    if (typeof other === 'string') {
      const error = say('not_together', { one: other, other: name });
      return refusal('invalid_field', error, { field: name, command, ref });
    }
    parameters[name] = value;
  }
  if (ref === undefined && !isMissing(members['ref'])) {
    const problem = say('must_be_ref', { characters: limits.ref_characters });
    const error = explain(say('invalid', { field: 'ref', problem }), 'ref');
    return refusal('invalid_field', error, { field: 'ref', command });
  }
  return { command, spec, parameters, ref };
}

/** What is wrong with a time that must not be earlier than that of the parameter `earlier`, where that stands. */
function problemOfOrder(
  earlier: string,
  parameters: Readonly<Record<string, unknown>>,
  value: string,
): Sentence | undefined {
  const other = parameters[earlier];
  return typeof other === 'string' && Date.parse(other) > Date.parse(value)
    ? say('must_not_be_earlier', { field: earlier })
    : undefined;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null;
}
