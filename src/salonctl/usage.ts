// Parses the command line. The result is an invocation or a help text; a mistake becomes a UsageError.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError, Help, type Command } from 'commander';
import type { Invocation, LocalInvocation, RequestInvocation } from './invocation.js';
import { buildProgram, unknownCommand } from './program.js';
import { UsageError } from './errors.js';

/** The text below the list of commands. */
const closing = `
A time is in seconds or has a unit: 90, 90s, 15m, 2h, 7d, 1w.
A password is the first line of standard input. At a terminal it is asked for.
--json, --socket and --timeout may stand anywhere. Nothing after -- is an
option.

Without --socket the socket is $SALONCTL_SOCKET, else /run/salond/control.sock
or salond-data/control, whichever exists.

Exit status:
  0   done                        69   no answer from a daemon
  1   refused by the daemon       70   a fault in salonctl
  64  wrong usage                 73   a file or the output can't be written
  65  bad data                    130  interrupted

'salonctl help COMMAND' explains a command and shows an example.`;

function readVersion(): string {
  const manifest = readFileSync(join(import.meta.dirname, '../../../package.json'), 'utf8');
  return (JSON.parse(manifest) as { readonly version: string }).version;
}

/** A command's words as they are typed: `users disable`. */
function path(command: Command): string {
  return command.parent === null ? '' : `${path(command.parent)} ${command.name()}`.trim();
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

/** The narrowest column in which descriptions are wrapped. On narrower terminals the terminal breaks lines anywhere. */
const narrowest = 12;

/** The help text of a command. The program's own help lists all commands, also those of groups. */
function format(command: Command, { helpWidth }: Help): string {
  const isProgram = command.parent === null;
  const helper = Object.assign(new Help(), {
    helpWidth,
    minWidthToWrap: narrowest,
    showGlobalOptions: !isProgram,
    visibleCommands: () =>
      command.commands.flatMap((each) => (each.commands.length === 0 ? [each] : [...each.commands])),
    subcommandTerm: (each: Command) => path(each).replace(/ list$/, ''),
  });
  const text = helper.formatHelp(command, helper);
  // A group's name alone means its list, which has options of its own.
  const isGroup = !isProgram && command.commands.some((each) => each.name() === 'list');
  return isGroup ? `${text}\n'salonctl help ${path(command)} list' shows the options of the list.` : text;
}

function addHelpCommand(program: Command): void {
  program
    .command('help')
    .helpGroup('Help:')
    .description('Explain a command and show an example.')
    .argument('[command...]', 'the command, such as users disable')
    .action((given: readonly string[]) => {
      let command = program;
      for (const word of given) {
        const next = command.commands.find((each) => each.name() === word);
        if (next === undefined) {
          command.args = [word];
          unknownCommand(command);
        }
        command = next;
      }
      command.help();
    });
}

/** commander's error as a UsageError, with a line that says where help is. */
function usageError({ code, message }: CommanderError, command: Command): UsageError {
  const [first = '', ...others] = message.replace(/^error: /, '').split('\n');
  const [words, wanted] = [path(command), command.registeredArguments.length];
  const lines =
    code === 'commander.excessArguments'
      ? [`too many arguments for '${words}': '${command.args.slice(wanted).join(' ')}' is left over`]
      : [first, ...others];
  if (code === 'commander.unknownOption' && wanted > 0) lines.push('Put -- before a text that begins with a dash.');
  lines.push(
    command.commands.length > 0
      ? `'${`salonctl help ${words}`.trim()}' lists the commands.`
      : `'salonctl help ${words}' shows how it is used.`,
  );
  return new UsageError(lines.join('\n'));
}

/**
 * Parses the arguments. Throws UsageError.
 * @param columns the width of the terminal, for help
 */
export function readArguments(args: readonly string[], columns = 80): Invocation {
  // Node.js replaces bytes that are not UTF-8 by U+FFFD, which must not get into names.
  const broken = args.find((arg) => arg.includes('\ufffd'));
  if (broken !== undefined)
    throw new UsageError(
      `the argument '${broken}' is not in UTF-8: look at the encoding of the terminal or the script`,
    );
  let found: RequestInvocation | LocalInvocation | undefined;
  let text = '';
  const take = (more: string): void => {
    text += more;
  };
  const program = buildProgram(readVersion(), (invocation) => {
    found = invocation;
  });
  addHelpCommand(program);
  program.addHelpText('after', closing);
  for (const command of everyCommand(program)) {
    command
      .exitOverride((error) => {
        throw error.exitCode === 0 || error.code === 'commander.help' ? error : usageError(error, command);
      })
      .configureOutput({
        writeOut: take,
        writeErr: take,
        outputError: () => undefined,
        getOutHelpWidth: () => columns,
        getErrHelpWidth: () => columns,
      })
      .configureHelp({ formatHelp: format });
  }
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'text', text: text.trimEnd(), status: error.exitCode === 0 ? 0 : 64 };
  }
  // Every command has reported its invocation or thrown, so this should not happen.
  if (found === undefined) throw new UsageError("'salonctl help' lists the commands.");
  return found;
}
