// `npm run test:systemd`, and the third part of `npm run test:deb`: an operator's day with the package in a booted
// Debian, where the real systemd starts, stops and restarts the daemon. SALOND_FORMER may name a package of 0.1.0 to
// upgrade from. Without it, one is built from this version with the units and maintainer scripts of 0.1.0.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { root } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { logs } from './booted-logs.js';
import { starts } from './booted-settings.js';
import { Debian, notPossible, packageOfNode, run, withFormerUnits, type Ran } from './debian.js';
import { Machine, noBoot } from './machine.js';
import { asTold, journal, nobodyThere, ok } from './operator.js';

const skip = notPossible() || noBoot() || noPrograms('nsenter', 'socat');

const create = 'create_user alice Alice A rabbit-hole';
const authenticate = 'authenticate_user alice rabbit-hole';
const history = '{"command":"join_chatroom","username":"alice","room":"lobby","after":0}';

t.test("an operator's day under systemd", { skip }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'salond-booted-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const built = run(process.execPath, [join(root, 'dist/tools/deb/build.js'), folder], root);
  if (built.status !== 0) throw new Error(built.text);
  const deb = built.text.trim();
  const former = process.env['SALOND_FORMER'] ?? withFormerUnits(deb, folder, '0.1.0~before-1');

  const debian = Debian.create(t);
  ok(t, debian.install(packageOfNode(folder)), 'Node.js');
  const machine = await Machine.boot(t, debian);
  /** Copies the package into the machine and installs it there as root. */
  const install = (path: string): Ran => {
    run('cp', [path, debian.path('/var/tmp/given.deb')]);
    const options = '--yes --quiet --no-install-recommends --allow-downgrades -o Dpkg::Options::=--force-confold';
    return machine.shell(`apt-get install ${options} /var/tmp/given.deb`);
  };

  await t.test('0.1.0 is installed, with the socket for operators and one for clients', async (t) => {
    ok(t, install(former), 'salond');
    ok(t, machine.run('systemctl', 'stop', 'salond.service'), 'stopped');
    ok(t, machine.run('systemctl', 'enable', '--now', 'salond.socket'), 'salond.socket');
    ok(t, machine.run('systemctl', 'start', 'salond.service'), 'started');
    t.ok(machine.isActive('salond-control.socket'));
    const client = machine
      .connect(7256)
      .say(create, authenticate, history, 'chatroom_message alice lobby before the upgrade');
    await client.heard(/"command":"chatroom_message"/);
  });

  await t.test('an upgrade removes the socket unit for operators, and keeps everything else', async (t) => {
    ok(t, install(deb), 'the upgrade');
    t.equal(machine.property('salond-control.socket', 'LoadState'), 'not-found');
    t.notOk(machine.isActive('salond-control.socket'));
    const left = machine.shell('find /etc/systemd /usr/lib/systemd /var/lib/systemd -name "*salond-control*"');
    t.equal(left.text, '', 'no file of the socket unit is left');
    for (const unit of ['salond.service', 'salond.socket']) t.ok(machine.isActive(unit), unit);
    ok(t, machine.run('systemctl', 'is-enabled', 'salond.service', 'salond.socket'), 'enabled as before');
    ok(t, machine.run('salonctl', 'status'), 'salonctl, as root');
    t.equal(machine.run('stat', '--format=%U:%G %a', '/run/salond/control.sock').text, 'salond:salond 660\n');
    ok(t, machine.shell('adduser --quiet --system --no-create-home carol && adduser --quiet carol salond'), 'carol');
    ok(t, machine.run('runuser', '-u', 'carol', '--', 'salonctl', 'status'), 'a member of the group');
    t.not(machine.run('runuser', '-u', 'nobody', '--', 'salonctl', 'status').status, 0, 'nobody else');
    const pid = machine.property('salond.service', 'MainPID');
    t.notMatch(machine.run('journalctl', `_PID=${pid}`, '--output=cat').text, /control_socket_ignored/);
    await machine
      .connect(7256)
      .say(authenticate, history)
      .heard(/before the upgrade/);
  });

  await t.test(
    "a request for its status does not start a stopped daemon, and the guide's commands restore a backup",
    async (t) => {
      ok(t, machine.shell('mkdir -p /var/backups && salonctl backup /var/backups/first.db'), 'a backup');
      asTold(t, machine, ['systemctl stop salond.socket salond-tls.socket salond']);
      for (let times = 0; times < 3; times += 1) nobodyThere(t, machine);
      t.notOk(machine.isActive('salond.service'), 'the daemon was not started');
      t.equal(machine.run('ls', '-A', '/run/salond').status, 2, 'no socket is left');
      asTold(
        t,
        machine,
        [
          'systemctl stop salond.socket salond-tls.socket salond',
          'salonctl restore /var/backups/salond-2026-11-25.db --replace',
          'systemctl start salond',
        ],
        { 'salond-2026-11-25': 'first' },
      );
      ok(t, machine.run('salonctl', 'status'), 'the daemon runs');
      t.ok(machine.isActive('salond.socket'), 'the enabled socket was started too');
      await machine
        .connect(7256)
        .say(authenticate, history)
        .heard(/before the upgrade/);
    },
  );

  await starts(t, { debian, machine });
  await logs(t, { debian, machine });

  await t.test(
    "a socket unit of 0.1.0 that was installed by hand does not prevent a start, and the guide's commands remove it",
    async (t) => {
      run('cp', [join(root, 'test/deb/0.1.0/salond-control.socket'), debian.path('/etc/systemd/system/')]);
      const before = ['daemon-reload', 'stop salond.socket salond', 'enable --now salond-control.socket'];
      ok(
        t,
        machine.shell(before.map((command) => `systemctl ${command}`).join(' && ')),
        'the socket of 0.1.0 is active',
      );
      ok(t, machine.run('systemctl', 'start', 'salond'), 'the daemon');
      t.match(journal(machine, 'control_socket_ignored').at(-1), /"path":"\/run\/salond\/control\.sock"/);
      ok(t, machine.run('salonctl', 'status'), "salonctl reaches the daemon's own socket");
      asTold(t, machine, [
        'systemctl disable --now salond-control.socket',
        'rm /etc/systemd/system/salond-control.socket',
        'systemctl daemon-reload',
        'systemctl restart salond',
      ]);
      ok(t, machine.run('salonctl', 'status'), "salonctl reaches the daemon's own socket again");
      ok(t, machine.run('systemctl', 'stop', 'salond.socket', 'salond'), 'stopped');
      nobodyThere(t, machine);
      ok(t, machine.run('systemctl', 'start', 'salond'), 'started');
    },
  );

  await t.test('a purge removes everything except what the operator put elsewhere', async (t) => {
    ok(t, machine.run('apt-get', 'purge', '--yes', 'salond'), 'the purge');
    t.equal(
      machine.shell('find /etc /usr /var/lib /var/log /run -xdev -name "*salond*" ! -path "/etc/fail2ban/*"').text,
      '',
    );
    t.equal(machine.run('systemctl', 'list-units', '--all', '--no-legend', '--plain', 'salond*').text.trim(), '');
  });
});
