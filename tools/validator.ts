// Checks the lines of a server against protocol/: the codes that may answer a command, and the members of replies and
// events (present, of their types, in order, none unknown). The suite's clients and the replayer of dialogues use it.
import { codesOf } from './command-codes.js';
import type { CommandFile, EventEntry, MemberSpec, ProtocolFiles, TypeSpec } from './protocol-files.js';
import type { LineCheck, Members } from './server-line.js';

/** The commands and events of one kind of connection. */
interface Vocabulary {
  readonly commands: readonly CommandFile[];
  readonly events: readonly EventEntry[];
  readonly files: ProtocolFiles;
}

/** The check of lines that clients read, and of those that operators read on the control socket. */
export function lineChecks(files: ProtocolFiles): { readonly client: LineCheck; readonly operator: LineCheck } {
  const { commands, events, operator } = files;
  // A notice, and the last line before a close, can come on both kinds of connection.
  const forBoth = events.filter(({ name }) => name === 'notice' || name === 'closing');
  return {
    client: lineCheck({ commands, events, files }),
    operator: lineCheck({ commands: operator.commands, events: [...operator.events, ...forBoth], files }),
  };
}

function lineCheck({ commands, events, files }: Vocabulary): LineCheck {
  const eventsByCode = new Map(events.map((event) => [event.code, event]));
  const commandsByName = new Map<unknown, CommandFile>(commands.map((command) => [command.name, command]));
  const types = compile(files.types);
  const check = (specs: readonly MemberSpec[], members: Members) => membersProblem(specs, members, types, '');
  /** A cache by code and command, because a test reads many thousands of lines. */
  const replies = new Map<string, readonly MemberSpec[] | undefined>();
  const replyOf = (code: number, command: CommandFile | undefined): readonly MemberSpec[] | undefined => {
    const key = `${code} ${command?.name ?? ''}`;
    if (!replies.has(key)) {
      const canCome = codesOf(command, files.codes).has(code);
      replies.set(key, canCome ? replyMembers(code, command, files) : undefined);
    }
    return replies.get(key);
  };
  return (code, members) => {
    if (code >= 100) {
      const event = eventsByCode.get(code);
      return event === undefined ? `there is no event ${code}` : check(event.members, members);
    }
    const name = members['command'];
    const command = commandsByName.get(name);
    if (name !== undefined && command === undefined) return `there is no command ${JSON.stringify(name)}`;
    const reply = replyOf(code, command);
    if (reply === undefined) return `${command?.name ?? 'a line without a command'} never gets ${code}`;
    return check(reply, members) ?? fieldProblem(members['field'], command);
  };
}

const ref: MemberSpec = { name: 'ref', type: 'ref', optional: true, meaning: "the request's ref" };
const error: MemberSpec = { name: 'error', type: 'string', meaning: 'what is wrong, for a person to read' };

/** All members of a reply, in order (PROTOCOL.md §3.2). */
function replyMembers(code: number, command: CommandFile | undefined, { codes }: ProtocolFiles): readonly MemberSpec[] {
  const first: readonly MemberSpec[] =
    command === undefined
      ? [ref]
      : [{ name: 'command', type: 'string', values: [command.name], meaning: 'the command that is answered' }, ref];
  if (code === 1) return [...first, ...(command?.results ?? [])];
  const more = command?.refusals?.[code] ?? codes.find((entry) => entry.code === code)?.members ?? [];
  return [...first, error, ...more];
}

/** Checks that the member `field` names a parameter of the command, or `command` or `ref`. */
function fieldProblem(field: unknown, command: CommandFile | undefined): string | undefined {
  if (field === undefined || field === (command === undefined ? 'command' : 'ref')) return undefined;
  const isParameter = command?.parameters.some(({ name }) => name === field) ?? false;
  return isParameter
    ? undefined
    : `${JSON.stringify(field)} is no parameter of ${command?.name ?? 'a line without a command'}`;
}

interface CompiledType extends Omit<TypeSpec, 'pattern'> {
  readonly pattern?: RegExp;
}

type Types = ReadonlyMap<string, CompiledType>;

function compile(types: ProtocolFiles['types']): Types {
  const compiled = Object.entries(types).map(([name, { pattern, ...rest }]): [string, CompiledType] => [
    name,
    pattern === undefined ? rest : { ...rest, pattern: new RegExp(pattern, 'u') },
  ]);
  return new Map(compiled);
}

function membersProblem(
  specs: readonly MemberSpec[],
  members: Members,
  types: Types,
  path: string,
): string | undefined {
  let next = 0;
  for (const [name, value] of Object.entries(members)) {
    const at = specs.findIndex((spec) => spec.name === name);
    const spec = specs[at];
    if (spec === undefined) return `${path}${name} is unknown`;
    if (at < next) return `${path}${name} is out of order`;
    next = at + 1;
    const problem = memberProblem(spec, value, types, path + name);
    if (problem !== undefined) return problem;
  }
  const missing = specs.find(({ name, optional }) => optional !== true && !Object.hasOwn(members, name));
  return missing && `${path}${missing.name} is missing`;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function memberProblem(spec: MemberSpec, value: unknown, types: Types, path: string): string | undefined {
  const { type, of = '', members = [], values } = spec;
  if (value === null) return spec.null === true ? undefined : `${path} is null`;
  const contentProblem = (each: unknown, place: string): string | undefined => {
    if (typeof of === 'string') return valueProblem(of, each, types, place);
    return isObject(each) ? membersProblem(of, each, types, `${place}.`) : `${place} is no object`;
  };
  switch (type) {
    case 'object':
      return isObject(value) ? membersProblem(members, value, types, `${path}.`) : `${path} is no object`;
    case 'list':
      if (!Array.isArray(value)) return `${path} is no list`;
      return firstProblem(value.map((each: unknown, index) => () => contentProblem(each, `${path}[${index}]`)));
    case 'map':
      if (!isObject(value)) return `${path} is no object`;
      return firstProblem(
        Object.entries(value).map(
          ([key, each]) =>
            () =>
              contentProblem(each, `${path}.${key}`),
        ),
      );
    default:
      if (values !== undefined && !values.includes(value as string)) return `${path} is none of ${values.join(', ')}`;
      return valueProblem(type, value, types, path);
  }
}

function firstProblem(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Checks a value against a type of types.json. Throws if there is no such type. */
function valueProblem(type: string, value: unknown, types: Types, path: string): string | undefined {
  const rule = types.get(type);
  if (rule === undefined) throw new Error(`protocol/types.json has no type ${type}`);
  const isInteger = Number.isSafeInteger(value) && (value as number) >= (rule.min ?? Number.MIN_SAFE_INTEGER);
  const isString = typeof value === 'string' && rule.pattern?.test(value) !== false;
  const fits = {
    string: isString,
    integer: isInteger,
    boolean: typeof value === 'boolean',
    'string or integer': isString || isInteger,
  }[rule.json];
  return fits ? undefined : `${path} is no ${type}`;
}
