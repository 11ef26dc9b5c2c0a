// The suite's part on what messages are about, edits and deletions (PROTOCOL.md §4.6), and on finding messages by time.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Test } from 'tap';
import {
  maxEdits,
  maxReaction,
  type Author,
  type Deletion,
  type Kind as MessageKind,
  type LogId,
} from '../../src/store/log.js';
import { limits } from '../../src/wire/generated/limits.js';
import { Bench, rowsOf, TestPost, type Kind, type Row } from './contract-bench.js';

const anyone = (): boolean => true;

/** A message of the model. */
interface Known extends Pick<Row, 'author' | 'said' | 'kind' | 'about'> {
  isDeleted: boolean;
}

/**
 * What a step of the property does: says something, or deletes a message; `about` and `id` count from the newest back.
 */
type Step =
  | { readonly author: number; readonly kind: MessageKind; readonly back: number }
  | { readonly by: number; readonly back: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    author: fc.nat(1),
    kind: fc.constantFrom<MessageKind>('text', 'edit', 'edit', 'reply', 'reaction'),
    back: fc.integer({ min: -1, max: 8 }),
  }),
  fc.record({ by: fc.nat(1), back: fc.integer({ min: -1, max: 8 }) }),
);

/** What a log holds, and the newest edits. */
async function pageOf({ store }: Bench, log: LogId): Promise<{ rows: readonly Row[]; edited: [number, number][] }> {
  const { messages, edited } = await store.log.readAfter(log, 0, Number.MAX_SAFE_INTEGER, 100_000);
  return { rows: rowsOf(...messages), edited: [...edited].sort(([one], [other]) => one - other) };
}

/**
 * Runs the steps of a round at once, and brings the model up to date with their outcomes, which it holds to the rules.
 */
async function runRound(
  bench: Bench,
  log: LogId,
  authors: readonly [Author, Author],
  known: Known[],
  steps: readonly Step[],
) {
  const head = known.length;
  const before = known.map(({ isDeleted }) => isDeleted);
  const posts: TestPost[] = [];
  const deletions: { readonly id: number; readonly by: Author; readonly done: Promise<Deletion> }[] = [];
  for (const [place, each] of steps.entries()) {
    const id = Math.max(1, head - each.back);
    if ('by' in each) {
      const by = authors[each.by] ?? authors[0];
      deletions.push({ id, by, done: bench.store.log.deleteMessage(log, id, (author) => author === by.id) });
      continue;
    }
    const options = each.kind === 'text' ? {} : { kind: each.kind, about: id };
    const post = new TestPost(log, authors[each.author] ?? authors[0], `${head} ${place}`, options);
    posts.push(post);
    bench.send(post);
  }
  for (const post of posts) {
    const { outcome, id } = (await bench.recorder.tells(post)) ?? { outcome: 'none stored', id: 0 };
    if (outcome === 'stored') {
      const { author, said, kind, about } = post;
      known[id - 1] = { author, said, kind, about, isDeleted: false };
    }
  }
  for (const { id, by, done } of deletions) {
    const found = known.at(id - 1);
    const outcome = await done;
    if (outcome === 'missing') assert.ok(id > head);
    else if (outcome === 'refused') assert.notEqual(found?.author.id, by.id);
    else {
      assert.equal(found?.author.id, by.id);
      if (outcome === 'again')
        assert.ok(
          before[id - 1] === true || deletions.filter((each) => each.id === id).length > 1 || found.kind === 'edit',
        );
      for (const [at, each] of known.entries()) {
        if (at === id - 1 || (each.kind === 'edit' && each.about === id && found.kind !== 'edit'))
          each.isDeleted = true;
      }
    }
  }
  for (const post of posts) {
    const target = known.at(post.about - 1);
    const outcome = bench.recorder.result(post)?.outcome;
    const mayEdit = target?.author.id === post.author.id && target.kind !== 'edit';
    if (post.about > head) assert.equal(outcome, 'missing');
    else if (post.kind !== 'edit') assert.equal(outcome, 'stored');
    else if (!mayEdit || before[post.about - 1] === true) assert.equal(outcome, 'refused');
    else assert.ok(outcome === 'stored' || (outcome === 'refused' && target.isDeleted), `${outcome}`);
  }
}

/** Runs this part of the suite over stores of that kind. */
export async function editContract(t: Test, kind: Kind): Promise<void> {
  await t.test('edits and deletions, however they mix, leave what the rules say', async (t) => {
    let bench = await Bench.open(t, kind);
    const authors = [await bench.user('alice'), await bench.user('bob')] as const;
    let run = 0;
    const rounds = fc.array(fc.array(step, { minLength: 1, maxLength: 6 }), { minLength: 2, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(rounds, async (all) => {
        run += 1;
        const { id: log } = await bench.room(`room${run}`, authors[0]);
        const known: Known[] = [];
        await bench.append(...authors.map((author) => new TestPost(log, author, 'first')));
        for (const author of authors) known.push({ author, said: 'first', kind: 'text', about: 0, isDeleted: false });
        for (const steps of all) await runRound(bench, log, authors, known, steps);
        const { rows, edited } = await pageOf(bench, log);
        assert.deepEqual(
          rows.map(({ id, author, said, kind, about }) => [id, author.id, said, kind, about]),
          known.map(({ author, said, kind, about, isDeleted }, at) => [
            at + 1,
            author.id,
            isDeleted ? '' : said,
            kind,
            about,
          ]),
        );
        const newest = new Map<number, number>();
        for (const [at, each] of known.entries()) {
          if (each.kind === 'edit' && !each.isDeleted) newest.set(each.about, at + 1);
        }
        assert.deepEqual(
          edited,
          [...newest].sort(([one], [other]) => one - other),
        );
        const [from, upTo] = [Math.floor(known.length / 3), Math.floor((known.length * 2) / 3)];
        const part = await bench.store.log.readAfter(log, from, upTo, 1000);
        assert.deepEqual(rowsOf(...part.messages), rows.slice(from, upTo));
        for (let id = from + 1; id <= upTo; id += 1) assert.equal(part.edited.get(id), newest.get(id));
        if (run === 8) bench = await bench.reopened(kind);
        if (run === 8) assert.deepEqual(await pageOf(bench, log), { rows, edited });
      }),
      { numRuns: 16 },
    );
  });

  await t.test('what a message is about has to be there, and an edit is of one’s own', async (t) => {
    const bench = await Bench.open(t, kind);
    const [alice, bob] = [await bench.user('alice'), await bench.user('bob')];
    const [lobby, other] = [await bench.room('lobby', alice), await bench.room('other', alice)];
    await bench.append(new TestPost(lobby, alice, 'a'), new TestPost(lobby, alice, 'b'), new TestPost(other, bob, 'c'));
    const about = (of: typeof lobby, by: Author, as: MessageKind, id: number, key?: string): TestPost =>
      new TestPost(of, by, `${as} of ${id}`, { kind: as, about: id, key });
    const posts = [
      about(lobby, bob, 'reply', 2),
      about(lobby, bob, 'reply', 3, 'k'),
      about(lobby, bob, 'reply', 3, 'k'),
      about(lobby, bob, 'edit', 1),
      about(lobby, alice, 'edit', 1),
      about(other, alice, 'reaction', 2),
      about(other, bob, 'edit', 1, 'k'),
      about(other, bob, 'edit', 1, 'k'),
      new TestPost(lobby, bob, 'said', { about: 9 }),
      new TestPost(lobby, bob, 'said', { about: 1 }),
    ];
    await bench.append(...posts);
    const results = [
      'stored 3',
      'missing 0',
      'missing 0',
      'refused 0',
      'stored 4',
      'missing 0',
      'stored 2',
      'duplicate 2',
    ];
    t.same(bench.results(posts), [...results, 'missing 0', 'stored 5']);
    const later = [about(lobby, bob, 'reply', 3, 'k'), about(lobby, alice, 'edit', 4), about(lobby, alice, 'edit', 1)];
    await bench.append(...later);
    t.same(bench.results(later), ['stored 6', 'refused 0', 'stored 7'], 'a refused message frees its key');
    t.same((await pageOf(bench, lobby.id)).edited, [[1, 7]]);
  });

  await t.test('the edit of a reaction is as short as a reaction, in characters and not in bytes', async (t) => {
    t.equal(maxReaction, limits.fields.reaction.max);
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    const said = (text: string, as: MessageKind, id: number, key?: string): TestPost =>
      new TestPost(lobby, alice, text, { kind: as, about: id, key });
    await bench.append(new TestPost(lobby, alice, 'tea?'));
    await bench.append(said('yes', 'reaction', 1));
    // As they are stored, most of these take more bytes than characters: quotes, emoji, and what NFC puts together.
    const most = ['x', '"', '\n', '\u{1f44d}', 'e\u0301'].map((one) => one.repeat(maxReaction));
    const posts = [
      ...most.map((text) => said(text, 'edit', 2)),
      ...most.map((text) => said(`${text}x`, 'edit', 2, 'k')),
      said('x'.repeat(maxReaction + 1), 'edit', 1),
      said('no', 'edit', 2, 'k'),
    ];
    await bench.append(...posts);
    const stored = most.map((_, place) => `stored ${place + 3}`);
    t.same(bench.results(posts), [...stored, ...most.map(() => 'long 0'), 'stored 8', 'stored 9']);
    t.same((await pageOf(bench, lobby.id)).edited, [
      [1, 8],
      [2, 9],
    ]);
  });

  await t.test('a message that was deleted is known by its key, whatever is sent with it', async (t) => {
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const lobby = await bench.room('lobby', alice);
    await bench.append(new TestPost(lobby, alice, 'one', { key: 'k' }), new TestPost(lobby, alice, 'two'));
    t.equal(await bench.store.log.deleteMessage(lobby.id, 1, () => false), 'refused');
    t.equal(await bench.store.log.deleteMessage(lobby.id, 3, anyone), 'missing');
    t.equal(await bench.store.log.deleteMessage(4711, 1, anyone), 'missing');
    t.equal(await bench.store.log.deleteMessage(lobby.id, 1, (author) => author === alice.id), 'deleted');
    t.equal(await bench.store.log.deleteMessage(lobby.id, 1, anyone), 'again');
    t.match(await bench.store.log.findKeyed(lobby.id, alice.id, 'k'), { id: 1, text: '' });
    const again = await bench.reopened(kind);
    const posts = [
      new TestPost(lobby, alice, 'other', { key: 'k', kind: 'action' }),
      new TestPost(lobby, alice, 'one', { key: 'k' }),
    ];
    await again.append(...posts);
    t.same(again.results(posts), ['duplicate 1', 'duplicate 1']);
    t.same(
      (await pageOf(again, lobby.id)).rows.map(({ id, said }) => `${id} ${said}`),
      ['1 ', '2 two'],
    );
  });

  await t.test(
    'a message takes so many edits, in one batch and in many, and loses all of them with itself',
    async (t) => {
      const bench = await Bench.open(t, kind);
      const alice = await bench.user('alice');
      const lobby = await bench.room('lobby', alice);
      await bench.append(new TestPost(lobby, alice, 'a'));
      const edits = Array.from(
        { length: maxEdits + 2 },
        (_, at) => new TestPost(lobby, alice, `${at}`, { kind: 'edit', about: 1 }),
      );
      for (const some of [edits.slice(0, 60), edits.slice(60, 61), edits.slice(61)]) await bench.append(...some);
      t.same(bench.results(edits).slice(-3), [`stored ${maxEdits + 1}`, 'spent 0', 'spent 0']);
      t.same((await pageOf(bench, lobby.id)).edited, [[1, maxEdits + 1]]);
      t.equal(await bench.store.log.deleteMessage(lobby.id, maxEdits + 1, anyone), 'deleted');
      t.same((await pageOf(bench, lobby.id)).edited, [[1, maxEdits]], 'the one before it counts again');
      await bench.append(new TestPost(lobby, alice, 'last', { kind: 'edit', about: 1 }));
      t.equal(await bench.store.log.deleteMessage(lobby.id, 1, anyone), 'deleted');
      const { rows, edited } = await pageOf(bench, lobby.id);
      t.same([rows.filter(({ said }) => said !== ''), edited], [[], []]);
      t.equal(rows.length, maxEdits + 2, 'ids stay');
    },
  );

  await t.test('a message is found by its time', async (t) => {
    let now = 1_800_000_000_000;
    t.intercept(Date, 'now', { value: () => now });
    const bench = await Bench.open(t, kind);
    const alice = await bench.user('alice');
    const [lobby, empty] = [await bench.room('lobby', alice), await bench.room('empty', alice)];
    for (let commit = 0; commit < 40; commit += 1) {
      now += 10 * (commit % 4);
      await bench.append(...Array.from({ length: 1 + ((commit * 37) % 5) }, () => new TestPost(lobby, alice, 'x')));
    }
    const { rows } = await pageOf(bench, lobby.id);
    const newest = rows.at(-1)?.time ?? 0;
    for (let time = 1_799_999_999_990; time < newest + 20; time += 5) {
      const expected = rows.find((row) => row.time >= time)?.id ?? rows.length + 1;
      assert.equal(await bench.store.log.firstSince(lobby.id, time), expected, `${time}`);
    }
    t.equal(await bench.store.log.firstSince(empty.id, 0), 1);
  });
}
