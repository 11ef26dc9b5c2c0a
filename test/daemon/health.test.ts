// Tests /readyz, /livez and the watchdog with a store that answers, fails or hangs.
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Health } from '../../src/daemon/health.js';
import { TestClock } from '../support/clock.js';

/** A store that answers probes when the test says so. */
class ProbedStore {
  lastCommit: number | undefined;
  failing: string | undefined;
  probes = 0;
  #answer: (() => void) | undefined;

  probe(): Promise<void> {
    this.probes += 1;
    return new Promise((resolve, reject) => {
      this.#answer = () => (this.failing === undefined ? resolve() : reject(new Error(this.failing)));
    });
  }

  answer(failing?: string): void {
    this.failing = failing;
    if (failing === undefined) this.lastCommit = performance.now();
    this.#answer?.();
  }
}

const healthy = { alive: true, problem: undefined };

t.test('only one probe of the store is under way at a time, and its answer serves all checks', async (t) => {
  const store = new ProbedStore();
  const health = new Health(store, { fresh: 60_000, patience: 60_000 });
  const asking = Array.from({ length: 1000 }, () => health.check());
  t.equal(store.probes, 1);
  store.answer();
  t.same(
    new Set((await Promise.all(asking)).map((verdict) => JSON.stringify(verdict))),
    new Set([JSON.stringify(healthy)]),
  );
  t.same(await health.check(), healthy);
  t.equal(await health.answers(), true);
  t.equal(store.probes, 1);
});

t.test('a commit that succeeded counts as an answer', async (t) => {
  const store = new ProbedStore();
  store.lastCommit = performance.now();
  t.same(await new Health(store, { fresh: 60_000 }).check(), healthy);
  t.equal(store.probes, 0);
});

t.test('a failed commit makes the daemon not ready but alive, and the store is probed again', async (t) => {
  const store = new ProbedStore();
  const health = new Health(store, { fresh: 0, overview: 60_000, patience: 60_000 });
  const first = health.check();
  store.answer('the disk is full');
  t.same(await first, { alive: true, problem: 'the disk is full' });
  const watchdog = health.answers();
  store.answer('the disk is full');
  t.equal(await watchdog, true, 'the daemon is alive, because a restart would make no room');
  const overview = health.check('overview');
  t.equal(store.probes, 3, 'the store is probed even if an old answer would be new enough');
  store.answer();
  t.same(await overview, healthy);
  await health.check('overview');
  t.equal(store.probes, 3);
});

t.test('a check is answered while the store hangs, and the watchdog gets no answer', async (t) => {
  const clock = new TestClock(t);
  const store = new ProbedStore();
  const health = new Health(store);
  const first = health.check();
  await clock.pass(1000);
  t.same(await first, healthy, 'the first answer is what is known until then');
  let answered = false;
  void health.answers().then(() => {
    answered = true;
  });
  await clock.pass(9000);
  const late = health.check();
  await clock.pass(1000);
  t.same(await late, { alive: false, problem: 'the store has not answered for 10 seconds' });
  t.equal(store.probes, 1, 'a store that hangs is not probed again');
  t.equal(answered, false);
  store.answer();
  await turn();
  t.equal(answered, true);
});
