// Tests how arguments, environment and file become an invocation: their precedence, and one clear line for each
// mistake.

import t from 'tap';
import type { LevelWithSilent } from 'pino';
import { invocation } from '../../src/ops/settings/settings.js';
import type { Settings } from '../../src/ops/settings/settings.js';

const DEFAULTS = {
  listen: [{ host: '127.0.0.1', port: 7256 }],
  tlsListen: [],
  tlsCertificate: [],
  tlsKey: [],
  tlsClientCa: '',
  tlsPskFile: '',
  proxyProtocol: [],
  trustedProxies: [],
  auditLog: '',
  controlSocket: '',
  metricsListen: [],
  data: 'salond-data',
  durability: 'full',
  logLevel: 'info',
  registration: 'open',
  keepSeconds: 0,
  keepMessages: 0,
  searchLagMessages: 1_000_000,
  allowPlaintext: false,
  language: 'en',
  greeting: '',
  exemptAddresses: [
    { address: '127.0.0.0', prefix: 8, family: 'ipv4' },
    { address: '::1', prefix: 128, family: 'ipv6' },
  ],
  maxConnections: 10_000,
  maxConnectionsPerAddress: 64,
  connectionsPerMinute: 120,
  maxRefused: 32,
  maxRefusedPerAddress: 8,
  maxHandshakes: 256,
  maxHandshakesPerAddress: 16,
  handshakeSeconds: 10,
  maxOperators: 32,
  maxMetricsConnections: 16,
  metricsSeconds: 5,
  passwordAttemptsPerMinute: 30,
  messagesPerSecond: 20,
  costPerSecond: 100,
  costPerSecondPerUser: 300,
  costPerSecondPerAddress: 1000,
  presenceLimit: 200,
  presenceGraceSeconds: 0,
  maxRoomsPerSession: 1000,
  maxRoomsPerUser: 1000,
  maxNewRoomsPerDay: 500,
  maxNewRoomsPerDayPerAddress: 5000,
  maxNewConversationsPerDay: 500,
  maxNewConversationsPerDayPerAddress: 5000,
  maxBlockedUsers: 200,
  maxNewUsersPerDayPerAddress: 1000,
  maxSessionsPerUser: 64,
  maxTokensPerUser: 64,
  maxLineBytes: 16_384,
  maxOutboxBytes: 1_048_576,
  maxBufferBytes: 0,
  guestReplyBytes: 16_384,
  refusalsPerSecond: 100,
  turnMs: 5,
  changesMs: 8,
  changeQueue: 1024,
  stallSeconds: 10,
  loginSeconds: 120,
  lineSeconds: 30,
  userLineSeconds: 120,
  passwordLogN: 15,
  passwordR: 8,
  passwordP: 3,
  passwordQueue: 64,
  passwordThreads: 0,
  passwordStrangerShare: 4,
  knownAddressDays: 30,
} as const satisfies Settings;

function settings(argv: readonly string[], env: NodeJS.ProcessEnv = {}): Settings {
  const found = invocation(argv, env, '1.2.3');
  if (found.kind !== 'run' && found.kind !== 'check') throw new Error(JSON.stringify(found));
  return found.settings;
}

function errors(argv: readonly string[], env: NodeJS.ProcessEnv = {}): string {
  const found = invocation(argv, env, '1.2.3');
  return found.kind === 'error' ? found.text : `no error but ${found.kind}`;
}

t.test('without any source every setting has its default', async (t) => {
  const found = invocation([], { HOME: '/root', NOTIFY_SOCKET: '/run/x', SALONDER: 'ours not' }, '1.2.3');
  t.same(found, { kind: 'run', settings: DEFAULTS });
});

t.test('log_level accepts the levels of the log', async (t) => {
  const level: LevelWithSilent = settings([], { SALOND_LOG_LEVEL: 'silent' }).logLevel;
  t.equal(level, 'silent');
});

t.test('--check-config asks for a check of the same settings', async (t) => {
  t.same(invocation(['--check-config'], {}, '1.2.3'), { kind: 'check', settings: DEFAULTS });
});

t.test('--version and --help answer before anything is checked', async (t) => {
  const wrong = { SALOND_LISTN: 'x', SALOND_CONFIG: '/nowhere' };
  t.same(invocation(['--version', '--data='], wrong, '1.2.3'), { kind: 'print', text: 'salond 1.2.3' });
  t.match(invocation(['--version', '--help'], wrong, '1.2.3'), { kind: 'print', text: /^Usage: salond / });
});

t.test('flags beat the environment, which beats the file, which beats the defaults', async (t) => {
  const dir = t.testdir({
    'salond.toml': 'data = "file"\nlog_level = "warn"\nstall_seconds = 30\nlisten = ["localhost:1"]\n',
    'other.toml': 'stall_seconds = 40\n',
  });
  const env = { SALOND_CONFIG: `${dir}/salond.toml`, SALOND_DATA: 'environment', SALOND_LOG_LEVEL: 'error' };
  t.same(settings(['--log-level', 'debug'], env), {
    ...DEFAULTS,
    data: 'environment',
    logLevel: 'debug',
    stallSeconds: 30,
    listen: [{ host: 'localhost', port: 1 }],
  });
  t.equal(settings(['--config', `${dir}/other.toml`], env).stallSeconds, 40, '--config beats SALOND_CONFIG');
});

t.test('several --listen add up, and replace the addresses of the file and the environment', async (t) => {
  const env = { SALOND_LISTEN: '127.0.0.1:1, [::1]:2' };
  t.same(settings([], env).listen, [
    { host: '127.0.0.1', port: 1 },
    { host: '::1', port: 2 },
  ]);
  t.same(settings(['--listen', 'a:3', '--listen=b:4'], env).listen, [
    { host: 'a', port: 3 },
    { host: 'b', port: 4 },
  ]);
});

t.test('an absolute path in listen is a Unix socket, and one in exempt_addresses stands for its clients', async (t) => {
  const env = {
    SALOND_LISTEN: '127.0.0.1:1,/run/salond//chat.sock',
    SALOND_EXEMPT_ADDRESSES: '/run/salond/x/../chat.sock',
  };
  const { listen, exemptAddresses } = settings([], env);
  t.same(listen, [{ host: '127.0.0.1', port: 1 }, { path: '/run/salond/chat.sock' }]);
  t.same(exemptAddresses, [{ path: '/run/salond/chat.sock' }]);
  for (const path of ['chat.sock', './chat.sock', '/run/salond/', '/run/\u0007'])
    t.match(
      errors(['--listen', path]),
      /^--listen: must hold addresses .*, or absolute paths of Unix sockets like /,
      path,
    );
  t.match(
    errors([], { SALOND_TLS_LISTEN: '/run/chat.sock' }),
    /^SALOND_TLS_LISTEN: must hold addresses HOST:PORT like/,
  );
});

t.test('a Unix socket has a path of its own that is not too long', async (t) => {
  const sockets = (...paths: readonly string[]): string =>
    errors(
      paths.flatMap((path) => ['--listen', path]),
      { SALOND_DATA: '/data' },
    );
  const long = `/run/${'é'.repeat(60)}`;
  t.equal(sockets(long), `listen: a Unix socket's path has 107 bytes at most, and "${long}" has 125`);
  t.equal(sockets('/run/a', '/run/a'), 'listen has "/run/a" twice');
  t.equal(sockets('/data'), 'listen: "/data" is the data folder');
  t.match(sockets('/data/salond.db'), /^listen: names beginning with "salond\." are the data's own/);
  t.equal(sockets('/data/control'), 'listen: "/data/control" is the control socket\'s path');
  t.equal(
    errors(['--listen', '/run/a'], { SALOND_CONTROL_SOCKET: '/run/a' }),
    'listen: "/run/a" is the control socket\'s path',
  );
  t.equal(errors(['--listen', '/run/a'], { SALOND_AUDIT_LOG: '/run/a' }), 'audit_log: "/run/a" is a socket of listen');
});

t.test('of any other repeated flag the last one counts', async (t) => {
  t.equal(settings(['--data', 'a', '--data', 'b']).data, 'b');
});

t.test('the environment can set every kind of setting', async (t) => {
  t.same(
    settings([], {
      SALOND_ALLOW_PLAINTEXT: 'true',
      SALOND_EXEMPT_ADDRESSES: '',
      SALOND_GREETING: 'Welcome, all',
      SALOND_MAX_LINE_BYTES: '4096',
      SALOND_REGISTRATION: 'closed',
      SALOND_DURABILITY: 'relaxed',
    }),
    {
      ...DEFAULTS,
      durability: 'relaxed',
      allowPlaintext: true,
      exemptAddresses: [],
      greeting: 'Welcome, all',
      maxLineBytes: 4096,
      registration: 'closed',
    },
  );
});

t.test('the complaint about a mistake in the environment names the variable', async (t) => {
  t.equal(
    errors([], { SALOND_LOG_LEVEL: 'loud' }),
    'SALOND_LOG_LEVEL: must be one of "fatal", "error", "warn", "info", "debug", "trace", "silent", not "loud"',
  );
  t.equal(errors([], { SALOND_DURABILITY: 'none' }), 'SALOND_DURABILITY: must be one of "full", "relaxed", not "none"');
  t.equal(
    errors([], { SALOND_MAX_LINE_BYTES: '1e4' }),
    'SALOND_MAX_LINE_BYTES: must be an integer from 1024 to 524288, not "1e4"',
  );
  t.equal(errors([], { SALOND_ALLOW_PLAINTEXT: 'yes' }), 'SALOND_ALLOW_PLAINTEXT: must be true or false, not "yes"');
  t.match(
    errors([], { SALOND_LISTEN: 'a:1,:7256' }),
    /^SALOND_LISTEN: must hold addresses HOST:PORT like .*, not ":7256"$/,
  );
  t.equal(errors([], { SALOND_LISTEN: '' }), 'SALOND_LISTEN: must have 1 to 64 entries, not 0');
  t.equal(errors([], { SALOND_LISTN: 'a:1' }), 'SALOND_LISTN: unknown variable (did you mean SALOND_LISTEN?)');
  t.equal(errors([], { SALOND_CONFG: 'a' }), 'SALOND_CONFG: unknown variable (did you mean SALOND_CONFIG?)');
  t.equal(errors([], { SALOND_data: 'a' }), 'SALOND_data: unknown variable (did you mean SALOND_DATA?)');
  t.equal(errors([], { SALOND_CONSTRUCTOR: 'a' }), 'SALOND_CONSTRUCTOR: unknown variable');
  t.equal(errors([], { SALOND_CONFIG: '' }), 'SALOND_CONFIG: must name a file');
});

t.test('the complaint about a mistake on the command line names the flag', async (t) => {
  t.match(errors(['--listen', '7256']), /^--listen: must hold addresses HOST:PORT like .*, not "7256"$/);
  t.match(errors(['--log-level=loud']), /^--log-level: must be one of .*, not "loud"$/);
  t.match(errors(['--data=']), /^--data: must be a string of 1 to 4096 characters without control characters, not ""$/);
  t.equal(errors(['--config=']), '--config: must name a file');
  t.equal(errors(['--config']), '--config: needs a value, FILE');
  t.equal(errors(['--data', '--listen', 'a:1']), '--data: needs a value, DIR, before --listen');
  t.equal(errors(['--check-config=yes']), '--check-config: takes no value');
  t.equal(errors(['--lisen', 'a:1']), '--lisen: unknown option (did you mean --listen?); --help lists them all');
  t.equal(errors(['-xyz']), '-x: unknown option; --help lists them all');
  t.equal(errors(['--__proto__']), '--__proto__: unknown option; --help lists them all');
  t.equal(errors(['start']), '"start": unexpected argument');
  t.equal(errors(['--', '--help']), '"--help": unexpected argument');
  t.same(settings(['--data=--odd']).data, '--odd');
});

t.test('the complaint about a file that cannot be read has the reason', async (t) => {
  const dir = t.testdir({
    'latin1.toml': Buffer.from('greeting = "\xe9"', 'latin1'),
    'long.toml': '#'.repeat(1024 * 1024 + 1),
  });
  t.equal(errors(['--config', `${dir}/none.toml`]), `${dir}/none.toml: cannot be read: no such file or directory`);
  t.equal(errors([], { SALOND_CONFIG: dir }), `${dir}: cannot be read: illegal operation on a directory`);
  t.match(errors(['--config', `${dir}/latin1.toml`]), /latin1\.toml: cannot be read: .*utf-8/);
  t.equal(errors(['--config', `${dir}/long.toml`]), `${dir}/long.toml: cannot be read: larger than 1048576 bytes`);
  t.match(errors(['--config', 'a\0b']), /^a\\u0000b: cannot be read: /);
});

t.test('all mistakes are reported at once, each in one line, even if a value has control characters', async (t) => {
  const dir = t.testdir({ 'salond.toml': 'data = ""\nlistn = 1\n' });
  t.same(
    errors(['--config', `${dir}/salond.toml`, '--log-level', 'a\nb\u001b[2J\u202e'], {
      SALOND_STALL_SECONDS: '0',
    }).split('\n'),
    [
      `${dir}/salond.toml:1: data must be a string of 1 to 4096 characters without control characters, not ""`,
      `${dir}/salond.toml:2: unknown key "listn" (did you mean "listen"?)`,
      'SALOND_STALL_SECONDS: must be an integer from 1 to 3600, not 0',
      '--log-level: must be one of "fatal", "error", "warn", "info", "debug", "trace", "silent", not "a\\nb\\u001b[2J\\u202e"',
    ],
  );
});

t.test('password settings that need 2 GiB or more are refused, even if each is in its range', async (t) => {
  const asked = invocation([], { SALOND_PASSWORD_LOG_N: '20', SALOND_PASSWORD_R: '16' }, '1.2.3');
  t.equal(asked.kind, 'error');
  t.match(asked, { text: /^password_log_n 20 and password_r 16: / });
  t.equal(invocation([], { SALOND_PASSWORD_LOG_N: '20', SALOND_PASSWORD_R: '15' }, '1.2.3').kind, 'run');
});
