// Generates salond(8). Its options come from the table of the command line.
import { commandLineFlags } from '../../src/ops/settings/command-line.js';
import { exitStatuses } from './exit-statuses.js';
import { example, glossary, list, page, prose, section, sentence, typed } from './mdoc.js';

const flags = Object.entries(commandLineFlags).map(([name, { argument, key, explanation }]) => ({
  usage: argument === undefined ? `--${name}` : `--${name} ${argument}`,
  key,
  explanation,
}));

const signals = [
  [
    'SIGTERM, SIGINT, SIGQUIT',
    'Stop. The daemon accepts no more connections, answers the requests that have come, and tells everybody in an event 199 when to come back. ' +
      'This takes nine seconds at most. A second signal changes nothing.',
  ],
  [
    'SIGHUP',
    'Read the settings and the certificates again, and apply those that `salond.toml`(5) says a reload applies. ' +
      "The log's event `reloaded` tells what was applied and what needs a restart. If a setting is wrong, or if the settings came from a pipe, nothing changes, and `reload_failed` tells why. " +
      '`salonctl reload` does the same and shows the answer.',
  ],
  ['SIGUSR1, SIGUSR2', 'Nothing.'],
] as const;

const files = [
  ['/etc/salond/salond.toml', 'The settings file of the systemd unit, which passes it with `--config`.'],
  [
    '/var/lib/salond',
    'The data folder of the systemd unit. Without `--data` the data folder is `salond-data` in the folder in which the daemon is started.',
  ],
  [
    'salond.db, salond.db-wal, salond.db-shm',
    'In the data folder: all data. While no daemon runs, a copy of these files together is a backup.',
  ],
  [
    'salond.erasures',
    'In the data folder: who was erased, as keyed hashes, so that an older backup brings nobody back. Keep a copy with the backups.',
  ],
  [
    'salond.search',
    'In the data folder: the index of what was said. The daemon makes it anew where it is missing; backups do not have it.',
  ],
  [
    'salond.known-addresses',
    'In the data folder: addresses from which somebody logged in, as numbers that many addresses share.',
  ],
  ['salond.lock', 'In the data folder: locked by the daemon that uses the folder.'],
  ['control', 'In the data folder: the socket for `salonctl`(1), unless `control_socket` names another.'],
  ['/run/salond/control.sock', 'The socket for `salonctl`(1), if the systemd unit runs the daemon.'],
  ['/var/log/salond', 'The folder in which the systemd unit allows `audit_log`.'],
] as const;

const environment = [
  ['SALOND_CONFIG', 'The settings file, if there is no `--config`.'],
  [
    'SALOND_*',
    'Any setting, by its name in capitals: see `salond.toml`(5). A name that is not a setting is an error, except those that Kubernetes sets for a Service.',
  ],
  ['NO_COLOR', 'If it is not empty, the log on a terminal has no colours. The same holds if `TERM` is `dumb`.'],
  [
    'JOURNAL_STREAM',
    "If it says that standard output is the journal, each line begins with its level in the journal's form.",
  ],
  ['LISTEN_FDS, LISTEN_FDNAMES, LISTEN_PID', 'Sockets that systemd passes to the daemon.'],
  [
    'NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID',
    'The socket for messages to systemd, and how often its watchdog expects one.',
  ],
] as const;

const systemd = [
  'Sockets that are handed over (socket activation) are named `plain` or `tls` by `FileDescriptorName=` in their units. ' +
    'If there is one, the settings `listen` and `tls_listen` have no effect, and `proxy_protocol` refers to the addresses of the sockets. ' +
    'A connection that comes while the daemon restarts waits.',
  'A unit with `Type=notify` and `NotifyAccess=all` is told when the daemon is ready, reloads and stops, and how many sessions there are. ' +
    'With `WatchdogSec=`, the daemon asks its store twice in that time, and tells systemd that it is alive when the store has answered.',
] as const;

const examples = [
  ['Listen on all addresses:', 'salond --listen 0.0.0.0:7256 --data ./salond-data'],
  ['Check the settings:', 'salond --check-config --config /etc/salond/salond.toml'],
  [
    'Check the data of a stopped daemon, as the user who owns it:',
    'systemctl stop salond.socket salond-tls.socket salond\nrunuser -u salond -- salond --check-data /var/lib/salond',
  ],
] as const;

/** The text of man/salond.8. */
export function salondPage(date: string): string {
  const tagged = (macro: string, items: readonly (readonly [string, string])[]): string =>
    list(
      items.map(([names, text]) => [
        names
          .split(', ')
          .map((name) => `${macro} ${name}`)
          .join(' , '),
        prose(text),
      ]),
    );
  return page('salond', 8, date, 'chat-room daemon on raw TCP', [
    section('SYNOPSIS', ['.Nm', ...flags.map(({ usage }) => `.Op ${typed(usage)}`)].join('\n')),
    section(
      'DESCRIPTION',
      prose(
        '`salond` is a server for chat rooms. A client connects over TCP, sends one command per line, as JSON or as plain words, and reads lines ' +
          'of a code, a tab and JSON. netcat is a client. A message is on disk before anyone sees it, unless `durability` is `relaxed`.',
      ),
      prose(
        'It runs in the foreground, keeps all data in one folder, and writes its log to standard output: one JSON object per line, ' +
          'or readable lines on a terminal. Each line has a `level`, a `time` and an `event`. ' +
          'Clients can connect after the event `ready`, which has the addresses. docs/operating.md, which comes with the program, explains each event.',
      ),
      prose(
        'A flag overrides the environment, and the environment overrides the settings file. Operators control a running daemon with `salonctl`(1).',
      ),
    ),
    section(
      'OPTIONS',
      list(
        flags.map(({ usage, key, explanation }) => [
          typed(usage),
          prose(sentence(explanation) + (key === undefined ? '' : ` It sets the setting \`${key}\`.`)),
        ]),
      ),
    ),
    section('SIGNALS', tagged('Dv', signals)),
    section('SYSTEMD', ...systemd.map(prose)),
    section('ENVIRONMENT', tagged('Ev', environment)),
    section('FILES', tagged('Pa', files)),
    section(
      'EXIT STATUS',
      glossary(exitStatuses.salond.map(([status, meaning]) => [String(status), meaning])),
      prose(
        "If it can't start, lines on standard error that begin with `salond:` say why. The findings of `--check-config` and `--check-data` are printed there too.",
      ),
    ),
    section('EXAMPLES', ...examples.flatMap(([what, lines]) => [prose(what), example(lines)])),
    section('SEE ALSO', '.Xr salonctl 1 ,\n.Xr salond.toml 5 ,\n.Xr systemd.exec 5 ,\n.Xr systemd.socket 5'),
  ]);
}
