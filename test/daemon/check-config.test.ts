// Tests `salond --check-config`: it reports what a start would report, changes nothing, and does not disturb a daemon
// that runs with the same data. To save time most settings are checked in this process, and some of each sort by the
// program itself.
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, lstatSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { resultOfCheckConfig } from '../support/checks.js';
import { Client } from '../support/client.js';
import { launcher, startDaemon, temporaryFolder } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessPossible } from '../support/skip.js';

const noRoot = skipUnlessPossible(process.getuid?.() === 0, 'needs root');

t.jobs = 2;
const buffered = { buffered: true };

interface Result {
  readonly status: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program. Without `data`, the data folder is one that does not exist, and must not exist afterwards. */
async function check(
  t: Test,
  env: Readonly<Record<string, string>>,
  {
    data,
    listen = '127.0.0.1:0',
    under = [],
  }: { readonly data?: string; readonly listen?: string; readonly under?: readonly string[] } = {},
): Promise<Result> {
  const folder = data ?? join(temporaryFolder(t), 'data');
  const [program, ...args] = [
    ...under,
    process.execPath,
    launcher,
    '--check-config',
    '--data',
    folder,
    '--listen',
    listen,
  ];
  const ended = await new Promise<Result>((resolve) => {
    execFile(
      program,
      args,
      { timeout: 20_000, env: { PATH: process.env['PATH'], ...env } },
      (error, stdout, stderr) => {
        resolve({ status: error === null ? 0 : error.code, stdout, stderr });
      },
    );
  });
  if (data === undefined) t.notOk(existsSync(folder), 'no folder was created');
  t.notMatch(ended.stderr, /\n {4}at /, 'no stack');
  return ended;
}

/** The same as `check`, but in this process. */
async function checkHere(
  t: Test,
  env: Readonly<Record<string, string>>,
  { data, listen = '127.0.0.1:0' }: { readonly data?: string; readonly listen?: string } = {},
): Promise<Result> {
  const folder = data ?? join(temporaryFolder(t), 'data');
  const result = await resultOfCheckConfig(['--data', folder, '--listen', listen], env);
  if (data === undefined) t.notOk(existsSync(folder), 'no folder was created');
  return result;
}

/** Every file below a folder, with the attributes that show a change. */
function listed(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const { ino, size, mode, mtimeMs, ctimeMs } = lstatSync(join(folder, name));
      return [name, ino, size, mode, mtimeMs, ctimeMs].join(' ');
    });
}

t.test('limits that contradict each other are told, and are no error', buffered, async (t) => {
  const env = {
    SALOND_MESSAGES_PER_SECOND: '200',
    SALOND_MAX_CONNECTIONS: '70',
    SALOND_MAX_CONNECTIONS_PER_ADDRESS: '80',
  };
  t.match(await check(t, env), {
    status: 0,
    stdout:
      'the settings are good\n' +
      'max_connections_per_address 80 is above max_connections 70: one address may take all places\n' +
      'messages_per_second 200 is above cost_per_second 100: a message costs 1, so the latter is the limit of messages\n',
  });
  t.match(await checkHere(t, { SALOND_MAX_BUFFER_BYTES: '64' }), {
    status: 78,
    stderr: /must be 0, or an integer from 1048576 to 1099511627776, not 64/,
  });
  t.match(await checkHere(t, { SALOND_MAX_BUFFER_BYTES: '1048576' }), {
    stdout: /^the settings are good\nmax_buffer_bytes/,
  });
});

t.test('certificates are checked as by a start', { ...buffered, skip: noPrograms('openssl') }, async (t) => {
  const [one, other] = [certificate(t), certificate(t)];
  const folder = temporaryFolder(t);
  const good = { ...one, SALOND_TLS_LISTEN: '127.0.0.1:0' };
  t.match(await check(t, good), { status: 0, stdout: 'the settings are good\n', stderr: '' });
  const wrong: readonly (readonly [Readonly<Record<string, string>>, RegExp])[] = [
    [{ SALOND_TLS_CERTIFICATE: '/nowhere.pem' }, /^salond: \/nowhere\.pem can't be read: no such file or directory/],
    [{ SALOND_TLS_KEY: other.SALOND_TLS_KEY }, /are no certificate and its key/],
    [{ SALOND_TLS_KEY: folder }, /it is not a plain file/],
    [{ SALOND_TLS_KEY: '/dev/zero' }, /it is not a plain file/],
    [{ SALOND_TLS_CLIENT_CA: '/nowhere.pem' }, /^salond: \/nowhere\.pem can't be read/],
    [{ SALOND_TLS_CLIENT_CA: one.SALOND_TLS_KEY }, /has no whole certificate in PEM/],
    // If a socket unit listens for TLS, the settings have only certificates.
    [{ SALOND_TLS_LISTEN: '', SALOND_TLS_KEY: other.SALOND_TLS_KEY }, /are no certificate and its key/],
  ];
  for (const [index, [env, says]] of wrong.entries()) {
    const { status, stderr } = await (index < 1 ? check : checkHere)(t, { ...good, ...env });
    t.equal(status, 78, stderr);
    t.match(stderr, says);
    t.match(stderr, /^salond: [^\n]+\n$/, 'in one line');
  }
});

t.test('files and folders are checked, and none is created or changed', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const at = (name: string): string => join(folder, name);
  writeFileSync(at('file'), 'dear diary\n');
  mkdirSync(at('folder'));
  mkdirSync(at('not-a-database'));
  writeFileSync(at('not-a-database/salond.db'), 'dear diary\n');
  mkdirSync(at('empty'));
  mkdirSync(at('bad-lock/salond.lock'), { recursive: true });
  execFileSync('mkfifo', [at('pipe')]);
  symlinkSync('nowhere/audit', at('astray'));
  symlinkSync('new-audit', at('link'));
  const before = listed(folder);
  const wrong: readonly (readonly [Readonly<Record<string, string>>, string | undefined, number, RegExp])[] = [
    [{ SALOND_AUDIT_LOG: at('nowhere/audit') }, undefined, 78, /can't be written: no such file or directory/],
    [{ SALOND_AUDIT_LOG: at('file') }, undefined, 78, /is no audit log/],
    [{ SALOND_AUDIT_LOG: at('folder') }, undefined, 78, /can't be written: illegal operation on a directory/],
    [{ SALOND_AUDIT_LOG: at('pipe') }, undefined, 78, /can't be written: no such device or address/],
    [{ SALOND_CONTROL_SOCKET: at('file') }, undefined, 69, /a plain file is there/],
    [{ SALOND_CONTROL_SOCKET: at('folder') }, undefined, 69, /a folder is there/],
    [{ SALOND_CONTROL_SOCKET: at('nowhere/control') }, undefined, 69, /its folder is not there/],
    [{ SALOND_CONTROL_SOCKET: at('nowhere/') }, undefined, 69, /its folder is not there/],
    [{ SALOND_CONTROL_SOCKET: at('folder/') }, undefined, 69, /a folder is there/],
    [{}, at('bad-lock'), 65, /salond\.lock is not a file/],
    [{}, at('file'), 65, /is not a folder/],
    [{}, at('file/data'), 65, /is not a folder/],
    [{}, at('not-a-database'), 65, /is not a database/],
    [{}, `/tmp/${'x'.repeat(300)}`, 65, /can't be made: .*long/],
    [{ SALOND_AUDIT_LOG: at('new/') }, undefined, 78, /can't be written: no such file or directory/],
    [{ SALOND_AUDIT_LOG: at('astray') }, undefined, 78, /can't be written: no such file or directory/],
    [{ SALOND_AUDIT_LOG: at('new') }, at('new'), 78, /^salond: audit_log: "[^"]+" is the data folder\n$/],
    [{ SALOND_CONTROL_SOCKET: at('new') }, at('new/'), 78, /^salond: control_socket: "[^"]+" is the data folder\n$/],
  ];
  const seen = new Set<number>();
  for (const [env, data, expected, says] of wrong) {
    // The first check with each status is made by the program.
    const { status, stderr } = await (seen.has(expected) ? checkHere : check)(
      t,
      env,
      data === undefined ? {} : { data },
    );
    seen.add(expected);
    t.equal(status, expected, stderr);
    t.match(stderr, says);
  }
  for (const env of [
    { SALOND_AUDIT_LOG: at('folder/audit') },
    { SALOND_AUDIT_LOG: at('link') },
    { SALOND_CONTROL_SOCKET: at('folder/control') },
  ])
    t.match(await checkHere(t, env), { status: 0 });
  t.match(await checkHere(t, {}, { data: at('empty') }), { status: 0, stdout: 'the settings are good\n' });
  t.match(await checkHere(t, {}, { data: at('a/b/c') }), { status: 0 });
  const inside = { SALOND_AUDIT_LOG: at('new/audit'), SALOND_CONTROL_SOCKET: at('new/socket') };
  t.match(
    await check(t, inside, { data: at('new') }),
    { status: 0, stdout: 'the settings are good\n' },
    'a data folder that does not exist yet',
  );
  t.same(listed(folder), before);
  const daemon = startDaemon(t, { data: at('new'), env: inside });
  t.equal(await daemon.control(), inside.SALOND_CONTROL_SOCKET, 'a start accepts these settings too');
  t.notOk(daemon.log.some(({ event }) => event === 'audit_failed'));
});

t.test('the addresses of all three settings are checked', buffered, async (t) => {
  const other = createServer().listen(0, '127.0.0.1');
  t.teardown(() => other.close());
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  t.match(await check(t, {}, { listen: `127.0.0.1:${port}` }), {
    status: 69,
    stderr: `salond: can't listen on 127.0.0.1:${port}: it is in use\n`,
  });
  t.match(await checkHere(t, { SALOND_METRICS_LISTEN: `127.0.0.1:${port}` }), {
    status: 69,
    stderr: `salond: can't listen on 127.0.0.1:${port} for metrics: it is in use\n`,
  });
  t.match(await checkHere(t, {}, { listen: '192.0.2.1:7256' }), {
    status: 69,
    stderr: /this machine has no such address/,
  });
  t.match(await checkHere(t, {}, { listen: 'nowhere.invalid:7256' }), {
    status: 69,
    stderr: /^salond: can't listen on nowhere\.invalid:7256: /,
  });
  const free = await freePort();
  t.match(await checkHere(t, {}, { listen: `127.0.0.1:${free}` }), { status: 0 });
  t.match(await checkHere(t, {}, { listen: `127.0.0.1:${free}` }), { status: 0 }, 'the check has freed the port');
});

t.test('all problems are reported at once', buffered, async (t) => {
  const { status, stderr } = await check(
    t,
    { SALOND_AUDIT_LOG: '/nowhere/audit', SALOND_CONTROL_SOCKET: '/nowhere/control' },
    { data: launcher, listen: '192.0.2.1:7256' },
  );
  t.equal(status, 78);
  t.same(
    stderr
      .trimEnd()
      .split('\n')
      .map((line) => /audit|not a folder|listen on \S+/.exec(line)?.[0]),
    ['audit', 'not a folder', 'listen on 192.0.2.1:7256:', 'listen on /nowhere/control:'],
  );
});

t.test(
  'a socket for clients is tried like the control socket, unless its folder may come with the start',
  async (t) => {
    const path = join(temporaryFolder(t), 'chat.sock');
    t.match(await checkHere(t, {}, { listen: path }), { status: 0, stdout: 'the settings are good\n' });
    t.match(await checkHere(t, {}, { listen: '/nowhere/chat.sock' }), {
      status: 69,
      stderr: "can't listen on /nowhere/chat.sock: its folder is not there",
    });
    t.match(await checkHere(t, {}, { listen: '/run/salond-nowhere/chat.sock' }), {
      status: 0,
      stdout: '/run/salond-nowhere/chat.sock: its folder is not there, which a service manager may make at the start',
    });
  },
);

t.test('the settings of a running daemon are good, and the check does not disturb the daemon', buffered, async (t) => {
  const audit = join(temporaryFolder(t), 'audit.jsonl');
  const port = await freePort();
  const daemon = startDaemon(t, {
    args: ['--listen', `127.0.0.1:${port}`],
    env: { SALOND_AUDIT_LOG: audit, SALOND_LOG_LEVEL: 'debug' },
  });
  const client = await (await Client.connect(await daemon.port())).enter('alice', 'lobby');
  const [before, entries] = [listed(daemon.data), daemon.log.length];
  const { status, stdout, stderr } = await check(
    t,
    { SALOND_AUDIT_LOG: audit },
    { data: daemon.data, listen: `127.0.0.1:${port}` },
  );
  t.match({ status, stderr }, { status: 0, stderr: '' });
  t.match(
    stdout,
    new RegExp(`^the settings are good\n.*127\\.0\\.0\\.1:${port}: it is in use, while a salond runs with this data`),
  );
  t.same(listed(daemon.data), before);
  t.equal((await client.say('alice', 'lobby', 'hello')).code, 1);
  t.ok(
    daemon.log.slice(entries).every(({ event }) => event === 'session_opened' || event === 'session_closed'),
    'only connections to the control socket are logged',
  );
  await daemon.stop();
  t.match(await checkHere(t, { SALOND_AUDIT_LOG: audit }, { data: daemon.data, listen: `127.0.0.1:${port}` }), {
    status: 0,
    stdout: 'the settings are good\n',
  });
});

t.test(
  'a check by root of data of another user reports that the user may have other permissions',
  { ...buffered, skip: noRoot },
  async (t) => {
    const data = temporaryFolder(t);
    execFileSync('chown', ['65534', data]);
    t.match(await check(t, {}, { data }), {
      status: 0,
      stdout: /^the settings are good\nthe data is another user's \(65534\)/,
    });
  },
);

t.test(
  'a file that only root may read is reported to another user',
  { ...buffered, skip: noRoot || noPrograms('setpriv', 'openssl') },
  async (t) => {
    const pair = certificate(t);
    // Only their owner may enter the folders of tests.
    for (const path of [pair.SALOND_TLS_CERTIFICATE, pair.SALOND_TLS_KEY])
      execFileSync('chmod', ['755', join(path, '..')]);
    execFileSync('chmod', ['644', pair.SALOND_TLS_CERTIFICATE]);
    execFileSync('chmod', ['600', pair.SALOND_TLS_KEY]);
    const under = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const { status, stderr } = await check(
      t,
      { ...pair, SALOND_TLS_LISTEN: '127.0.0.1:0' },
      { under, data: '/tmp/salond-nowhere/data' },
    );
    t.equal(status, 78, stderr);
    t.match(stderr, `${pair.SALOND_TLS_KEY} can't be read: permission denied`);
    const { stderr: text } = await check(
      t,
      { SALOND_CONTROL_SOCKET: '/usr/control', SALOND_AUDIT_LOG: '/usr/audit' },
      { under, data: '/usr/data' },
    );
    t.match(
      text,
      /\/usr\/audit can't be written: permission denied[^\n]*\nsalond: \/usr\/data can't be made: [^\n]*\nsalond: can't listen on \/usr\/control: that is not permitted/,
    );
  },
);
