// What GroupCommit says of how writing goes: commits, failures, the store's absence, the clock; and the text that it
// takes.
import t from 'tap';
import { BatchBuilder } from '../../src/store/batch-builder.js';
import type { Committer, Result } from '../../src/store/committer.js';
import { GroupCommit } from '../../src/store/group-commit.js';
import type { LogListener, NewMessage } from '../../src/store/log.js';
import { MemoryData } from '../../src/store/memory/data.js';
import { MemoryCommitter } from '../../src/store/memory/log.js';
import { StoreAway, StoreFailure } from '../../src/store/store.js';
import { frozenPost, oneCommit, Teller, turn } from './posts.js';

/** A committer in memory whose results the test changes, or whose commits fail. */
class ChangedCommitter extends MemoryCommitter {
  readonly calls: string[] = [];
  change: (result: Result) => Result = (result) => result;

  override async commit(...commit: Parameters<Committer['commit']>): Promise<Result> {
    return this.change(await super.commit(...commit));
  }

  override async touch(): Promise<void> {
    this.calls.push('touch');
  }

  override async allowEarlier(): Promise<void> {
    this.calls.push('allow earlier');
  }
}

interface Scene {
  readonly committer: ChangedCommitter;
  readonly commits: GroupCommit<NewMessage>;
  readonly teller: Teller;
  /** What the listener was told of writing, in words. */
  readonly told: string[];
  readonly listener: LogListener<NewMessage>;
}

function begin(newestTime = 0, failing?: string): Scene {
  const committer = new ChangedCommitter(new MemoryData());
  const [teller, told]: [Teller, string[]] = [new Teller(), []];
  const listener: LogListener<NewMessage> = {
    committed: (commit) => teller.committed(commit),
    failed: (posts, error) => teller.failed(posts, error),
    broken: (error) => teller.broken(error),
    writing: (failure) => void told.push(`writing: ${failure?.message}`),
    reachable: (failure) => void told.push(`reachable: ${failure?.message}`),
    unreadable: (error) => void told.push(`unreadable: ${error.message}`),
    behind: (milliseconds, newest) => void told.push(`behind: ${milliseconds > 50_000} ${newest === newestTime}`),
  };
  const commits = new GroupCommit<NewMessage>(committer, newestTime, failing, oneCommit);
  return { committer, commits, teller, told, listener };
}

t.test('who listens is told at once what is wrong already', async (t) => {
  const { commits, told, listener } = begin(0, 'the disk is full');
  commits.setAway(new StoreAway('no route'));
  t.match(commits.writing, { failing: 'the disk is full', away: 'no route' });
  commits.listen(listener);
  t.same(told, ['writing: the disk is full', 'reachable: no route']);
  const { told: ofNothing, listener: other, commits: fine } = begin();
  fine.listen(other);
  t.same(ofNothing, []);
});

t.test('who listens is told that the clock is behind the newest message', async (t) => {
  const newest = Date.now() + 60_000;
  const { commits, told, listener } = begin(newest);
  commits.listen(listener);
  t.same(told, ['behind: true true']);
  t.ok(commits.writing.behind > 50_000);
});

t.test('a failure is told once, and that it has passed once, by a message or a probe', async (t) => {
  const { committer, commits, told, listener, teller } = begin();
  commits.listen(listener);
  committer.change = () => {
    throw new StoreFailure('the disk is full');
  };
  for (const text of ['a', 'b']) {
    commits.append(frozenPost(1, 1, text));
    await commits.drain();
  }
  t.same([told, teller.failures.length], [['writing: the disk is full'], 2]);
  await t.rejects(
    commits.write(async () => 1),
    { message: 'the disk is full' },
  );
  t.equal(teller.failures.length, 2, 'a batch without messages concerns nobody who speaks');
  t.equal(commits.writing.failing, 'the disk is full');
  committer.change = (result) => result;
  await commits.write(async () => 1);
  t.equal(told.length, 1, 'a write that changed nothing need not have reached the disk');
  await commits.probe();
  t.same(told, ['writing: the disk is full', 'writing: undefined']);
  t.equal(commits.writing.failing, undefined);
  await commits.probe();
  t.equal(told.length, 2);
});

t.test('the last commit is the last that reached the disk', async (t) => {
  const { committer, commits, listener, teller } = begin();
  commits.listen(listener);
  t.equal(commits.writing.lastCommit, undefined);
  await commits.write(async () => 1);
  t.equal(commits.writing.lastCommit, undefined, 'it had nothing to store');
  t.same([committer.calls, teller.commits], [[], []], 'and nobody is told of it');
  const begun = performance.now();
  await commits.probe();
  const probed = commits.writing.lastCommit ?? 0;
  t.ok(probed >= begun && probed <= performance.now());
  t.same(committer.calls, ['touch']);
  await commits.write(async () => 1);
  t.equal(commits.writing.lastCommit, probed, 'one probe does not make the next write one');
  commits.append(frozenPost(1, 1, 'a'));
  await commits.drain();
  const stored = commits.writing.lastCommit ?? 0;
  t.ok(stored > probed);
  const [commit] = teller.commits;
  t.ok(commit !== undefined && commit.took >= 0 && commit.took <= performance.now() - begun);
});

t.test('a write that finds damage fails alone, and keys that can not be read are told', async (t) => {
  const { committer, commits, told, listener } = begin();
  commits.listen(listener);
  committer.change = (result) => ({ ...result, unreadable: [new StoreFailure('page 7')] });
  const damaged = commits.write(() => Promise.reject(new StoreFailure('damaged')));
  const fine = commits.write(async () => 'fine');
  await t.rejects(damaged, { message: 'damaged' });
  t.equal(await fine, 'fine');
  t.same(told, ['unreadable: page 7']);
});

t.test('a reset of the time is allowed by the store first, and holds from the next message on', async (t) => {
  const newest = Date.now() + 60_000;
  const { committer, commits, listener, teller } = begin(newest);
  commits.listen(listener);
  commits.append(frozenPost(1, 1, 'a'));
  await commits.drain();
  t.ok((await commits.resetTime()) > 50_000);
  t.same(committer.calls, ['allow earlier']);
  commits.append(frozenPost(1, 1, 'b'));
  await commits.drain();
  const [before = 0, after = 0] = teller.commits.flatMap(({ stored }) => stored.map(({ time }) => time));
  t.equal(before, newest);
  t.ok(after <= Date.now());
  t.equal(await commits.resetTime(), 0, 'there is nothing to go back');
});

t.test('a reset that the store refuses changes nothing', async (t) => {
  const { committer, commits } = begin(Date.now() + 60_000);
  committer.allowEarlier = () => Promise.reject(new StoreFailure('no'));
  await t.rejects(commits.resetTime(), { message: 'no' });
  t.ok(commits.writing.behind > 50_000);
});

t.test('64 Mi units of text are not too many, one more is, and what is stored makes room', async (t) => {
  const { commits, listener } = begin();
  commits.listen(listener);
  const million = frozenPost(1, 1, 'x'.repeat(1024 * 1024));
  for (let count = 0; count < 64; count += 1) commits.append(million);
  t.equal(commits.taking, 'taken');
  t.equal(commits.append(frozenPost(1, 1, 'x')), 'taken');
  t.equal(commits.taking, 'full');
  await commits.drain();
  t.equal(commits.taking, 'taken');
});

t.test('a batch says whether a key is in it, and of which logs it is', async (t) => {
  const plain = new BatchBuilder();
  plain.add(frozenPost(1, 1, 'a'));
  t.match(plain.build(), { isKeyed: false, keys: [undefined], logs: [1] });
  const keyed = new BatchBuilder();
  for (const key of [undefined, 'k', undefined]) keyed.add(frozenPost(2, 1, 'é', key));
  t.match(keyed.build(), { isKeyed: true, keys: [undefined, 'k', undefined], logs: [2, 2, 2] });
  t.same([keyed.size, keyed.units, keyed.includes(2), keyed.includes(1)], [3, 3, true, false]);
});

t.test('what another writer stored is told in the next turn, each piece once', async (t) => {
  const { committer, commits, listener, teller } = begin();
  commits.listen(listener);
  await commits.follow(1, () => 0);
  const elsewhere = new MemoryData();
  const author = { id: 9, name: 'elsewhere' };
  for (const text of ['a', 'b', 'c']) {
    elsewhere.add(1, { author, text, kind: 'text', about: 0, key: undefined, time: 5 });
  }
  for (const piece of [...elsewhere.pieces(1, 0, 1), ...elsewhere.pieces(1, 1, 3)]) commits.receive(piece);
  t.equal(teller.commits.length, 0);
  await turn();
  t.same(
    teller.commits.map(({ stored: [piece], mine, took }) => [piece?.first, mine.length, took]),
    [
      [1, 0, 0],
      [2, 0, 0],
    ],
  );
  for (const piece of elsewhere.pieces(1, 0, 3)) commits.receive(piece);
  await turn();
  t.equal(teller.commits.length, 2, 'what was told is not told again');
  t.same(committer.calls, []);
});

t.test('a batch has so many messages, logs and readers at most, and so much of one log', async (t) => {
  const post = (log: number, readers: number, text = 'a'): NewMessage => ({
    ...frozenPost(log, 1, text),
    log,
    text,
    readers,
  });
  const taken = (posts: Iterable<NewMessage>): number => {
    const batch = new BatchBuilder();
    for (const each of posts) {
      if (!batch.takes(each)) return batch.size;
      batch.add(each);
    }
    return batch.size;
  };
  const posts = (count: number, of: (at: number) => NewMessage): NewMessage[] =>
    Array.from({ length: count }, (_, at) => of(at));
  t.equal(taken(posts(300, (at) => post(at, 1))), 256, 'logs');
  t.equal(taken(posts(9000, (at) => post(at % 5, 1))), 8192, 'messages');
  t.equal(taken(posts(3000, () => post(1, 1))), 2048, 'of one log');
  t.equal(taken([...posts(2048, () => post(1, 1)), post(2, 1), post(1, 1)]), 2049);
  t.same(
    [16_384, 16_385].map((readers) => [
      taken([post(1, readers)]),
      taken([post(1, readers - 384), post(2, 384)]),
      taken([post(1, 1), post(2, readers - 1), post(1, 9)]),
    ]),
    [
      [1, 2, 3],
      [1, 1, 1],
    ],
    'readers, but for those of the first log',
  );
  const half = 'x'.repeat(131_072);
  t.equal(taken(posts(3, () => post(1, 1, half))), 2);
  t.equal(
    taken([post(1, 1, half), post(1, 1, half.slice(1)), post(1, 1, half), post(1, 1, 'x')]),
    3,
    'units of one log',
  );
});
