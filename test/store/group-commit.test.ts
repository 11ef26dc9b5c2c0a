// The heart of every store by itself, over a committer whose every step the test decides.
import t from 'tap';
import { GroupCommit, type Committer } from '../../src/store/group-commit.js';
import type { KnownMessage } from '../../src/store/numbering.js';
import { StoreFailure, type RoomLog } from '../../src/store/store.js';
import { Line, Recorder, turn } from './contract.js';

function room(id: number): RoomLog {
  return { id, name: `room${id}`, key: `room${id}`, topic: '', owners: new Set(), state: 'open', head: 0, assigned: 0 };
}

/** Commits when it is told to. */
class HeldCommitter implements Committer<Line> {
  readonly known = new Map<string, KnownMessage>();
  readonly steps: string[] = [];
  #finish: { readonly resolve: () => void; readonly reject: (error: Error) => void } | undefined;

  async findKeys(entries: readonly Line[]): Promise<ReadonlyMap<number, KnownMessage>> {
    this.steps.push(`find ${entries.map(({ key }) => key).join()}`);
    return new Map(
      [...entries.entries()].flatMap(([place, { key = '' }]) => {
        const message = this.known.get(key);
        return message === undefined ? [] : [[place, message] as const];
      }),
    );
  }

  async commit(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly Line[],
  ): Promise<ReadonlyMap<number, StoreFailure>> {
    this.steps.push(`commit ${entries.map(({ text }) => text).join()}`);
    for (const job of jobs) await job();
    await new Promise<void>((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
    return new Map();
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
  readonly recorder = new Recorder();
  readonly commits = new GroupCommit<Line>(this.committer, 0);
  readonly lobby = room(1);

  constructor() {
    this.commits.listen(this.recorder);
  }

  line(text: string, key?: string): Line {
    const line = new Line(this.lobby, 1, text, key);
    this.commits.append(line);
    return line;
  }

  /** The texts of each batch that was told. */
  get told(): readonly (readonly string[])[] {
    return this.recorder.told.map(({ entries }) => entries.map(({ text }) => text));
  }
}

t.test('one commit is under way at a time, and all that comes meanwhile is the next batch', async (t) => {
  const setting = new Setting();
  const { committer, recorder } = setting;
  for (const text of ['a', 'b']) setting.line(text);
  t.same(committer.steps, [], 'nothing sets out before the end of the turn');
  await turn();
  for (const text of ['c', 'd', 'e']) {
    setting.line(text);
    await turn();
  }
  t.same(committer.steps, ['commit a,b']);
  t.same(recorder.told, [], 'nothing is told before its commit returns');
  await committer.finish();
  t.same(committer.steps, ['commit a,b', 'commit c,d,e']);
  t.same(setting.told, [['a', 'b']]);
  await committer.finish();
  t.same(setting.told, [
    ['a', 'b'],
    ['c', 'd', 'e'],
  ]);
  t.notOk(committer.committing, 'and then it rests');
});

t.test('the next commit sets out before the last batch is told', async (t) => {
  for (const key of [undefined, 'k']) {
    const setting = new Setting();
    const { committer, recorder, commits } = setting;
    commits.listen({
      committed: (entries, time) => {
        committer.steps.push(`tell ${entries.map(({ text }) => text).join()}`);
        recorder.committed(entries, time);
      },
      failed: () => t.fail('nothing fails'),
      broken: () => t.fail('nothing breaks'),
    });
    setting.line('a');
    await turn();
    setting.line('b', key);
    await committer.finish();
    await committer.finish();
    const setOut = key === undefined ? ['commit b', 'tell a'] : ['find k', 'tell a', 'commit b'];
    t.same(committer.steps, ['commit a', ...setOut, 'tell b'], 'the disk works while the lines are made');
    t.same(
      recorder.committedLines.map(({ fate }) => fate),
      ['stored 1', 'stored 2'],
    );
  }
});

t.test(
  'where telling takes much longer than a commit, the next one waits for it and takes what comes meanwhile',
  async (t) => {
    const { committer, commits, lobby } = new Setting();
    const told: string[] = [];
    const append = (text: string): void => void commits.append(new Line(lobby, 1, text));
    commits.listen({
      committed: (entries) => {
        for (const until = performance.now() + 400; performance.now() < until;);
        told.push(...entries.map(({ text }) => text));
        if (told.length === 2) setImmediate(() => append('d'));
      },
      failed: () => t.fail(),
      broken: () => t.fail(),
    });
    append('a');
    await turn();
    await committer.finish();
    t.same(told, ['a']);
    append('b');
    await turn();
    append('c');
    await committer.finish();
    while (!committer.committing) await turn();
    t.same(told, ['a', 'b'], 'shown before the next sets out');
    t.same(committer.steps, ['commit a', 'commit b', 'commit c,d']);
    await committer.finish();
    await commits.drain();
    t.same(told, ['a', 'b', 'c', 'd']);
  },
);

t.test('what is appended while a batch is told is in neither that batch nor the one under way', async (t) => {
  const setting = new Setting();
  const { committer, recorder, commits } = setting;
  commits.listen({
    committed: (entries, time) => {
      recorder.committed(entries, time);
      if (entries.some(({ text }) => text === 'a')) setting.line('answer to a');
    },
    failed: () => t.fail('nothing fails'),
    broken: () => t.fail('nothing breaks'),
  });
  setting.line('a');
  await turn();
  setting.line('b');
  for (let commit = 0; commit < 3; commit += 1) await committer.finish();
  t.same(setting.told, [['a'], ['b'], ['answer to a']]);
  setting.line('c');
  await turn();
  t.ok(committer.committing, 'and what comes when all is told wakes it again');
});

t.test('a failure frees ids and keys, though the next batch was gathered before it', async (t) => {
  const setting = new Setting();
  const { committer, recorder, lobby } = setting;
  setting.line('a', 'k');
  await turn();
  const next = setting.line('b', 'k');
  const error = new StoreFailure('disk full');
  await committer.finish(error);
  t.same(
    recorder.told.map(({ kind }) => kind),
    ['failed'],
  );
  t.equal(recorder.errors[0], error);
  t.same([lobby.head, next.id], [0, 1]);
  await committer.finish();
  t.equal(next.fate, 'stored 1');
  t.equal(lobby.head, 1);
});

t.test('a failure behind a success takes back only its own ids', async (t) => {
  const setting = new Setting();
  const { committer, lobby } = setting;
  setting.line('a');
  await turn();
  setting.line('b');
  await committer.finish();
  await committer.finish(new StoreFailure('disk full'));
  const c = setting.line('c');
  await turn();
  await committer.finish();
  t.equal(c.fate, 'stored 2');
  t.equal(lobby.head, 2);
});

t.test('a batch of nothing but known keys is told like any other', async (t) => {
  const setting = new Setting();
  const { committer, lobby } = setting;
  committer.known.set('k', { id: 7, text: 'a' });
  lobby.head = lobby.assigned = 9;
  const lines = [setting.line('a', 'k'), setting.line('b', 'k')];
  await turn();
  await committer.finish();
  t.same(
    lines.map(({ fate }) => fate),
    ['duplicate 7', 'conflict 7'],
  );
  t.same([lobby.head, lobby.assigned], [9, 9]);
});

t.test('a write is answered when its transaction is on disk, before the messages of its batch', async (t) => {
  const setting = new Setting();
  const { committer, commits } = setting;
  const order: string[] = [];
  setting.line('a');
  const write = commits
    .write(async () => {
      order.push('runs');
      return 42;
    })
    .then((result) => order.push(`answers ${result}`));
  await turn();
  await turn();
  t.same(order, ['runs']);
  t.same(setting.told, []);
  await committer.finish();
  await write;
  t.same(order, ['runs', 'answers 42']);
  t.same(setting.told, [['a']]);
});

t.test('a write whose work fails fails its batch', async (t) => {
  const setting = new Setting();
  const { commits, recorder } = setting;
  const error = new StoreFailure('disk full');
  setting.line('a');
  const fine = commits.write(async () => 1).catch((reason: unknown) => reason);
  const failing = commits.write(() => Promise.reject(error)).catch((reason: unknown) => reason);
  t.same([await fine, await failing], [error, error]);
  t.same(
    recorder.told.map(({ kind }) => kind),
    ['failed'],
  );
});

t.test('too much text that waits is refused until a commit sets out', async (t) => {
  const setting = new Setting();
  const { committer, commits, lobby } = setting;
  const mebibyte = 'x'.repeat(1024 * 1024);
  setting.line('first');
  await turn();
  const large = new Line(lobby, 1, mebibyte);
  let accepted = 0;
  while (accepted < 1000 && commits.append(large)) accepted += 1;
  t.equal(accepted, 64);
  t.notOk(commits.append(new Line(lobby, 1, 'small')));
  await committer.finish();
  t.ok(commits.append(new Line(lobby, 1, 'small')), 'the commit that set out made room');
});

t.test('drain fulfils when everything is told, what came during it included', async (t) => {
  const setting = new Setting();
  const { committer, commits } = setting;
  await commits.drain();
  setting.line('a');
  let drained = false;
  const drain = commits.drain().then(() => {
    drained = true;
  });
  await turn();
  setting.line('b');
  await committer.finish();
  t.notOk(drained);
  await committer.finish();
  await drain;
  t.same(setting.told, [['a'], ['b']]);
});

t.test('when a commit can not be known, the batch before it is still told, and nothing after', async (t) => {
  const setting = new Setting();
  const { committer, recorder, commits } = setting;
  setting.line('a');
  await turn();
  setting.line('b');
  const answered: unknown[] = [];
  void commits
    .write(async () => 1)
    .then(
      (result) => answered.push(result),
      (reason: unknown) => answered.push(reason),
    );
  await committer.finish();
  const error = new Error('the sync failed');
  setting.line('c');
  await committer.finish(error);
  setting.line('d');
  await turn();
  await commits.drain();
  t.equal(recorder.brokenBy, error);
  t.same(setting.told, [['a']]);
  t.same(answered, []);
  t.same(committer.steps, ['commit a', 'commit b'], 'nothing more is tried');
});
