// `npm run test:systemd`, and the third part of `npm run test:deb`: an operator's day with the package in a Debian that is booted, where
// systemd really starts, stops and restarts the daemon. SALOND_FORMER names a package of 0.1.0 to upgrade from; else one is made of
// this version with 0.1.0's units and maintainer scripts.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { root, temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { Debian, notPossible, packageOfNode, run, withFormerUnits, type Ran } from './debian.js';
import { noBoot, type Machine, Machine as Booted } from './machine.js';

const guide = readFileSync(join(root, 'docs/operating.md'), 'utf8');
const settings = '/etc/salond/salond.toml';
const good = 'audit_log = "/var/log/salond/audit.log"\n';
const bad = 'max_connections = "many"\n';

function ok(t: Test, { status, text }: Ran, what: string): void {
  t.equal(status, 0, what, { said: text });
}

/** Gives the operator's commands as the guide has them, which has to have them so, one after the other. */
function asTold(t: Test, machine: Machine, commands: string, put: Readonly<Record<string, string>> = {}): void {
  t.ok(guide.includes(`\n${commands}\n`), 'the guide says so', { commands });
  for (const command of commands.split('\n')) {
    ok(t, machine.shell(Object.entries(put).reduce((text, [from, to]) => text.replaceAll(from, to), command)), command);
  }
}

function configure(machine: Machine, text: string): void {
  machine.shell(`printf '%s' '${text}' > ${settings}`);
}

/** `salonctl status` says that nobody is there, as a sentence. */
function nobodyThere(t: Test, machine: Machine): void {
  const { status, text } = machine.run('salonctl', 'status');
  t.equal(status, 69, text);
  t.match(text, /^salonctl: .*\n$/, 'in one line');
}

/** That line of the audit log. */
function failed(username: string): RegExp {
  return new RegExp(`"username":"${username}".*"authentication_failed"|"authentication_failed".*"username":"${username}"`);
}

function starts(machine: Machine): number {
  return machine.run('journalctl', '--unit=salond', '--output=cat', '--grep=^Starting salond').text.split('\n').filter(Boolean).length;
}

const skip = notPossible() || noBoot() || noPrograms('nsenter', 'socat');

t.test('an operator\'s day under systemd', { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'salond-booted-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const built = run(process.execPath, [join(root, 'dist/tools/deb/build.js'), folder], root);
  if (built.status !== 0) throw new Error(built.text);
  const deb = built.text.trim();
  const former = process.env['SALOND_FORMER'] ?? withFormerUnits(deb, folder, '0.1.0~before-1');

  const debian = Debian.make(t);
  ok(t, debian.install(packageOfNode(folder)), 'Node.js');
  const machine = await Booted.boot(t, debian);
  /** Puts the package into the machine and installs it there, as root at its console would. */
  const install = (path: string): Ran => {
    run('cp', [path, debian.path('/var/tmp/given.deb')]);
    return machine.run('apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', '--allow-downgrades', '-o', 'Dpkg::Options::=--force-confold', '/var/tmp/given.deb');
  };
  const isActive = (unit: string): boolean => machine.run('systemctl', 'is-active', '--quiet', unit).status === 0;
  const again = ['authenticate_user alice rabbit-hole', '{"command":"join_chatroom","username":"alice","room":"lobby","after":0}'];
  const alice = ['create_user alice Alice A rabbit-hole', 'authenticate_user alice rabbit-hole', 'join_chatroom alice lobby'];

  await t.test('0.1.0 is installed, with the socket for operators and one for clients', async (t) => {
    ok(t, install(former), 'salond');
    ok(t, machine.run('systemctl', 'stop', 'salond.service'), 'stopped');
    ok(t, machine.run('systemctl', 'enable', '--now', 'salond.socket'), 'salond.socket');
    ok(t, machine.run('systemctl', 'start', 'salond.service'), 'started');
    t.ok(isActive('salond-control.socket'));
    const client = machine.connect(7256).say(...alice, 'chatroom_message alice lobby before the upgrade');
    await client.heard(/"command":"chatroom_message"/);
  });

  await t.test('an upgrade removes the socket unit, and keeps the rest', async (t) => {
    ok(t, install(deb), 'the upgrade');
    t.equal(machine.property('salond-control.socket', 'LoadState'), 'not-found');
    t.notOk(isActive('salond-control.socket'));
    t.equal(machine.shell('find /etc/systemd /usr/lib/systemd /var/lib/systemd -name "*salond-control*"').text, '', 'nothing of it is left');
    for (const unit of ['salond.service', 'salond.socket']) t.ok(isActive(unit), unit);
    ok(t, machine.run('systemctl', 'is-enabled', 'salond.service', 'salond.socket'), 'enabled as before');
    ok(t, machine.run('salonctl', 'status'), 'salonctl, as root');
    t.equal(machine.run('stat', '--format=%U:%G %a', '/run/salond/control.sock').text, 'salond:salond 660\n');
    ok(t, machine.shell('adduser --quiet --system --no-create-home carol && adduser --quiet carol salond && runuser -u carol -- salonctl status'), 'a member of the group');
    t.not(machine.run('runuser', '-u', 'nobody', '--', 'salonctl', 'status').status, 0, 'nobody else');
    t.notMatch(machine.run('journalctl', `_PID=${machine.property('salond.service', 'MainPID')}`, '--output=cat').text, /control_socket_ignored/);
    await machine.connect(7256).say(...again).heard(/before the upgrade/);
  });

  await t.test('a daemon that is stopped stays so whoever asks for its status, and the restore that the guide tells works', async (t) => {
    ok(t, machine.shell('mkdir -p /var/backups && salonctl backup /var/backups/first.db'), 'a backup');
    asTold(t, machine, 'systemctl stop salond.socket salond-tls.socket salond');
    for (let times = 0; times < 3; times += 1) nobodyThere(t, machine);
    t.notOk(isActive('salond.service'), 'it was not started');
    t.equal(machine.run('ls', '-A', '/run/salond').status, 2, 'no socket is left');
    asTold(t, machine, [
      'systemctl stop salond.socket salond-tls.socket salond', 'salonctl restore /var/backups/salond-2026-11-25.db --replace', 'systemctl start salond',
    ].join('\n'), { 'salond-2026-11-25': 'first' });
    ok(t, machine.run('salonctl', 'status'), 'it runs');
    t.ok(isActive('salond.socket'), 'the socket that is enabled came with it');
    await machine.connect(7256).say(...again).heard(/before the upgrade/);
  });

  await t.test('wrong settings are tried as often as anyone likes, and right ones start at once', async (t) => {
    asTold(t, machine, 'systemctl disable --now salond.socket\nsystemctl restart salond');
    configure(machine, bad);
    for (let times = 0; times < 7; times += 1) {
      t.not(machine.run('systemctl', 'restart', 'salond').status, 0);
      nobodyThere(t, machine);
      t.equal(machine.property('salond.service', 'Result'), 'exit-code');
    }
    configure(machine, good);
    ok(t, machine.run('systemctl', 'start', 'salond'), 'right settings');
    ok(t, machine.run('salonctl', 'status'), 'it runs');
  });

  await t.test('a socket for clients is enabled while the daemon runs, as the guide tells', async (t) => {
    t.not(machine.run('systemctl', 'enable', '--now', 'salond.socket').status, 0, 'systemd refuses this');
    ok(t, machine.run('systemctl', 'disable', 'salond.socket'), 'as it was');
    asTold(t, machine, 'systemctl enable salond.socket\nsystemctl restart salond');
    t.ok(isActive('salond.socket'));
    await machine.connect(7256).say('ping').heard(/^1\t/);
    t.equal(machine.run('journalctl', '--unit=salond', '--output=cat', '--lines=1', '--grep="event":"ready"').text.includes('127.0.0.1:7256'), true);
  });

  await t.test('with a client that waits, wrong settings are not tried all the time, and right ones answer it', async (t) => {
    configure(machine, bad);
    const before = starts(machine);
    t.not(machine.run('systemctl', 'restart', 'salond').status, 0);
    const client = machine.connect(7256).say('ping');
    await new Promise((resolve) => { setTimeout(resolve, 6000); });
    const tries = starts(machine) - before;
    t.comment(`${tries} starts in six seconds`);
    t.ok(tries <= 7, 'one a second at most', { tries });
    t.ok(isActive('salond.socket'), 'systemd has not given up');
    configure(machine, good);
    // A start that is on its way has read the wrong ones; a restart ends it.
    ok(t, machine.run('systemctl', 'restart', 'salond'), 'right settings');
    await client.heard(/^1\t/);
  });

  await t.test('the audit log is in /var/log/salond, logrotate rotates it, and fail2ban reads the journal', async (t) => {
    const audit = '/var/log/salond/audit.log';
    const fail = async (name: string): Promise<void> => {
      await machine.connect(7256).say(`authenticate_user ${name} wrong-password`).heard(/^4\t/);
    };
    ok(t, machine.shell('for name in mallory trudy; do echo rabbit-hole | salonctl users create $name A B; done'), 'two users');
    await fail('mallory');
    t.match(machine.run('cat', audit).text, failed('mallory'));
    t.equal(machine.run('stat', '--format=%U:%G %a', '/var/log/salond', audit).text, 'salond:salond 750\nsalond:salond 600\n');
    ok(t, machine.run('logrotate', '--force', '/etc/logrotate.d/salond'), 'logrotate');
    await fail('trudy');
    t.match(machine.run('cat', `${audit}.1`).text, failed('mallory'));
    t.notMatch(machine.run('cat', `${audit}.1`).text, failed('trudy'));
    t.match(machine.run('cat', audit).text, failed('trudy'), 'the new file is in use');
    t.equal(machine.run('stat', '--format=%U:%G %a', audit).text, 'salond:salond 600\n');

    configure(machine, bad);
    ok(t, machine.shell(`mv ${audit} ${audit}.away`), 'moved away');
    t.not(machine.run('systemctl', 'reload', 'salond').status, 0, 'a reload of wrong settings fails');
    await fail('alice');
    t.match(machine.run('cat', audit).text, failed('alice'), 'and the new file is in use all the same');
    configure(machine, good);
    ok(t, machine.run('systemctl', 'reload', 'salond'), 'right settings');

    await t.test('fail2ban', { skip: noPrograms('fail2ban-regex') }, async (t) => {
      // The line as fail2ban gives it to the filter: without the time, which the journal has apart.
      const lines = machine.run('journalctl', '--unit=salond', '--output=short-iso', '--grep=authentication_failed').text;
      const file = join(temporaryFolder(t), 'journal');
      spawnSync('tee', [file], { input: lines, stdio: ['pipe', 'ignore', 'inherit'] });
      const { text } = run('fail2ban-regex', ['--print-all-matched', '--datepattern=^%ExY-%Exm-%ExdT%ExH:%ExM:%ExS%z\\s', file, join(root, 'deploy/fail2ban/filter.d/salond.conf')]);
      t.match(text, /Failregex: 3 total/, { lines });
    });
  });

  await t.test('a restart with a client that says nothing tells it so', async (t) => {
    const client = machine.connect(7256);
    await client.say('ping').heard(/^1\t/);
    const began = performance.now();
    ok(t, machine.run('systemctl', 'restart', 'salond'), 'restarted');
    t.comment(`a restart with one idle client took ${Math.round(performance.now() - began)} ms`);
    await client.heard(/^199\t/m);
  });

  await t.test('a daemon that is killed is started again, and salonctl finds it', async (t) => {
    const pid = machine.property('salond.service', 'MainPID');
    ok(t, machine.run('systemctl', 'kill', '--signal=KILL', 'salond'), 'killed');
    for (let tries = 0; tries < 100 && machine.property('salond.service', 'MainPID') === pid; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
    for (let tries = 0; tries < 200 && machine.run('salonctl', 'status').status !== 0; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 100); });
    ok(t, machine.run('salonctl', 'status'), 'it runs');
    t.not(machine.property('salond.service', 'MainPID'), pid);
  });

  await t.test('where the socket unit of 0.1.0 was installed by hand, the daemon starts all the same, and the guide says how it goes', async (t) => {
    run('cp', [join(root, 'test/deb/0.1.0/salond-control.socket'), debian.path('/etc/systemd/system/')]);
    ok(t, machine.shell('systemctl daemon-reload && systemctl stop salond.socket salond && systemctl enable --now salond-control.socket'), 'as before');
    ok(t, machine.run('systemctl', 'start', 'salond'), 'the daemon');
    t.match(machine.run('journalctl', '--unit=salond', '--output=cat', '--lines=5', '--grep=control_socket_ignored').text, /"path":"\/run\/salond\/control\.sock"/);
    ok(t, machine.run('salonctl', 'status'), 'by its own socket');
    asTold(t, machine, [
      'systemctl disable --now salond-control.socket', 'rm /etc/systemd/system/salond-control.socket', 'systemctl daemon-reload', 'systemctl restart salond',
    ].join('\n'));
    ok(t, machine.run('salonctl', 'status'), 'by its own socket again');
    ok(t, machine.run('systemctl', 'stop', 'salond.socket', 'salond'), 'stopped');
    nobodyThere(t, machine);
    ok(t, machine.run('systemctl', 'start', 'salond'), 'started');
  });

  await t.test('a purge leaves nothing', async (t) => {
    ok(t, machine.run('apt-get', 'purge', '--yes', 'salond'), 'the purge');
    t.equal(machine.shell('find /etc /usr /var/lib /var/log /run -xdev -name "*salond*"').text, '');
    t.equal(machine.run('systemctl', 'list-units', '--all', '--no-legend', '--plain', 'salond*').text.trim(), '');
  });
});
