// Makes salonctl(1). Its commands are those of the operator's specs, as they are typed, and those that work on files.
import { localCommands, type LocalCommand } from '../../src/salonctl/local.js';
import {
  optional,
  optionName,
  positional,
  ruleOf,
  takesPassword,
  takesRest,
  typedExample,
  typedCommands,
} from '../../src/salonctl/words.js';
import type { CommandFile, ProtocolFiles } from '../protocol-files.js';
import { exitStatuses } from './exit-statuses.js';
import { example, glossary, list, page, prose, section, sentence, typed } from './mdoc.js';

/** Up to so many results are described in a sentence; more are a list. */
const mostInSentence = 5;

interface Described {
  readonly usage: string;
  readonly text: string;
}

/** The spec as protocol/ has it: the compiled ones may be older while the generator runs. */
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
  const password = takesPassword(spec)
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
  ['How the daemon is, now and every second:', 'salonctl status\nsalonctl stats --watch'],
  ['Keep a network out for a week:', "salonctl ban 192.0.2.0/24 --duration 7d --reason 'spam'"],
  ['A new password for a user, which is asked for:', 'salonctl users set-password alice'],
  [
    'A backup while the daemon runs, and all of it back:',
    'salonctl backup /var/backups/salond-1.db\nsystemctl stop salond.socket salond-tls.socket salond\nsalonctl restore /var/backups/salond-1.db --replace\nsystemctl start salond',
  ],
  ['A backup that is compressed on its way:', 'salonctl backup - | gzip > salond.db.gz'],
  [
    'Who has most connections:',
    "salonctl sessions --json | jq -r '.sessions[].address' |\n    sort | uniq -c | sort -n | tail",
  ],
] as const;

const files = [
  ['/run/salond/control.sock', "The daemon's socket under systemd."],
  ['salond-data/control', 'The socket of a daemon with the default data folder, started in the same place.'],
  [
    '/var/lib/salond',
    "The data folder that `restore` and `import` write to, without `--data`. What they make there as root is given to the folder's owner.",
  ],
  [
    '-',
    'As the file of `backup` and `export`: standard output. The summary is on standard error then. As the file of `import`: standard input. A terminal is refused.',
  ],
  [
    'FILE.partial',
    'What `backup` and `export` write until all of it is on disk. One that is left of a salonctl that was killed has to be removed.',
  ],
] as const;

/** The text of man/salonctl.1. */
export function salonctlPage(date: string, protocol: ProtocolFiles): string {
  return page('salonctl', 1, date, 'ask a running salond to tell or to do something', [
    section(
      'SYNOPSIS',
      '.Nm\n.Op Fl -json\n.Op Fl -socket Ar PATH\n.Op Fl -timeout Ar TIME\n.Ar COMMAND\n.Op Ar ARGUMENT ...\n.Nm\n.Cm help Op Ar COMMAND\n.Nm\n.Fl -version',
    ),
    section(
      'DESCRIPTION',
      prose(
        "`salonctl` is the operator's program for `salond`(8). It connects to the daemon's control socket: whoever may open that may do everything. " +
          'Answers are sentences and tables for people, with times on the local clock, or with `--json` an object of JSON on one line. ' +
          'On a terminal a table is cut to its width.',
      ),
      prose(
        'A list is shown whole, however long. With `--limit` it ends after so many; a line on standard error, or `more` in JSON, then says that there are more. ' +
          'A terminal that is too narrow cuts texts first, then names, then times; a pipe gets all of them.',
      ),
      prose('Errors, help and the version are text with `--json` too.'),
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
            "The daemon's control socket. Without it that of SALONCTL_SOCKET, else /run/salond/control.sock or salond-data/control, whichever is there.",
          ),
        ],
        [
          typed('--json'),
          prose(
            'Show the results as JSON, by the names that each command has below. Times are in UTC there. Characters that act on a terminal are written as escapes.',
          ),
        ],
        [
          typed('--timeout TIME'),
          prose(
            'Give up when the daemon sends nothing for so long; 0 is never. Without it that is 10 seconds, ' +
              'and 10 minutes for `backup` and `export`, for which the daemon first makes a copy.',
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
        'SIGINT (Ctrl-C) ends `salonctl`, and shells show the status 130. `stats --watch` goes on until then. What was asked of the daemon is not taken back when `salonctl` is ended.',
      ),
    ),
    section(
      'ENVIRONMENT',
      list([
        ['Ev SALONCTL_SOCKET', prose('The control socket, where there is no `--socket`.')],
        ['Ev TZ', prose('The time zone of the times that are shown; that of the system where it is not set.')],
        ['Ev TMPDIR', prose('Where `export -` keeps a copy of all data while it lasts; /tmp where it is not set.')],
      ]),
    ),
    section('FILES', list(files.map(([path, text]) => [`Pa ${path}`, prose(text)]))),
    section('EXIT STATUS', glossary(exitStatuses.salonctl.map(([status, meaning]) => [String(status), meaning]))),
    section('EXAMPLES', ...examples.flatMap(([what, text]) => [prose(what), example(text)])),
    section('SEE ALSO', '.Xr salond.toml 5 ,\n.Xr salond 8'),
  ]);
}
