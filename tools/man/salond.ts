// salond(8): the flags are the command line's own table.
import { FLAGS } from '../../src/ops/settings/command-line.js';
import { exitStatuses } from './exit-statuses.js';
import { example, glossary, list, page, prose, section, sentence, typed } from './mdoc.js';

const flags = Object.entries(FLAGS).map(([name, { argument, key, explanation }]) => (
  { usage: argument === undefined ? `--${name}` : `--${name} ${argument}`, key, explanation }));

const signals = [
  ['SIGTERM, SIGINT, SIGQUIT', 'Stop. Nobody is let in any more, what was asked is answered, and everybody is told in an event 199 when to come back. '
    + 'What was answered is kept. It takes nine seconds at most. A second one changes nothing.'],
  ['SIGHUP', 'Read the settings and the certificate again, and apply what `salond.toml`(5) says can be applied. '
    + 'The log\'s `reloaded` tells what was applied and what needs a restart; settings that are wrong, or that came from a pipe, change nothing, and `reload_failed` tells why. '
    + '`salonctl reload` does the same and shows the answer.'],
  ['SIGUSR1, SIGUSR2', 'Nothing.'],
] as const;

const files = [
  ['/etc/salond/salond.toml', 'The settings, where `--config` names them so, as the systemd unit does.'],
  ['/var/lib/salond', 'The data folder of the systemd unit. Without `--data` it is `salond-data`, where the daemon is started.'],
  ['salond.db, salond.db-wal, salond.db-shm', 'In the data folder: all that is kept. While no daemon runs, copies of the three together are a backup.'],
  ['salond.lock', 'In the data folder: held by the daemon that uses it.'],
  ['control', 'In the data folder: the socket for `salonctl`(1), where neither `control_socket` nor systemd gives another.'],
] as const;

const environment = [
  ['SALOND_CONFIG', 'The settings file, where there is no `--config`.'],
  ['SALOND_*', 'Any setting, by its name in capitals: see `salond.toml`(5). One that is no setting is an error, but for those that Kubernetes makes of a Service.'],
  ['NO_COLOR', 'Where it is not empty, the log on a terminal has no colours; nor has it where `TERM` is `dumb`.'],
  ['JOURNAL_STREAM', 'Where it says that standard output is the journal\'s, the journal is told each line\'s level.'],
  ['LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID', 'Sockets that systemd hands over.'],
  ['NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID', 'Where systemd is told how the daemon is, and how often it wants to hear.'],
] as const;

const systemd = [
  'Sockets that are handed over (socket activation) are named `plain`, `tls` or `control` by `FileDescriptorName=` in their units. '
    + 'Where one is `plain` or `tls`, the settings `listen` and `tls_listen` open nothing; `proxy_protocol` goes by the addresses of the sockets. '
    + 'A connection that comes while the daemon restarts then waits.',
  'A unit with `Type=notify` and `NotifyAccess=all` is told when the daemon is ready, reloads and stops, and how many sessions there are. '
    + 'With `WatchdogSec=`, the daemon asks its store twice in that time, and tells systemd that it is alive when the store has answered.',
] as const;

const examples = [
  ['On all addresses, for a try:', 'salond --listen 0.0.0.0:7256 --data ./salond-data'],
  ['What would be wrong with the settings:', 'salond --check-config --config /etc/salond/salond.toml'],
  ['What is wrong with the data of a daemon that is stopped, as the user whose it is:',
    'systemctl stop salond\nrunuser -u salond -- salond --check-data /var/lib/salond'],
] as const;

/** The text of man/salond.8. */
export function salondPage(date: string): string {
  const tagged = (macro: string, items: readonly (readonly [string, string])[]): string => (
    list(items.map(([names, text]) => [names.split(', ').map((name) => `${macro} ${name}`).join(' , '), prose(text)])));
  return page('salond', 8, date, 'chat-room daemon on raw TCP', [
    section('SYNOPSIS', ['.Nm', ...flags.map(({ usage }) => `.Op ${typed(usage)}`)].join('\n')),
    section(
      'DESCRIPTION',
      prose('`salond` lets people talk in rooms. A client is a TCP connection that sends a command a line, as JSON or as plain words, and gets lines '
        + 'of a code, a tab and JSON; netcat is one. A message is on disk before anyone sees it, unless `durability` is `relaxed`.'),
      prose('It stays in the foreground, keeps all it has in one folder, and writes its log to standard output: an object of JSON a line, '
        + 'or readable lines where that is a terminal. Each line has a `level`, a `time` and an `event`; '
        + '`ready` is the event after which clients can connect, and tells where. What each event means is in docs/operating.md, which comes with the program.'),
      prose('Settings come from flags, else from the environment, else from the settings file. Operators ask and change what they need with `salonctl`(1).'),
    ),
    section('OPTIONS', list(flags.map(({ usage, key, explanation }) => (
      [typed(usage), prose(sentence(explanation) + (key === undefined ? '' : ` Stands for the setting \`${key}\`.`))])))),
    section('SIGNALS', tagged('Dv', signals)),
    section('SYSTEMD', ...systemd.map(prose)),
    section('ENVIRONMENT', tagged('Ev', environment)),
    section('FILES', tagged('Pa', files)),
    section(
      'EXIT STATUS', glossary(exitStatuses.salond.map(([status, meaning]) => [String(status), meaning])),
      prose('Why it can\'t start is said on standard error, in lines that begin with `salond:`. So is what `--check-config` and `--check-data` find.'),
    ),
    section('EXAMPLES', ...examples.flatMap(([what, lines]) => [prose(what), example(lines)])),
    section('SEE ALSO', '.Xr salonctl 1 ,\n.Xr salond.toml 5 ,\n.Xr systemd.exec 5 ,\n.Xr systemd.socket 5'),
  ]);
}
