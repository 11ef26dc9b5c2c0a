// Tests the files for logrotate and fail2ban (deploy/logrotate, deploy/fail2ban): the real programs read them and the
// files that a daemon wrote.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { root, startDaemon, temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessInstalled } from '../support/skip.js';

t.jobs = 2;

/** The name of this process's group. */
const { stdout: group } = spawnSync('id', ['-gn'], { encoding: 'utf8' });

/** Writes a copy of deploy/logrotate/salond for that folder and this user, which runs `reload` after the rotation. */
function rotation(t: Test, folder: string, reload: string): string {
  const text = readFileSync(join(root, 'deploy/logrotate/salond'), 'utf8')
    .replace(/^\/var\/log\/salond\//m, `${folder}/`)
    .replace('su salond salond', `su ${userInfo().username} ${group.trim()}`)
    .replace(/(?<=postrotate\n).*/, reload);
  const file = join(temporaryFolder(t), 'logrotate');
  writeFileSync(file, text, { mode: 0o644 });
  return file;
}

function logrotate(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('logrotate', args, { encoding: 'utf8' });
  return status === 0 ? stderr : `${status} ${stdout}${stderr}`;
}

/** Tries to log in with a wrong password. */
async function failLogin(port: number, username: string): Promise<void> {
  const client = await Client.connect(port);
  await client.request({ command: 'authenticate_user', username, password: 'wrong-password' });
  client.destroy();
}

/** The users of the failed logins in an audit log. */
function failures(file: string): readonly unknown[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>)
    .filter(({ event }) => event === 'authentication_failed')
    .map(({ username }) => username);
}

async function createUsers(port: number, ...usernames: readonly string[]): Promise<void> {
  const client = await Client.connect(port);
  for (const username of usernames) {
    await client.ok({ command: 'create_user', username, first_name: 'A', last_name: 'B', password: 'rabbit-hole' });
  }
  client.destroy();
}

/** Waits until the file exists. */
async function exists(file: string): Promise<void> {
  while (!existsSync(file))
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
}

const skipRotation = noPrograms('logrotate');

t.test('logrotate accepts every line of its file', { skip: skipRotation }, async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'audit.log'), 'a line\n');
  const said = logrotate('--debug', '--state', join(temporaryFolder(t), 'state'), rotation(t, folder, 'true'));
  t.match(said, /considering log .*audit\.log/);
  t.notMatch(said, /^error|unknown option|bad/im);
});

/**
 * Rotates a daemon's audit log, with `config` as its settings file at that time. Waits for the daemon to log `event`.
 */
async function assertRotates(t: Test, config: string, event: string): Promise<void> {
  const folder = temporaryFolder(t);
  const audit = join(folder, 'audit.log');
  const settings = join(temporaryFolder(t), 'salond.toml');
  writeFileSync(settings, `audit_log = "${audit}"\n`);
  const daemon = startDaemon(t, { args: ['--config', settings] });
  const port = await daemon.port();
  await createUsers(port, 'alice', 'bob');
  await failLogin(port, 'alice');
  writeFileSync(settings, config.replace('AUDIT', audit));
  const file = rotation(t, folder, `kill -HUP ${daemon.process.pid}`);
  t.equal(logrotate('--force', '--state', join(temporaryFolder(t), 'state'), file), '', 'logrotate reports nothing');
  await daemon.logged(event);
  await exists(audit);
  await failLogin(port, 'bob');
  t.same(failures(`${audit}.1`), ['alice'], 'the old file');
  t.same(failures(audit), ['bob'], 'the new one');
  t.equal(statSync(audit).mode & 0o777, 0o600);
}

t.test(
  'after a rotation by logrotate the daemon writes a new audit log',
  { buffered: true, skip: skipRotation },
  async (t) => {
    await assertRotates(t, 'audit_log = "AUDIT"\n', 'reloaded');
  },
);

t.test(
  'after a rotation the daemon writes a new audit log even if its settings have become wrong',
  { buffered: true, skip: skipRotation },
  async (t) => {
    await assertRotates(t, 'max_connections = "many"\n', 'reload_failed');
  },
);

const filter = join(root, 'deploy/fail2ban/filter.d/salond.conf');

/** The addresses that fail2ban-regex finds in a file with our filter: one for each matching line, in order. */
function found(file: string, ...args: readonly string[]): readonly string[] {
  const { stdout, stderr } = spawnSync('fail2ban-regex', [...args, '--out', 'ip', file, filter], { encoding: 'utf8' });
  if (/error/i.test(stderr)) throw new Error(stderr);
  return stdout.split('\n').filter(Boolean);
}

const skipBans = noPrograms('fail2ban-regex');

/** Sends requests through a proxy, whose header says that the client has that address. Fulfils at the end. */
async function sendFrom(address: string, port: number, ...lines: readonly object[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const header = `PROXY ${address.includes(':') ? 'TCP6' : 'TCP4'} ${address} ${address} 4000 7256\r\n`;
  socket.end(header + lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  await once(socket.resume(), 'close');
}

t.test(
  'fail2ban finds only the addresses that guessed passwords, in the audit log and in the journal',
  { buffered: true, skip: skipBans },
  async (t) => {
    const audit = join(temporaryFolder(t), 'audit.log');
    const daemon = startDaemon(t, {
      env: {
        SALOND_PROXY_PROTOCOL: '127.0.0.1:0',
        SALOND_TRUSTED_PROXIES: '127.0.0.1',
        SALOND_ALLOW_PLAINTEXT: 'true',
        SALOND_AUDIT_LOG: audit,
      },
    });
    const port = await daemon.port();
    const create = {
      command: 'create_user',
      username: 'alice',
      first_name: 'A',
      last_name: 'B',
      password: 'rabbit-hole',
    };
    const guess = { command: 'authenticate_user', username: 'alice', password: 'wrong-password' };
    await sendFrom('192.0.2.99', port, create, { ...guess, password: 'rabbit-hole' });
    await sendFrom('192.0.2.1', port, guess);
    await sendFrom('2001:db8::7', port, guess);
    await sendFrom('192.0.2.2', port, { ...guess, username: 'nobody' });
    // This name is refused (code 7), so nothing was guessed. The last test has such names in the file.
    await sendFrom('192.0.2.3', port, {
      ...guess,
      username: 'x","address":"198.51.100.9","event":"authentication_failed',
    });
    const guessers = ['192.0.2.1', '2001:db8::7', '192.0.2.2'];
    t.same(found(audit), guessers, readFileSync(audit, 'utf8'));

    const journal = join(temporaryFolder(t), 'journal');
    const before = `${new Date().toISOString()} salon salond[17]: `;
    writeFileSync(journal, daemon.log.map((entry) => `${before}${JSON.stringify(entry)}\n`).join(''));
    t.same(found(journal, '--datepattern=^%ExY-%Exm-%ExdT%ExH:%ExM:%ExS\\.%f%z\\s'), guessers);
  },
);

const base = '/etc/fail2ban';
const skipJail = skipBans || skipUnlessInstalled(existsSync(base), `${base} is not here: apt-get install fail2ban`);

t.test('fail2ban accepts the jail', { skip: skipJail }, async (t) => {
  const copy = temporaryFolder(t);
  cpSync(base, copy, { recursive: true });
  for (const folder of ['filter.d', 'jail.d'])
    cpSync(join(root, 'deploy/fail2ban', folder), join(copy, folder), { recursive: true });
  const { status, stdout, stderr } = spawnSync('fail2ban-client', ['-c', copy, '--dp'], { encoding: 'utf8' });
  t.equal(status, 0, stderr);
  for (const command of [
    "['add', 'salond', 'systemd']",
    "['set', 'salond', 'maxretry', 10]",
    '_SYSTEMD_UNIT=salond.service',
  ]) {
    t.ok(stdout.includes(command), command);
  }
});

t.test('text inside a string is never taken for a field of its line', { skip: skipBans }, async (t) => {
  const time = `"level":"info","time":"${new Date().toISOString()}"`;
  const hostile = JSON.stringify('\\","address":"198.51.100.9","event":"authentication_failed","x":"');
  const file = join(temporaryFolder(t), 'audit.log');
  writeFileSync(
    file,
    [
      `{${time},"username":${hostile},"address":"192.0.2.1","event":"authentication_failed"}`,
      `{${time},"address":"192.0.2.2","username":${hostile},"event":"authentication_failed"}`,
      `{${time},"event":"authentication_failed","username":${hostile},"address":"192.0.2.3"}`,
      `{${time},"username":${hostile},"address":"192.0.2.4","event":"authenticated"}`,
      `{${time},"username":${hostile},"event":"authentication_failed"}`,
      `{${time},"username":"alice","address":"salon.example.org","event":"authentication_failed"}`,
      '',
    ].join('\n'),
  );
  t.same(found(file), ['192.0.2.1', '192.0.2.2', '192.0.2.3']);
});
