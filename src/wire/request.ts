// Parses lines into requests, in both forms of PROTOCOL.md §2, and checks them by the command's spec in the order of
// §2.4 (5, 3, 6, 3, 7). The checks that need the session come afterwards, in session/gates.ts.
import { commonRequest } from './common.js';
import { fieldCheck, isRef, type Check } from './fields.js';
import { unroundIntegers } from './integers.js';
import { plainValues } from './plain.js';
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
}

interface CompiledCommand {
  readonly spec: CommandSpec;
  /** The parameters that came with the second edition. */
  readonly newParameters: readonly string[];
  readonly checks: readonly CompiledCheck[];
}

interface CompiledCheck {
  readonly name: string;
  readonly required: boolean;
  readonly check: Check;
  /** What the value has to meet besides if another parameter has that value. */
  readonly narrowed: { readonly by: string; readonly to: string; readonly check: Check } | undefined;
}

/** Commands by name. */
type Commands = ReadonlyMap<unknown, CompiledCommand>;

function compile(specs: readonly CommandSpec[]): Commands {
  return new Map(
    specs.map((spec) => [
      spec.name,
      {
        spec,
        newParameters: spec.parameters.filter(({ edition }) => edition === 2).map(({ name }) => name),
        checks: spec.parameters.map(({ name, required, field, narrowed }) => ({
          name,
          required,
          check: fieldCheck(field),
          narrowed: narrowed && { ...narrowed, check: fieldCheck(narrowed.field) },
        })),
      },
    ]),
  );
}

/** Whether `parsed` is a request to carry out, and not a refusal to send at once. */
export function isRequest<Parsed extends AnyRequest>(parsed: Parsed | Refusal): parsed is Parsed {
  return 'spec' in parsed;
}

/** Parses and checks one line, which is not empty and begins with neither space nor tab. */
export function parseRequest(line: string): Request | Refusal {
  return commonRequest(line) ?? parseGeneral(line);
}

/** Makes a parser of requests for these commands. A line must not be empty, nor begin with a space or a tab. */
export function parserOf(specs: readonly CommandSpec[]): (line: string) => AnyRequest | Refusal {
  const commands = compile(specs);
  return (line) => (line.startsWith('{') ? parseJson(commands, line) : parsePlain(commands, line));
}

/** Parses as `parseRequest` does, without the fast path. Both must give the same request. */
// The checks make the parameters what the generated types say.
export const parseGeneral = parserOf(Object.values(commandSpecs)) as (line: string) => Request | Refusal;

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
  const command = commands.get(name);
  const named = { command: command?.spec.name, ref };
  if (nestsDeeperThan(limits.depth, line)) {
    return refusal('malformed', say('nests_too_deep', { levels: limits.depth }), named);
  }
  if (hasLoneSurrogate(line)) return refusal('malformed', say('lone_surrogate'), named);
  if (name === undefined || name === null) {
    return refusal('missing_field', say('missing', { field: 'command' }), { field: 'command', ref });
  }
  if (command === undefined) return unknownCommand({ ref });
  return withEdition(check(command, members, ref), command, members);
}

function parsePlain(commands: Commands, line: string): AnyRequest | Refusal {
  const space = line.indexOf(' ');
  const command = commands.get(space === -1 ? line : line.slice(0, space));
  if (command === undefined) return unknownCommand();
  const values = plainValues(space === -1 ? '' : line.slice(space), command.spec.parameters);
  if (values === undefined) {
    return refusal('malformed', say('bad_quotes'), { command: command.spec.name });
  }
  return withEdition(check(command, values, undefined), command, values);
}

function unknownCommand(more: { readonly ref?: Ref | undefined } = {}): Refusal {
  return refusal('unknown_command', say('unknown_command'), more);
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
  { spec, checks }: CompiledCommand,
  members: Readonly<Record<string, unknown>>,
  ref: Ref | undefined,
): AnyRequest | Refusal {
  const command = spec.name;
  for (const { name, required } of checks) {
    if (!required || !isMissing(members[name])) continue;
    return refusal('missing_field', say('missing', { field: name }), { field: name, command, ref });
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
      return refusal('invalid_field', say('invalid', { field: name, problem }), { field: name, command, ref });
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
    return refusal('invalid_field', say('invalid', { field: 'ref', problem }), { field: 'ref', command });
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
