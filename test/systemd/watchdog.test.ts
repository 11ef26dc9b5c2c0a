// Tests when the watchdog reports that the daemon is alive, and when not.
import t from 'tap';
import { ServiceNotifier } from '../../src/ops/systemd/notify.js';
import { Watchdog } from '../../src/ops/systemd/watchdog.js';
import { Manager } from './manager.js';
import { noPrograms } from '../support/programs.js';

/** A day: what asks here is the test. */
const WATCHDOG_USEC = String(24 * 3600 * 1_000_000);
const yes = (): Promise<boolean> => Promise.resolve(true);
const nothing = (): void => undefined;

t.test('there is no watchdog for a manager that watches another process, or none, or names no time', async (t) => {
  for (const env of [
    {},
    { WATCHDOG_USEC: '0' },
    { WATCHDOG_USEC: '' },
    { WATCHDOG_USEC: '1s' },
    { WATCHDOG_USEC, WATCHDOG_PID: '1' },
  ]) {
    t.equal(Watchdog.fromEnvironment(env, yes, nothing), undefined, JSON.stringify(env));
    t.same(env, {}, 'and no child sees it');
  }
});

t.test('each true that comes before the next check is due is reported, and nothing else', async (t) => {
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
  t.equal(answers.length, 4, 'a question without an answer is not asked again');
  answers[3]?.answer(true);
  await late;
  t.equal(alive, 1);

  const again = watchdog.ask();
  answers[4]?.answer(true);
  await again;
  t.equal(alive, 2);
});

t.test(
  'the manager hears it twice in the time that it gives',
  { skip: noPrograms('systemd-notify', 'python3') },
  async (t) => {
    const manager = await Manager.start(t);
    // A message that was heard is not yet told: its child asks the manager once more, who is gone with the test.
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
    const begun = performance.now();
    let asked = 0;
    const watchdog = Watchdog.fromEnvironment(
      { WATCHDOG_USEC: '600000' },
      async () => {
        asked += 1;
        return true;
      },
      () => notify?.alive(),
    );
    // Its timer alone keeps no process running.
    const running = setInterval(nothing, 1000);
    t.teardown(() => {
      watchdog?.close();
      clearInterval(running);
    });
    for (let heard = 0; heard < 3; heard += 1) t.same(await manager.next(), ['WATCHDOG=1']);
    t.ok(asked >= 3);
    t.ok(performance.now() - begun >= 3 * 300 - 50, 'and no more often');
  },
);
