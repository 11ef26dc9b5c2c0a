// salonctl(1): the commands are those of the operator's specs, as they are typed, and those that work on files.
import { local } from '../../src/salonctl/local.js';
import { named, placed, takesPassword, words } from '../../src/salonctl/words.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import type { ProtocolFiles } from '../protocol-files.js';
import { exitStatuses } from './exit-statuses.js';
import { example, glossary, list, page, prose, section, sentence, typed } from './mdoc.js';

/** Results beyond so many are a list, not a sentence. */
const mostInSentence = 5;

interface Described {
  readonly usage: string;
  readonly text: string;
}

/** Not the compiled specs, which are older than protocol/ while that is generated. */
function specOf(name: string, { operator }: ProtocolFiles): CommandSpec {
  const found = operator.commands.find((spec) => spec.name === name);
  if (found === undefined) throw new Error(`protocol/operator/commands has no ${name}, which salonctl knows`);
  return found;
}

function remote(its: string, spec: CommandSpec): Described {
  const values = placed(spec).map((parameter) => parameter.name.toUpperCase());
  const options = named(spec).map((parameter) => `[--${parameter.name} ${parameter.name.toUpperCase()}]`);
  const results = Object.entries(spec.results).filter(([result]) => result !== 'more');
  const shown = results.length > mostInSentence
    ? `${prose('Shows:')}\n${glossary(results.map(([result, meaning]) => [result, sentence(meaning)]))}`
    : prose(`Shows ${results.map(([result, meaning]) => `\`${result}\`: ${meaning}`).join('; ')}.`);
  const password = takesPassword(spec) ? ' The password is the first line of standard input.' : '';
  return { usage: [its, ...values, ...options].join(' '), text: `${prose(spec.summary + password)}\n${shown}` };
}

function commands(protocol: ProtocolFiles): readonly Described[] {
  const all = words.map(([its, name]) => remote(its, specOf(name, protocol)));
  return [...all, ...Object.values(local).map(({ form, summary }) => ({ usage: form, text: prose(summary) }))]
    .sort((one, other) => (one.usage < other.usage ? -1 : 1));
}

/** What stands for values in capitals, and what may stand there. */
function values(protocol: ProtocolFiles): readonly (readonly [string, string])[] {
  const rules = { ...protocol.limits.fields, ...protocol.operator.fields };
  const names = new Map<string, Set<string>>([[after, new Set(['AFTER'])]]);
  for (const { name, field } of words.flatMap(([, its]) => [...placed(specOf(its, protocol)), ...named(specOf(its, protocol))])) {
    if (name === 'after') continue;
    const rule = (rules[field]?.rule ?? '').replace(/; \d+ when not given$/, '') + (field === 'duration' ? units : '');
    names.set(rule, (names.get(rule) ?? new Set()).add(name.toUpperCase()));
  }
  return [...names].map(([rule, its]) => [[...its].sort().map((name) => `Ar ${name}`).join(' , '), rule] as const).sort(([one], [other]) => (one < other ? -1 : 1));
}

/** Each list has its own. */
const after = 'what the part of the list that is known ends with: the number of a session, the name of a user or a room, the target of a ban';

/** What salonctl takes beside seconds. */
const units = ', or with a unit: `90s`, `2m`, `12h`, `7d`, `1w`';

const examples = [
  ['How the daemon is, now and every second:', 'salonctl status\nsalonctl stats --watch'],
  ['Keep a network out for a week:', "salonctl ban 192.0.2.0/24 --duration 7d --reason 'spam'"],
  ['A new password for a user, which is asked for:', 'salonctl users set-password alice'],
  ['A backup while the daemon runs, and all of it back:',
    'salonctl backup /var/backups/salond-1.db\nsystemctl stop salond.socket salond-tls.socket salond\nsalonctl restore /var/backups/salond-1.db --replace\nsystemctl start salond'],
  ['Who has most connections:', "salonctl --json sessions | jq -r '.sessions[].address' |\n    sort | uniq -c | sort -n | tail"],
] as const;

const files = [
  ['/run/salond/control.sock', 'The daemon\'s socket under systemd.'],
  ['salond-data/control', 'The socket of a daemon with the default data folder, started in the same place.'],
  ['/var/lib/salond', 'The data folder that `restore` and `import` write to, without `--data`. What they make there as root is given to the folder\'s owner.'],
  ['FILE.partial', 'What `backup` and `export` write until all of it is on disk. One that is left of a salonctl that was killed has to be removed.'],
] as const;

/** The text of man/salonctl.1. */
export function salonctlPage(date: string, protocol: ProtocolFiles): string {
  return page('salonctl', 1, date, 'ask a running salond to tell or to do something', [
    section('SYNOPSIS', '.Nm\n.Op Fl -socket Ar PATH\n.Op Fl -json\n.Ar COMMAND\n.Op Ar ARGUMENT ...\n.Nm\n.Fl -help'),
    section(
      'DESCRIPTION',
      prose('`salonctl` is the operator\'s program for `salond`(8). It connects to the daemon\'s control socket: whoever may open that may do everything. '
        + 'Answers are tables for people, or with `--json` an object of JSON on one line.'),
      prose('A list is shown whole, however long; with `--limit` it ends after so many.'),
      prose('`restore`, `import` and `export --from` need no daemon: they work on files, and the first two refuse a folder that a daemon uses.'),
    ),
    section('OPTIONS', prose('Options stand before the command.'), list([
      [typed('--socket PATH'), prose('The daemon\'s control socket. Without it that of SALONCTL_SOCKET, else /run/salond/control.sock or salond-data/control, whichever is there.')],
      [typed('--json'), prose('Show the results as JSON, with the names that stand below.')],
      [typed('--help'), prose('Show all commands and end.')],
    ])),
    section('COMMANDS', list(commands(protocol).map(({ usage, text }) => [typed(usage), text]))),
    section('VALUES', list(values(protocol).map(([names, rule]) => [names, prose(sentence(rule))]))),
    section('SIGNALS', prose('`stats --watch` goes on until SIGINT. What was asked of the daemon is not taken back when `salonctl` is ended.')),
    section('ENVIRONMENT', list([
      ['Ev SALONCTL_SOCKET', prose('The control socket, where there is no `--socket`.')],
      ['Ev TMPDIR', prose('Where `export` without `--from` keeps a copy of all data while it lasts; /tmp where it is not set.')],
    ])),
    section('FILES', list(files.map(([path, text]) => [`Pa ${path}`, prose(text)]))),
    section('EXIT STATUS', glossary(exitStatuses.salonctl.map(([status, meaning]) => [String(status), meaning]))),
    section('EXAMPLES', ...examples.flatMap(([what, text]) => [prose(what), example(text)])),
    section('SEE ALSO', '.Xr salond.toml 5 ,\n.Xr salond 8'),
  ]);
}
