// The command line for commander, made of the operator's specs (protocol/operator) and of local.ts.
import { Command, type OptionValues } from 'commander';
import { operatorSpecs } from '../wire/generated/operator-specs.js';
import { answer } from './answers.js';
import type { GlobalOptions, LocalInvocation, RequestInvocation } from './invocation.js';
import { local, type LocalCommand } from './local.js';
import { addParameters, parser, requestOf } from './parameters.js';
import type { Results } from './show.js';
import { seconds } from './units.js';
import { isGroup, typedExample, words, type Group } from './words.js';

/** Told what was asked, when commander has found out. */
export type Asked = (invocation: RequestInvocation | LocalInvocation) => void;

/** What the first command of a group is called among the others: `users` is `users list`. */
const list = 'list';

/** Columns of an example's answer in a help text. */
const exampleColumns = 76;

function globals(options: OptionValues): GlobalOptions {
  const { json, socket, timeout } = options as Partial<GlobalOptions>;
  return { json: json === true, socket, timeout };
}

/** A command of a group is below it: `disable` below `users`. */
function place(program: Command, its: string, group: Group): Command {
  const [first = '', second] = its.split(' ');
  const heading = `${group}:`;
  if (second === undefined && !isGroup(its)) return program.command(first).helpGroup(heading);
  const parent =
    program.commands.find((command) => command.name() === first) ??
    program.command(first).helpGroup(heading).usage('[command]');
  return parent.command(second ?? list, { isDefault: second === undefined }).helpGroup(heading);
}

function addExample(command: Command, typed: string, lines: () => readonly string[]): void {
  command.addHelpText('after', () =>
    ['', 'Example:', `  $ salonctl ${typed}`, ...lines().map((line) => `  ${line}`)].join('\n'),
  );
}

function addRequest(program: Command, [its, name, group]: (typeof words)[number], asked: Asked): void {
  const spec = operatorSpecs[name];
  const command = place(program, its, group).description(spec.summary).allowExcessArguments(isGroup(its));
  addParameters(command, spec);
  addExample(command, typedExample(its, spec), () => answer(name, spec.example.reply as Results, exampleColumns));
  command.action((...given: unknown[]) => {
    // `users dance` asks for no list, and `users list all` for one with too many words.
    if (isGroup(its) && command.args.length > 0) {
      if (command.parent?.args[0] !== list) unknownCommand(command.parent);
      command.error('too many arguments', { code: 'commander.excessArguments' });
    }
    asked({
      kind: 'request',
      words: its,
      spec,
      request: requestOf(spec, given, command.opts()),
      options: globals(program.opts()),
    });
  });
}

function addLocal(program: Command, name: string, its: LocalCommand, asked: Asked): void {
  const command = place(program, name, its.group).description(its.summary).allowExcessArguments(false);
  for (const [value, meaning] of its.values) command.argument(`<${value.toLowerCase()}>`, meaning);
  for (const [flags, meaning, preset] of its.options) {
    command.option(
      flags.replace(/ (\w+)$/, (_, value: string) => ` <${value.toLowerCase()}>`),
      meaning,
      preset,
    );
  }
  const [typed, results] = its.example;
  addExample(command, typed, () => answer(name, results, exampleColumns));
  command.action(() =>
    asked({
      kind: 'local',
      words: name,
      command: its,
      values: command.args,
      given: command.opts(),
      options: globals(program.opts()),
    }),
  );
}

/** What commander says of a word below `command` that it does not know, with what may have been meant. Throws. */
export function unknownCommand(command: Command | null): never {
  // Not among its types, but what it calls itself.
  return (command as unknown as { unknownCommand(): never }).unknownCommand();
}

/** Every command and option, none of which does anything yet. */
export function buildProgram(version: string, asked: Asked): Command {
  const program = new Command('salonctl');
  program
    .description('Ask a running salond, on its control socket, to tell or to do something.')
    .usage('[options] <command>')
    .version(version, '--version', 'show the version of salonctl')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option('--json', 'show the answer as JSON on one line')
    .option('--socket <path>', "the daemon's control socket")
    .option('--timeout <time>', 'give up if the daemon sends nothing for this time; 0: never', parser(seconds));
  for (const each of words) addRequest(program, each, asked);
  for (const [name, its] of Object.entries(local)) addLocal(program, name, its, asked);
  return program;
}
