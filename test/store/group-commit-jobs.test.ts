// How many changes of the directory a commit carries beside its messages, and whose: on a clock that only the changes
// move, and with the group commit over a committer in memory.
import * as fc from 'fast-check';
import t from 'tap';
import type { Jobs } from '../../src/store/committer.js';
import { CommitJobs, defaultJobLimits, JobQueue, type Write } from '../../src/store/group-commit-jobs.js';
import { GroupCommit } from '../../src/store/group-commit.js';
import type { NewMessage } from '../../src/store/log.js';
import { MemoryData } from '../../src/store/memory/data.js';
import { MemoryCommitter } from '../../src/store/memory/log.js';
import { StoreBusy, StoreFailure } from '../../src/store/store.js';
import type { Payer } from '../../src/turns/payer.js';
import { frozenPost, Teller } from './posts.js';

/** `a1/bob` is the user bob at the address a1; nothing is an operator. */
function payerOf(name: string): Payer | undefined {
  const [payerAddress = '', payerUser = ''] = name.split('/');
  return name === '' ? undefined : { payerClass: payerUser === '' ? 'guest' : 'user', payerAddress, payerUser };
}

/** A queue, and a clock that its changes move. */
class Bench {
  readonly queue: JobQueue;
  readonly refused: string[] = [];
  readonly retryAfters: number[] = [];
  #time = 0;
  #done: string[] = [];

  constructor(waiting = 1000) {
    this.queue = new JobQueue({ milliseconds: 8, waiting }, () => this.#time);
  }

  add(payer: string, name: string, milliseconds = 1): void {
    const write: Write = {
      run: async () => {
        this.#time += milliseconds;
        this.#done.push(name);
      },
      done: () => undefined,
      failed: (error) => {
        this.refused.push(name);
        this.retryAfters.push(error instanceof StoreBusy ? error.retryAfter : NaN);
      },
    };
    this.queue.add(write, payerOf(payer));
  }

  begin(): CommitJobs {
    return new CommitJobs([], this.queue);
  }

  /** Carries out a commit, and answers what it had. */
  async commit(jobs = this.begin()): Promise<string> {
    this.#done = [];
    for (const job of jobs) await job();
    return this.#done.join(' ');
  }
}

t.test('a commit has as many changes as there is time for, the addresses and their users in turns', async (t) => {
  const bench = new Bench();
  for (let each = 0; each < 20; each += 1) bench.add('a/alice', `alice${each}`);
  for (let each = 0; each < 3; each += 1) bench.add('a/bob', `bob${each}`);
  bench.add('b/carol', 'carol');
  bench.add('c', 'guest', 20);
  t.equal(await bench.commit(), 'alice0 carol guest', 'the time is over');
  t.equal(await bench.commit(), 'bob0 alice1 bob1 alice2 bob2 alice3 alice4 alice5');
  t.equal(await bench.commit(), [6, 7, 8, 9, 10, 11, 12, 13].map((each) => `alice${each}`).join(' '));
});

t.test('operators come first, but leave half of the time to clients, or one change', async (t) => {
  const bench = new Bench();
  for (let each = 0; each < 20; each += 1) bench.add('', `o${each}`);
  for (let each = 0; each < 10; each += 1) bench.add('a/alice', `a${each}`);
  t.equal(await bench.commit(), 'o0 o1 o2 o3 a0 a1 a2 a3');
  t.equal(await bench.commit(), 'o4 o5 o6 o7 a4 a5 a6 a7');
  t.equal(await bench.commit(), 'o8 o9 o10 o11 a8 a9 o12 o13', 'what clients do not need is theirs');
  t.equal(await bench.commit(), 'o14 o15 o16 o17 o18 o19');
  for (let each = 0; each < 2; each += 1) bench.add('', `slow${each}`, 100);
  bench.add('a/alice', 'a');
  t.equal(await bench.commit(), 'slow0 a');
});

t.test('a commit that is carried out again has the same changes, and one that began without has none', async (t) => {
  const bench = new Bench();
  const empty = bench.begin();
  for (let each = 0; each < 12; each += 1) bench.add('a', `${each}`, 3);
  t.equal(empty.length, 0);
  t.equal(await bench.commit(empty), '');
  const jobs = bench.begin();
  t.equal(jobs.length, 12);
  const [first] = jobs;
  await first?.();
  t.equal(await bench.commit(jobs), '0 1 2');
  t.equal(await bench.commit(jobs), '0 1 2');
  t.equal(await bench.commit(), '3 4 5');
});

t.test('where too many wait, the newest of the user and the address with the most is refused', async (t) => {
  const bench = new Bench(4);
  bench.add('a/alice', 'alice0');
  bench.add('a/alice', 'alice1');
  bench.add('a/bob', 'bob0');
  bench.add('b', 'guest0');
  bench.add('', 'operator');
  t.same(bench.refused, []);
  bench.add('c', 'guest1');
  t.same(bench.refused, ['alice1']);
  bench.add('b', 'guest2');
  t.same(bench.refused, ['alice1', 'guest2'], 'of equal ones the newest');
  bench.queue.committed(2, 500);
  for (const name of ['guest3', 'guest4']) bench.add('b', name);
  t.same(bench.retryAfters, [100, 100, 1250, 1500], 'when those that wait and were refused before have been stored');
  for (let each = 0; each < 100; each += 1) bench.add('b', 'guest5');
  t.equal(Math.max(...bench.retryAfters), 10_000);
  t.equal(await bench.commit(), 'operator alice0 guest0 guest1 bob0');
});

t.test('whoever else waits, an address has its change after at most one of each other address', async () => {
  const address = fc.constantFrom('a', 'b', 'c', 'd');
  await fc.assert(
    fc.asyncProperty(fc.array(address, { maxLength: 60 }), async (addresses) => {
      const bench = new Bench();
      for (const each of addresses) bench.add(each, each);
      bench.add('late', 'late');
      const commits: string[] = [];
      while (bench.queue.size > 0) commits.push(await bench.commit());
      const order = commits.join(' ').split(' ');
      return order.length === addresses.length + 1 && order.indexOf('late') <= new Set(addresses).size;
    }),
  );
});

t.test('messages are in the next commit, however many changes wait', async (t) => {
  const sizes: number[] = [];
  const committer = new MemoryCommitter(new MemoryData());
  const commits = new GroupCommit<NewMessage>(
    {
      commit: async (jobs: Jobs, batch, time) => {
        let count = 0;
        const counted = (function* () {
          for (const job of jobs) {
            count += 1;
            yield job;
          }
        })();
        const result = await committer.commit(Object.assign(counted, { length: jobs.length }), batch, time);
        sizes.push(count);
        return result;
      },
      touch: () => committer.touch(),
      allowEarlier: () => committer.allowEarlier(),
    },
    0,
    undefined,
    // So little that a commit has one change of the operators and one of the clients.
    { milliseconds: 1e-9, waiting: 100 },
  );
  const teller = new Teller();
  commits.listen(teller);
  const order: string[] = [];
  const change = (name: string, payer: string): Promise<unknown> =>
    commits.write(async () => void order.push(name), payerOf(payer));
  const all = [...Array(50).keys()].map((each) => change(`a${each}`, 'a'));
  all.push(change('b', 'b'), change('o', ''));
  commits.append(frozenPost(1, 1, 'said'));
  await commits.probe();
  t.same(teller.told, [['said']]);
  t.same([sizes[0], ...order.slice(0, 2)], [3, 'o', 'a0'], 'the first one has them, and so has the probe');
  await Promise.all(all);
  t.same(order.slice(0, 4), ['o', 'a0', 'b', 'a1']);
  t.equal(Math.max(...sizes.slice(1)), 1);
});

t.test('messages that come during a commit with changes are stored without any', async (t) => {
  const committer = new MemoryCommitter(new MemoryData());
  const had: string[] = [];
  let left = 6;
  const commits = new GroupCommit<NewMessage>(
    {
      commit: (jobs: Jobs, batch, time) => {
        had.push(`${batch.logs.length > 0 ? 'messages' : ''}${jobs.length > 0 ? ' changes' : ''}`);
        left -= 1;
        if (left > 0) {
          ask();
          commits.append(frozenPost(1, 1, 'said'));
        }
        return committer.commit(jobs, batch, time);
      },
      touch: () => committer.touch(),
      allowEarlier: () => committer.allowEarlier(),
    },
    0,
  );
  commits.listen(new Teller());
  const asked: Promise<void>[] = [];
  const ask = (): void => void asked.push(commits.write(async () => undefined, payerOf('a')));
  ask();
  await commits.drain();
  await Promise.all(asked);
  const both = 'messages changes';
  t.same(had, [' changes', 'messages', both, 'messages', both, 'messages']);
  commits.append(frozenPost(1, 1, 'said'));
  left = 0;
  ask();
  await Promise.all(asked);
  t.equal(had.at(-1), both, 'a store that rests takes both at once');
});

t.test('where a commit fails before a change could begin, all that wait fail', async (t) => {
  const committer = new MemoryCommitter(new MemoryData());
  let tries = 0;
  const commits = new GroupCommit<NewMessage>(
    {
      commit: () => {
        tries += 1;
        return Promise.reject(new StoreFailure('the disk is full'));
      },
      touch: () => committer.touch(),
      allowEarlier: () => committer.allowEarlier(),
    },
    0,
  );
  const outcomes = await Promise.allSettled(
    [...Array(50).keys()].map((each) => commits.write(async () => each, payerOf(each % 2 === 0 ? '' : 'a'))),
  );
  t.ok(outcomes.every(({ status }) => status === 'rejected'));
  t.equal(tries, 1);
  await commits.drain();
});

t.test('what a store takes where nobody says anything else', (t) => {
  t.same(defaultJobLimits, { milliseconds: 8, waiting: 1024 });
  t.end();
});
