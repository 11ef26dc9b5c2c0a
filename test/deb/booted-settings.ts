// The start tests of the booted Debian: with wrong settings, with sockets for clients, and after a kill.
import type { Test } from 'tap';
import { asTold, bad, configure, good, journal, nobodyThere, ok, until, type Site } from './operator.js';

/** How often systemd has started the daemon. */
function countStarts(machine: Site['machine']): number {
  return journal(machine, '^Starting salond').length;
}

/** Tests how systemd starts, restarts and retries the daemon on the machine. */
export async function starts(t: Test, { machine }: Site): Promise<void> {
  await t.test('starts with wrong settings fail without a limit, and right settings start at once', async (t) => {
    asTold(t, machine, ['systemctl disable --now salond.socket', 'systemctl restart salond']);
    // On a slow machine the restarts below are too far apart to reach a limit.
    t.equal(machine.property('salond.service', 'StartLimitIntervalUSec'), '0', 'the unit has no start limit');
    configure(machine, bad);
    for (let times = 0; times < 7; times += 1) {
      t.not(machine.run('systemctl', 'restart', 'salond').status, 0);
      nobodyThere(t, machine);
      t.equal(machine.property('salond.service', 'Result'), 'exit-code');
    }
    configure(machine, good);
    ok(t, machine.run('systemctl', 'start', 'salond'), 'right settings');
    ok(t, machine.run('salonctl', 'status'), 'the daemon runs');
  });

  await t.test("the guide's commands enable a socket for clients while the daemon runs", async (t) => {
    t.not(machine.run('systemctl', 'enable', '--now', 'salond.socket').status, 0, 'systemd refuses this');
    ok(t, machine.run('systemctl', 'disable', 'salond.socket'), 'the socket is disabled again');
    asTold(t, machine, ['systemctl enable salond.socket', 'systemctl restart salond']);
    t.ok(machine.isActive('salond.socket'));
    await machine.connect(7256).say('ping').heard(/^1\t/);
    t.match(journal(machine, '"event":"ready"').at(-1), /"addresses":\["127\.0\.0\.1:7256"\]/);
  });

  await t.test(
    'while a client waits, a daemon with wrong settings is started at most once a second, and right settings answer the client',
    async (t) => {
      configure(machine, bad);
      const before = countStarts(machine);
      t.not(machine.run('systemctl', 'restart', 'salond').status, 0);
      const client = machine.connect(7256).say('ping');
      await new Promise((resolve) => {
        setTimeout(resolve, 6000);
      });
      const tries = countStarts(machine) - before;
      t.comment(`${tries} starts in six seconds`);
      t.ok(tries <= 7, 'at most one start per second', { tries });
      t.ok(machine.isActive('salond.socket'), 'systemd has not given up');
      configure(machine, good);
      // A start under way has read the wrong settings. A restart ends it.
      ok(t, machine.run('systemctl', 'restart', 'salond'), 'right settings');
      await client.heard(/^1\t/);
    },
  );

  await t.test('a restart sends an idle client a 199 and does not wait for it', async (t) => {
    const restart = (): number => {
      const began = performance.now();
      ok(t, machine.run('systemctl', 'restart', 'salond'), 'restarted');
      return Math.round(performance.now() - began);
    };
    const alone = restart();
    const client = machine.connect(7256);
    await client.say('ping').heard(/^1\t/);
    const withClient = restart();
    t.comment(`a restart took ${alone} ms without a client, and ${withClient} ms with an idle client`);
    // Waiting for the client would take five seconds.
    t.ok(withClient < 2 * alone + 2000, 'an idle client delays the restart little');
    await client.heard(/^199\t/m);
  });

  await t.test('a daemon that is killed is started again, and salonctl finds it', async (t) => {
    const pid = machine.property('salond.service', 'MainPID');
    ok(t, machine.run('systemctl', 'kill', '--signal=KILL', 'salond'), 'killed');
    await until(
      () => machine.property('salond.service', 'MainPID') !== pid && machine.run('salonctl', 'status').status === 0,
    );
    ok(t, machine.run('salonctl', 'status'), 'the daemon runs');
    t.not(machine.property('salond.service', 'MainPID'), pid);
  });
}
