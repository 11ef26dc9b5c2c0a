// Generates salond.toml(5) from the table of settings, in its order, under headings.
import { stringify } from 'smol-toml';
import { configVariable } from '../../src/ops/settings/environment.js';
import { settingKeys, setting, variable, type Key } from '../../src/ops/settings/table.js';
import { example, list, literal, page, prose, section, sentence, subsection } from './mdoc.js';

/** The first setting below each heading. */
const headings: readonly (readonly [Key, string])[] = [
  ['listen', 'Listening'],
  ['data', 'Data and logs'],
  ['registration', 'Access'],
  ['exempt_addresses', 'Limits'],
  ['stall_seconds', 'Deadlines'],
  ['password_log_n', 'Passwords'],
];

/** Examples of settings that belong together. A test tries them. */
export const settingsExamples = [
  [
    'TLS for everybody, and plain lines from this machine:',
    `
listen = ["127.0.0.1:7256"]
tls_listen = ["[::]:7257"]
tls_certificate = ["/etc/salond/fullchain.pem"]
tls_key = ["/etc/salond/privkey.pem"]`,
  ],
  [
    'Behind HAProxy on the same machine, which terminates TLS and sends PROXY headers (its `send-proxy-v2-ssl`):',
    `
listen = ["127.0.0.1:7256", "127.0.0.1:7258"]
proxy_protocol = ["127.0.0.1:7258"]
trusted_proxies = ["127.0.0.1"]`,
  ],
  [
    'Clients of this machine alone, over a Unix socket that whoever may enter its folder may open:',
    `
listen = ["/run/salond/chat.sock"]`,
  ],
  [
    'Closed registration: an operator creates users with `salonctl users create`:',
    `
registration = "closed"
greeting = "Welcome. Ask ops@example.org for an account."`,
  ],
] as const;

function assignment(key: Key): string {
  return stringify({ [key]: setting(key).default }).trimEnd();
}

function described(key: Key): readonly [string, string] {
  const { kind, explanation, live } = setting(key);
  return [
    `Li "${literal(assignment(key))}"`,
    prose(
      `${sentence(explanation)} It is ${kind.takes}. ${live === true ? 'A reload applies it.' : 'A change needs a restart.'}`,
    ),
  ];
}

function subsections(): string[] {
  const starts = headings.map(([first, name]) => ({ at: settingKeys.indexOf(first), name }));
  return starts.map(({ at, name }, index) =>
    subsection(name, list(settingKeys.slice(at, starts[index + 1]?.at).map(described))),
  );
}

/** The text of man/salond.toml.5. */
export function settingsPage(date: string): string {
  return page('salond.toml', 5, date, 'settings of the chat-room daemon salond', [
    section('SYNOPSIS', '.Nm salond\n.Fl -config Ar FILE'),
    section(
      'DESCRIPTION',
      prose(
        'The settings file of `salond`(8) is TOML 1.0 in UTF-8, at most 1 MiB, with one key and value per line and no tables. ' +
          'The daemon reads the file that `--config` or the variable `SALOND_CONFIG` names. Without either it reads none. ' +
          'A key that is left out has its default. An unknown key, or a value of the wrong kind, is an error: the daemon does not start, ' +
          'and a reload changes nothing. `salond --check-config` checks a file and reports every error with its line.',
      ),
      prose('The environment overrides the file, and flags override both.'),
      prose(
        'A reload (`salonctl reload`, `systemctl reload salond` or the signal SIGHUP) applies the settings that say so below. It reports ' +
          'which other settings have changed and need a restart.',
      ),
    ),
    section('SETTINGS', prose('Each setting is shown with its default.'), ...subsections()),
    section(
      'SETTINGS THAT NEED OTHERS',
      prose('`tls_listen` needs `tls_certificate` and `tls_key`, which must name the same number of files.'),
      prose(
        '`proxy_protocol` needs `trusted_proxies`, and each of its addresses must be in `listen` or `tls_listen` too.',
      ),
      prose(
        'A password check needs 128 times N times r bytes, where N is 2 to the power of `password_log_n` and r is `password_r`. This must be less than 2 GiB.',
      ),
      prose(
        "The process's limit of open files also limits connections. If it allows fewer than `max_connections`, the log says `open_files_limit_connections` at the start.",
      ),
    ),
    section(
      'ENVIRONMENT',
      list([
        [`Ev ${configVariable}`, prose('The settings file, if there is no `--config`.')],
        [
          'Ev SALOND_*',
          prose(
            `Any setting, by its name in capitals: \`${variable('max_line_bytes')}=4096\`. Lists are separated by commas, and strings have no quotes: ` +
              `\`${variable('listen')}=127.0.0.1:7256,[::1]:7256\`. A variable that is not a setting is an error.`,
          ),
        ],
      ]),
    ),
    section(
      'FILES',
      list([
        ['Pa /etc/salond/salond.toml', prose('The file that the systemd unit uses.')],
        ['Pa docs/salond.example.toml', prose('Comes with the program: every setting at its default, commented out.')],
      ]),
    ),
    section('SIGNALS', prose('SIGHUP makes the daemon read the file again.')),
    section(
      'EXIT STATUS',
      prose(
        '`salond --check-config` ends with 0 if all settings are good, and otherwise with the status for wrong settings in `salond`(8).',
      ),
    ),
    section('EXAMPLES', ...settingsExamples.flatMap(([what, text]) => [prose(what), example(text.trim())])),
    section('SEE ALSO', '.Xr salonctl 1 ,\n.Xr salond 8'),
  ]);
}
