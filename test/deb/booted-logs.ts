// The daemon's audit log where its unit lets it be, logrotate, and fail2ban on the real journal.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import { root, temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { run } from './debian.js';
import { bad, configure, good, ok, type Site } from './operator.js';

/** That line of the audit log. */
function failed(username: string): RegExp {
  return new RegExp(`"username":"${username}".*"authentication_failed"|"authentication_failed".*"username":"${username}"`);
}

export async function logs(t: Test, { machine }: Site): Promise<void> {
  await t.test('the audit log is in /var/log/salond, logrotate rotates it, and fail2ban reads the journal', async (t) => {
    const audit = '/var/log/salond/audit.log';
    const fail = async (name: string): Promise<void> => {
      await machine.connect(7256).say(`authenticate_user ${name} wrong-password`).heard(/^4\t/);
    };
    for (const name of ['mallory', 'trudy']) ok(t, machine.shell(`echo rabbit-hole | salonctl users create ${name} A B`), name);
    await fail('mallory');
    t.match(machine.run('cat', audit).text, failed('mallory'));
    const owners = machine.run('stat', '--format=%U:%G %a', '/var/log/salond', audit);
    t.equal(owners.text, 'salond:salond 750\nsalond:salond 600\n');
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
      const wanted = ['--unit=salond', '--output=short-iso', '--grep=authentication_failed'];
      const lines = machine.run('journalctl', ...wanted).text;
      const file = join(temporaryFolder(t), 'journal');
      writeFileSync(file, lines);
      const filter = join(root, 'deploy/fail2ban/filter.d/salond.conf');
      const time = '--datepattern=^%ExY-%Exm-%ExdT%ExH:%ExM:%ExS%z\\s';
      const { text } = run('fail2ban-regex', ['--print-all-matched', time, file, filter]);
      t.match(text, /Failregex: 3 total/, { lines });
    });
  });
}
