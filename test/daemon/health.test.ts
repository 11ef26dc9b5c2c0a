// Tests /readyz, /livez and the watchdog with a store that answers, fails or hangs.
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Health } from '../../src/daemon/health.js';

/** A store whose answers the test gives. */
class ProbedStore {
  lastCommit: number | undefined;
  failing: string | undefined;
  asked = 0;
  #answer: (() => void) | undefined;

  probe(): Promise<void> {
    this.asked += 1;
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

const good = { alive: true, problem: undefined };

t.test('one probe of the store is under way at a time, and its answer serves all who ask', async (t) => {
  const store = new ProbedStore();
  const health = new Health(store, { fresh: 60_000, patience: 60_000 });
  const asking = Array.from({ length: 1000 }, () => health.check());
  t.equal(store.asked, 1);
  store.answer();
  t.same(
    new Set((await Promise.all(asking)).map((verdict) => JSON.stringify(verdict))),
    new Set([JSON.stringify(good)]),
  );
  t.same(await health.check(), good);
  t.equal(await health.answers(), true);
  t.equal(store.asked, 1);
});

t.test('any commit that succeeded counts as an answer', async (t) => {
  const store = new ProbedStore();
  store.lastCommit = performance.now();
  t.same(await new Health(store, { fresh: 60_000 }).check(), good);
  t.equal(store.asked, 0);
});

t.test('a commit that fails makes the daemon not ready, but it is alive, and the store is probed again', async (t) => {
  const store = new ProbedStore();
  const health = new Health(store, { fresh: 0, overview: 60_000, patience: 60_000 });
  const first = health.check();
  store.answer('the disk is full');
  t.same(await first, { alive: true, problem: 'the disk is full' });
  const watchdog = health.answers();
  store.answer('the disk is full');
  t.equal(await watchdog, true, 'a restart would make no room');
  const overview = health.check('overview');
  t.equal(store.asked, 3, 'even where an old answer would do');
  store.answer();
  t.same(await overview, good);
  await health.check('overview');
  t.equal(store.asked, 3);
});

t.test('a check answers while the store hangs, and the watchdog hears nothing', async (t) => {
  const store = new ProbedStore();
  const health = new Health(store, { fresh: 0, patience: 20, hanging: 3000 });
  t.same(await health.check(), good, 'what is known until then');
  let heard = false;
  void health.answers().then(() => {
    heard = true;
  });
  // Real time: the limit for a store that hangs.
  await sleep(3100);
  t.match(await health.check(), { alive: false, problem: /^the store has not answered for \d+ seconds$/ });
  t.equal(store.asked, 1, 'what hangs gets no queue');
  t.equal(heard, false);
  store.answer();
  await sleep(0);
  t.equal(heard, true);
});
