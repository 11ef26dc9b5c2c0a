// Tests which messages the notifier sends to a service manager, on a socket like the manager's.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { ServiceNotifier } from '../../src/ops/systemd/notify.js';
import { temporaryFolder } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { Manager } from './manager.js';

const PATH = process.env['PATH'] ?? '';
const skip = noPrograms('systemd-notify', 'python3');
const rethrow = (error: unknown): void => {
  throw error;
};

function notifyOf(t: Test, socket: string, onFailure = rethrow): ServiceNotifier {
  // systemd-notify asks the manager once more after a message. At the end of the test the manager is gone, and this
  // fails.
  let over = false;
  t.teardown(() => {
    over = true;
  });
  const notify = ServiceNotifier.fromEnvironment({ NOTIFY_SOCKET: socket, PATH }, (error) => {
    if (!over) onFailure(error);
  });
  if (notify === undefined) throw new Error('there is a socket');
  return notify;
}

t.test('there is no notifier without a manager, and child processes do not get its socket', async (t) => {
  t.equal(ServiceNotifier.fromEnvironment({ PATH }, rethrow), undefined);
  t.equal(ServiceNotifier.fromEnvironment({ PATH, NOTIFY_SOCKET: '' }, rethrow), undefined);
  const env = { PATH, NOTIFY_SOCKET: '/run/systemd/notify' };
  t.ok(ServiceNotifier.fromEnvironment(env, rethrow));
  t.same(env, { PATH });
});

t.test('the notifier sends ready, reloading and stopping in order', { skip }, async (t) => {
  const manager = await Manager.start(t);
  const notify = notifyOf(t, manager.socket);
  notify.ready('no connections');
  t.same(await manager.next(), ['READY=1', `MAINPID=${process.pid}`, 'STATUS=no connections']);

  const before = process.hrtime.bigint();
  notify.reloading();
  const after = process.hrtime.bigint();
  const [reloading, time = '', ...none] = await manager.next();
  t.equal(reloading, 'RELOADING=1');
  const microseconds = BigInt(/^MONOTONIC_USEC=(\d+)$/.exec(time)?.[1] ?? 0);
  t.ok(microseconds >= before / 1000n && microseconds <= after / 1000n, time);
  t.same(none, []);

  notify.ready('1 connection, "é" = 2;  3');
  t.same(await manager.next(), ['READY=1', `MAINPID=${process.pid}`, 'STATUS=1 connection, "é" = 2;  3']);
  notify.stopping('stopping');
  t.same(await manager.next(), ['STOPPING=1', 'STATUS=stopping']);
});

t.test('each change of the state is a message of its own, even if the next comes at once', { skip }, async (t) => {
  const manager = await Manager.start(t);
  const notify = notifyOf(t, manager.socket);
  notify.reloading();
  notify.ready('ready');
  notify.alive();
  notify.stopping('stopping');
  t.match(await manager.next(), ['RELOADING=1', /^MONOTONIC_USEC=/, 'STATUS=stopping', 'WATCHDOG=1']);
  t.same(await manager.next(), ['READY=1', `MAINPID=${process.pid}`]);
  t.same(await manager.next(), ['STOPPING=1']);
});

t.test('a status is sent only if it has changed, and the newest replaces those that wait', { skip }, async (t) => {
  const manager = await Manager.start(t);
  const notify = notifyOf(t, manager.socket);
  notify.status('1 connection');
  await Promise.resolve();
  for (const connections of [2, 3, 4, 5]) notify.status(`${connections} connections`);
  t.same(await manager.next(), ['STATUS=1 connection']);
  t.same(await manager.next(), ['STATUS=5 connections']);
  notify.status('5 connections');
  notify.alive();
  notify.alive();
  t.same(await manager.next(), ['WATCHDOG=1']);
  notify.status('6 connections');
  notify.alive();
  t.same(await manager.next(), ['STATUS=6 connections', 'WATCHDOG=1']);
});

t.test('one helper sends all messages, and another one follows if it has died', { skip }, async (t) => {
  const manager = await Manager.start(t);
  const children = (): readonly string[] =>
    readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(isHelper);
  const isHelper = (pid: string): boolean =>
    pid !== '' && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('notify');
  const others = children();
  const failures: unknown[] = [];
  const notify = notifyOf(t, manager.socket, (error) => void failures.push(error));
  const [helper = ''] = children().filter((pid) => !others.includes(pid));
  for (const status of ['one', 'two', '$(three) * `four`\n']) {
    notify.status(status);
    t.same(await manager.next(), [`STATUS=${status.replace('\n', ' ')}`]);
    await notify.flush(5000);
  }
  t.same(
    children().filter((pid) => !others.includes(pid)),
    [helper],
  );
  process.kill(Number(helper), 'SIGKILL');
  while (existsSync(`/proc/${helper}/fd/0`)) await sleep(5);
  notify.status('five');
  await notify.flush(5000);
  notify.status('six');
  t.ok(await manager.nextWith('STATUS=six'));
});

t.test(
  'a manager that can not be reached is reported once, and gets later messages when it can be reached',
  { skip },
  async (t) => {
    const socket = join(temporaryFolder(t), 'notify');
    const failures: unknown[] = [];
    let reportFailure = (): void => undefined;
    const failed = new Promise<void>((resolve) => {
      reportFailure = resolve;
    });
    const notify = notifyOf(t, socket, (error) => {
      failures.push(error);
      reportFailure();
    });
    notify.ready('first');
    notify.stopping('second');
    await failed;
    const manager = await Manager.start(t, socket);
    notify.status('third');
    t.ok(await manager.nextWith('STATUS=third'));
    t.equal(failures.length, 1);
    t.match(failures[0], { message: /systemd-notify.*No such file or directory/s });
  },
);

t.test('a system without systemd-notify is reported once', async (t) => {
  const failures: unknown[] = [];
  await new Promise<void>((resolve) => {
    const notify = ServiceNotifier.fromEnvironment(
      { NOTIFY_SOCKET: '/run/systemd/notify', PATH: '/nowhere' },
      (error) => {
        failures.push(error);
        resolve();
      },
    );
    notify?.ready('');
    notify?.alive();
  });
  t.match(failures, [{ message: /systemd-notify.*not found/ }]);
});
