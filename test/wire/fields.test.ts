// The fields of PROTOCOL.md §6, row by row, at, below and above their limits, for every command that has them; and the
// checks, which take shortcuts, against naive ones that take none.

import fc from 'fast-check';
import t from 'tap';
import { ignorable } from '../../src/text/unicode/ignorable.js';
import { decodeSet } from '../../src/text/unicode/table.js';
import { fieldCheck, isRef } from '../../src/wire/fields.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { limits } from '../../src/wire/generated/limits.js';
import type { CommandSpec, FieldRule } from '../../src/wire/spec.js';
import { inEnglish } from '../support/sentences.js';

const specs: readonly CommandSpec[] = Object.values(commandSpecs);

interface Values {
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
}

type Asserts = Pick<typeof t, 'equal' | 'match' | 'ok'>;

/** Holds every parameter of one of those names to the values; `command.name` means that command's only. */
function hold(t: Asserts, names: readonly string[], { good, bad }: Values): void {
  const fields = new Set(
    specs.flatMap(({ name: command, parameters }) =>
      parameters
        .filter(({ name }) => names.includes(name) || names.includes(`${command}.${name}`))
        .map(({ field }) => field),
    ),
  );
  t.ok(fields.size > 0, `some command has ${names.join(' or ')}`);
  for (const field of fields) {
    const check = fieldCheck(field);
    for (const value of good) t.equal(check(value), undefined, `${field} ${seen(value)}`);
    for (const value of [...bad, true, {}, ['a'], [1]])
      t.match(inEnglish(check(value)), /^must be /, `no ${field}: ${seen(value)}`);
  }
}

/** A value as it can stand in a test's title. */
function seen(value: unknown): string {
  return encodeURIComponent(value === undefined ? '' : JSON.stringify(value)).slice(0, 60);
}

const control = ['\0', '\t', '\n', '\r', '\x1b', '\x1f', '\x7f', '\x80', '\x85', '\x9f'];
const noNames = [
  '',
  ' ',
  'a b',
  ' a',
  'a ',
  'a\n',
  '\na',
  'a\0',
  '_a',
  '.a',
  '-a',
  '_',
  '\u0301a',
  'a@b',
  'a/b',
  'a"',
  'a\\',
  'a:b',
  "o'a",
  'a,b',
  '🎈',
  'a🎈',
  'a\u200d',
  'a\u200b',
  'a\u00ad',
  'a\u202e',
  '\ufeffa',
  'Ⅷ',
  'x²',
  '½',
  'a\u2028',
  'a\ue000',
  'a\u0378',
  5,
  0,
];
const names = [
  'a',
  'A',
  '7',
  'alice',
  'Alice-2.b_c',
  'a-',
  'a_',
  'a.',
  'éloïse',
  'e\u0301',
  '東京',
  'Δ',
  'नि',
  'ไทย',
  'עִ',
  '٣٤',
  '𝟗',
  '𐐀',
  'ªº',
  'ß',
];

t.test('username, user, to, with: letters, marks, digits, `_ . -`; the first is a letter or a digit', async (t) => {
  const bad = [...noNames, '#a', 'a#', '+a', 'a+', '#'];
  hold(t, ['username', 'user', 'to', 'with', 'list_users.after'], { good: names, bad });
});

/** Names that show nothing where they should, or more than a line has room for: they may stand, and are not made. */
const unfit: readonly (readonly [name: string, why: string])[] = [
  ['\u3164', 'U+3164'],
  ['a\u1160', 'U+1160'],
  ['\u115f', 'U+115F'],
  ['\uffa0', 'U+FFA0'],
  ['a\u034f', 'U+034F'],
  ['a\ufe0f', 'U+FE0F'],
  ['a\u{e0100}', 'U+E0100'],
  ['a\u17b4', 'U+17B4'],
  ['\u1780\u17b5', 'U+17B5'],
  ['a\u180b', 'U+180B'],
  ['a\u180f', 'U+180F'],
  ['\u3164\u3164', 'U+3164'],
  ['a\u0301\u0301\u0301\u0301\u0301\u034f', 'U+034F'],
  ['x\u0301\u0301\u0301\u0301\u0301', 'four marks'],
  ['éx\u0323\u0323\u0323\u0323\u0323y', 'four marks'],
  ['á\u0301\u0302\u0301\u0301\u0301', 'four marks'],
  ['x\u0344\u0344\u0344', 'four marks'],
  ['क\u093e\u093e\u093e\u093e\u093e', 'four marks'],
  ['x\u20dd\u20dd\u20dd\u20dd\u20dd', 'four marks'],
];
/** Five marks after the letter decomposed are four or fewer composed, which is what counts. */
const fit = [
  'á\u0301\u0301\u0301\u0301',
  'a\u0301\u0301\u0301\u0301\u0301',
  'ế\u0323',
  'e\u0323\u0302\u0301',
  'x\u0301\u0301\u0301\u0301',
  'हिन्दी',
  'ကြွေး',
  'x\u0301\u0301\u0301\u0301y\u0301\u0301\u0301\u0301',
  'བསྒྲུབས',
];

t.test(
  'a new name has nothing invisible and at most four marks in a row; names from before are as they are',
  async (t) => {
    for (const [made, existing] of [
      ['new_username', 'username'],
      ['new_room', 'room'],
    ] as const) {
      for (const [name, why] of unfit) {
        const said = inEnglish(fieldCheck(made)(name));
        t.ok(said?.includes(why), `${made} ${seen(name)}: ${said}`);
        t.equal(fieldCheck(made)(name.normalize('NFD')) === undefined, false, `${made} ${seen(name)}, decomposed`);
        t.equal(fieldCheck(existing)(name), undefined, `${existing} ${seen(name)}`);
      }
      for (const name of [...fit, ...names])
        for (const form of ['NFC', 'NFD'] as const)
          t.equal(fieldCheck(made)(name.normalize(form)), undefined, `${made} ${seen(name)}`);
    }
    t.match(
      inEnglish(fieldCheck('new_username')(`a${'\u034f'.repeat(15_000)}`)),
      /^must be 1 to 32/,
      'and what is far too long is not looked at',
    );
  },
);

t.test('room: as username, and `#` and `+` may stand anywhere', async (t) => {
  const good = [...names, '#', '+', '#a', 'a#', '+a', 'a+b', '##', '#_a', '#-', 'a#.b', 'c++'];
  hold(t, ['room', 'list_chatrooms.after'], { good, bad: [...noNames, '_#', '.+a', '#\u200d', '# a', '\u0301#'] });
});

/** Texts of `count` characters, in all the ways in which counting can go wrong. */
function counted(count: number): string[] {
  return ['x', 'é', 'e\u0301', '𐐀', '\u03b1\u0313\u0300\u0345', '\u1112\u1161\u11ab', '東'].map((one) =>
    one.repeat(count),
  );
}

t.test('characters are code points after NFC: names', async (t) => {
  hold(t, ['username', 'user', 'to', 'with'], {
    good: [...counted(1), ...counted(31), ...counted(32)],
    bad: counted(33),
  });
  hold(t, ['room'], { good: [...counted(33), ...counted(64)], bad: counted(65) });
});

t.test('NFC can make a text longer, and that counts', async (t) => {
  hold(t, ['username'], { good: ['\u0958'.repeat(16)], bad: ['\u0958'.repeat(17), '\ufb2c'.repeat(11)] });
  hold(t, ['first_name'], { good: ['\u{1d160}'.repeat(33)], bad: ['\u{1d160}'.repeat(34), '\ufb2c'.repeat(34)] });
});

t.test('password where one is set: 8 to 1,024 bytes, any characters', async (t) => {
  hold(t, ['create_user.password', 'new_password'], {
    good: [
      'x'.repeat(8),
      'é'.repeat(4),
      '🎈🎈',
      'e\u0301'.repeat(3),
      ' '.repeat(8),
      '\0'.repeat(8),
      'x'.repeat(1024),
      'é'.repeat(512),
      '東'.repeat(341),
    ],
    bad: ['', 'x'.repeat(7), 'é'.repeat(3), '東東', 'x'.repeat(1025), 'é'.repeat(513), '東'.repeat(342), 12345678],
  });
});

t.test('password where one is checked: 1 to 1,024 bytes, any characters', async (t) => {
  hold(t, ['authenticate_user.password'], {
    good: ['x', '\0', ' ', 'x'.repeat(1024), 'é'.repeat(512), '🎈'.repeat(256)],
    bad: ['', 'x'.repeat(1025), 'é'.repeat(513), '🎈'.repeat(257), 1],
  });
});

t.test('first_name, last_name: 1 to 100 characters, no control characters', async (t) => {
  const good = ['A', ' ', 'Jean Paul', "O'Hara", '\u200b', '\u2028', '🎈'.repeat(100), ...counted(99), ...counted(100)];
  const bad = ['', 1, '🎈'.repeat(101), ...counted(101), ...control, ...control.map((each) => `a${each}b`)];
  hold(t, ['first_name', 'last_name'], { good, bad });
});

t.test('message: 1 to 4,096 bytes, as it came', async (t) => {
  const good = [
    'x',
    ' ',
    ...control,
    'x'.repeat(4096),
    'é'.repeat(2048),
    '東'.repeat(1365),
    '🎈'.repeat(1024),
    'e\u0301'.repeat(1365),
  ];
  const bad = ['', 1, 'x'.repeat(4097), 'é'.repeat(2049), '東'.repeat(1366), '🎈'.repeat(1025), 'e\u0301'.repeat(1366)];
  hold(t, ['message'], { good, bad });
});

t.test('topic, label, reason, match: 0 to 500 characters, no control characters', async (t) => {
  const good = ['', ' ', ...counted(499), ...counted(500)];
  hold(t, ['topic', 'label', 'reason', 'match'], { good, bad: [1, ...counted(501), ...control] });
});

t.test('after, before, id: an integer ≥ 0', async (t) => {
  hold(t, ['before', 'id', 'join_chatroom.after', 'chatroom_history.after', 'direct_history.after'], {
    good: [0, 1, 100, 1e3, Number.MAX_SAFE_INTEGER],
    bad: [-1, 0.5, 1e-9, 2 ** 53, 1e300, Infinity, -Infinity, NaN, '1', ''],
  });
});

t.test('limit: 1 to 1,000', async (t) => {
  hold(t, ['limit'], { good: [1, 2, 100, 999, 1000], bad: [0, -1, 1001, 1.5, 999.5, Infinity, NaN, '1'] });
});

t.test('since, until: a time of RFC 3339, of a day that there is', async (t) => {
  hold(t, ['since', 'until'], {
    good: ['2024-02-29T23:59:59Z', '2026-11-22T12:00:00.123456789+02:00', '2026-12-31t00:00:00z'],
    bad: [
      ...['2026-02-29T00:00:00Z', '2026-02-30T00:00:00Z', '2026-04-31T00:00:00Z', '2026-13-01T00:00:00Z'],
      ...['2026-01-00T00:00:00Z', '2026-01-01T24:00:00Z', '2026-01-01T00:60:00Z', '2026-01-01T00:00:00', '2026-01-01'],
      ...['', 'yesterday', 0],
    ],
  });
});

t.test('data: at most 1,024 characters, and a key at most 64 (§5.3)', async (t) => {
  hold(t, ['data'], { good: ['', ...control, ...counted(1023), ...counted(1024)], bad: [1, ...counted(1025)] });
  hold(t, ['key'], { good: ['', ...control, ...counted(63), ...counted(64)], bad: [1, ...counted(65)] });
});

/**
 * The work of `check`, whose greatest part is normalizing: for each run of marks that it normalizes, the square of the
 * run's length once decomposed.
 */
function workOf(check: () => unknown): number {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- it is called with its object below
  const { normalize } = String.prototype;
  let work = 0;
  String.prototype.normalize = function (form) {
    for (const [run] of normalize.call(this, 'NFD').matchAll(/\p{M}+/gu)) work += Array.from(run).length ** 2;
    return normalize.call(this, form);
  };
  try {
    check();
  } finally {
    String.prototype.normalize = normalize;
  }
  return work;
}

t.test('the work of a check has a bound, whatever mark a text repeats and however often', async (t) => {
  const marks = Array.from({ length: 0x110000 }, (_, point) => point)
    .filter((point) => (point < 0xd800 || point > 0xdfff) && /\p{M}/u.test(String.fromCodePoint(point)))
    .map((point) => String.fromCodePoint(point));
  t.ok(marks.length > 2000);
  let most = 0;
  for (const mark of [...marks.filter((_, at) => at % 80 === 0), '\u302e', '\u{1d165}', '\u0344', '\u0f73']) {
    // Its place among other marks is another one than where it stands, so normalizing has to move it.
    const long = `a${`${mark}\u0323`.repeat(1500)}`;
    for (const length of [1100, 3000]) {
      const text = long.slice(0, length);
      for (const field of ['new_username', 'room', 'data', 'key', 'short_text'])
        most = Math.max(
          most,
          workOf(() => fieldCheck(field)(text)),
        );
      most = Math.max(
        most,
        workOf(() => isRef(text)),
      );
    }
  }
  // The longest field has 1,024 characters. A run of a whole line would be 20,000,000.
  t.ok(most < 3_000_000, `${most}`);
  const marksOfMegabyte = `a${'\u0344\u0323'.repeat(250_000)}`;
  t.equal(
    workOf(() => fieldCheck('data')(marksOfMegabyte)),
    0,
    'what is far too long is not normalized',
  );
});

t.test('characters are counted exactly, however a text is cut in pieces', async () => {
  const part = fc.constantFrom(
    'a',
    'e\u0301',
    '\u0323\u0301',
    '\u0344',
    '\u1100\u1161\u11a8',
    '\u{1f600}',
    '\u1100',
    '\u1161',
    '\u0dd9\u0dcf\u0dca',
    '\u{11131}\u{11127}',
    '\u{1d158}\u{1d165}',
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(part, fc.nat(60)), { maxLength: 12 }), (parts) => {
      const text = parts.map(([each, times]) => each.repeat(times)).join('');
      const count = Array.from(text.normalize('NFC')).length;
      return (fieldCheck('short_text')(text) === undefined) === count <= 500 && isRef(text) === count <= 64;
    }),
    { numRuns: 2000 },
  );
});

t.test('a spec that names no field is noticed at once', async (t) => {
  t.throws(() => fieldCheck('nothing'), /nothing/);
  t.throws(() => fieldCheck('constructor'));
});

function naiveRun(characters: readonly string[], length: number): boolean {
  return characters.some(
    (_, at) =>
      at + length <= characters.length && characters.slice(at, at + length).every((each) => /^\p{M}$/u.test(each)),
  );
}

/** The rules of names and texts. */
type TextRule = Extract<FieldRule, { kind: 'name' | 'text' }>;

function naive(rule: TextRule, text: string): boolean {
  const characters = Array.from(text.normalize('NFC'));
  if (rule.kind === 'text') {
    const length = rule.unit === 'bytes' ? new TextEncoder().encode(text).length : characters.length;
    return length >= rule.min && length <= rule.max && (rule.control || !control.some((each) => text.includes(each)));
  }
  const may = (each: string, pattern: RegExp): boolean => pattern.test(each) || rule.anywhere.includes(each);
  return (
    characters.length >= 1 &&
    characters.length <= rule.max &&
    may(characters[0] ?? '', /^[\p{L}\p{Nd}]$/u) &&
    characters.every((each) => may(each, /^[\p{L}\p{M}\p{Nd}_.-]$/u)) &&
    (rule.isNew !== true ||
      (characters.join('').replace(decodeSet(ignorable), '') === characters.join('') && !naiveRun(characters, 5)))
  );
}

t.test('the shortcuts agree with naive checks, on texts about as long as their limits', async () => {
  const units = fc.constantFrom(
    'a',
    'Z',
    '0',
    'é',
    '\u0301',
    '\u0323',
    '\u0344',
    '\u0345',
    '\u034f',
    '\u3164',
    '\u3164',
    'α\u0313\u0300',
    '\u1112',
    '\u1161',
    '\u11ab',
    '東',
    '𐐀',
    '🎈',
    '\u0958',
    '\ufb2c',
    '\u{1d160}',
    '\u{1109a}',
    '\u{11099}\u{110ba}',
    '#',
    '+',
    '_',
    '.',
    '-',
    ' ',
    '\u200b',
    ...control,
  );
  const rules = Object.entries<FieldRule>(limits.fields).flatMap(([field, rule]): [string, TextRule][] =>
    rule.kind === 'name' || rule.kind === 'text' ? [[field, rule]] : [],
  );
  const texts = fc.constantFrom(...rules).chain(([field, rule]) => {
    const length = fc.oneof(
      fc.nat(3),
      fc
        .tuple(fc.constantFrom(1, 2, 3, 4), fc.integer({ min: -2, max: 2 }))
        .map(([part, more]) => Math.max(0, Math.floor(rule.max / part) + more)),
    );
    const text = fc
      .array(
        fc.tuple(units, length).map(([unit, times]) => unit.repeat(times)),
        { maxLength: 3 },
      )
      .map((each) => each.join(''));
    const short = fc.array(units, { maxLength: 5 }).map((each) => each.join(''));
    const both = fc.tuple(short, text).map((each) => each.join(''));
    return fc.tuple(fc.constant(field), fc.constant(rule), fc.oneof(text, short, both));
  });
  fc.assert(
    fc.property(texts, ([field, rule, text]) => (fieldCheck(field)(text) === undefined) === naive(rule, text)),
    { numRuns: 3000 },
  );
});
