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

/** Checks one value. Returns a sentence about the problem that begins with the value's place, or undefined. */
type Check = (value: unknown, place: string) => string | undefined;

/** Checks the members of one object, whose places begin with `path`. */
type MembersCheck = (members: Members, path: string) => string | undefined;

// A test reads many thousands of lines, so the specs are compiled into functions once.
function lineCheck({ commands, events, files }: Vocabulary): LineCheck {
  const types = compileTypes(files.types);
  const eventsByCode = new Map(events.map((event) => [event.code, compileMembers(event.members, types)]));
  const commandsByName = new Map<unknown, (code: number, members: Members) => string | undefined>();
  for (const command of [undefined, ...commands]) commandsByName.set(command?.name, replyCheck(command, files, types));
  return (code, members) => {
    if (code >= 100) {
      const event = eventsByCode.get(code);
      return event === undefined ? `there is no event ${code}` : event(members, '');
    }
    const check = commandsByName.get(members['command']);
    if (check === undefined) return `there is no command ${JSON.stringify(members['command'])}`;
    return check(code, members);
  };
}

/** Checks the replies to a command, or to a line whose command was not understood. */
function replyCheck(command: CommandFile | undefined, files: ProtocolFiles, types: Types): LineCheck {
  const name = command?.name ?? 'a line without a command';
  const byCode = new Map<number, MembersCheck>();
  for (const code of codesOf(command, files.codes))
    byCode.set(code, compileMembers(replyMembers(code, command, files), types));
  return (code, members) => {
    const reply = byCode.get(code);
    if (reply === undefined) return `${name} never gets ${code}`;
    return reply(members, '') ?? fieldProblem(members['field'], command);
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

/** The checks of types.json, by name. */
type Types = ReadonlyMap<string, Check>;

function compileTypes(types: ProtocolFiles['types']): Types {
  return new Map(
    Object.entries(types).map(([name, spec]): [string, Check] => {
      const fits = compileType(spec);
      return [name, (value, place) => (fits(value) ? undefined : `${place} is no ${name}`)];
    }),
  );
}

function compileType({ json, pattern, min = Number.MIN_SAFE_INTEGER }: TypeSpec): (value: unknown) => boolean {
  const rule = pattern === undefined ? undefined : new RegExp(pattern, 'u');
  const isString = (value: unknown): boolean => typeof value === 'string' && rule?.test(value) !== false;
  const isInteger = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= min;
  switch (json) {
    case 'string':
      return isString;
    case 'integer':
      return isInteger;
    case 'boolean':
      return (value) => typeof value === 'boolean';
    case 'string or integer':
      return (value) => isString(value) || isInteger(value);
  }
}

/** Throws if a spec names a type that types.json does not have. */
function compileMembers(specs: readonly MemberSpec[], types: Types): MembersCheck {
  const places = new Map(specs.map((spec, index) => [spec.name, { index, check: compileMember(spec, types) }]));
  // A session of the first edition does not get the new ones.
  const required = specs.filter(({ optional, edition }) => optional !== true && edition !== 2).map(({ name }) => name);
  return (members, path) => {
    let next = 0;
    for (const name of Object.keys(members)) {
      const place = places.get(name);
      if (place === undefined) return `${path}${name} is unknown`;
      if (place.index < next) return `${path}${name} is out of order`;
      next = place.index + 1;
      const problem = place.check(members[name], path + name);
      if (problem !== undefined) return problem;
    }
    for (const name of required) if (!Object.hasOwn(members, name)) return `${path}${name} is missing`;
    return undefined;
  };
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function compileMember(spec: MemberSpec, types: Types): Check {
  const check = compileContent(spec, types);
  return (value, place) => {
    if (value !== null) return check(value, place);
    return spec.null === true ? undefined : `${place} is null`;
  };
}

function compileContent({ type, of = '', members = [], values }: MemberSpec, types: Types): Check {
  switch (type) {
    case 'object':
      return objectCheck(members, types);
    case 'list': {
      const check = elementCheck(of, types);
      return (value, place) => {
        if (!Array.isArray(value)) return `${place} is no list`;
        return firstProblem(value.entries(), (index, each) => check(each, `${place}[${index}]`));
      };
    }
    case 'map': {
      const check = elementCheck(of, types);
      return (value, place) => {
        if (!isObject(value)) return `${place} is no object`;
        return firstProblem(Object.entries(value), (key, each) => check(each, `${place}.${key}`));
      };
    }
    default: {
      const check = typeCheck(type, types);
      if (values === undefined) return check;
      return (value, place) =>
        values.includes(value as string) ? check(value, place) : `${place} is none of ${values.join(', ')}`;
    }
  }
}

function objectCheck(specs: readonly MemberSpec[], types: Types): Check {
  const check = compileMembers(specs, types);
  return (value, place) => (isObject(value) ? check(value, `${place}.`) : `${place} is no object`);
}

/** The check of an element of a list or of a value of a map. */
function elementCheck(of: string | readonly MemberSpec[], types: Types): Check {
  return typeof of === 'string' ? typeCheck(of, types) : objectCheck(of, types);
}

function typeCheck(name: string, types: Types): Check {
  const check = types.get(name);
  if (check === undefined) throw new Error(`protocol/types.json has no type ${name}`);
  return check;
}

function firstProblem<Key>(
  entries: Iterable<[Key, unknown]>,
  problemOf: (key: Key, value: unknown) => string | undefined,
): string | undefined {
  for (const [key, value] of entries) {
    const problem = problemOf(key, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}
