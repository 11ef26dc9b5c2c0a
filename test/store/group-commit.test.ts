// GroupCommit by itself, over a committer whose every step the test decides.
import t from 'tap';
import type { Batch, Committer, Jobs, Result } from '../../src/store/committer.js';
import { GroupCommit } from '../../src/store/group-commit.js';
import type { NewMessage } from '../../src/store/log.js';
import { MemoryData } from '../../src/store/memory/data.js';
import { MemoryCommitter } from '../../src/store/memory/log.js';
import { StoreFailure } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import { frozenPost, oneCommit, Teller, turn } from './posts.js';

/** Commits in memory when it is told to. */
class HeldCommitter implements Committer {
  readonly data = new MemoryData();
  readonly steps: string[] = [];
  readonly #memory = new MemoryCommitter(this.data);
  #finish: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    this.steps.push(`commit ${batch.logs.map((_, place) => textAt(batch.texts, place)).join()}`);
    for (const job of jobs) await job();
    await new Promise<void>((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
    return this.#memory.commit([], batch, time);
  }

  async touch(): Promise<void> {
    this.steps.push('touch');
  }

  async allowEarlier(): Promise<void> {
    this.steps.push('allow earlier');
  }

  get committing(): boolean {
    return this.#finish !== undefined;
  }

  /** Lets the commit that is under way succeed or fail, and what follows from it happen. */
  async finish(error?: Error): Promise<void> {
    const finish = this.#finish;
    if (finish === undefined) throw new Error('no commit is under way');
    this.#finish = undefined;
    if (error === undefined) finish.resolve();
    else finish.reject(error);
    await turn();
  }
}

class Setting {
  readonly committer = new HeldCommitter();
  readonly teller = new Teller();
  readonly commits = new GroupCommit<NewMessage>(this.committer, 0, undefined, oneCommit);

  constructor() {
    this.commits.listen(this.teller);
  }

  say(text: string, key?: string): NewMessage {
    const post = frozenPost(1, 1, text, key);
    this.commits.append(post);
    return post;
  }
}

t.test('one commit is under way at a time, and all that comes meanwhile is the next batch', async (t) => {
  const setting = new Setting();
  const { committer, teller } = setting;
  for (const text of ['a', 'b']) setting.say(text);
  t.same(committer.steps, [], 'nothing sets out before the end of the turn');
  await turn();
  for (const text of ['c', 'd', 'e']) {
    setting.say(text);
    await turn();
  }
  t.same(committer.steps, ['commit a,b']);
  t.same(teller.commits, [], 'nothing is told before its commit returns');
  await committer.finish();
  t.same(committer.steps, ['commit a,b', 'commit c,d,e']);
  t.same(teller.told, [['a', 'b']]);
  await committer.finish();
  t.same(teller.told, [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
  t.notOk(committer.committing, 'and then it rests');
});

for (const [what, sizes, logOf, readers] of [
  ['messages of a log', [2048, 1], () => 1, 50_000],
  ['messages', [8192, 8], (place: number) => place % 100, 2],
  ['logs', [256, 256, 88], (place: number) => place % 600, 2],
  ['readers of logs', [2, 2, 1], (place: number) => place, 6000],
] as const)
  t.test(`a commit has only so many ${what}, and what is left is in the next ones, in order`, async (t) => {
    const { committer, commits, teller } = new Setting();
    const count = sizes.reduce((sum: number, size) => sum + size, 0);
    const posts = Array.from({ length: count }, (_, place) =>
      Object.freeze({ ...frozenPost(logOf(place), 1, `${place}`), readers }),
    );
    for (const post of posts) commits.append(post);
    await turn();
    let told = 0;
    for (const [at, size] of sizes.entries()) {
      t.equal(
        committer.steps[at],
        `commit ${posts
          .slice(told, told + size)
          .map(({ text }) => text)
          .join()}`,
      );
      const last = posts.at(-1)?.log ?? 0;
      let follows = false;
      void commits.follow(last, () => 0).then(() => (follows = true));
      await committer.finish();
      told += size;
      t.equal(follows, told === count, 'a log has messages on their way until the last batch is told');
    }
    t.same(
      teller.told.flat(),
      posts.map(({ text }) => text),
    );
    t.notOk(committer.committing);
  });

t.test('a commit has only so long texts, so that what is shown at once is a part of what may wait', async (t) => {
  const { committer, commits } = new Setting();
  const text = 'x'.repeat(4000);
  for (let each = 0; each < 100; each += 1) commits.append(frozenPost(1, 1, text));
  await turn();
  t.equal(committer.steps[0], `commit ${Array<string>(66).fill(text).join()}`);
  await committer.finish();
  t.equal(committer.steps[1], `commit ${Array<string>(34).fill(text).join()}`);
  await committer.finish();
});

t.test('the next commit sets out before the last batch is told', async (t) => {
  for (const key of [undefined, 'k']) {
    const setting = new Setting();
    const { committer, teller, commits } = setting;
    commits.listen({
      committed: (commit) => {
        committer.steps.push(`tell ${commit.mine.map(({ text }) => text).join()}`);
        teller.committed(commit);
      },
      failed: () => t.fail('nothing fails'),
      broken: () => t.fail('nothing breaks'),
    });
    const first = setting.say('a');
    await turn();
    const second = setting.say('b', key);
    await committer.finish();
    await committer.finish();
    t.same(committer.steps, ['commit a', 'commit b', 'tell a', 'tell b'], 'the disk works while the lines are made');
    t.same(
      [first, second].map((post) => teller.fateOf(post)),
      ['stored 1', 'stored 2'],
    );
  }
});

t.test(
  'where telling takes much longer than a commit, the next one waits and takes what comes meanwhile',
  async (t) => {
    const setting = new Setting();
    const { committer, commits } = setting;
    const told: string[] = [];
    commits.listen({
      committed: ({ mine }) => {
        for (const until = performance.now() + 400; performance.now() < until; );
        told.push(...mine.map(({ text }) => text));
        if (told.length === 2) setImmediate(() => setting.say('d'));
      },
      failed: () => t.fail(),
      broken: () => t.fail(),
    });
    setting.say('a');
    await turn();
    await committer.finish();
    t.same(told, ['a']);
    setting.say('b');
    await turn();
    setting.say('c');
    await committer.finish();
    while (!committer.committing) await turn();
    t.same(told, ['a', 'b'], 'shown before the next sets out');
    t.same(committer.steps, ['commit a', 'commit b', 'commit c,d']);
    await committer.finish();
    await commits.drain();
    t.same(told, ['a', 'b', 'c', 'd']);
  },
);

t.test(
  'a reset of the time that is asked for while a batch is shown, or during another reset, is carried out',
  async (t) => {
    const setting = new Setting();
    const { committer, commits } = setting;
    const resets: Promise<number>[] = [];
    let shown = 0;
    commits.listen({
      committed: () => {
        for (const until = performance.now() + 400; performance.now() < until; );
        shown += 1;
        // The second showing is known to be slow, so the loop waits for it with nothing else to do.
        if (shown === 2) setImmediate(() => resets.push(commits.resetTime()));
      },
      failed: () => t.fail(),
      broken: () => t.fail(),
    });
    for (const text of ['a', 'b']) {
      setting.say(text);
      await turn();
      await committer.finish();
    }
    await commits.drain();
    t.same(await Promise.all(resets), [0]);
    committer.allowEarlier = async () => {
      committer.allowEarlier = () => Promise.resolve();
      resets.push(commits.resetTime());
    };
    await commits.resetTime();
    t.same(await Promise.all(resets), [0, 0]);
  },
);

t.test('what is appended while a batch is told is in neither that batch nor the one under way', async (t) => {
  // On a busy machine a showing would take long, and the next commit would wait for it.
  t.intercept(performance, 'now', { value: () => 1000 });
  const setting = new Setting();
  const { committer, teller, commits } = setting;
  commits.listen({
    committed: (commit) => {
      teller.committed(commit);
      if (commit.mine.some(({ text }) => text === 'a')) setting.say('answer to a');
    },
    failed: () => t.fail('nothing fails'),
    broken: () => t.fail('nothing breaks'),
  });
  setting.say('a');
  await turn();
  setting.say('b');
  for (let commit = 0; commit < 3; commit += 1) await committer.finish();
  t.same(teller.told, [['a'], ['b'], ['answer to a']]);
  setting.say('c');
  await turn();
  t.ok(committer.committing, 'and what comes when all is told wakes it again');
});

t.test('a failure uses no ids and no keys, though the next batch was gathered before it', async (t) => {
  const setting = new Setting();
  const { committer, teller } = setting;
  const first = setting.say('a', 'k');
  await turn();
  const next = setting.say('b', 'k');
  const error = new StoreFailure('disk full');
  await committer.finish(error);
  t.same(teller.failures, [{ posts: [first], error }]);
  await committer.finish();
  t.equal(teller.fateOf(next), 'stored 1');
});

t.test('a failure behind a success leaves the ids of the success', async (t) => {
  const setting = new Setting();
  const { committer, teller } = setting;
  setting.say('a');
  await turn();
  setting.say('b');
  await committer.finish();
  await committer.finish(new StoreFailure('disk full'));
  const c = setting.say('c');
  await turn();
  await committer.finish();
  t.equal(teller.fateOf(c), 'stored 2');
});

t.test('a batch of nothing but known keys is told like any other', async (t) => {
  const setting = new Setting();
  const { committer, teller } = setting;
  const author = { id: 1, name: 'user1' };
  committer.data.add(1, { author, text: 'a', kind: 'text', about: 0, key: 'k', time: 0 });
  const posts = [setting.say('a', 'k'), setting.say('b', 'k')];
  await turn();
  await committer.finish();
  t.same(
    posts.map((post) => teller.fateOf(post)),
    ['duplicate 1', 'conflict 1'],
  );
  t.same(teller.commits[0]?.stored, []);
});

t.test('a write is answered when its transaction is on disk, before the messages of its batch', async (t) => {
  const setting = new Setting();
  const { committer, commits, teller } = setting;
  const order: string[] = [];
  setting.say('a');
  const write = commits
    .write(async () => {
      order.push('runs');
      return 42;
    })
    .then((result) => order.push(`answers ${result}`));
  await turn();
  await turn();
  t.same(order, ['runs']);
  t.same(teller.told, []);
  await committer.finish();
  await write;
  t.same(order, ['runs', 'answers 42']);
  t.same(teller.told, [['a']]);
});

t.test('a write whose work fails fails its batch', async (t) => {
  const setting = new Setting();
  const { commits, teller } = setting;
  const error = new StoreFailure('disk full');
  setting.say('a');
  const fine = commits.write(async () => 1).catch((reason: unknown) => reason);
  const failing = commits.write(() => Promise.reject(error)).catch((reason: unknown) => reason);
  t.same([await fine, await failing], [error, error]);
  t.equal(teller.failures.length, 1);
});

t.test('too much text that waits is refused until a commit sets out', async (t) => {
  const setting = new Setting();
  const { committer, commits } = setting;
  setting.say('first');
  await turn();
  const large = frozenPost(1, 1, 'x'.repeat(1024 * 1024));
  let accepted = 0;
  while (accepted < 1000 && commits.append(large) === 'taken') accepted += 1;
  t.equal(accepted, 65);
  t.equal(commits.append(frozenPost(1, 1, 'small')), 'full');
  await committer.finish();
  t.equal(commits.append(frozenPost(1, 1, 'small')), 'taken', 'the commit that set out made room');
});

t.test('drain fulfils when everything is told, what came during it included', async (t) => {
  const setting = new Setting();
  const { committer, commits, teller } = setting;
  await commits.drain();
  setting.say('a');
  let drained = false;
  const drain = commits.drain().then(() => {
    drained = true;
  });
  await turn();
  setting.say('b');
  await committer.finish();
  t.notOk(drained);
  await committer.finish();
  await drain;
  t.same(teller.told, [['a'], ['b']]);
});

t.test('a closed store takes nothing', async (t) => {
  const { commits } = new Setting();
  await commits.close();
  t.equal(commits.append(frozenPost(1, 1, 'late')), 'full');
  await t.rejects(
    commits.write(async () => 1),
    { message: 'the store is closed' },
  );
  await t.rejects(commits.resetTime(), { message: 'the store is closed' });
});

t.test('when the outcome of a commit can not be known, the batch before it is told, and nothing after', async (t) => {
  const setting = new Setting();
  const { committer, commits, teller } = setting;
  setting.say('a');
  await turn();
  setting.say('b');
  const answered: unknown[] = [];
  void commits
    .write(async () => 1)
    .then(
      (result) => answered.push(result),
      (reason: unknown) => answered.push(reason),
    );
  await committer.finish();
  const error = new Error('the sync failed');
  setting.say('c');
  await committer.finish(error);
  setting.say('d');
  await turn();
  await commits.drain();
  t.equal(teller.brokenBy, error);
  t.same(teller.told, [['a']]);
  t.same(answered, []);
  t.same(committer.steps, ['commit a', 'commit b'], 'nothing more is tried');
});

t.test(
  'the next commit waits for a showing that took sixteen times as long, or less where its writes have many lines',
  async (t) => {
    let now = 1000;
    t.intercept(performance, 'now', { value: () => now });
    for (const [committing, milliseconds, linesPerWrite, isShownFirst] of [
      [0, 10, 1, false],
      [0, 10.5, 1, true],
      [0.5, 10.5, 1, true],
      [1, 16, 1, false],
      [1, 16.5, 1, true],
      [2, 32, 0, false],
      [2, 32.5, 0.1, true],
      [0, 2.5, 4, false],
      [0, 3, 4, true],
      [2, 7.5, 4, false],
      [2, 8.5, 4, true],
      [2, 2, 100, false],
      [2, 2.5, 100, true],
    ] as const) {
      const { committer, commits } = new Setting();
      commits.listen({
        committed: () => void committer.steps.push('shown'),
        written: async () => ({ milliseconds, linesPerWrite }),
        failed: () => t.fail(),
        broken: () => t.fail(),
      });
      commits.append(frozenPost(1, 1, 'a'));
      await turn();
      for (const text of ['b', 'c']) {
        commits.append(frozenPost(1, 1, text));
        now += committing;
        await committer.finish();
        for (let turns = 0; turns < 4; turns += 1) await turn();
      }
      t.same(
        committer.steps,
        ['commit a', 'commit b', 'shown', ...(isShownFirst ? ['shown', 'commit c'] : ['commit c', 'shown'])],
        `${committing} and ${milliseconds}, ${linesPerWrite} lines`,
      );
      await committer.finish();
      await commits.drain();
    }
  },
);
