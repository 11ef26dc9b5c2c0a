// What the server writes (PROTOCOL.md §3.1, §3.2, §4): every line is a code, one TAB and one JSON object that nothing
// in it can break, and no list makes a line too long (§1.3).

import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { encodeEvent } from '../../src/wire/encode-event.js';
import { encodeList, encodeRefusal, encodeSuccess, encodeTime } from '../../src/wire/encode.js';
import { messageReply } from '../../src/wire/post-replies.js';
import { json, jsonText } from '../../src/text/json.js';
import { code } from '../../src/wire/generated/codes.js';
import { event } from '../../src/wire/generated/events.js';
import { limits } from '../../src/wire/generated/limits.js';
import { jsonLayout, MessageLines } from '../../src/wire/message-lines.js';
import { defaultFormat, formatOf } from '../../src/wire/format.js';
import { pieceFrom } from '../../src/wire/pieces.js';
import type { Ref } from '../../src/wire/refusal.js';
import { toByteString, type ByteString } from '../../src/text/byte-string.js';
import { refusal } from '../../src/wire/refusal.js';
import { verbatim } from '../../src/wire/words.js';
import { anyCharacter } from '../support/any-text.js';

/**
 * A line's parts. Throws where the line is not one line of the protocol, or has a character that must be escaped
 * (§3.1).
 */
function read(line: string): { readonly code: number; readonly body: Readonly<Record<string, unknown>> } {
  if (!line.endsWith('\n')) throw new Error('no line end');
  const [first = '', second = '', ...others] = line.slice(0, -1).split('\t');
  if (others.length > 0 || !/^[1-9]\d{0,2}$/.test(first))
    throw new Error(`cut -f1 finds no code: ${JSON.stringify(line)}`);
  if (/[\p{Cc}\u2028\u2029]|\p{Cs}/u.test(second)) throw new Error(`raw characters in ${JSON.stringify(line)}`);
  return { code: Number(first), body: JSON.parse(second) as Readonly<Record<string, unknown>> };
}

interface MessageParts {
  readonly room: string;
  readonly id: number;
  readonly prev: number;
  readonly username: string;
  readonly message: string;
  readonly time: string;
}

/** One line, made between two others of other times and authors. */
function lineAmong(
  name: 'message' | 'past_message',
  { room, id, username, message, time }: MessageParts,
  ref?: Ref,
): string {
  const place = { event: name, room, ref };
  const lines = new MessageLines(jsonLayout.head(place));
  const said = toByteString(jsonText(message));
  const writer = (of: string): ByteString => jsonLayout.writer({ name: of, to: undefined });
  const ending = jsonLayout.ending(place, Date.parse(time), undefined);
  lines.add(1, writer('é'), toByteString('first'), jsonLayout.ending(place, 1, undefined));
  lines.add(id, writer(username), said, ending);
  lines.add(id + 1, writer(username), said, ending);
  const bytes = lines.toBuffer();
  const [, begin = 0, end = 0] = lines.begins;
  if (lines.length !== bytes.length) throw new Error(`${bytes.length} bytes are counted as ${lines.length}`);
  return bytes.toString('utf8', begin, end);
}

const messageLine = (parts: MessageParts): string => lineAmong('message', parts);
const pastMessageLine = (parts: MessageParts, ref: Ref | undefined): string => lineAmong('past_message', parts, ref);

/** What was meant, as it should read: without undefined members, and with nothing that JSON can't tell apart. */
const sent = (body: object): string => JSON.stringify(JSON.parse(JSON.stringify(body)));

t.test('a piece of a text begins and ends between two characters, and pieces make up the text (§7)', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'é', '€', '😀', '\n', '\u2028', '"') });
  fc.assert(
    fc.property(text, fc.nat(60), fc.integer({ min: 12, max: 60 }), (whole, from, room) => {
      const all = Buffer.from(whole);
      const frame = '1\t{"command":"get_message","message":"","offset":999,"bytes":999,"more":false}\n'.length;
      const format = formatOf({ ...defaultFormat, maxLine: frame + room });
      let offset = from;
      let first: number | undefined;
      let joined = '';
      for (let more = true; more; ) {
        const rest = pieceFrom(jsonText(whole), offset);
        const line = encodeSuccess('get_message', undefined, rest, format);
        assert.ok(Buffer.byteLength(line) <= format.maxLine);
        const piece = read(line).body as unknown as typeof rest;
        assert.equal(piece.bytes, all.length);
        if (first === undefined) {
          assert.ok(piece.offset <= from && (piece.offset > from - 4 || piece.offset === all.length));
          assert.ok(!all.toString('utf8', piece.offset).startsWith('\ufffd'));
        } else assert.equal(piece.offset, offset);
        first ??= piece.offset;
        assert.ok(piece.message !== '' || !piece.more);
        joined += piece.message;
        offset = piece.offset + Buffer.byteLength(piece.message);
        ({ more } = piece);
      }
      assert.equal(joined, all.toString('utf8', first));
    }),
  );
});

t.test(
  'a reply is its code, one TAB, one object and LF; the object begins with command and ref (§3.1, §3.2)',
  async (t) => {
    t.equal(encodeSuccess('ping', undefined, {}), '1\t{"command":"ping"}\n');
    t.equal(encodeSuccess('ping', 7, { data: 'a', more: undefined }), '1\t{"command":"ping","ref":7,"data":"a"}\n');
    t.equal(encodeSuccess('ping', '', {}), '1\t{"command":"ping","ref":""}\n');
    t.equal(encodeSuccess('ping', 0, {}), '1\t{"command":"ping","ref":0}\n');
    t.equal(
      encodeRefusal(refusal('busy', verbatim('Wait.'), { retry_after: 5, ref: 'a', command: 'ping' })),
      '16\t{"command":"ping","ref":"a","error":"Wait.","retry_after":5}\n',
    );
    t.equal(
      encodeRefusal(refusal('missing_field', verbatim('No.'), { field: 'a', ref: undefined })),
      '3\t{"error":"No.","field":"a"}\n',
    );
    t.equal(encodeRefusal(refusal('malformed', verbatim('No.'))), '5\t{"error":"No."}\n');
  },
);

t.test('an event looks the same (§4)', async (t) => {
  t.equal(
    encodeEvent('user_left', { room: 'a', username: 'b', reason: 'left' }),
    '102\t{"room":"a","username":"b","reason":"left"}\n',
  );
  t.equal(encodeEvent('closing', { reason: 'a', retry_after: undefined }), '199\t{"reason":"a"}\n');
});

const parts = {
  room: 'lobby',
  id: 2,
  prev: 1,
  username: 'alice',
  message: 'hello',
  time: '2026-11-22T12:00:00.000Z',
};
const members = {
  room: 'lobby',
  id: 2,
  prev: 1,
  username: 'alice',
  message: 'hello',
  time: '2026-11-22T12:00:00.000Z',
};

t.test('a message is told in events 100 and 110, and in the reply to its sender (§4, §4.3)', async (t) => {
  t.strictSame(read(messageLine(parts)), { code: 100, body: members });
  t.strictSame(read(pastMessageLine(parts, undefined)), { code: 110, body: members });
  t.strictSame(read(pastMessageLine(parts, 'r')), { code: 110, body: { ref: 'r', ...members } });
  t.strictSame(read(messageReply(undefined, { name: 'lobby', json: '"lobby"' }, 2, false)), {
    code: 1,
    body: { command: 'chatroom_message', room: 'lobby', id: 2, prev: 1 },
  });
  t.strictSame(read(messageReply(5, { name: 'lobby', json: '"lobby"' }, 2, true)), {
    code: 1,
    body: { command: 'chatroom_message', ref: 5, room: 'lobby', id: 2, prev: 1, duplicate: true },
  });
});

t.test('time is RFC 3339 in UTC with milliseconds (§4.1)', async (t) => {
  t.equal(encodeTime(0), '1970-01-01T00:00:00.000Z');
  t.equal(encodeTime(Date.UTC(2026, 10, 22, 12, 0, 0, 7)), '2026-11-22T12:00:00.007Z');
});

t.test('U+007F to U+009F, U+2028 and U+2029 are sent as escapes, and what is beside them raw (§3.1)', async (t) => {
  t.equal(json('\u007e\u007f\u0080\u0085\u009f\u00a0'), '"~\\u007f\\u0080\\u0085\\u009f\u00a0"');
  t.equal(json('\u2027\u2028\u2029\u202a'), '"\u2027\\u2028\\u2029\u202a"');
  t.equal(json({ '\u007f': ['\u2028\u2028'] }), '{"\\u007f":["\\u2028\\u2028"]}', 'in names too');
  t.equal(json('é東🎈\ufeff'), '"é東🎈\ufeff"');
  t.equal(json('\0\t\n\r\x1b"\\'), '"\\u0000\\t\\n\\r\\u001b\\"\\\\"');
});

const awkward = fc.constantFrom(
  '\t',
  '\n',
  '\r',
  '\0',
  '"',
  '\\',
  '\u007f',
  '\u0080',
  '\u0085',
  '\u009f',
  '\u2027',
  '\u2028',
  '\u2029',
  '\u202a',
  '\ud800',
  '\udc00',
  '🎈',
  '\\u2028',
);
const text = fc.string({
  unit: fc.oneof(awkward, anyCharacter),
  maxLength: 12,
});
const ref = fc.option(fc.oneof(text, fc.maxSafeInteger()), { nil: undefined });
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(undefined), fc.array(text, { maxLength: 3 }));
// A leading x: `command` and `ref` are the frame's own.
const results = fc.dictionary(
  text.map((name) => `x${name}`),
  value,
  { maxKeys: 4, noNullPrototype: true },
);

t.test('whatever stands in them, lines are one line and read back as what was meant (§3.1)', async () => {
  fc.assert(
    fc.property(ref, results, text, (ref, results, text) => {
      const head = { command: 'ping', ...(ref === undefined ? {} : { ref }) };
      const message = { room: text, id: 2, prev: 1, username: text, message: text, time: parts.time };
      const lines: readonly (readonly [string, number, object])[] = [
        [encodeSuccess('ping', ref, results), 1, { ...head, ...results }],
        [
          encodeList('ping', ref, results, { name: 'list', items: [text, 1] }),
          1,
          { ...head, ...results, list: [text, 1] },
        ],
        [
          encodeRefusal(refusal('busy', verbatim(text), { command: 'ping', ref, field: text, retry_after: 1 })),
          16,
          { ...head, error: text, field: text, retry_after: 1 },
        ],
        [encodeEvent('notice', results), 190, results],
        [messageLine(message), 100, message],
        [pastMessageLine(message, ref), 110, ref === undefined ? message : { ref, ...message }],
        [
          messageReply(ref, { name: text, json: json(text) }, 2, false),
          1,
          { ...head, command: 'chatroom_message', room: text, id: 2, prev: 1 },
        ],
      ];
      for (const [line, number, body] of lines) {
        const got = read(line);
        if (got.code !== number || JSON.stringify(got.body) !== sent(body))
          throw new Error(`${line} is not ${sent(body)}`);
      }
    }),
    { numRuns: 300 },
  );
});

t.test('every code and event has a line', async (t) => {
  const codes = Object.keys(code) as (keyof typeof code)[];
  const events = Object.keys(event) as (keyof typeof event)[];
  for (const name of codes) t.equal(read(encodeRefusal(refusal(name, verbatim('No.')))).code, code[name], name);
  for (const name of events) t.equal(read(encodeEvent(name, {})).code, event[name], name);
});

t.test('a list that fits is whole, and says `more` as it was told (§1.3)', async (t) => {
  t.equal(encodeList('ping', 1, {}, { name: 'l', items: [] }), '1\t{"command":"ping","ref":1,"l":[]}\n');
  t.equal(
    encodeList('ping', undefined, { a: 1 }, { name: 'l', items: ['b', { c: 2 }], more: false }),
    '1\t{"command":"ping","a":1,"l":["b",{"c":2}],"more":false}\n',
  );
  t.equal(
    encodeList('ping', undefined, {}, { name: 'l', items: ['b'], more: true }),
    '1\t{"command":"ping","l":["b"],"more":true}\n',
  );
});

t.test('a list is cut where the line would grow too long, and says so (§1.3)', async (t) => {
  const endless = function* (): Iterable<string> {
    for (;;) yield 'é'.repeat(30);
  };
  const line = encodeList('ping', undefined, {}, { name: 'l', items: endless(), more: false });
  t.ok(Buffer.byteLength(line) <= 32_768);
  t.ok(Buffer.byteLength(line) > 32_768 - 80);
  t.equal(read(line).body['more'], true);
  const one = encodeList('ping', 1, {}, { name: 'l', items: ['x'.repeat(40_000)] });
  t.strictSame(read(one).body, { command: 'ping', ref: 1, l: [], more: true });
});

t.test(
  'no list exceeds the limit or is cut short of it; `more` is true exactly when it was cut or told (§1.3)',
  async () => {
    const units = fc.constantFrom('x', 'é', '東', '🎈', '\u0085', '\u2028', '"', '\ud800');
    const item = fc.tuple(units, fc.integer({ min: 1, max: 3000 })).map(([unit, times]) => unit.repeat(times));
    const more = fc.constantFrom(undefined, true, false);
    const others = fc.constantFrom({}, { topic: 'é'.repeat(500), count: 3 });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 40, size: 'max' }), more, others, ref, (items, more, others, ref) => {
        const line = encodeList('list_users', ref, others, {
          name: 'users',
          items,
          ...(more === undefined ? {} : { more }),
        });
        const { body } = read(line);
        const shown = body['users'] as readonly string[];
        const cut = shown.length < items.length;
        // The tail of what is compared: at most a comma and the difference between true, false and no `more` at all.
        const slack = 16;
        return (
          Buffer.byteLength(line) <= limits.server_line_bytes &&
          JSON.stringify(shown) === JSON.stringify(items.slice(0, shown.length)) &&
          body['more'] === (cut ? true : more) &&
          (!cut ||
            Buffer.byteLength(line) + Buffer.byteLength(json(items[shown.length])) + slack > limits.server_line_bytes)
        );
      }),
      { numRuns: 200 },
    );
  },
);
