// `npm run test:deb`, first part: the Debian package, from its build to its purge, in a Debian of the test's own. No
// systemd runs there: units are enabled but not started. The test itself starts the daemon as the unit would, with the
// unit's user.
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { cheapPasswords, Daemon, root } from '../support/daemon.js';
import { Debian, nextVersion, notPossible, packageOfNode, run } from './debian.js';

const settings = '/etc/salond/salond.toml';
// With metrics, so that every dependency is loaded: the Prometheus client is loaded only if metrics are on.
const changed = 'listen = ["127.0.0.1:0"]\nmetrics_listen = ["127.0.0.1:0"]\n';

function build(folder: string): string {
  const { status, text } = run(process.execPath, [join(root, 'dist/tools/deb/build.js'), folder], root);
  if (status !== 0) throw new Error(text);
  return text.trim();
}

/** Starts the command of the installed unit, with its environment and its user. Fulfils when the daemon is ready. */
async function start(t: Test, debian: Debian): Promise<readonly [Daemon, number]> {
  // systemd would do this for RuntimeDirectory=.
  ok(
    t,
    debian.run('install', '-d', '-o', 'salond', '-g', 'salond', '-m', '0755', '/run/salond'),
    'the folder of the socket',
  );
  const unit = readFileSync(debian.path('/usr/lib/systemd/system/salond.service'), 'utf8');
  const [, command = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  const env = Object.fromEntries(
    [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  );
  const child = debian.start('salond:salond', command.split(' '), { ...env, ...cheapPasswords });
  const daemon = new Daemon(child, debian.path('/var/lib/salond'));
  t.teardown(async () => {
    child.kill('SIGKILL');
    await daemon.exited;
  });
  return [daemon, await daemon.port()];
}

function ok(t: Test, { status, text }: { readonly status: number | null; readonly text: string }, what: string): void {
  t.equal(status, 0, what, { output: text });
}

t.test('the Debian package', { skip: notPossible() }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'salond-deb-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const deb = build(folder);

  await t.test('has the same bytes when it is built again', async (t) => {
    const first = readFileSync(deb);
    build(folder);
    t.ok(readFileSync(deb).equals(first));
    t.comment(`${Math.round(first.length / 1000)} KB`);
  });

  await t.test('lintian finds no error and no warning', async (t) => {
    ok(t, run('lintian', ['--allow-root', '--fail-on', 'error,warning', deb]), 'no error, no warning');
  });

  await t.test("files below /etc are the administrator's", async (t) => {
    t.same(run('dpkg-deb', ['--info', deb, 'conffiles']).text.trim().split('\n').sort(), [
      '/etc/logrotate.d/salond',
      '/etc/salond/salond.toml',
    ]);
  });

  const debian = Debian.create(t);
  const nodejs = packageOfNode(folder);

  await t.test('it is refused on a system whose Node.js is too old', async (t) => {
    ok(t, debian.install(packageOfNode(folder, '18.20.4')), 'the Node.js of Debian 12');
    t.match(debian.install(deb), { status: 100, text: /nodejs \(>= 20\.17\)/ });
    t.notOk(existsSync(debian.path('/usr/bin/salond')));
  });

  await t.test('an installation creates user and folders, and enables the unit', async (t) => {
    ok(t, debian.install(nodejs), 'a newer Node.js');
    ok(t, debian.install(deb), 'salond');
    ok(t, debian.run('dpkg', '--verify', 'salond'), 'all files are there');
    t.match(debian.run('getent', 'passwd', 'salond').text, /^salond:x:\d+:\d+:.*:\/var\/lib\/salond:\S*nologin$/m);
    const user = Number(debian.run('id', '-u', 'salond').text);
    for (const folder of ['/var/lib/salond', '/var/log/salond'])
      t.equal(statSync(debian.path(folder)).uid, user, folder);
    t.equal(statSync(debian.path('/var/lib/salond')).mode & 0o777, 0o700);
    t.same(enabled(debian), ['multi-user.target.wants/salond.service']);
    const check = ['salond', '--check-config', '--config', settings, '--data', '/var/lib/salond'];
    ok(t, debian.run('chroot', '--userspec=salond', '/', ...check), 'the user can read the settings');
    ok(t, debian.run('logrotate', '--debug', '/etc/logrotate.d/salond'), 'logrotate reads its file');
  });

  await t.test('the daemon serves clients and operators', async (t) => {
    writeFileSync(debian.path(settings), changed);
    const [daemon, port] = await start(t, debian);
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    t.match((await alice.ok('chatroom_message alice lobby hello, world')).body, { id: 1 });
    const status = debian.run('salonctl', '--json', 'status');
    ok(t, status, 'salonctl, as root');
    t.match(JSON.parse(status.text), { version: version(deb) });
    t.match(debian.run('salonctl', 'sessions').text, /\balice\b/);
    t.equal(
      debian.run('chroot', '--userspec=nobody', '/', 'salonctl', 'status').status === 0,
      false,
      'another user may not connect',
    );
    t.same(await daemon.stop(), { code: 0, signal: null });
  });

  await t.test('an upgrade keeps data and settings', async (t) => {
    ok(t, debian.install(nextVersion(deb, folder, '9.0.0')), 'the upgrade');
    t.equal(readFileSync(debian.path(settings), 'utf8'), changed);
    t.match(
      readFileSync(debian.path(`${settings}.dpkg-dist`), 'utf8'),
      /# A line that is new\.$/m,
      'the new settings are in a file beside them',
    );
    const [daemon, port] = await start(t, debian);
    t.match(JSON.parse(debian.run('salonctl', '--json', 'status').text), { version: '9.0.0' });
    const alice = await (await Client.connect(port)).enter('alice');
    await alice.ok({ command: 'join_chatroom', username: 'alice', room: 'lobby', after: 0 });
    t.ok(alice.lines.some(({ body }) => body['message'] === 'hello, world'));
    t.same(await daemon.stop(), { code: 0, signal: null });
  });

  await t.test('a removal keeps data and settings, and removes everything else', async (t) => {
    ok(t, debian.run('apt-get', 'remove', '--yes', 'salond'), 'the removal');
    for (const path of [settings, '/var/lib/salond/salond.db']) t.ok(existsSync(debian.path(path)), path);
    for (const path of ['/usr/lib/salond', '/usr/bin/salonctl', '/usr/share/doc/salond'])
      t.notOk(existsSync(debian.path(path)), path);
  });

  await t.test('a purge removes data and settings too', async (t) => {
    ok(t, debian.run('apt-get', 'purge', '--yes', 'salond'), 'the purge');
    for (const path of ['/etc/salond', '/etc/logrotate.d/salond', '/var/lib/salond', '/var/log/salond', '/run/salond'])
      t.notOk(existsSync(debian.path(path)), path);
    t.same(enabled(debian), []);
    t.equal(
      debian.run('find', '/etc', '/usr', '/var/lib', '/var/log', '-xdev', '-name', '*salond*').text,
      '',
      'no file of the package is left',
    );
  });

  await t.test('without systemd, adduser creates the user', async (t) => {
    ok(t, debian.run('deluser', '--system', 'salond'), "the first installation's user is deleted");
    ok(
      t,
      debian.run('rm', '/usr/bin/systemd-sysusers', '/usr/bin/systemd-tmpfiles', '/usr/bin/systemctl'),
      'no systemd',
    );
    ok(t, debian.install(deb), 'salond');
    t.match(debian.run('getent', 'passwd', 'salond').text, /^salond:x:\d+:\d+:.*:\/var\/lib\/salond:\S*nologin$/m);
    for (const folder of ['/var/lib/salond', '/var/log/salond'])
      t.equal(statSync(debian.path(folder)).uid, Number(debian.run('id', '-u', 'salond').text), folder);
    ok(t, debian.run('apt-get', 'purge', '--yes', 'salond'), 'the purge');
  });
});

/** The package's units that start with the system, as paths below /etc/systemd/system. */
function enabled(debian: Debian): string[] {
  const etc = debian.path('/etc/systemd/system');
  return readdirSync(etc, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\/salond[^/]*$/.test(name))
    .sort();
}

function version(deb: string): string {
  return run('dpkg-deb', ['--field', deb, 'Version']).text.trim().replace(/-\d+$/, '');
}
