// Generates salonctl(1). It has the operator's commands of protocol/, as they are typed, and the commands that work on
// files.
import { localCommands, type LocalCommand } from '../../src/salonctl/local.js';
import {
  optional,
  optionName,
  positional,
  ruleOf,
  passwordField,
  takesRest,
  typedExample,
  typedCommands,
} from '../../src/salonctl/words.js';
import type { CommandFile, ProtocolFiles } from '../protocol-files.js';
import { exitStatuses } from './exit-statuses.js';
import { example, glossary, list, page, prose, section, sentence, typed } from './mdoc.js';

/** The most results that are described in a sentence. More results are a list. */
const mostInSentence = 5;

/** A command's entry in the page. */
interface Described {
  readonly usage: string;
  readonly text: string;
}

/** The spec in protocol/. The compiled specs may be older while the generator runs. */
function specOf(name: string, { operator }: ProtocolFiles): CommandFile {
  const found = operator.commands.find((spec) => spec.name === name);
  if (found === undefined) throw new Error(`protocol/operator/commands has no ${name}, which salonctl knows`);
  return found;
}

function remoteCommand(typedAs: string, spec: CommandFile): Described {
  const values = positional(spec).map(
    (parameter) => parameter.name.toUpperCase() + (takesRest(spec, parameter) ? ' ...' : ''),
  );
  const options = optional(spec).map((parameter) => `[${optionName(parameter)} ${parameter.name.toUpperCase()}]`);
  const { results } = spec;
  const shown =
    results.length > mostInSentence
      ? `${prose('Results:')}\n${glossary(results.map(({ name, meaning }) => [name, sentence(meaning)]))}`
      : prose(
          results.length === 0
            ? 'It has no results.'
            : `Results: ${results.map(({ name, meaning }) => `\`${name}\`, ${meaning}`).join('; ')}.`,
        );
  const password =
    passwordField(spec) !== undefined
      ? ' The password is the first line of standard input. At a terminal it is asked for, twice.'
      : '';
  const shownExample = `${prose('For example:')}\n${example(`salonctl ${typedExample(typedAs, spec)}`)}`;
  return {
    usage: [typedAs, ...values, ...options].join(' '),
    text: `${prose(spec.summary + password)}\n${shown}\n${shownExample}`,
  };
}

function localCommand(name: string, { values, options, summary, example: [typedOwn] }: LocalCommand): Described {
  const usage = [name, ...values.map(([value]) => value), ...options.map(([flags]) => `[${flags}]`)].join(' ');
  return { usage, text: `${prose(summary)}\n${prose('For example:')}\n${example(`salonctl ${typedOwn}`)}` };
}

const help = {
  usage: 'help [COMMAND]',
  text: prose('Show all commands, or explain one: how it is typed, and an example with its answer.'),
} as const;

function commands(protocol: ProtocolFiles): readonly Described[] {
  const all = typedCommands.map(([typedAs, name]) => remoteCommand(typedAs, specOf(name, protocol)));
  return [...all, ...Object.entries(localCommands).map(([name, command]) => localCommand(name, command)), help].sort(
    (one, other) => (one.usage < other.usage ? -1 : 1),
  );
}

/** The words in capitals that stand for values, and the rules of those values. */
function values(protocol: ProtocolFiles): readonly (readonly [string, string])[] {
  const rules = { ...protocol.limits.fields, ...protocol.operator.fields };
  const names = new Map<string, Set<string>>();
  for (const parameter of typedCommands.flatMap(([, name]) => [
    ...positional(specOf(name, protocol)),
    ...optional(specOf(name, protocol)),
  ])) {
    const rule = ruleOf(parameter, rules[parameter.field]?.rule ?? '');
    names.set(rule, (names.get(rule) ?? new Set()).add(parameter.name.toUpperCase()));
  }
  return [...names]
    .map(
      ([rule, sameRule]) =>
        [
          [...sameRule]
            .sort()
            .map((name) => `Ar ${name}`)
            .join(' , '),
          rule,
        ] as const,
    )
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

const examples = [
  ["Show the daemon's state, once and every second:", 'salonctl status\nsalonctl stats --watch'],
  ['Ban a network for a week:', "salonctl ban 192.0.2.0/24 --duration 7d --reason 'spam'"],
  ["Set a user's password, which salonctl asks for:", 'salonctl users set-password alice'],
  [
    'Make a backup while the daemon runs, and restore it:',
    'salonctl backup /var/backups/salond-1.db\nsystemctl stop salond.socket salond-tls.socket salond\nsalonctl restore /var/backups/salond-1.db --replace\nsystemctl start salond',
  ],
  ['Make a compressed backup:', 'salonctl backup - | gzip > salond.db.gz'],
  [
    'Show the addresses with the most connections:',
    "salonctl sessions --json | jq -r '.sessions[].address' |\n    sort | uniq -c | sort -n | tail",
  ],
] as const;

const files = [
  ['/run/salond/control.sock', "The daemon's socket under systemd."],
  ['salond-data/control', 'The socket of a daemon with the default data folder, started in the same place.'],
  [
    '/var/lib/salond',
    "The data folder that `restore` and `import` write to, without `--data`. Files that they create there as root are given to the folder's owner.",
  ],
  [
    '-',
    'As the file of `backup` and `export`: standard output, with the summary on standard error. As the file of `import`: standard input. A terminal is refused.',
  ],
  [
    'FILE.partial',
    'The file that `backup` and `export` write until everything is on disk. If `salonctl` is killed, this file stays and has to be removed.',
  ],
] as const;

/** The text of man/salonctl.1. */
export function salonctlPage(date: string, protocol: ProtocolFiles): string {
  return page('salonctl', 1, date, 'control a running salond', [
    section(
      'SYNOPSIS',
      '.Nm\n.Op Fl -json\n.Op Fl -socket Ar PATH\n.Op Fl -timeout Ar TIME\n.Ar COMMAND\n.Op Ar ARGUMENT ...\n.Nm\n.Cm help Op Ar COMMAND\n.Nm\n.Fl -version',
    ),
    section(
      'DESCRIPTION',
      prose(
        "`salonctl` is the operator's program for `salond`(8). It connects to the daemon's control socket: a user who may open it may do everything. " +
          'Answers are sentences and tables for people, with times on the local clock, or with `--json` an object of JSON on one line. ' +
          'On a terminal a table is cut to its width.',
      ),
      prose(
        'A list is shown completely. With `--limit` it has at most that many entries; a line on standard error, or `more` in JSON, then says whether there are more. ' +
          'A terminal that is too narrow cuts texts first, then names, then times; a pipe gets everything.',
      ),
      prose('Errors, help and the version are text, also with `--json`.'),
      prose(
        '`restore`, `import` and `export --from` need no daemon: they work on files, and the first two refuse a folder that a daemon uses.',
      ),
    ),
    section(
      'OPTIONS',
      prose('These options may stand anywhere. Nothing after `--` is an option.'),
      list([
        [
          typed('--socket PATH'),
          prose(
            "The daemon's control socket. Without it, the one that SALONCTL_SOCKET names; without both, /run/salond/control.sock or salond-data/control, whichever exists.",
          ),
        ],
        [
          typed('--json'),
          prose(
            'Show the results as JSON, with the names that are listed below for each command. Times are in UTC. Characters that can control a terminal are escaped.',
          ),
        ],
        [
          typed('--timeout TIME'),
          prose(
            'Give up if the daemon sends nothing for this time; 0 means never. The default is 10 seconds, ' +
              'and 10 minutes for `backup` and `export`, for which the daemon first makes a copy, and for what deletes texts.',
          ),
        ],
        ['Fl h , Fl -help', prose('After a command: explain it. Alone: show all commands.')],
        [typed('--version'), prose('Show the version of `salonctl`.')],
      ]),
    ),
    section('COMMANDS', list(commands(protocol).map(({ usage, text }) => [typed(usage), text]))),
    section('VALUES', list(values(protocol).map(([names, rule]) => [names, prose(sentence(rule))]))),
    section(
      'SIGNALS',
      prose(
        'SIGINT (Ctrl-C) ends `salonctl`, and shells show the status 130. `stats --watch` goes on until then. The daemon still carries out a request if `salonctl` is ended.',
      ),
    ),
    section(
      'ENVIRONMENT',
      list([
        ['Ev SALONCTL_SOCKET', prose('The control socket, if there is no `--socket`.')],
        ['Ev TZ', prose('The time zone of the times that are shown; by default that of the system.')],
        ['Ev TMPDIR', prose('The folder in which `export -` stores a temporary copy of all data; by default /tmp.')],
      ]),
    ),
    section('FILES', list(files.map(([path, text]) => [`Pa ${path}`, prose(text)]))),
    section('EXIT STATUS', glossary(exitStatuses.salonctl.map(([status, meaning]) => [String(status), meaning]))),
    section('EXAMPLES', ...examples.flatMap(([what, text]) => [prose(what), example(text)])),
    section('SEE ALSO', '.Xr salond.toml 5 ,\n.Xr salond 8'),
  ]);
}
