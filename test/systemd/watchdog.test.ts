// Tests when the watchdog reports that the daemon is alive.
import t from 'tap';
import { ServiceNotifier } from '../../src/ops/systemd/notify.js';
import { Watchdog } from '../../src/ops/systemd/watchdog.js';
import { Manager } from './manager.js';
import { noPrograms } from '../support/programs.js';

/** A day, so that only the test asks for reports. */
const WATCHDOG_USEC = String(24 * 3600 * 1_000_000);
const healthy = (): Promise<boolean> => Promise.resolve(true);
const nothing = (): void => undefined;

t.test('there is no watchdog without a time, or if the manager watches another process', async (t) => {
  for (const env of [
    {},
    { WATCHDOG_USEC: '0' },
    { WATCHDOG_USEC: '' },
    { WATCHDOG_USEC: '1s' },
    { WATCHDOG_USEC, WATCHDOG_PID: '1' },
  ]) {
    t.equal(Watchdog.fromEnvironment(env, healthy, nothing), undefined, JSON.stringify(env));
    t.same(env, {}, 'child processes do not get the variables');
  }
});

t.test('only a check that succeeds before the next one is due is reported', async (t) => {
  const answers: { readonly answer: (healthy: boolean) => void; readonly fail: () => void }[] = [];
  let alive = 0;
  const env = { WATCHDOG_USEC, WATCHDOG_PID: String(process.pid) };
  const watchdog = Watchdog.fromEnvironment(
    env,
    () =>
      new Promise((answer, fail) => {
        answers.push({ answer, fail: () => fail(new Error('the store is broken')) });
      }),
    () => {
      alive += 1;
    },
  );
  if (watchdog === undefined) throw new Error('this process is watched');
  t.teardown(() => watchdog.close());
  t.same(env, {});

  const yes = watchdog.ask();
  answers[0]?.answer(true);
  await yes;
  t.equal(alive, 1);

  const no = watchdog.ask();
  answers[1]?.answer(false);
  await no;
  t.equal(alive, 1);

  const broken = watchdog.ask();
  answers[2]?.fail();
  await broken;
  t.equal(alive, 1);

  const late = watchdog.ask();
  await watchdog.ask();
  await watchdog.ask();
  t.equal(answers.length, 4, 'no check starts while another has no answer');
  answers[3]?.answer(true);
  await late;
  t.equal(alive, 1);

  const again = watchdog.ask();
  answers[4]?.answer(true);
  await again;
  t.equal(alive, 2);
});

t.test(
  'the manager gets two reports in the time that it names',
  { skip: noPrograms('systemd-notify', 'python3') },
  async (t) => {
    const manager = await Manager.start(t);
    // systemd-notify asks the manager once more after a message. At the end of the test the manager is gone, and this
    // fails.
    let over = false;
    t.teardown(() => {
      over = true;
    });
    const notify = ServiceNotifier.fromEnvironment(
      { NOTIFY_SOCKET: manager.socket, PATH: process.env['PATH'] ?? '' },
      (error) => {
        if (!over) throw error;
      },
    );
    const started = performance.now();
    let asked = 0;
    const watchdog = Watchdog.fromEnvironment(
      { WATCHDOG_USEC: '600000' },
      async () => {
        asked += 1;
        return true;
      },
      () => notify?.alive(),
    );
    // The watchdog's timer alone does not keep this process running.
    const running = setInterval(nothing, 1000);
    t.teardown(() => {
      watchdog?.close();
      clearInterval(running);
    });
    for (let heard = 0; heard < 3; heard += 1) t.same(await manager.next(), ['WATCHDOG=1']);
    t.ok(asked >= 3);
    t.ok(performance.now() - started >= 3 * 300 - 50, 'no report comes early');
  },
);
