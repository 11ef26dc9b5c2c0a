// Tests the command line of salonctl: commands, options in any place, help, and error messages.
import t from 'tap';
import type { Invocation } from '../../src/salonctl/invocation.js';
import { localCommands } from '../../src/salonctl/local.js';
import { readArguments } from '../../src/salonctl/usage.js';
import { UsageError } from '../../src/salonctl/errors.js';
import { typedCommands, typedExample } from '../../src/salonctl/words.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import { salonctl, salonctlHere } from '../support/salonctl.js';

/** The request of a command line that has one; otherwise its invocation. */
function requestOf(args: readonly string[]): unknown {
  const parsed = readArguments(args);
  return parsed.kind === 'request' ? parsed.request : parsed;
}

/** The usage error of a command line; empty if there is none. */
function complaint(args: readonly string[]): string {
  try {
    readArguments(args);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return '';
}

/** The text of an invocation that shows help; otherwise empty. */
function help(parsed: Invocation): string {
  return parsed.kind === 'text' && parsed.status === 0 ? parsed.text : '';
}

t.test('typed commands become requests', async (t) => {
  const requests: Readonly<Record<string, object>> = {
    status: { command: 'status' },
    'kick alice --reason enough': { command: 'kick', target: 'alice', reason: 'enough' },
    'kick #7': { command: 'kick', target: '#7' },
    'ban --duration=2h 192.0.2.0/24': { command: 'ban', target: '192.0.2.0/24', duration: 7200 },
    'announce The server restarts at noon.': { command: 'announce', text: 'The server restarts at noon.' },
    'users create alice Alice van der Berg': {
      command: 'create_account',
      username: 'alice',
      first_name: 'Alice',
      last_name: 'van der Berg',
    },
    'users set-password alice': { command: 'set_password', user: 'alice' },
    'users disable constructor': { command: 'disable_account', user: 'constructor' },
    users: { command: 'list_accounts' },
    'users list': { command: 'list_accounts' },
    'users --limit 5': { command: 'list_accounts', limit: 5 },
    'sessions --after 7 --limit 10': { command: 'list_sessions', after: 7, limit: 10 },
    bans: { command: 'list_bans' },
    'rooms close #help --reason dusty': { command: 'close_room', room: '#help', reason: 'dusty' },
    'log-level debug': { command: 'set_log_level', level: 'debug' },
  };
  for (const [line, request] of Object.entries(requests)) t.same(requestOf(line.split(' ')), request, line);
  t.same(requestOf(['kick', 'alice', '--reason', '']), { command: 'kick', target: 'alice', reason: '' });
  t.same(requestOf(['kick', 'alice', '--reason', 'two words']), {
    command: 'kick',
    target: 'alice',
    reason: 'two words',
  });
});

t.test('a time is a number of seconds or has a unit', async (t) => {
  const seconds: Readonly<Record<string, number>> = {
    '90': 90,
    '90s': 90,
    '15m': 900,
    '2h': 7200,
    '7d': 604_800,
    '1w': 604_800,
  };
  for (const [time, over] of Object.entries(seconds))
    t.same(requestOf(['drain', '--over', time]), { command: 'drain', over }, time);
  for (const time of ['soon', '-1', '1.5h', '2 h', '', '1e3', '2y', '٣'])
    t.match(complaint(['drain', `--over=${time}`]), /not a time such as 90, 90s, 15m, 2h or 7d/, time);
  t.match(readArguments(['status', '--timeout', '2m']), { options: { timeout: 120 } });
});

t.test('--json, --socket and --timeout may stand anywhere, and are not arguments', async (t) => {
  for (const line of [
    '--json status',
    'status --json',
    '--json users',
    'users --json',
    'users disable --json bob',
    'announce --json text',
    'announce text --json',
    'backup --json file',
  ]) {
    t.match(readArguments(line.split(' ')), { options: { json: true } }, line);
  }
  t.same(requestOf(['announce', 'text', '--json']), { command: 'announce', text: 'text' });
  t.same(requestOf(['announce', '--', '--json', 'is', 'on']), { command: 'announce', text: '--json is on' });
  t.match(readArguments(['announce', '--json', '--', 'a', '--socket', 'b']), {
    options: { json: true, socket: undefined },
    request: { text: 'a --socket b' },
  });
  t.match(
    readArguments(['--socket', 'status', 'status']),
    { options: { socket: 'status' }, request: { command: 'status' } },
    'a path may look like a command',
  );
  t.match(readArguments(['status', '--socket=/a']), { options: { socket: '/a' } });
  t.match(complaint(['kick', 'bob', '--reason', '--json']), /option '--reason <reason>' argument missing/);
  t.same(requestOf(['kick', 'bob', '--reason=--json']), { command: 'kick', target: 'bob', reason: '--json' });
});

t.test('an error message quotes the wrong word, and suggests the intended one', async (t) => {
  const complaints: Readonly<Record<string, RegExp>> = {
    kick: /missing required argument 'target'\n'salonctl help kick' shows/,
    'status now': /too many arguments for 'status': 'now' is left over/,
    'kick alice bob carol': /too many arguments for 'kick': 'bob carol' is left over/,
    'users create alice': /missing required argument 'first-name'/,
    'sessions --after x': /'x' is invalid\. It is not a whole number/,
    'drain --over': /option '--over <over>' argument missing/,
    'drain --ovr 2m': /unknown option '--ovr'\n\(Did you mean --over\?\)/,
    'announce -hello': /unknown option '-ello'|unknown option '-hello'/,
    'announce --shout': /Put -- before a text that begins with a dash/,
    stauts: /unknown command 'stauts'\n\(Did you mean one of stats, status\?\)/,
    'users disabel bob':
      /unknown command 'disabel'\n\(Did you mean disable\?\)\n'salonctl help users' lists the commands/,
    'users bob': /unknown command 'bob'/,
    'users list all': /too many arguments for 'users list': 'all' is left over/,
    'users --limit 0': /'0' is invalid\. It has to be 1 at least/,
    'help dance': /unknown command 'dance'/,
    'help users dance': /unknown command 'dance'/,
    'stats --wacth': /Did you mean --watch\?/,
    restore: /missing required argument 'file'/,
    'restore a b': /too many arguments for 'restore': 'b' is left over/,
    '--socket': /option '--socket <path>' argument missing/,
  };
  for (const [line, message] of Object.entries(complaints)) t.match(complaint(line.split(' ')), message, line);
});

t.test('names of the properties of every object are not commands, options or topics', async (t) => {
  const inherited = [...Object.getOwnPropertyNames(Object.prototype), 'prototype', 'name', 'length', ''];
  for (const word of inherited) {
    for (const args of [[word], ['help', word], ['users', word], ['users', 'disable', `--${word}x`], [`--${word}x`]]) {
      t.match(complaint(args), /^unknown (?:command|option) '.*'\n/, args.join(' '));
    }
  }
  t.match(await salonctl(t, ['constructor']), {
    status: 64,
    out: '',
    err: "salonctl: unknown command 'constructor'\n'salonctl help' lists the commands.\n",
  });
});

t.test('there is help for the program and for each command, with an example that can be typed', async (t) => {
  const all = [...typedCommands.map(([topic]) => topic), ...Object.keys(localCommands)];
  const text = help(readArguments(['--help']));
  for (const topic of all) {
    const topicHelp = help(readArguments([...topic.split(' '), '--help']));
    t.ok(new RegExp(`^  ${topic} `, 'm').test(text), `${topic} is in the list`);
    t.equal(help(readArguments(['help', ...topic.split(' ')])), topicHelp);
    t.equal(help(readArguments([...topic.split(' '), '-h'])), topicHelp);
    const leaf = typedCommands.some(([other]) => other.startsWith(`${topic} `))
      ? help(readArguments(['help', topic, 'list']))
      : topicHelp;
    const [, typed = ''] = /\nExample:\n {2}\$ salonctl (.*)$/m.exec(leaf) ?? [];
    const args = Array.from(
      typed.replace(' < password.txt', '').matchAll(/'([^']*)'|\S+/g),
      ([word, quoted]) => quoted ?? word,
    );
    const parsed = readArguments(args);
    t.equal(parsed.kind === 'text' ? '' : parsed.words, topic, `${topic}: ${typed}`);
  }
  for (const line of [
    ...text.split('\n'),
    ...all.flatMap((topic) => help(readArguments(['help', ...topic.split(' ')])).split('\n')),
  ])
    t.ok(line.length <= 80, line);
  t.match(help(readArguments(['help', 'help'])), /^Usage: salonctl help/);
  t.match(help(readArguments(['--version'])), /^\d+\.\d+\.\d+$/);
});

t.test("every example's command line becomes the example's request", async (t) => {
  for (const [topic, name] of typedCommands) {
    const request = Object.fromEntries(
      Object.entries(operatorSpecs[name].example.request).filter(([parameter]) => parameter !== 'password'),
    );
    const args = Array.from(
      typedExample(topic, operatorSpecs[name])
        .replace(' < password.txt', '')
        .matchAll(/'([^']*)'|\S+/g),
      ([word, quoted]) => quoted ?? word,
    );
    t.same(requestOf(args), request, topic);
  }
});

t.test('an argument that is not UTF-8 is refused', async (t) => {
  t.match(complaint(['users', 'create', 'rene', 'Ren\ufffd', 'Dupont']), /^the argument 'Ren\ufffd' is not in UTF-8/);
  const { status, err } = await salonctl(t, [], { shell: `exec "$0" "$@" announce $'caf\\xe9'` });
  t.equal(status, 64);
  t.match(err, /is not in UTF-8/);
});

t.test('without a command salonctl prints help on standard error and ends with status 64', async (t) => {
  for (const args of [[], ['--json']]) {
    const { status, out, err } = await salonctl(t, args);
    t.same([status, out], [64, '']);
    t.match(err, /^Usage: salonctl/);
  }
  t.match(await salonctl(t, ['help']), { status: 0, out: /^Usage: salonctl/, err: '' });
  t.match(await salonctlHere(['status', '-h']), { status: 0, out: /^Usage: salonctl status/, err: '' });
});

t.test('a quoted argument can not control the terminal', async (t) => {
  for (const [index, args] of [
    ['\u001b[2J\u202e'],
    ['status', '\u009b31m'],
    ['drain', '--over', '\u001b]0;x\u0007'],
    ['--\u001b[2J'],
  ].entries()) {
    const { status, err } = await (index === 0 ? salonctl(t, args) : salonctlHere(args));
    t.equal(status, 64);
    t.notMatch(err, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});
