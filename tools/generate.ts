// `npm run generate`: writes the modules of src/wire/generated and the tables of PROTOCOL.md from protocol/, the example settings from
// the table of settings, and the manual pages from those and from the flags.
// With --check it writes nothing and exits 1 when a file is stale; the test suite does the same.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFile } from '../src/ops/settings/settings.js';
import { manualPages } from './man/pages.js';
import { readProtocol, type ProtocolFiles } from './protocol-files.js';
import { fillTables } from './tables.js';
import type { CommandSpec, FieldRule } from '../src/wire/spec.js';

const root = join(import.meta.dirname, '../..');

function camel(name: string): string {
  return name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

type Fields = Readonly<Record<string, FieldRule>>;

function members({ parameters }: CommandSpec, fields: Fields): string[] {
  return parameters.map(({ name, field, required }) => {
    const type = fields[field]?.kind === 'integer' ? 'number' : 'string';
    return `readonly ${name}${required ? '' : '?'}: ${type}${required ? '' : ' | undefined'};`;
  });
}

function parameterTypes({ commands, limits }: ProtocolFiles): string[] {
  return commands.map(
    (spec) =>
      `export interface ${camel(spec.name)} {\n${members(spec, limits.fields)
        .map((member) => `  ${member}\n`)
        .join('')}}\n`,
  );
}

/** The names of the commands whose specs say `"room": "joined"`, as a type. */
function joinedNames(commands: readonly CommandSpec[]): string {
  return commands
    .filter(({ room }) => room === 'joined')
    .map(({ name }) => `'${name}'`)
    .join(' | ');
}

function operatorTypes({ operator, limits }: ProtocolFiles): string {
  const fields = { ...limits.fields, ...operator.fields };
  return operator.commands
    .map((spec) => `  readonly ${spec.name}: { ${members(spec, fields).join(' ')} };\n`)
    .join('')
    .replaceAll('{  }', 'object');
}

function specTable(commands: readonly CommandSpec[]): string {
  return JSON.stringify(Object.fromEntries(commands.map((spec) => [spec.name, spec])), null, 2);
}

function nameTable(name: string, entries: readonly { readonly name: string; readonly code: number }[]): string {
  return `export const ${name} = {\n${entries.map((entry) => `  ${entry.name}: ${entry.code},\n`).join('')}} as const;\n`;
}

/** The first line of each generated module. */
const mark = '// Generated from protocol/ by `npm run generate`. Change the specs there, not this file.\n';

/** The modules of src/wire/generated, one for each subject, by their names. */
export function protocolModules(files: ProtocolFiles): Readonly<Record<string, string>> {
  const { commands, codes, events, limits, operator } = files;
  const specs = "import type { CommandSpec } from '../spec.js';\n";
  const modules: Record<string, readonly string[]> = {
    limits: [`export const limits = ${JSON.stringify(limits, null, 2)} as const;\n`],
    fields: [
      "import type { FieldRule } from '../spec.js';\nimport { limits } from './limits.js';\n",
      `/** Every field's rule, the operator's too. */\nexport const fieldRules: Readonly<Record<string, FieldRule>> = { ...limits.fields, ...${JSON.stringify(operator.fields, null, 2)} };\n`,
    ],
    codes: [
      '/** The codes of replies (PROTOCOL.md §3). */\n' +
        nameTable('code', codes) +
        'export type Code = (typeof code)[keyof typeof code];\n',
    ],
    events: [
      '/** The codes of events (PROTOCOL.md §4). */\n' +
        nameTable('event', events) +
        'export type EventCode = (typeof event)[keyof typeof event];\n',
      "/** The codes of events on an operator's connection. */\n" + nameTable('operatorEvent', operator.events),
    ],
    parameters: [
      ...parameterTypes(files),
      `/** What each command's handler is given. */\nexport interface CommandParameters {\n${commands.map(({ name }) => `  readonly ${name}: ${camel(name)};\n`).join('')}}\n`,
      'export type CommandName = keyof CommandParameters;\n',
      `/** The commands that need a room which the session has joined. */\nexport type JoinedCommandName = ${joinedNames(commands)};\n`,
    ],
    'operator-parameters': [
      `/** What each of the operator's commands is given. */\nexport interface OperatorParameters {\n${operatorTypes(files)}}\n`,
      'export type OperatorCommandName = keyof OperatorParameters;\n',
    ],
    'command-specs': [
      specs + "import type { CommandName } from './parameters.js';\n",
      `export const commandSpecs: { readonly [Name in CommandName]: CommandSpec } = ${specTable(commands)};\n`,
    ],
    'operator-specs': [
      specs + "import type { OperatorCommandName } from './operator-parameters.js';\n",
      `export const operatorSpecs: { readonly [Name in OperatorCommandName]: CommandSpec } = ${specTable(operator.commands)};\n`,
    ],
  };
  return Object.fromEntries(Object.entries(modules).map(([name, parts]) => [name, mark + parts.join('\n')]));
}

/** Every generated file: its path below the project's folder and the text that it should have. */
export function generatedFiles(): { readonly path: string; readonly text: string }[] {
  const files = readProtocol(join(root, 'protocol'));
  return [
    ...Object.entries(protocolModules(files)).map(([name, text]) => ({ path: `src/wire/generated/${name}.ts`, text })),
    { path: 'docs/salond.example.toml', text: exampleFile() },
    { path: 'PROTOCOL.md', text: fillTables(readFileSync(join(root, 'PROTOCOL.md'), 'utf8'), files) },
    ...manualPages(files),
  ];
}

/** The paths of the generated files that are not what protocol/ says. */
export function staleFiles(): string[] {
  return generatedFiles()
    .filter(({ path, text }) => {
      try {
        return readFileSync(join(root, path), 'utf8') !== text;
      } catch {
        return true;
      }
    })
    .map(({ path }) => path);
}

if (process.argv[1] === import.meta.filename) {
  if (process.argv.includes('--check')) {
    for (const path of staleFiles()) {
      console.error(`${path} is stale: run npm run generate`);
      process.exitCode = 1;
    }
  } else {
    for (const { path, text } of generatedFiles()) writeFileSync(join(root, path), text);
  }
}
