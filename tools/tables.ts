// Renders the tables of PROTOCOL.md from protocol/. Each table is between `<!-- table NAME -->` and `<!-- end -->`.
import { fixedBytesOfEvent, fixedBytesOfRefusal, fixedBytesOfReply } from '../src/wire/fixed-parts.js';
import { defaultFormat, formatOf, type LineFormat } from '../src/wire/format.js';
import type { EventName } from '../src/wire/line-form.js';
import type { CommandSpec, FieldRule } from '../src/wire/spec.js';
import type { CodeEntry, CommandFile, ProtocolFiles } from './protocol-files.js';
import { typedExamples } from './typed-example.js';

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** Marks what came with the second edition. */
function mark({ edition }: { readonly edition?: 2 | undefined }): string {
  return edition === 2 ? ' +' : '';
}

function parameters(spec: CommandSpec): string {
  const shown = spec.parameters.map((each) => (each.required ? each.name : `[${each.name}]`) + mark(each));
  return shown.join(' ') || '–';
}

/**
 * The parameters to which a field's rule applies: `name` if it applies to that parameter of every command, apart from
 * commands that create what it names; otherwise `name` of each command.
 */
function parametersOf(
  field: string,
  commands: readonly CommandSpec[],
  fields: Readonly<Record<string, FieldRule>>,
): string {
  const isMade = (other: string): boolean => {
    const rule = fields[other];
    return rule?.kind === 'name' && rule.isNew === true;
  };
  const uses = new Set<string>();
  for (const spec of commands) {
    for (const parameter of spec.parameters) {
      if (parameter.fieldIfNew === field) uses.add(`\`${parameter.name}\` of ${spec.name}, where it creates one`);
      const { narrowed } = parameter;
      if (narrowed?.field === field) uses.add(`\`${parameter.name}\`, where \`${narrowed.by}\` is \`${narrowed.to}\``);
      if (parameter.field !== field) continue;
      const everywhere =
        !isMade(field) &&
        commands.every((other) =>
          other.parameters.every(
            ({ name, field: ruledBy }) => name !== parameter.name || ruledBy === field || isMade(ruledBy),
          ),
        );
      uses.add(everywhere ? `\`${parameter.name}\`` : `\`${parameter.name}\` of ${spec.name}`);
    }
  }
  return [...uses].join(', ');
}

const who = {
  own: 'Needs a user.',
  none: 'Only while the session has no user.',
  any: 'With or without a user.',
} as const;

function command(spec: CommandFile, fields: Readonly<Record<string, FieldRule>>, codes: readonly CodeEntry[]): string {
  const rows = spec.parameters.map(({ name, field, fieldIfNew, narrowed, required, edition }) => {
    const rule = fields[fieldIfNew ?? field]?.rule ?? '';
    const other = narrowed && `; ${fields[narrowed.field]?.rule ?? ''} where \`${narrowed.by}\` is \`${narrowed.to}\``;
    return [`\`${name}\`${mark({ edition })}`, required ? 'yes' : 'no', `${rule}${other ?? ''}`];
  });
  const results = spec.results.map((each) => [`\`${each.name}\`${mark(each)}`, each.meaning]);
  const typed = typedExamples(spec);
  // A short name that is the full one shows nothing new.
  const lines = [typed.full, ...(spec.short === spec.name || typed.short === undefined ? [] : [typed.short])];
  const reply = JSON.stringify({ command: spec.name, ...spec.example.reply });
  const own = codes.filter(({ code }) => spec.codes.includes(code)).map(({ code, name }) => `${code} ${name}`);
  const parts = [
    `### ${spec.name}`,
    spec.summary,
    ...(rows.length > 0 ? [table(['parameter', 'required', 'rule'], rows)] : []),
    ...(results.length > 0 ? [table(['result', 'meaning'], results)] : []),
    `${spec.edition === 2 ? 'Of the second edition. ' : ''}${who[spec.user]} Costs ${spec.cost}. Own codes: ${own.join(', ') || 'none'}.`,
    [
      '```',
      JSON.stringify(spec.example.request),
      ...lines.filter(({ isWhole }) => isWhole).map(({ line }) => line),
      `1\t${reply}`,
      '```',
    ].join('\n'),
  ];
  return parts.join('\n\n');
}

const fixedFormats = (['json', 'tsv'] as const).flatMap((form) =>
  [false, true].map(
    (ascii) =>
      [`${form}${ascii ? ', `ascii`' : ''}`, formatOf({ ...defaultFormat, form, ascii, maxLine: Infinity })] as const,
  ),
);

const renderers: Readonly<Record<string, (files: ProtocolFiles) => string>> = {
  codes: ({ codes }) =>
    table(
      ['code', 'name', 'meaning', 'en français'],
      codes.map(({ code, name, meaning, french }) => [String(code), `\`${name}\``, meaning, french]),
    ),
  events: ({ events }) =>
    table(
      ['code', 'name', 'members', 'when'],
      events.map(({ code, name, members, summary, edition }) => [
        String(code),
        `\`${name}\`${mark({ edition })}`,
        members.map((member) => member.name + mark(member)).join(', '),
        summary,
      ]),
    ),
  'event examples': ({ events }) =>
    ['```', ...events.map(({ code, example }) => `${code}\t${JSON.stringify(example)}`), '```'].join('\n'),
  fields: ({ limits, commands }) =>
    table(
      ['parameters', 'rule'],
      Object.entries(limits.fields).map(([field, { rule }]) => [parametersOf(field, commands, limits.fields), rule]),
    ),
  commands: ({ commands }) =>
    table(
      ['command', 'short', 'parameters', 'own codes', 'results'],
      commands.map((spec) => [
        `\`${spec.name}\`${mark(spec)}`,
        `\`${spec.short ?? ''}\``,
        parameters(spec),
        spec.codes.join(' ') || '–',
        spec.results.map((each) => each.name + mark(each)).join(', ') || '–',
      ]),
    ),
  'fixed parts': ({ commands, events }) =>
    table(
      ['line', ...fixedFormats.map(([title]) => title)],
      [
        ...events.map(({ code, name }) => [
          `${code} \`${name}\``,
          ...fixedFormats.map(([, format]) => String(fixedBytesOfEvent(name as EventName, format))),
        ]),
        ...commands.map(({ name }) => [
          `1 \`${name}\``,
          ...fixedFormats.map(([, format]) => String(fixedBytesOfReply(name, format))),
        ]),
        ['2 and above', ...fixedFormats.map(([, format]) => longestRefusal(commands, format))],
      ],
    ),
  'command details': ({ commands, limits, codes }) =>
    commands.map((spec) => command(spec, limits.fields, codes)).join('\n\n'),
};

function longestRefusal(commands: readonly CommandFile[], format: LineFormat): string {
  return String(Math.max(...commands.map(({ name }) => fixedBytesOfRefusal(name, format))));
}

/** Replaces each marked table of the text. Throws if a marker names no table. */
export function fillTables(text: string, files: ProtocolFiles): string {
  return text.replace(
    /(<!-- table ([a-z ]+) -->\n)[^]*?(<!-- end -->)/g,
    (_, open: string, name: string, close: string) => {
      const render = renderers[name];
      if (render === undefined) throw new Error(`PROTOCOL.md asks for a table named ${name}`);
      return `${open}\n${render(files)}\n\n${close}`;
    },
  );
}
