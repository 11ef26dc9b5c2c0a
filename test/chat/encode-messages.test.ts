// The lines of many messages, which are joined from parts, are those of `encodeEvent` in every format: with kinds,
// replies, edits, deletions, refs, trimmed stretches and texts that have to be cut (PROTOCOL.md §4, §8.3).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { directShape, MessageEncoder, type Shape } from '../../src/chat/encode-messages.js';
import type { Author, Kind, Messages } from '../../src/store/log.js';
import { joinTexts } from '../../src/store/texts.js';
import { jsonText } from '../../src/text/json.js';
import { encodeEvent } from '../../src/wire/encode-event.js';
import { encodeTime } from '../../src/wire/encode.js';
import { formatOf, type LineFormat } from '../../src/wire/format.js';
import { anyFormat } from '../support/format-lines.js';
import { anyName, anyRef, anyText } from '../support/line-values.js';

interface Message {
  readonly author: 0 | 1;
  /** Empty where it was deleted. */
  readonly text: string;
  readonly kind: Kind;
  readonly re: number;
  readonly edited: number | undefined;
}

/** Messages of one commit. */
interface Batch {
  readonly time: number;
  readonly messages: readonly Message[];
}

const anyId = fc.oneof(fc.nat(99), fc.maxSafeNat());
const kinds: readonly Kind[] = ['text', 'text', 'text', 'action', 'notice', 'reply', 'edit', 'reaction'];
const anyMessage: fc.Arbitrary<Message> = fc.record({
  author: fc.constantFrom(0, 1),
  text: fc.oneof(anyText, fc.constant('hello')),
  kind: fc.constantFrom(...kinds),
  re: fc.oneof(fc.constant(0), anyId),
  edited: fc.option(anyId, { nil: undefined }),
});
const anyBatch: fc.Arbitrary<Batch> = fc.record({
  time: fc.nat(2 ** 41),
  messages: fc.array(anyMessage, { minLength: 1, maxLength: 5 }),
});
const anyPage = fc.record({
  first: fc.oneof(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 2 ** 52 })),
  batches: fc.array(anyBatch, { minLength: 1, maxLength: 3 }),
  names: fc.tuple(anyName(32), anyName(32)),
  /** Empty for a private conversation. */
  room: fc.oneof(fc.constant(''), anyName(64)),
  isPast: fc.boolean(),
  isTextless: fc.boolean(),
  ref: fc.option(anyRef, { nil: undefined }),
  /** How many messages were trimmed before the first. */
  trimmed: fc.oneof(fc.constant(0), fc.nat(9)),
});
type Case = typeof anyPage extends fc.Arbitrary<infer Each> ? Each : never;

function authorsOf({ names: [one, other] }: Case): readonly [Author, Author] {
  return [
    { id: 1, name: one },
    { id: 2, name: other },
  ];
}

/** What the store hands over. */
function storedOf({ first, batches }: Case, authors: readonly [Author, Author]): Messages[] {
  let next = first;
  return batches.map(({ time, messages }) => {
    const begin = next;
    next += messages.length;
    return {
      log: 1,
      first: begin,
      time,
      authors: messages.map(({ author }) => authors[author]),
      texts: joinTexts(messages.map(({ text }) => jsonText(text))),
      kinds: messages.map(({ kind }) => kind),
      about: messages.map(({ re }) => re),
    };
  });
}

/** The line of each message, by itself. */
function linesOf(page: Case, format: LineFormat, prev: number | undefined): string[] {
  const { names, room, isPast, isTextless, ref, batches } = page;
  const [name, event] =
    room === ''
      ? ([isPast ? 'past_direct_message' : 'direct_message', undefined] as const)
      : ([isPast ? 'past_message' : 'message', room] as const);
  let id = page.first - 1;
  return batches.flatMap(({ time, messages }) =>
    messages.map(({ author, text, kind, re, edited }) => {
      id += 1;
      const [writer, reader] = [names[author], names[author === 0 ? 1 : 0]];
      const members = {
        ref: isPast ? ref : undefined,
        room: event,
        id,
        prev: id === page.first && prev !== undefined ? prev : id - 1,
        ...(room === '' ? { from: writer, to: reader } : { username: writer }),
        message: text === '' || isTextless ? undefined : text,
        time: encodeTime(time),
        kind: kind === 'text' ? undefined : kind,
        re: re === 0 ? undefined : re,
        edited: isPast ? edited : undefined,
        deleted: text === '' ? true : undefined,
      };
      return encodeEvent(name, members, format, room === '' ? names[1] : undefined);
    }),
  );
}

function shapeOf(
  { batches, names: [one, other], room, isPast, isTextless, ref, first }: Case,
  prev: number | undefined,
): Shape {
  const all = batches.flatMap(({ messages }) => messages);
  const edits = all.flatMap(({ edited }, place) => (edited === undefined ? [] : [[first + place, edited] as const]));
  const ofPast = isPast ? { edited: new Map(edits), ref } : {};
  if (room !== '')
    return { event: isPast ? 'past_message' : 'message', room, ref: undefined, isTextless, prev, ...ofPast };
  const conversation = { toOf: ({ id }: Pick<Author, 'id'>) => (id === 1 ? other : one) };
  const event = isPast ? 'past_direct_message' : 'direct_message';
  return { ...directShape(event, conversation, { id: 1 }, { isTextless, ...ofPast }), prev };
}

t.test('messages encoded together are encoded as one by one, in every format', async () => {
  fc.assert(
    fc.property(anyPage, anyFormat, (page, format) => {
      const prev = page.trimmed === 0 ? undefined : Math.max(0, page.first - 1 - page.trimmed);
      const stored = storedOf(page, authorsOf(page));
      const encoded = new MessageEncoder().encode(shapeOf(page, prev), stored, format);
      const lines = linesOf(page, format, prev);
      const got = encoded.begins.map((begin, place) =>
        encoded.bytes.toString('utf8', begin, encoded.begins[place + 1] ?? encoded.bytes.length),
      );
      assert.deepEqual(got, lines);
      assert.equal(encoded.longest, Math.max(...lines.map((line) => Buffer.byteLength(line))));
    }),
    { numRuns: 1500 },
  );
});

t.test('a private message without room is 113 with the other user, whom it concerns', async (t) => {
  const page = { names: ['𐐀'.repeat(32), '𐐁'.repeat(32)] as const };
  const [one, other] = page.names;
  const format = formatOf({ form: 'json', maxLine: 512, ascii: true, language: 'en' });
  const messages = storedOf(
    {
      first: 7,
      batches: [{ time: 0, messages: [{ author: 0, text: 'hello', kind: 'text', re: 0, edited: undefined }] }],
    } as unknown as Case,
    [
      { id: 1, name: one },
      { id: 2, name: other },
    ],
  );
  const conversation = { toOf: ({ id }: Pick<Author, 'id'>) => (id === 1 ? other : one) };
  for (const [reader, partner] of [
    [1, other],
    [2, one],
  ] as const) {
    const shape = directShape('direct_message', conversation, { id: reader });
    const line = String(new MessageEncoder().encode(shape, messages, format).bytes);
    t.strictSame(JSON.parse(line.slice(4)), { code: 104, with: partner, id: 7, prev: 6 });
  }
});
