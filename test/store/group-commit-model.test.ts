// GroupCommit against a model that knows nothing of batches: whatever comes when, whichever commits fail, and whatever another
// writer stores, it is as if the batches had been judged and stored one after the other.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import type { Batch, Committer, Jobs, Result } from '../../src/store/committer.js';
import { GroupCommit } from '../../src/store/group-commit.js';
import type { Commit, FollowedLog, NewMessage } from '../../src/store/log.js';
import { MemoryData } from '../../src/store/memory/data.js';
import { MemoryCommitter } from '../../src/store/memory/log.js';
import { StoreFailure } from '../../src/store/store.js';
import { described, frozenPost, turn } from './posts.js';

type Action =
  | {
      readonly kind: 'append';
      readonly log: number;
      readonly author: number;
      readonly key: string | undefined;
      readonly text: string;
    }
  | { readonly kind: 'elsewhere'; readonly log: number; readonly isLate: boolean }
  | { readonly kind: 'write' | 'turn' | 'answer' | 'fail' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      log: fc.nat(2),
      author: fc.nat(1),
      key: fc.option(fc.constantFrom('k', 'l'), { nil: undefined }),
      text: fc.constantFrom('a', 'é', '\0'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('elsewhere' as const), log: fc.nat(2), isLate: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('write' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('turn' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('answer' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('fail' as const) }) },
);

const logs = [0, 1, 2];

/** A store that two processes write into, each of whose commits waits for the test's answer. */
class SharedLog implements Committer {
  readonly data = new MemoryData();
  readonly commits = new GroupCommit<NewMessage>(this, 0);
  readonly written: number[] = [];
  readonly #memory = new MemoryCommitter(this.data);
  /** How much of each log was handed to `commits`. */
  readonly #handed = [0, 0, 0];
  #answer: ((fails: boolean) => void) | undefined;
  #begun: number[] = [];

  async commit(jobs: Jobs, batch: Batch, time: number): Promise<Result> {
    if (this.#answer !== undefined) throw new Error('two calls at a time');
    this.#begun = [];
    for (const job of jobs) await job();
    const fails = await new Promise<boolean>((resolve) => {
      this.#answer = resolve;
    });
    if (fails) throw new StoreFailure('no');
    this.handOver();
    const result = await this.#memory.commit([], batch, time);
    for (const { log, authors } of result.stored) this.#handed[log] = (this.#handed[log] ?? 0) + authors.length;
    this.written.push(...this.#begun);
    return result;
  }

  async touch(): Promise<void> {}

  async allowEarlier(): Promise<void> {}

  write(value: number): number {
    this.#begun.push(value);
    return value;
  }

  answer(fails: boolean): void {
    const answer = this.#answer;
    this.#answer = undefined;
    answer?.(fails);
  }

  storeElsewhere(log: number, isLate: boolean): void {
    const author = { id: 9, name: 'elsewhere' };
    this.data.add(log, { author, text: 'x', kind: 'text', about: 0, key: undefined, time: 0 });
    if (!isLate) this.handOver();
  }

  handOver(): void {
    for (const log of logs) {
      const stored = this.data.messagesOf(log).length;
      for (const piece of this.data.pieces(log, this.#handed[log] ?? 0, stored)) this.commits.receive(piece);
      this.#handed[log] = stored;
    }
  }
}

/** What ought to become of the message at `place` of a commit, by what was told before it. */
function expectedResult(told: readonly NewMessage[], ids: readonly number[], post: NewMessage): string | undefined {
  if (post.key === undefined) return undefined;
  const place = told.findIndex(
    ({ log, author, key }) => log === post.log && author.id === post.author.id && key === post.key,
  );
  if (place === -1) return undefined;
  return `${told[place]?.text === post.text ? 'duplicate' : 'conflict'} ${ids[place]}`;
}

/** Holds what is told to the rules, and collects what breaks them. */
class Judge {
  readonly problems: string[] = [];
  /** All that were appended and told of, and those that were stored with their ids. */
  readonly told: NewMessage[] = [];
  readonly #stored: NewMessage[] = [];
  readonly #ids: number[] = [];
  readonly #heads = new Map<number, number>();
  readonly shown: string[] = [];
  #newest = 0;

  constructor(readonly followed: readonly FollowedLog[]) {}

  committed({ stored, mine, outcomes, ids }: Commit<NewMessage>): void {
    for (const piece of stored) {
      const before = this.#heads.get(piece.log) ?? 0;
      this.#check(piece.first === before + 1, `log ${piece.log} goes on with ${piece.first} behind ${before}`);
      this.#heads.set(piece.log, before + piece.authors.length);
      this.shown.push(...described([piece]));
      if (mine.length > 0) this.#check(piece.time >= this.#newest, 'time went back');
      this.#newest = Math.max(this.#newest, piece.time);
    }
    for (const { id, head } of this.followed) this.#check(head === (this.#heads.get(id) ?? 0), `head ${id}: ${head}`);
    for (const [place, post] of mine.entries()) {
      const result = `${outcomes[place]} ${ids[place]}`;
      const expected = expectedResult(this.#stored, this.#ids, post);
      this.#check(
        expected === undefined ? outcomes[place] === 'stored' : result === expected,
        `${result}, not ${expected}`,
      );
      this.told.push(post);
      if (outcomes[place] !== 'stored') continue;
      this.#stored.push(post);
      this.#ids.push(ids[place] ?? 0);
      const piece = stored.find(({ log }) => log === post.log);
      const text = piece && described([piece])[(ids[place] ?? 0) - piece.first];
      this.#check(text === `${post.log}:${ids[place]} ${post.text}`, `${post.text} is told as ${text}`);
    }
  }

  failed(posts: readonly NewMessage[], error: Error): void {
    this.told.push(...posts);
    this.#check(error instanceof StoreFailure, 'failed with another error');
  }

  broken({ message }: Error): void {
    this.problems.push(message);
  }

  #check(right: boolean, problem: string): void {
    if (!right) this.problems.push(problem);
  }
}

async function play(actions: readonly Action[]): Promise<void> {
  const log = new SharedLog();
  const { commits } = log;
  const judge = new Judge(await Promise.all(logs.map((id) => commits.follow(id, () => 0))));
  commits.listen(judge);
  const sent: NewMessage[] = [];
  const writes: { readonly value: number; outcome?: 'fulfilled' | 'failed' }[] = [];
  const write = (): void => {
    const one: (typeof writes)[number] = { value: writes.length };
    writes.push(one);
    void commits
      .write(async () => log.write(one.value))
      .then(
        (value) => {
          one.outcome = value === one.value ? 'fulfilled' : 'failed';
        },
        () => {
          one.outcome = 'failed';
        },
      );
  };
  for (const each of actions) {
    if (each.kind === 'append') {
      const post = frozenPost(each.log, each.author, each.text, each.key);
      sent.push(post);
      commits.append(post);
    } else if (each.kind === 'elsewhere') {
      log.storeElsewhere(each.log, each.isLate);
    } else if (each.kind === 'write') {
      write();
    } else {
      if (each.kind !== 'turn') log.answer(each.kind === 'fail');
      await turn();
    }
  }
  const drained = new Set<string>();
  const drain = commits.drain().then(() => drained.add('drained'));
  for (let turns = 0; drained.size === 0 && turns < 500; turns += 1) {
    log.answer(false);
    await turn();
  }
  await drain;
  log.handOver();
  await turn();
  assert.deepEqual(judge.problems, []);
  assert.deepEqual(
    judge.told.map((post) => sent.indexOf(post)),
    [...sent.keys()],
    'each is told once, in order',
  );
  const stored = logs.flatMap((id) => described(log.data.pieces(id, 0, 999)));
  assert.deepEqual(judge.shown.sort(), stored.sort(), 'all that is stored was told');
  assert.deepEqual(
    log.written,
    writes.filter(({ outcome }) => outcome === 'fulfilled').map(({ value }) => value),
    'what was written is what was answered',
  );
  assert.ok(
    writes.every(({ outcome }) => outcome !== undefined),
    'each write is answered',
  );
}

t.test('any mixture of messages, writes, commits and failures comes out as if each batch had come alone', async () => {
  await fc.assert(fc.asyncProperty(fc.array(action, { maxLength: 60 }), play), { numRuns: 300 });
});
