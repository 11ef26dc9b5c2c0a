// Builds the command line for commander from the operator's specs (protocol/operator) and from local.ts.
import { Command, type OptionValues } from 'commander';
import { operatorSpecs } from '../wire/generated/operator-specs.js';
import { answer } from './answers.js';
import type { GlobalOptions, LocalInvocation, RequestInvocation } from './invocation.js';
import { localCommands, type LocalCommand } from './local.js';
import { addParameters, parser, requestOf } from './parameters.js';
import type { Results } from './show.js';
import { seconds } from './units.js';
import { isGroup, typedCommands, typedExample, type Group } from './words.js';

/** Takes the invocation that commander has parsed. */
export type OnInvocation = (invocation: RequestInvocation | LocalInvocation) => void;

/** The second word of a group's first command: `users` is the same as `users list`. */
const list = 'list';

/** The width of an example's answer in a help text. */
const exampleColumns = 76;

function globals(options: OptionValues): GlobalOptions {
  const { json, socket, timeout } = options as Partial<GlobalOptions>;
  return { json: json === true, socket, timeout };
}

/** Adds a command to commander. A group's commands are below it: `disable` below `users`. */
function place(program: Command, words: string, group: Group): Command {
  const [first = '', second] = words.split(' ');
  const heading = `${group}:`;
  if (second === undefined && !isGroup(words)) return program.command(first).helpGroup(heading);
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

function addRequest(
  program: Command,
  [words, name, group]: (typeof typedCommands)[number],
  onInvocation: OnInvocation,
): void {
  const spec = operatorSpecs[name];
  const command = place(program, words, group).description(spec.summary).allowExcessArguments(isGroup(words));
  addParameters(command, spec);
  addExample(command, typedExample(words, spec), () => answer(name, spec.example.reply as Results, exampleColumns));
  command.action((...given: unknown[]) => {
    // `users dance` is an unknown command, and `users list all` has an argument too many.
    if (isGroup(words) && command.args.length > 0) {
      if (command.parent?.args[0] !== list) unknownCommand(command.parent);
      command.error('too many arguments', { code: 'commander.excessArguments' });
    }
    onInvocation({
      kind: 'request',
      words,
      spec,
      request: requestOf(spec, given, command.opts()),
      options: globals(program.opts()),
    });
  });
}

function addLocal(program: Command, name: string, local: LocalCommand, onInvocation: OnInvocation): void {
  const command = place(program, name, local.group).description(local.summary).allowExcessArguments(false);
  for (const [value, meaning] of local.values) command.argument(`<${value.toLowerCase()}>`, meaning);
  for (const [flags, meaning, preset] of local.options) {
    command.option(
      flags.replace(/ (\w+)$/, (_, value: string) => ` <${value.toLowerCase()}>`),
      meaning,
      preset,
    );
  }
  const [typed, results] = local.example;
  addExample(command, typed, () => answer(name, results, exampleColumns));
  command.action(() =>
    onInvocation({
      kind: 'local',
      words: name,
      command: local,
      values: command.args,
      given: command.opts(),
      options: globals(program.opts()),
    }),
  );
}

/** Throws commander's error for an unknown word below `command`, with a suggestion. */
export function unknownCommand(command: Command | null): never {
  // commander has this method, but its types do not.
  return (command as unknown as { unknownCommand(): never }).unknownCommand();
}

/** Builds the command line. Its commands only call `onInvocation`. */
export function buildProgram(version: string, onInvocation: OnInvocation): Command {
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
  for (const each of typedCommands) addRequest(program, each, onInvocation);
  for (const [name, local] of Object.entries(localCommands)) addLocal(program, name, local, onInvocation);
  return program;
}
