// salond.toml(5): the table of settings, in its own order, under the headings that begin with these settings.
import { stringify } from 'smol-toml';
import { CONFIG_VARIABLE } from '../../src/ops/settings/environment.js';
import { KEYS, setting, variable, type Key } from '../../src/ops/settings/table.js';
import { example, list, literal, page, prose, section, sentence, subsection } from './mdoc.js';

/** The first setting below each heading. */
const headings: readonly (readonly [Key, string])[] = [
  ['listen', 'Listening'],
  ['data', 'Keeping and telling'],
  ['registration', 'Coming in'],
  ['exempt_addresses', 'Limits'],
  ['stall_seconds', 'Deadlines'],
  ['password_log_n', 'Passwords'],
];

/** Settings that hold together, for the page and for a test that tries them. */
export const settingsExamples = [
  ['Passwords from everywhere over TLS, and from this machine in plain lines:', `
listen = ["127.0.0.1:7256"]
tls_listen = ["[::]:7257"]
tls_certificate = ["/etc/salond/fullchain.pem"]
tls_key = ["/etc/salond/privkey.pem"]`],
  ['Behind HAProxy on the same machine, which speaks TLS with the clients and sends PROXY headers (its `send-proxy-v2-ssl`):', `
listen = ["127.0.0.1:7256", "127.0.0.1:7258"]
proxy_protocol = ["127.0.0.1:7258"]
trusted_proxies = ["127.0.0.1"]`],
  ['Users by invitation, made with `salonctl users create`:', `
registration = "closed"
greeting = "Welcome. Ask ops@example.org for an account."`],
] as const;

function assignment(key: Key): string {
  return stringify({ [key]: setting(key).default }).trimEnd();
}

function described(key: Key): readonly [string, string] {
  const { kind, explanation, live } = setting(key);
  return [`Li "${literal(assignment(key))}"`, prose(
    `${sentence(explanation)} It is ${kind.takes}. ${live === true ? 'A reload applies it.' : 'A change needs a restart.'}`,
  )];
}

function subsections(): string[] {
  const starts = headings.map(([first, name]) => ({ at: KEYS.indexOf(first), name }));
  return starts.map(({ at, name }, index) => subsection(name, list(KEYS.slice(at, starts[index + 1]?.at).map(described))));
}

/** The text of man/salond.toml.5. */
export function settingsPage(date: string): string {
  return page('salond.toml', 5, date, 'settings of the chat-room daemon salond', [
    section('SYNOPSIS', '.Nm salond\n.Fl -config Ar FILE'),
    section(
      'DESCRIPTION',
      prose('The settings file of `salond`(8) is TOML 1.0, in UTF-8, 1 MiB at most, with a key and a value a line and no tables. '
        + 'The daemon reads the file that `--config` or the variable `SALOND_CONFIG` names, and none where neither does. '
        + 'A key that is left out has its default. One that there is not, or a value that is none of its kind, is an error: the daemon does not start, '
        + 'and a reload changes nothing. `salond --check-config` tries a file and tells each thing that is wrong, by its line.'),
      prose('The environment beats the file, and flags beat both.'),
      prose('A reload (`salonctl reload`, `systemctl reload salond` or the signal SIGHUP) applies the settings of which that is said below, and tells '
        + 'which others have changed and need a restart.'),
    ),
    section('SETTINGS', prose('Each is shown with its default.'), ...subsections()),
    section(
      'SETTINGS THAT NEED OTHERS',
      prose('`tls_listen` needs `tls_certificate` and `tls_key`, which have to name as many files.'),
      prose('`proxy_protocol` needs `trusted_proxies`, and each of its addresses has to be in `listen` or `tls_listen` too.'),
      prose('A password check takes 128 times N times r bytes, N being 2 to the power of `password_log_n` and r `password_r`: that has to be less than 2 GiB.'),
      prose('`max_connections` holds as far as the process may open files. Where that is less, the log says `open_files_limit_connections` at the start.'),
    ),
    section('ENVIRONMENT', list([
      [`Ev ${CONFIG_VARIABLE}`, prose('The settings file, where there is no `--config`.')],
      ['Ev SALOND_*', prose(`Any setting, by its name in capitals: \`${variable('max_line_bytes')}=4096\`. Lists are separated by commas, and strings have no quotes: `
        + `\`${variable('listen')}=127.0.0.1:7256,[::1]:7256\`. A variable that is no setting is an error.`)],
    ])),
    section('FILES', list([
      ['Pa /etc/salond/salond.toml', prose('Where the systemd unit has it.')],
      ['Pa docs/salond.example.toml', prose('Comes with the program: every setting at its default, commented out.')],
    ])),
    section('SIGNALS', prose('SIGHUP to the daemon makes it read the file again.')),
    section('EXIT STATUS', prose('`salond --check-config` ends with 0 where all settings are good, else with the status for wrong settings that `salond`(8) has.')),
    section('EXAMPLES', ...settingsExamples.flatMap(([what, text]) => [prose(what), example(text.trim())])),
    section('SEE ALSO', '.Xr salonctl 1 ,\n.Xr salond 8'),
  ]);
}
