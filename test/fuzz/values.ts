// The values in the fuzzer's requests: good ones, and bad ones as JSON source. A bad value says whether it makes its
// whole line malformed.
import { weighted, type Random } from './random.js';

/** JSON source; with `spoils` the whole line is code 5, wherever in it the value stands (PROTOCOL.md §3). */
export interface Value {
  readonly json: string;
  readonly spoils: boolean;
}

function value(json: string, spoils = false): Value {
  return { json, spoils };
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

/** Names that only look like names, or look like others. */
const names = [
  'Éloïse',
  'e\u0301loi\u0308se',
  'ß',
  'ﬁ',
  'İstanbul',
  'ſalt',
  'Ａｌｉｃｅ',
  '１２３',
  'ǅ',
  '\u1e9e',
  '\ufdfa',
  '\u212a',
  'аlice',
  'paypaІ',
  '日本語',
  'नमस्ते',
  '한글',
  '\u1112\u1161\u11ab',
  '\u202eevil',
  'a\u200bb',
  'a\u200db',
  '\ufeffbom',
  'a\u00adb',
  '\u2066x\u2069',
  'a\u034fb',
  '👩‍👩‍👧',
  '-a',
  '.',
  '_',
  '#',
  '+1',
  'a b',
  'a\tb',
  '\u0301a',
  'a\u0301\u0316\u0301',
  'Z̵̡̢̛̗͎͕͚̼͕͈̥',
  'x'.repeat(32),
  'x'.repeat(33),
  'é'.repeat(64),
  '\ufdfa'.repeat(32),
  '𐐷',
  '\u{1d400}',
  '\u{e0041}',
  'con',
  'null',
  '0',
  '-1',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'undefined',
  'NaN',
  '../../etc/passwd',
  "' OR 1=1 --",
  '%s%n%x',
  '${7*7}',
  '<script>',
];

const strings = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\r',
  '\n',
  '\t',
  '\u001b[2J',
  '\u007f',
  '\u0085',
  '\u2028',
  '\u2029',
  '\ufffd',
  '\ufffe',
  '\u{10ffff}',
  '"',
  '\\',
  '\\u0000',
  '{}',
  '{"command":"quit"}',
  'x'.repeat(64),
  'x'.repeat(65),
  'x'.repeat(100),
  'x'.repeat(101),
  'x'.repeat(500),
  'x'.repeat(501),
  'é'.repeat(512),
  'x'.repeat(1025),
  '\u0001'.repeat(700),
  'a\u0301'.repeat(40),
  '\u0301'.repeat(100),
  '\u0301\u0316'.repeat(60),
  '👍'.repeat(64),
  '👍'.repeat(65),
  '\u2028'.repeat(300),
];

const raw = [
  'null',
  'true',
  'false',
  '0',
  '-0',
  '1',
  '-1',
  '0.1',
  '1.0',
  '1e0',
  '1e400',
  '-1e400',
  '1e-400',
  '1E+2',
  '2147483647',
  '2147483648',
  '4294967296',
  '9007199254740991',
  '9007199254740992',
  '-9007199254740992',
  '18446744073709551616',
  '123456789012345678901234567890',
  '1'.repeat(400),
  '0.'.padEnd(300, '3'),
  '[]',
  '{}',
  '[null]',
  '[[]]',
  '{"a":{"b":[]}}',
  '{"__proto__":null}',
  '{"length":3}',
  '{"toString":1}',
  '["a","b"]',
  '"\\ud83d\\ude00"',
  '"\\u0041"',
  '"\\/\\b\\f"',
  nested(14),
  nested(15),
  ' 1 ',
  '\t"x"\t',
];

const spoiling = [
  '"\\ud800"',
  '"\\udc00"',
  '"\\udc00\\ud800"',
  '"a\\uDBFFb"',
  '{"\\ud800":1}',
  '["\\ud800\\u0041"]',
  nested(16),
  nested(17),
  nested(300),
  `{"a":${'{"a":'.repeat(15)}1${'}'.repeat(16)}`,
];

/** Texts near the limits of a message, and one that takes Unicode's normalization its time. */
const large = [
  'x'.repeat(4096),
  'x'.repeat(4097),
  'é'.repeat(2048),
  '\u0000'.repeat(2000),
  '\u007f'.repeat(4096),
  '👍'.repeat(1024),
  '\u0301\u0316'.repeat(1000),
];

const badValues = weighted(
  ...([...names, ...strings].map((text) => [1, value(JSON.stringify(text))] as const) as [readonly [number, Value]]),
  ...raw.map((json) => [2, value(json)] as const),
  ...spoiling.map((json) => [1, value(json, true)] as const),
);
const [firstLarge = value('1'), ...otherLarge] = large.map((text) => value(JSON.stringify(text)));

/** A value that breaks programs; one in 400 is large. */
export function badValue(random: Random): Value {
  return random.once(400) ? random.pick([firstLarge, ...otherLarge]) : random.pick(badValues);
}

/** The connection's user and room, which good values name. */
export interface Context {
  readonly username: string;
  readonly room: string;
}

/** A good value of the parameter, as JSON source. */
export function goodValue(parameter: string, random: Random, { username, room }: Context): string {
  switch (parameter) {
    case 'username':
      return JSON.stringify(username);
    case 'room':
      return JSON.stringify(room);
    case 'password':
      return JSON.stringify(`${username} password`);
    case 'limit':
      return String(1 + random.below(4));
    case 'key':
      return `"k${random.below(40)}"`;
    case 'message':
      return `"message ${random.below(1_000_000)}"`;
    case 'about':
      return '"ping"';
    case 'after':
    case 'before':
      return String(random.below(8));
    default:
      return `"good ${random.below(50)}"`;
  }
}
