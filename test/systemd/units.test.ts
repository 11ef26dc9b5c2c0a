// Checks the units with systemd's own tools.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { inheritedSockets } from '../../src/ops/systemd/sockets.js';
import { temporaryFolder } from '../support/daemon.js';

import { unitNames, unitsInForce, values } from './units.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessPossible } from '../support/skip.js';

const skip = noPrograms('systemd-analyze');

t.test('systemd accepts every line of the units', { skip }, async (t) => {
  const folder = unitsInForce(t);
  const units = readdirSync(folder)
    .filter((name) => /\.(?:service|socket)$/.test(name))
    .map((name) => join(folder, name));
  t.equal(units.length, 3);
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...units], {
    encoding: 'utf8',
  });
  t.equal(status, 0);
  // Complaints about other units of this machine do not count.
  t.same(
    `${stdout}${stderr}`.split('\n').filter((line) => line.includes('salond')),
    [],
  );
});

t.test('systemd-analyze finds few rights that the daemon does not need', { skip }, async (t) => {
  const service = join(unitsInForce(t), 'salond.service');
  const { status, stdout } = spawnSync('systemd-analyze', ['security', '--offline=true', '--threshold=15', service], {
    encoding: 'utf8',
  });
  t.comment(stdout.trimEnd().split('\n').at(-1));
  t.equal(status, 0, 'the exposure is at most 1.5');
});

const skipFiles =
  noPrograms('systemd-sysusers', 'systemd-tmpfiles') || skipUnlessPossible(process.getuid?.() === 0, 'needs root');

t.test(
  'the package creates a user, the folder of the audit log, and settings if there are none',
  { skip: skipFiles },
  async (t) => {
    const [units, system] = [unitsInForce(t), temporaryFolder(t)];
    mkdirSync(join(system, 'etc'));
    const run = (program: string, ...args: readonly string[]): number | null =>
      spawnSync(program, [...args, `--root=${system}`]).status;
    t.equal(run('systemd-sysusers', join(units, 'sysusers.d/salond.conf')), 0);
    const [, uid] =
      /^salond:x:(\d+):.*:\/var\/lib\/salond:\S*nologin$/m.exec(readFileSync(join(system, 'etc/passwd'), 'utf8')) ?? [];

    const settings = join(system, 'etc/salond/salond.toml');
    const tmpfiles = (): number | null => run('systemd-tmpfiles', '--create', join(units, 'tmpfiles.d/salond.conf'));
    t.equal(tmpfiles(), 0);
    t.equal(statSync(join(system, 'var/log/salond')).uid, Number(uid));
    t.equal(statSync(join(system, 'var/log/salond')).mode & 0o777, 0o750);
    t.equal(readFileSync(settings, 'utf8'), '');
    writeFileSync(settings, 'registration = "closed"\n');
    t.equal(tmpfiles(), 0);
    t.equal(readFileSync(settings, 'utf8'), 'registration = "closed"\n', 'existing settings stay');
  },
);

t.test(
  'the socket for operators is in the folder that systemd creates for the daemon, and no unit opens it',
  async (t) => {
    const [folder = 'nowhere'] = values('salond.service', 'RuntimeDirectory');
    t.ok(values('salond.service', 'Environment').includes(`SALOND_CONTROL_SOCKET=/run/${folder}/control.sock`));
    for (const unit of unitNames())
      t.same(
        values(unit, 'ListenStream').filter((address) => address.startsWith('/')),
        [],
        unit,
      );
  },
);

t.test('the socket units have names that the daemon accepts', async (t) => {
  const names = ['salond.socket', 'salond-tls.socket'].flatMap((unit) => values(unit, 'FileDescriptorName'));
  t.same(names, ['plain', 'tls']);
  t.equal(
    inheritedSockets({ LISTEN_PID: String(process.pid), LISTEN_FDS: '2', LISTEN_FDNAMES: names.join(':') }).clients
      .length,
    2,
  );
});
