// The bytes of a run (src/store/run-format.ts): what is encoded is decoded, and nothing else is taken for a run.
import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import t from 'tap';
import { ByteWriter } from '../../src/store/byte-writer.js';
import { DamageError } from '../../src/store/damage.js';
import type { Kind } from '../../src/store/log.js';
import {
  decodeRun,
  maxEntryBytes,
  maxRun,
  maxRunBytes,
  RunDecoder,
  RunEncoder,
  type RunColumns,
} from '../../src/store/run-format.js';
import { jsonText } from '../../src/text/json.js';
import { anyCharacter } from '../support/any-text.js';

interface Message {
  readonly author: number;
  readonly kind: Kind;
  readonly about: number;
  readonly text: string;
}

function encoded(messages: readonly Message[]): Buffer {
  const encoder = new RunEncoder();
  encoder.begin();
  for (const { author, kind, about, text } of messages) {
    if (text === '') encoder.addDeleted(author, kind, about);
    else encoder.addText(author, kind, about, jsonText(text));
  }
  return Buffer.from(encoder.bytes);
}

/** Encodes decoded columns again. */
function encodedAsItStands(bytes: Buffer, { authors, kinds, about, begins, ends }: RunColumns): Buffer {
  const encoder = new RunEncoder();
  encoder.begin();
  for (const [at, author] of authors.entries()) {
    const [begin = 0, end = 0] = [begins[at], ends[at]];
    if (begin === end) encoder.addDeleted(author, kinds[at] ?? 'text', about[at] ?? 0);
    else encoder.add(author, kinds[at] ?? 'text', about[at] ?? 0, bytes, begin, end);
  }
  return Buffer.from(encoder.bytes);
}

function messagesOf(bytes: Buffer, { authors, kinds, about, begins, ends }: RunColumns): readonly Message[] {
  return authors.map((author, at) => ({
    author,
    kind: kinds[at] ?? 'text',
    about: about[at] ?? 0,
    text: JSON.parse(`"${bytes.toString('utf8', begins[at], ends[at])}"`) as string,
  }));
}

const ids = fc.oneof(
  fc.integer({ min: 1, max: 300 }),
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 49, Number.MAX_SAFE_INTEGER),
);
const kinds = fc.constantFrom<Kind>('text', 'action', 'notice', 'reply', 'edit', 'reaction');
const anyMessage = fc.record(
  {
    author: ids,
    kind: kinds,
    about: fc.oneof(fc.constant(0), ids),
    text: fc.oneof(
      fc.string({ minLength: 1 }),
      fc.string({ unit: anyCharacter, minLength: 1 }),
      fc.constantFrom(
        '',
        '\0',
        '"',
        '\\',
        '\u007f\u0085\u2028\u2029',
        '\u{1f600}',
        'x'.repeat(4096),
        '\0'.repeat(4096),
      ),
    ),
  },
  { noNullPrototype: true },
);
const anyRun = fc.array(anyMessage, { minLength: 1, maxLength: maxRun });

t.test('what was encoded is decoded, message by message', async () => {
  fc.assert(
    fc.property(anyRun, (messages) => {
      const bytes = encoded(messages);
      assert.deepStrictEqual(messagesOf(bytes, decodeRun(bytes, messages.length)), messages);
    }),
    { numRuns: 200 },
  );
});

t.test('the bytes stay as they are documented: they stand in databases', async (t) => {
  const bytes = encoded([
    { author: 1, kind: 'text', about: 0, text: 'hi' },
    { author: 300, kind: 'reaction', about: 129, text: 'é"' },
    { author: 2, kind: 'text', about: 0, text: '' },
    { author: 2, kind: 'edit', about: 3, text: '' },
  ]);
  const deleted = '20' + '02' + '34' + '02' + '03';
  t.equal(
    bytes.toString('hex'),
    `${'01' + '00' + '01' + '02' + '6869' + '15' + 'ac02' + '8101' + '04' + 'c3a95c22'}${deleted}`,
  );
});

t.test('a text is copied from the bytes of a batch as it stands there', async (t) => {
  const encoder = new RunEncoder();
  encoder.begin();
  encoder.add(7, 'action', 3, Buffer.from('before text after'), 7, 11);
  t.strictSame(messagesOf(encoder.bytes, decodeRun(encoder.bytes, 1)), [
    { author: 7, kind: 'action', about: 3, text: 'text' },
  ]);
  encoder.clear();
  t.equal(encoder.length, 0);
});

t.test('numbers are written in decimal digits, and bytes stay when the buffer grows', async (t) => {
  const writer = new ByteWriter();
  const edges = [0, 9, 10, 99, 100, 999_999_999, 1e9, 1e9 + 1, 2 ** 32 - 1, 1e12 + 5, 1e15, Number.MAX_SAFE_INTEGER];
  fc.assert(
    fc.property(fc.oneof(fc.constantFrom(...edges), fc.maxSafeNat()), (value) => {
      writer.truncate(0);
      writer.decimal(value);
      assert.equal(writer.bytes.toString(), String(value));
    }),
  );
  writer.truncate(0);
  const text = 'é'.repeat(300);
  for (let count = 0; count < 1000; count += 1) {
    writer.decimal(count);
    writer.text(text, Buffer.byteLength(text));
    writer.copy(Buffer.from('(short)'), 1, 6);
    writer.copy(Buffer.from(text), 0, 600);
  }
  const expected = Array.from({ length: 1000 }, (_, count) => `${count}${text}short${text}`).join('');
  t.ok(writer.bytes.toString() === expected && writer.buffer.length >= writer.length);
});

t.test('the longest run has as many bytes as is said', async (t) => {
  const longest = { author: Number.MAX_SAFE_INTEGER, kind: 'edit', about: Number.MAX_SAFE_INTEGER } as const;
  const bytes = encoded(Array.from({ length: maxRun }, () => ({ ...longest, text: '\u0001'.repeat(4096) })));
  t.equal(decodeRun(bytes, maxRun).ends.at(-1), bytes.length);
  t.ok(bytes.length <= maxRunBytes && bytes.length > maxRunBytes - 200);
});

t.test('a run is decoded from pieces as it is decoded at once', async (t) => {
  fc.assert(
    fc.property(anyRun, fc.integer({ min: maxEntryBytes + 1, max: 2 * maxEntryBytes }), (messages, length) => {
      const bytes = encoded(messages);
      const decoder = new RunDecoder(messages.length);
      let pieces = 0;
      for (; decoder.read < bytes.length; pieces += 1) {
        const end = decoder.read + length;
        decoder.add(bytes.subarray(decoder.read, end), end >= bytes.length);
      }
      assert.deepStrictEqual(decoder.columns, decodeRun(bytes, messages.length));
      assert.ok(pieces <= 1 + bytes.length / (length - maxEntryBytes));
    }),
    { numRuns: 50 },
  );
  const bytes = encoded(
    Array.from({ length: 3 }, () => ({ author: 1, kind: 'text', about: 0, text: '\u0001'.repeat(4096) }) as const),
  );
  const behind = new RunDecoder(1);
  t.throws(() => behind.add(bytes.subarray(0, 50_000), false), /bytes stand behind the last message/);
  const cut = new RunDecoder(4);
  cut.add(bytes.subarray(0, 40_000), false);
  t.throws(() => cut.add(bytes.subarray(cut.read), true), /a run is cut/);
});

const hex = (text: string): Buffer => Buffer.from(text, 'hex');
const withText = (text: Buffer | string): Buffer => {
  const bytes = Buffer.from(text);
  return Buffer.concat([hex('010001'), Buffer.from(varint(bytes.length)), bytes]);
};

function varint(value: number): number[] {
  return value > 0x7f ? [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))] : [value];
}

const wrong: Readonly<Record<string, readonly [bytes: Buffer, count: number, says: RegExp]>> = {
  'no bytes': [hex(''), 1, /format of a run is missing/],
  'another format': [hex('02000100'), 1, /format of a run is 2/],
  'no message': [hex('01'), 1, /cut/],
  'no messages at all': [hex('01'), 0, /has 0 messages/],
  'too many messages': [hex('01'), 101, /has 101 messages/],
  'a count that is no number': [hex('01'), NaN, /has NaN messages/],
  'an unknown kind': [hex('01060100'), 1, /begins with the byte 6/],
  'a bit that nobody sets': [hex('01400100'), 1, /begins with the byte 64/],
  'a text of a deleted message': [hex('0120010161'), 1, /2 bytes stand behind/],
  'an author 0': [hex('01000000'), 1, /an id is 0/],
  'about 0': [hex('0110010000'), 1, /an id is 0/],
  'a number longer than it need be': [hex('0100810000'), 1, /as short as it can be/],
  'a number beyond all others': [hex('0100ffffffffffffff1f00'), 1, /too large/],
  'a number without end': [Buffer.concat([hex('0100'), Buffer.alloc(5000, 0x80)]), 1, /too large|cut/],
  'a length beyond the end': [hex('01000105'), 1, /cut/],
  'a text that is cut': [hex('010001026f'), 1, /cut/],
  'a byte more': [hex('010001016100'), 1, /1 bytes stand behind/],
  'a message more': [hex('010001016100010161'), 1, /stand behind/],
  'an empty text': [withText(''), 1, /a text is empty/],
  'a quote': [withText('a","x":"b'), 1, /a byte that JSON escapes/],
  'a line feed': [withText('a\nb'), 1, /a byte that JSON escapes/],
  'a raw DEL': [withText('\u007f'), 1, /a byte that JSON escapes/],
  'a raw C1 control': [withText('\u0085'), 1, /a character that JSON escapes/],
  'a raw line separator': [withText('\u2028'), 1, /a character that JSON escapes/],
  'a backslash at the end': [withText('a\\'), 1, /not JSON/],
  'an unknown escape': [withText('\\x41'), 1, /not JSON/],
  'an escape that is cut': [withText('\\u00'), 1, /not JSON/],
  'half of a surrogate pair': [withText('\\ud800'), 1, /half of a surrogate pair/],
  'a surrogate as UTF-8 can not say it': [withText(hex('eda080')), 1, /not UTF-8/],
  'half of a character': [withText(hex('c3')), 1, /not UTF-8/],
  'a text that is too long': [withText('x'.repeat(4097)), 1, /4097 bytes/],
  'an escaped text that is too long': [withText('\\n'.repeat(4097)), 1, /4097 bytes/],
  'a long text of characters of two bytes': [withText('é'.repeat(2049)), 1, /4098 bytes/],
};

for (const [what, [bytes, count, says]] of Object.entries(wrong)) {
  t.test(`${what} is refused`, async (t) => {
    t.throws(() => decodeRun(bytes, count), { name: 'Error', message: says });
  });
}

t.test('whatever the bytes are, they are a run that can be encoded again or an error', async (t) => {
  let taken = 0;
  const check = (bytes: Buffer, count: number): void => {
    try {
      const columns = decodeRun(bytes, count);
      assert.ok(encodedAsItStands(bytes, columns).equals(bytes));
      taken += 1;
    } catch (error) {
      if (!(error instanceof DamageError)) throw error;
    }
  };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(4), (bytes, count) =>
      check(Buffer.from([1, ...bytes]), count),
    ),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(anyRun, fc.nat(), fc.nat(255), (messages, where, byte) => {
      const bytes = encoded(messages.slice(0, 5));
      bytes[where % bytes.length] = byte;
      check(bytes, Math.min(5, messages.length));
    }),
    { numRuns: 2000 },
  );
  t.ok(taken > 0);
});
