// The log tests of the booted Debian: the audit log of the packaged daemon, logrotate, and fail2ban on the real
// journal.
import type { Test } from 'tap';
import { bad, configure, good, ok, until, type Site } from './operator.js';

/** Matches the audit log's line of that user's failed login. */
function failedLogin(username: string): RegExp {
  return new RegExp(
    `"username":"${username}".*"authentication_failed"|"authentication_failed".*"username":"${username}"`,
  );
}

/** Tests that audit log, logrotate and fail2ban work together on the machine. */
export async function logs(t: Test, { machine }: Site): Promise<void> {
  await t.test(
    'the audit log is in /var/log/salond, logrotate rotates it, and fail2ban reads the journal',
    async (t) => {
      const audit = '/var/log/salond/audit.log';
      const fail = async (name: string): Promise<void> => {
        await machine.connect(7256).say(`authenticate_user ${name} wrong-password`).heard(/^4\t/);
      };
      for (const name of ['mallory', 'trudy'])
        ok(t, machine.shell(`echo rabbit-hole | salonctl users create ${name} A B`), name);
      await fail('mallory');
      t.match(machine.run('cat', audit).text, failedLogin('mallory'));
      const owners = machine.run('stat', '--format=%U:%G %a', '/var/log/salond', audit);
      t.equal(owners.text, 'salond:salond 750\nsalond:salond 600\n');
      ok(t, machine.run('logrotate', '--force', '/etc/logrotate.d/salond'), 'logrotate');
      await fail('trudy');
      t.match(machine.run('cat', `${audit}.1`).text, failedLogin('mallory'));
      t.notMatch(machine.run('cat', `${audit}.1`).text, failedLogin('trudy'));
      t.match(machine.run('cat', audit).text, failedLogin('trudy'), 'the new file is in use');
      t.equal(machine.run('stat', '--format=%U:%G %a', audit).text, 'salond:salond 600\n');

      configure(machine, bad);
      ok(t, machine.shell(`mv ${audit} ${audit}.away`), 'the file is moved away');
      t.not(machine.run('systemctl', 'reload', 'salond').status, 0, 'a reload of wrong settings fails');
      await fail('alice');
      t.match(machine.run('cat', audit).text, failedLogin('alice'), 'the new file is in use all the same');
      configure(machine, good);
      ok(t, machine.run('systemctl', 'reload', 'salond'), 'right settings');

      const examples = '/usr/share/doc/salond/examples/fail2ban';
      const copies = ['filter.d', 'jail.d'].map(
        (folder) => `cp ${examples}/${folder}/salond.conf /etc/fail2ban/${folder}/`,
      );
      ok(t, machine.shell(copies.join(' && ')), "fail2ban's files are copied");
      for (const from of ['systemd-journal', audit]) {
        const read = machine.run('fail2ban-regex', from, '/etc/fail2ban/filter.d/salond.conf');
        t.match(read.text, from === audit ? /Failregex: 1 total/ : /Failregex: 3 total/, from);
      }
      // Debian's default jail watches sshd, which is not installed.
      ok(t, machine.shell('rm /etc/fail2ban/jail.d/defaults-debian.conf && systemctl restart fail2ban'), 'fail2ban');
      await until(() => machine.run('fail2ban-client', 'status', 'salond').status === 0);
      t.match(
        machine.run('fail2ban-client', 'status', 'salond').text,
        /Journal matches:\s+_SYSTEMD_UNIT=salond\.service/,
      );
    },
  );
}
