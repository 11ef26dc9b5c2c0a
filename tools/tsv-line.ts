// Reads lines of the form `tsv` (PROTOCOL.md §8.2) back into members, by protocol/ alone: for the replayer of dialogues
// and for tests. Shares no code with the server.
import type { MemberSpec, ProtocolFiles } from './protocol-files.js';
import type { Members, ServerLine } from './server-line.js';

/** Reads a line, given without its LF. Returns a sentence if it breaks a rule. */
export type TsvReader = (line: string) => ServerLine | string;

/** A line breaks a rule. The message says which. */
class BrokenLine extends Error {}

const refusalMembers: readonly MemberSpec[] = [
  { name: 'error', type: 'string', meaning: '' },
  { name: 'field', type: 'string', optional: true, meaning: '' },
  { name: 'retry_after', type: 'milliseconds', optional: true, meaning: '' },
];

/** Makes the reader of what clients get. */
export function tsvReader({ commands, events, types }: ProtocolFiles): TsvReader {
  const eventMembers = new Map(events.map(({ code, members }) => [code, refLast(members)]));
  const resultMembers = new Map(commands.map(({ name, results }) => [name, results]));
  const kindOf = (type: string): string => types[type]?.json ?? type;

  const read = (line: string): ServerLine => {
    const [first = '', ...fields] = line.split('\t');
    if (!/^[1-9]\d{0,2}$/.test(first)) throw new BrokenLine('no code');
    const code = Number(first);
    if (code >= 100) {
      const specs = eventMembers.get(code);
      if (specs === undefined) throw new BrokenLine(`there is no event ${code}`);
      return { code, members: refFirst(membersOf(fields, specs, kindOf)) };
    }
    const [command = '', ref = '', ...rest] = fields;
    const specs = code === 1 ? resultMembers.get(command) : refusalMembers;
    if (specs === undefined) throw new BrokenLine(`there is no command ${command}`);
    const members = {
      ...(command === '' ? {} : { command }),
      ...(ref === '' ? {} : { ref: refOf(ref) }),
      ...membersOf(rest, specs, kindOf),
    };
    return { code, members };
  };
  return (line) => {
    try {
      return read(line);
    } catch (error) {
      if (error instanceof BrokenLine) return error.message;
      throw error;
    }
  };
}

/** In `tsv` a `ref` is the last column of an event. */
function refLast(members: readonly MemberSpec[]): readonly MemberSpec[] {
  return [...members.filter(({ type }) => type !== 'ref'), ...members.filter(({ type }) => type === 'ref')];
}

/** In JSON it is the first member. */
function refFirst({ ref, ...others }: Members): Members {
  return ref === undefined ? others : { ref, ...others };
}

function membersOf(fields: readonly string[], specs: readonly MemberSpec[], kindOf: (type: string) => string): Members {
  if (fields.length !== specs.length) throw new BrokenLine(`${fields.length} columns in the place of ${specs.length}`);
  const members: Record<string, unknown> = {};
  for (const [place, spec] of specs.entries()) {
    const value = valueOf(fields[place] ?? '', spec, kindOf);
    if (value !== undefined) members[spec.name] = value;
  }
  return members;
}

/** The value of a field; undefined where it is empty and the member may be absent. */
function valueOf(
  field: string,
  { name, type, of, optional, null: isNullable }: MemberSpec,
  kindOf: (type: string) => string,
): unknown {
  const broken = (): BrokenLine => new BrokenLine(`${name} is ${JSON.stringify(field)}`);
  if (field === '') {
    if (isNullable === true) return null;
    if (optional === true) return undefined;
    if (type === 'list' && typeof of === 'string') return [];
    if (kindOf(type) === 'string') return '';
    throw broken();
  }
  const text = unescapeText(field);
  switch (kindOf(type)) {
    case 'string':
      return text;
    case 'string or integer':
      return refOf(field);
    case 'integer':
      if (!/^(0|-?[1-9]\d*)$/.test(text)) throw broken();
      return Number(text);
    case 'boolean':
      if (text !== '0' && text !== '1') throw broken();
      return text === '1';
    default:
      // Names stand between spaces, everything else is JSON.
      if (type === 'list' && typeof of === 'string' && kindOf(of) === 'string') return text.split(' ');
      try {
        return JSON.parse(text) as unknown;
      } catch {
        throw broken();
      }
  }
}

/** A `ref` that looks like an integer is read as one: the form does not tell which it was. */
export function refOf(field: string): string | number {
  const text = unescapeText(field);
  return /^(0|-?[1-9]\d{0,15})$/.test(text) ? Number(text) : text;
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['\\\\', '\\'],
  ['\\t', '\t'],
  ['\\n', '\n'],
  ['\\r', '\r'],
]);

/** Undoes the escapes of a field. Throws where it has a character that must be an escape, or an escape that is none. */
function unescapeText(field: string): string {
  if (/[\p{Cc}\u2028\u2029]/u.test(field)) throw new BrokenLine(`raw characters in ${JSON.stringify(field)}`);
  return field.replace(/\\(?:u([0-9a-f]{4})|[^]?)/g, (escape, unit: string | undefined) => {
    if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
    const character = escapes.get(escape);
    if (character === undefined) throw new BrokenLine(`there is no escape ${JSON.stringify(escape)}`);
    return character;
  });
}
