// Writes TypeScript: values as literals, and the members of protocol/ as types. For tools/modules.ts.
import type { FieldRule, ParameterSpec } from '../src/wire/spec.js';
import type { MemberSpec, TypeSpec } from './protocol-files.js';

/** Longer values are broken into a line for each member. */
const maxColumns = 120;

/** `create_user` as `createUser`. */
function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** `create_user` as `CreateUser`. */
export function pascalCase(name: string): string {
  return camelCase(`_${name}`);
}

function quoted(text: string): string {
  return /['\\\n]/.test(text) ? JSON.stringify(text) : `'${text}'`;
}

/** A member's name as an object's literal or a type has it. */
export function keyOf(name: string): string {
  return /^[a-z_]\w*$/i.test(name) ? name : quoted(name);
}

/** A JSON value as a literal whose first line is indented already. */
export function literal(value: unknown, indent = ''): string {
  if (typeof value === 'string') return quoted(value);
  if (typeof value !== 'object' || value === null) return String(value);
  const isArray = Array.isArray(value);
  const [open, close] = isArray ? ['[', ']'] : ['{', '}'];
  const parts = (inner: string): string[] =>
    Object.entries(value).map(([name, each]) => (isArray ? '' : `${keyOf(name)}: `) + literal(each, inner));
  const flat = parts(indent).join(', ');
  const line = isArray || flat === '' ? `${open}${flat}${close}` : `{ ${flat} }`;
  // A value that fits is written on one line, unless it is an object that contains objects.
  const nests = !isArray && Object.values(value).some((each) => typeof each === 'object' && each !== null);
  if (!nests && !line.includes('\n') && indent.length + line.length <= maxColumns) return line;
  const inner = `${indent}  `;
  return `${open}\n${parts(inner)
    .map((part) => `${inner}${part},\n`)
    .join('')}${indent}${close}`;
}

/** An interface with its docstring, or the type `object` if it has no members. */
function declaration(name: string, docstring: string, members: readonly string[]): string {
  const body = members.length === 0 ? `type ${name} = object;` : `interface ${name} {\n${members.join('')}}`;
  return `/** ${docstring} */\nexport ${body}\n`;
}

/** The interface of the parameters that a command is given. */
export function parametersInterface(
  name: string,
  docstring: string,
  parameters: readonly ParameterSpec[],
  fields: Readonly<Record<string, FieldRule>>,
): string {
  const members = parameters.map(({ name, field, required }) => {
    const type = parameterType(fields[field]);
    return `  readonly ${name}${required ? '' : '?'}: ${type}${required ? '' : ' | undefined'};\n`;
  });
  return declaration(name, docstring, members);
}

function parameterType(rule: FieldRule | undefined): string {
  switch (rule?.kind) {
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'word':
      return rule.words.map(quoted).join(' | ');
    default:
      return 'string';
  }
}

/** The interface of a command's results. */
export function resultsInterface(
  name: string,
  docstring: string,
  results: readonly MemberSpec[],
  types: Readonly<Record<string, TypeSpec>>,
): string {
  return declaration(name, docstring, results.length === 0 ? [] : [memberLines(results, types, '  ')]);
}

function memberLines(
  members: readonly MemberSpec[],
  types: Readonly<Record<string, TypeSpec>>,
  indent: string,
): string {
  return members
    .map((member) => {
      const { name, meaning, optional = false } = member;
      const type = `${typeOf(member, types, indent)}${member.null === true ? ' | null' : ''}`;
      return `${indent}/** ${meaning} */\n${indent}readonly ${name}${optional ? '?' : ''}: ${type}${optional ? ' | undefined' : ''};\n`;
    })
    .join('');
}

function typeOf(member: MemberSpec, types: Readonly<Record<string, TypeSpec>>, indent: string): string {
  const objectOf = (members: readonly MemberSpec[]): string =>
    `{\n${memberLines(members, types, `${indent}  `)}${indent}}`;
  const contents = (): string =>
    typeof member.of === 'string' ? simpleType(member.of, types) : objectOf(member.of ?? []);
  switch (member.type) {
    case 'object':
      return objectOf(member.members ?? []);
    case 'list':
      return `readonly ${contents()}[]`;
    case 'map':
      return `Readonly<Record<string, ${contents()}>>`;
    default:
      return member.values?.map(quoted).join(' | ') ?? simpleType(member.type, types);
  }
}

/** The TypeScript type of a type in types.json. Throws if types.json does not have it. */
function simpleType(name: string, types: Readonly<Record<string, TypeSpec>>): string {
  switch (types[name]?.json) {
    case 'string':
      return 'string';
    case 'integer':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string or integer':
      return 'string | number';
    case undefined:
      throw new Error(`protocol/types.json has no type ${name}`);
  }
}
