// The framer against the model (framer-model.ts): both have to see the same frames and timing marks in the same order,
// so that nothing depends on how TCP cut the bytes.

import fc from 'fast-check';
import t from 'tap';
import { framed, latin1, mebibyte, model } from './framer-model.js';

const pieces = [
  '\n',
  '\n',
  '\n',
  '\r\n',
  '\r\n',
  '\r',
  '\r\r\n',
  ' ',
  '\t',
  ' \t ',
  '\n\n',
  '\0',
  '\x16',
  '\x16\x03',
  '\x16\x03\x01\x00',
  'ping',
  'ping a\n',
  '{"command":"ping"}\n',
  'x',
  'xxxx',
  'xxxxxxxxxxxxxxxx',
  ' HTTP/1.1',
  'GET / HTTP/1.1\r\n',
  ' HTTP/2\n',
  '\xef\xbb\xbf',
  '\xef\xbb',
  '\xbf',
  '\xc3\xa9',
  '\xc3',
  '\xa9',
  '\xf0\x9f\x8e\x88',
  '\xe2\x82\xac',
  '\xc0\xaf',
  '\xed\xa0\x80',
  '\xfe',
  '\xff',
  '\xff\xff',
  '\xff\xf1',
  '\xff\xf4',
  '\xff\xf0',
  '\xff\xfb',
  '\xff\xfb\x1f',
  '\xff\xfc\x01',
  '\xff\xfd',
  '\xff\xfd\x06',
  '\xff\xfd\x01',
  '\xff\xfd\xff',
  '\xff\xfe\x03',
  '\xff\xfd\n',
  '\x06',
  '\xff\xfa',
  '\xff\xfa\x1f\0\x50\0\x18\xff\xf0',
  '\xff\xfa\xff\xff\xff\xf0',
  '\xff\xfa\xff\xfd\x06\xff\xf0',
  '\xff\xfa\n\xff\xf0',
  '\xffA',
  '\xf0',
].map(latin1);
const somePiece = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(...pieces) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 4 }).map((each) => Buffer.from(each)) },
);
const someBytes = fc.array(somePiece, { maxLength: 40, size: 'max' }).map((list) => Buffer.concat(list));
const someCuts = fc
  .array(fc.record({ size: fc.nat(12), pulls: fc.nat(3) }), { maxLength: 8 })
  .map((cuts) => [...cuts, { size: 5, pulls: 1 }]);
const byteByByte = [{ size: 1, pulls: Infinity }];
const atOnce = [{ size: Infinity, pulls: 0 }];

t.test('frames and timing marks are those of the model, however the bytes are cut', async () => {
  fc.assert(
    fc.property(someBytes, fc.integer({ min: 1, max: 24 }), fc.boolean(), someCuts, (bytes, most, ended, cuts) => {
      const expected = model(bytes, most, ended).join('\n');
      for (const each of [byteByByte, atOnce, cuts]) {
        const got = framed(bytes, most, ended, each).join('\n');
        if (got !== expected) throw new Error(`${JSON.stringify(got)} is not ${JSON.stringify(expected)}`);
      }
    }),
    { numRuns: 5000 },
  );
});

/** Text and how often it stands there: what is long is made in the property, so that a failure can be read. */
type Repeated = readonly [text: string, times: number];
const made = (parts: readonly Repeated[]): Buffer => latin1(parts.map(([text, times]) => text.repeat(times)).join(''));
const someText = someBytes.map((bytes): Repeated => [bytes.toString('latin1'), 1]);

t.test('so they are for lines about as long as the limit', async () => {
  const once = (...texts: readonly string[]) => fc.constantFrom(...texts.map((text): Repeated => [text, 1]));
  const line = fc.tuple(
    once('', '\r', ' ', '\xff\xf1', '\xff\xfd\x06', '\xef\xbb\xbf', '\xff\xfa\xff\xf0'),
    fc.integer({ min: -4, max: 4 }).map((more): Repeated => ['x', 16_384 + more]),
    once('', '\r', '\r\r', '\xff\xf1\r', '\r\xff\xfd\x06', '\xff', '\xc3\xa9'),
    once('\n', '\r\n', 'x\n'),
  );
  const streams = fc
    .array(
      fc.oneof(
        line,
        someText.map((text) => [text]),
      ),
      { maxLength: 4 },
    )
    .map((lines) => lines.flat());
  const wide = fc.array(fc.record({ size: fc.constantFrom(1, 3, 1460, 8192, 16_380), pulls: fc.nat(2) }), {
    maxLength: 6,
  });
  fc.assert(
    fc.property(streams, fc.boolean(), wide, (parts, ended, cuts) => {
      const bytes = made(parts);
      const expected = model(bytes, 16_384, ended).join('\n');
      return [atOnce, [...cuts, { size: 16_385, pulls: 1 }]].every(
        (each) => framed(bytes, 16_384, ended, each).join('\n') === expected,
      );
    }),
    { numRuns: 150 },
  );
});

t.test('so they are for bytes that go on for about 1 MiB without an LF', async () => {
  const fills = fc.constantFrom(
    ['', 'x', ''],
    ['', '\r', ''],
    ['\xff\xfa', 'x', ''],
    ['\xff\xfa', 'x', '\xff\xf0'],
    ['\xff\xfa', 'x', '\xff\xf0xxxxx'],
    ['\xff\xfa', 'x', `\xff\xf0${'x'.repeat(4097)}`],
    ['', '\xff\xf1', ''],
    ['', '\xff\xfd\x06', ''],
    ['', '\xff', ''],
  );
  const aboutThat = fc.oneof(fc.integer({ min: -20, max: 20 }), fc.constantFrom(-1, 0, 1));
  const long = fc.tuple(fills, aboutThat, fc.nat(1)).map(([[before = '', each = '', after = ''], more, early]) => {
    const length = mebibyte + more - before.length - early * after.length;
    return [
      [before, 1],
      [each, Math.ceil(length / each.length)],
      [after, 1],
    ] satisfies Repeated[];
  });
  // The byte that is one too many for the connection is also the one that makes the line too long.
  const tie: [string, number][] = [
    ['\xff\xfa', 1],
    ['x', mebibyte + 1 - 4 - 4097],
    ['\xff\xf0', 1],
    ['x', 4097],
  ];
  const most = fc.constantFrom(4096, 16_384);
  const ends = fc.constantFrom('', '\n', 'x\n');
  fc.assert(
    fc.property(
      fc.constantFrom('', 'ping\n'),
      long,
      ends,
      someText,
      most,
      fc.boolean(),
      fc.integer({ min: -40, max: 5 }),
      (before, parts, end, after, limit, ended, near) => {
        const bytes = made([[before, 1], ...parts, [end, 1], after]);
        const expected = model(bytes, limit, ended).join('\n');
        // About the edge byte by byte, for as long as one turn of these cuts lasts.
        const edge = [
          { size: mebibyte + near, pulls: 3 },
          ...Array.from({ length: 60 }, () => ({ size: 1, pulls: 3 })),
        ];
        return [atOnce, edge, [{ size: 65_536, pulls: 3 }]].every(
          (each) => framed(bytes, limit, ended, each).join('\n') === expected,
        );
      },
    ),
    { numRuns: 25, examples: [['', tie, '\n', ['ping\n', 1], 4096, false, 0]] },
  );
});
