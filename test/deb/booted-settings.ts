// How systemd starts the daemon: with wrong settings, with sockets for clients, after a kill.
import type { Test } from 'tap';
import { asTold, bad, configure, good, journal, nobodyThere, ok, until, type Site } from './operator.js';

/** How often systemd has started the daemon. */
function startings(machine: Site['machine']): number {
  return journal(machine, '^Starting salond').length;
}

export async function starts(t: Test, { machine }: Site): Promise<void> {
  await t.test('wrong settings are tried as often as anyone likes, and right ones start at once', async (t) => {
    asTold(t, machine, ['systemctl disable --now salond.socket', 'systemctl restart salond']);
    // On a slow machine the restarts below are too far apart to reach a limit.
    t.equal(machine.property('salond.service', 'StartLimitIntervalUSec'), '0', 'there is no limit to starts');
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
    asTold(t, machine, ['systemctl enable salond.socket', 'systemctl restart salond']);
    t.ok(machine.isActive('salond.socket'));
    await machine.connect(7256).say('ping').heard(/^1\t/);
    t.match(journal(machine, '"event":"ready"').at(-1), /"addresses":\["127\.0\.0\.1:7256"\]/);
  });

  await t.test(
    'while a client waits, wrong settings are tried once a second at most, and right ones answer it',
    async (t) => {
      configure(machine, bad);
      const before = startings(machine);
      t.not(machine.run('systemctl', 'restart', 'salond').status, 0);
      const client = machine.connect(7256).say('ping');
      await new Promise((resolve) => {
        setTimeout(resolve, 6000);
      });
      const tries = startings(machine) - before;
      t.comment(`${tries} starts in six seconds`);
      t.ok(tries <= 7, 'one a second at most', { tries });
      t.ok(machine.isActive('salond.socket'), 'systemd has not given up');
      configure(machine, good);
      // A start that is on its way has read the wrong ones; a restart ends it.
      ok(t, machine.run('systemctl', 'restart', 'salond'), 'right settings');
      await client.heard(/^1\t/);
    },
  );

  await t.test('a restart tells a client that says nothing so, and does not wait for it', async (t) => {
    const restart = (): number => {
      const began = performance.now();
      ok(t, machine.run('systemctl', 'restart', 'salond'), 'restarted');
      return Math.round(performance.now() - began);
    };
    const alone = restart();
    const client = machine.connect(7256);
    await client.say('ping').heard(/^1\t/);
    const withClient = restart();
    t.comment(`a restart took ${alone} ms without a client, and ${withClient} ms with one that is idle`);
    // One that is waited for costs five seconds.
    t.ok(withClient < 2 * alone + 2000, 'in the same order of time');
    await client.heard(/^199\t/m);
  });

  await t.test('a daemon that is killed is started again, and salonctl finds it', async (t) => {
    const pid = machine.property('salond.service', 'MainPID');
    ok(t, machine.run('systemctl', 'kill', '--signal=KILL', 'salond'), 'killed');
    await until(
      () => machine.property('salond.service', 'MainPID') !== pid && machine.run('salonctl', 'status').status === 0,
    );
    ok(t, machine.run('salonctl', 'status'), 'it runs');
    t.not(machine.property('salond.service', 'MainPID'), pid);
  });
}
