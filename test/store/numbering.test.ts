// Numbering a batch, held to the rule of PROTOCOL.md §5.3 taken message by message.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { BatchBuilder } from '../../src/store/batch-builder.js';
import type { KeyedMessage, Kind, NewMessage } from '../../src/store/log.js';
import { lastOf, messagesAfter, messagesBetween } from '../../src/store/messages.js';
import { numberBatch, withoutLogs } from '../../src/store/numbering.js';
import { StoreFailure } from '../../src/store/store.js';
import { textAt } from '../../src/store/texts.js';
import { described } from './posts.js';

const author = (id: number): NewMessage['author'] => ({ id, name: `user${id}` });

const message: fc.Arbitrary<NewMessage> = fc.record({
  log: fc.nat(2),
  author: fc.nat(2).map(author),
  text: fc.constantFrom('a', 'b', '', 'é', '😀', String.raw`\u0007`),
  kind: fc.constantFrom<Kind>('text', 'action', 'reply'),
  about: fc.nat(1),
  key: fc.option(fc.constantFrom('k', '1 k', ''), { nil: undefined }),
});

const keyed: fc.Arbitrary<KeyedMessage | StoreFailure> = fc.oneof(
  fc.record({
    id: fc.integer({ min: 1, max: 9 }),
    text: fc.constantFrom('a', 'é'),
    kind: fc.constantFrom<Kind>('text', 'action'),
    about: fc.nat(1),
  }),
  fc.constant(new StoreFailure('it is damaged')),
);

const keyOf = ({ log, author: { id }, key }: NewMessage): string => JSON.stringify([log, id, key]);

/** Whether it is there what the message is about. None of these is an edit. */
const isMissing = ({ log, about }: NewMessage, heads: readonly number[]): boolean => about > (heads[log] ?? 0);

const isSame = (one: Pick<NewMessage, 'text' | 'kind' | 'about'>, other: Pick<NewMessage, 'text' | 'kind' | 'about'>) =>
  one.text === other.text && one.kind === other.kind && one.about === other.about;

t.test('each message gets what it would get alone, and ids go on from the heads', async (t) => {
  const batch = fc.array(message, { maxLength: 40 });
  const known = fc.dictionary(
    fc.tuple(fc.nat(2), fc.nat(2), fc.constantFrom('k', '1 k', '')).map((key) => JSON.stringify(key)),
    keyed,
  );
  fc.assert(
    fc.property(batch, known, fc.array(fc.nat(20), { minLength: 3, maxLength: 3 }), (messages, keys, heads) => {
      const builder = new BatchBuilder();
      for (const each of messages) builder.add(Object.freeze(each));
      const places = new Map(
        messages.flatMap((each, place) => {
          const found = each.key === undefined ? undefined : keys[keyOf(each)];
          return found === undefined ? [] : [[place, found] as const];
        }),
      );
      const { stored, outcomes, ids, unreadable } = numberBatch(builder.build(), 7, (log) => heads[log] ?? 0, places);

      const newest = [...heads];
      const firsts = new Map<string, KeyedMessage>();
      const expected = messages.map((each): [string, number] => {
        const first = each.key === undefined ? undefined : (keys[keyOf(each)] ?? firsts.get(keyOf(each)));
        if (first instanceof StoreFailure) return ['failed', 0];
        if (first !== undefined) return [isSame(first, each) ? 'duplicate' : 'conflict', first.id];
        if (isMissing(each, heads)) return ['missing', 0];
        const id = (newest[each.log] ?? 0) + 1;
        newest[each.log] = id;
        firsts.set(keyOf(each), { ...each, id });
        return ['stored', id];
      });
      assert.deepEqual(
        outcomes.map((outcome, place) => [outcome, ids[place]]),
        expected,
      );
      assert.equal(unreadable.length, outcomes.filter((outcome) => outcome === 'failed').length);
      assert.equal(new Set(stored.map(({ log }) => log)).size, stored.length, 'each log stands there once');
      const lines = messages.flatMap((each, place) => (outcomes[place] === 'stored' ? [{ each, id: ids[place] }] : []));
      assert.deepEqual(
        described(stored).toSorted(),
        lines.map(({ each, id }) => `${each.log}:${id} ${each.text}`).toSorted(),
      );
      for (const piece of stored) {
        assert.equal(piece.time, 7);
        assert.equal(piece.first, (heads[piece.log] ?? 0) + 1);
        assert.equal(lastOf(piece), newest[piece.log]);
        const here = lines.filter(({ each }) => each.log === piece.log).map(({ each }) => each);
        assert.deepEqual(
          piece.authors,
          here.map((each) => each.author),
        );
        assert.deepEqual(
          piece.kinds,
          here.map(({ kind }) => kind),
        );
        assert.deepEqual(
          piece.about,
          here.map(({ about }) => about),
        );
      }
    }),
    { numRuns: 500 },
  );
  t.pass('for 500 batches');
});

t.test('without a log, its new messages fail, and all others have what they had', async (t) => {
  fc.assert(
    fc.property(fc.array(message, { maxLength: 40 }), fc.nat(2), fc.option(keyed), (messages, log, found) => {
      const builder = new BatchBuilder();
      for (const each of messages) builder.add(each);
      const batch = builder.build();
      const known = new Map(
        messages.flatMap((each, place) => (found !== null && each.key === 'k' ? [[place, found] as const] : [])),
      );
      const before = numberBatch(batch, 7, () => 10, known);
      const damage = new StoreFailure('no page');
      const after = withoutLogs(batch, before, new Map([[log, damage]]));
      assert.deepEqual(
        after.stored,
        before.stored.filter((each) => each.log !== log),
      );
      for (const [place, id] of before.ids.entries()) {
        const isNew = messages[place]?.log === log && id > 10;
        assert.equal(after.ids[place], isNew ? 0 : id);
        assert.equal(after.outcomes[place], isNew ? 'failed' : before.outcomes[place]);
      }
      assert.equal(after.unreadable.length, after.outcomes.filter((outcome) => outcome === 'failed').length);
    }),
  );
  t.pass();
});

t.test('neighbouring messages are cut by their ids', async (t) => {
  const builder = new BatchBuilder();
  for (const text of ['a', 'é', 'c']) {
    builder.add({ log: 1, author: author(1), text, kind: 'text', about: 0, key: undefined });
  }
  const [piece] = numberBatch(builder.build(), 7, () => 10).stored;
  if (piece === undefined) return t.fail('nothing is stored');
  t.same(described([piece]), ['1:11 a', '1:12 é', '1:13 c']);
  t.equal(messagesAfter(piece, 10), piece, 'nothing is copied where all are meant');
  t.same(described([messagesAfter(piece, 11)].flatMap((each) => each ?? [])), ['1:12 é', '1:13 c']);
  t.equal(messagesAfter(piece, 13), undefined);
  t.same(described([messagesBetween(piece, 11, 12)].flatMap((each) => each ?? [])), ['1:12 é']);
  t.equal(messagesBetween(piece, 12, 12), undefined);
  t.equal(textAt(piece.texts, 7), '', 'a place that is not there has no text');
});
