// Generates the modules of src/wire/generated from protocol/: one for each command, with the types of its parameters
// and results; one for each other subject; and tables of the types, and of the specs. The specs stand in one module
// because salond and salonctl load them at every start, and types are not loaded.
import type { FieldRule } from '../src/wire/spec.js';
import type { CommandFile, MemberSpec, ProtocolFiles } from './protocol-files.js';
import { phrasesModule } from './phrases.js';
import { typedExamples } from './typed-example.js';
import { literal, parametersInterface, pascalCase, resultsInterface } from './typescript.js';
import { wordsModule } from './words.js';

/** The first line of a generated module. */
function mark(source: string): string {
  return `// Generated from protocol/${source} by \`npm run generate\`. Change it there, not here.\n`;
}

/** The commands of one kind of connection, and the names of their modules and tables. */
interface Family {
  readonly commands: readonly CommandFile[];
  readonly fields: Readonly<Record<string, FieldRule>>;
  /** The folder of the commands' modules. */
  readonly folder: string;
  /** The folder of their files below protocol/. */
  readonly source: string;
  /** The prefix of the names of the tables' files. */
  readonly prefix: string;
  readonly specsFile: string;
  readonly specsName: string;
  readonly specType: 'CommandSpec' | 'OperatorSpec';
  /** The prefix of the names of the tables' types. */
  readonly typePrefix: string;
  readonly nameType: string;
  /** The word for such a command in docstrings. */
  readonly called: string;
}

function families({ commands, limits, operator }: ProtocolFiles): readonly Family[] {
  return [
    {
      commands,
      fields: limits.fields,
      folder: 'commands',
      source: 'commands',
      prefix: '',
      specsFile: 'command-specs',
      specsName: 'commandSpecs',
      specType: 'CommandSpec',
      typePrefix: 'Command',
      nameType: 'CommandName',
      called: 'command',
    },
    {
      commands: operator.commands,
      fields: { ...limits.fields, ...operator.fields },
      folder: 'operator',
      source: 'operator/commands',
      prefix: 'operator-',
      specsFile: 'operator-specs',
      specsName: 'operatorSpecs',
      specType: 'OperatorSpec',
      typePrefix: 'Operator',
      nameType: 'OperatorCommandName',
      called: "operator's command",
    },
  ];
}

/** The members of a command's file that only the generator and the validator need. */
const omitted: readonly string[] = ['results', 'refusals'];

/**
 * The members of a command's file that the daemon needs. Only operators' commands have their example, which salonctl
 * shows.
 */
function specOf(command: CommandFile, { specType }: Family): object {
  const isNeeded = (name: string) => !omitted.includes(name) && (name !== 'example' || specType === 'OperatorSpec');
  const needed = Object.entries(command).filter(([name]) => isNeeded(name));
  const newResults = command.results.filter(({ edition }) => edition === 2).map(({ name }) => name);
  const { full, short } = typedExamples(command);
  return {
    ...Object.fromEntries(needed),
    ...(newResults.length === 0 ? {} : { newResults }),
    ...(short === undefined ? {} : { typed: { full: full.line, short: short.line } }),
  };
}

function commandModule(command: CommandFile, family: Family, types: ProtocolFiles['types']): string {
  const { name, parameters, results } = command;
  const typeName = pascalCase(name);
  return [
    mark(`${family.source}/${name}.json`),
    parametersInterface(`${typeName}Parameters`, `The parameters of ${name}.`, parameters, family.fields),
    resultsInterface(
      `${typeName}Results`,
      `The results of ${name}, in the order in which they are sent.`,
      results,
      types,
    ),
  ].join('\n');
}

/** The table of the types `…Parameters` or `…Results` of a family's commands. */
function typeTable(kind: 'Parameters' | 'Results', family: Family, docstring: string): string {
  const imports = family.commands.map(
    ({ name }) => `import type { ${pascalCase(name)}${kind} } from './${family.folder}/${name}.js';\n`,
  );
  const members = family.commands.map(({ name }) => `  readonly ${name}: ${pascalCase(name)}${kind};\n`);
  return `${imports.join('')}\n/** ${docstring} */\nexport interface ${family.typePrefix}${kind} {\n${members.join('')}}\n`;
}

function specTable(family: Family): string {
  const { commands, prefix, specsName, specType, nameType, called } = family;
  return [
    `import type { ${specType} } from '../spec.js';\n`,
    `import type { ${nameType} } from './${prefix}parameters.js';\n`,
    `\n/** The spec of each ${called}. */\n`,
    `export const ${specsName}: { readonly [Name in ${nameType}]: ${specType} } = {\n`,
    ...commands.map((command) => `  ${command.name}: ${literal(specOf(command, family), '  ')},\n`),
    '};\n',
  ].join('');
}

/** The types of the names of the commands that need a room or a target. */
function namesByNeed(commands: readonly CommandFile[]): string {
  const type = (name: string, docstring: string, needs: (command: CommandFile) => boolean): string => {
    const names = commands.filter(needs).map((command) => `'${command.name}'`);
    return `\n/** ${docstring} */\nexport type ${name} = ${names.join(' | ') || 'never'};\n`;
  };
  return (
    type(
      'JoinedCommandName',
      'A command that needs a room which the session has joined.',
      ({ room }) => room === 'joined',
    ) + type('TargetCommandName', 'A command that is about another user.', ({ target }) => target !== undefined)
  );
}

function familyModules(family: Family, types: ProtocolFiles['types']): [string, string][] {
  const { commands, folder, source, prefix, specsFile, typePrefix, nameType, called } = family;
  const sourceMark = mark(`${source}/`);
  const parameters = typeTable('Parameters', family, `What the handler of each ${called} is given.`);
  const results = typeTable('Results', family, `What each ${called} answers (wire/results.ts).`);
  const names = `/** The name of any ${called}. */\nexport type ${nameType} = keyof ${typePrefix}Parameters;\n`;
  return [
    ...commands.map((file): [string, string] => [`${folder}/${file.name}`, commandModule(file, family, types)]),
    [`${prefix}parameters`, `${sourceMark}${parameters}\n${names}${family.prefix === '' ? namesByNeed(commands) : ''}`],
    [`${prefix}results`, sourceMark + results],
    [specsFile, sourceMark + specTable(family)],
  ];
}

function codeTable(name: string, entries: readonly { readonly name: string; readonly code: number }[]): string {
  return `export const ${name} = {\n${entries.map((entry) => `  ${entry.name}: ${entry.code},\n`).join('')}} as const;\n`;
}

const plainKinds: ReadonlyMap<string, string> = new Map([
  ['ref', 'ref'],
  ['time', 'time'],
  ['token', 'token'],
  ['base64url', 'token'],
]);

/** What a column holds, as far as the forms of lines and the cutting of lines need to know it (src/wire/columns.ts). */
function columnOf({ name, type, of, values }: MemberSpec): object {
  if (type === 'name' || type === 'author' || type === 'actor') return { name, kind: 'name' };
  if (type === 'string') return { name, kind: values === undefined ? 'text' : 'word' };
  if (type === 'object' || type === 'map') return { name, kind: 'json' };
  if (type !== 'list') return { name, kind: plainKinds.get(type) ?? 'word' };
  if (typeof of === 'object') return { name, kind: 'list', of: of.map(columnOf) };
  return { name, kind: of === 'name' || of === 'string' ? 'names' : 'list' };
}

/** The members of replies and events, in the order in which they are sent. */
function columnsModule({ commands, events, operator }: ProtocolFiles): string {
  const table = (entries: readonly { readonly name: string; readonly columns: readonly MemberSpec[] }[]): string =>
    literal(Object.fromEntries(entries.map(({ name, columns }) => [name, columns.map(columnOf)])));
  const ofCommands = table(commands.map(({ name, results }) => ({ name, columns: results })));
  const ofEvents = table([...events, ...operator.events].map(({ name, members }) => ({ name, columns: members })));
  return (
    `${mark('commands/ and protocol/events.json')}import type { Column } from '../columns.js';\n\n` +
    '/** The results of each command (PROTOCOL.md §7). */\n' +
    `export const resultColumns: Readonly<Record<string, readonly Column[]>> = ${ofCommands};\n\n` +
    '/** The members of each event (PROTOCOL.md §4). */\n' +
    `export const eventColumns: Readonly<Record<string, readonly Column[]>> = ${ofEvents};\n`
  );
}

function otherModules(files: ProtocolFiles): [string, string][] {
  const { codes, events, limits, operator, words } = files;
  const fields =
    "import type { FieldRule } from '../spec.js';\nimport { limits } from './limits.js';\n\n" +
    `const operatorFields: Readonly<Record<string, FieldRule>> = ${literal(operator.fields)};\n\n` +
    "/** The rule of each field, the operator's too. */\n" +
    'export const fieldRules: Readonly<Record<string, FieldRule>> = { ...limits.fields, ...operatorFields };\n';
  const codeModule =
    '/** The codes of replies, by name (PROTOCOL.md §3). */\n' +
    codeTable('code', codes) +
    '\n/** A code of replies. */\nexport type Code = (typeof code)[keyof typeof code];\n';
  const eventModule =
    '/** The codes of events, by name (PROTOCOL.md §4). */\n' +
    codeTable('event', events) +
    '\n/** A code of events. */\nexport type EventCode = (typeof event)[keyof typeof event];\n' +
    "\n/** The codes of events on an operator's connection, by name. */\n" +
    codeTable('operatorEvent', operator.events);
  return [
    [
      'limits',
      `${mark('limits.json')}/** The limits of lines, and the rules of fields (PROTOCOL.md §1, §6). */\nexport const limits = ${literal(limits)} as const;\n`,
    ],
    ['fields', mark('limits.json and protocol/operator/fields.json') + fields],
    ['words', `${mark('words/, limits.json and commands/')}${wordsModule(words)}`],
    ['codes', mark('codes.json') + codeModule],
    ['events', mark('events.json and protocol/operator/events.json') + eventModule],
    ['columns', columnsModule(files)],
    ['phrases', `${mark('words/')}${phrasesModule(files)}`],
  ];
}

/** The modules of src/wire/generated by their paths below it, without `.ts`. Throws if a type does not exist. */
export function protocolModules(files: ProtocolFiles): ReadonlyMap<string, string> {
  return new Map([...families(files).flatMap((family) => familyModules(family, files.types)), ...otherModules(files)]);
}
