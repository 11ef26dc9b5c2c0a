// The short way for common lines against the general parser: what it takes, it takes as the general parser does.
import fc from 'fast-check';
import t from 'tap';
import { commonRequest } from '../../src/wire/common.js';
import { jsonText } from '../../src/text/json.js';
import { isRequest, parseGeneral, parseRequest } from '../../src/wire/request.js';
import { anyCharacter } from '../support/any-text.js';

const line = (members: string): string => `{"command":"chatroom_message",${members}}`;
const say = '"username":"alice","room":"lobby","message":"hello, world"';

/** What both ways have to agree on; undefined for a line that the short way does not take. */
function difference(text: string): string | undefined {
  const common = commonRequest(text);
  if (common === undefined) return undefined;
  const general = parseGeneral(text);
  if (!isRequest(general)) return `${text} is taken, and should get ${general.code}`;
  const short = JSON.stringify([common.command, common.spec.name, common.parameters, common.ref]);
  const long = JSON.stringify([general.command, general.spec.name, general.parameters, general.ref]);
  if (short !== long) return `${text} is ${short}, and should be ${long}`;
  return common.jsonText === jsonText(common.parameters.message)
    ? undefined
    : `${text} has the JSON text ${common.jsonText}`;
}

/** Texts on both sides of every limit and of every kind of character that matters. */
const text = fc.oneof(
  fc.string({
    maxLength: 12,
    unit: fc.constantFrom(
      ...'aZ09_.-#+ ~}{[]:,/\\"|\t\u007f\u0085\u00e9\u2028\ud83d\ude00'.split(''),
      '\\n',
      '\\"',
      '\\u0041',
      '\\ud800',
    ),
  }),
  fc
    .tuple(fc.constantFrom('a', '#', '~', 'é'), fc.constantFrom(31, 32, 33, 63, 64, 65, 4095, 4096, 4097))
    .map(([unit, count]) => unit.repeat(count)),
  fc.constantFrom('alice', 'lobby', 'Bob-2', '9.', '#a+', '', '.a', '-'),
);
const value = fc.oneof(
  { weight: 6, arbitrary: text.map((each) => `"${each}"`) },
  fc.constantFrom(
    '0',
    '-0',
    '1',
    '-1',
    '01',
    '1.0',
    '1e3',
    '123456789012345',
    '9007199254740991',
    '9007199254740993',
    'null',
    'true',
    '[]',
    '{}',
    '"\\ud83d"',
  ),
);
const member = fc
  .tuple(fc.constantFrom('username', 'room', 'message', 'key', 'ref', 'more'), value)
  .map(([name, its]) => `"${name}":${its}`);
const ordered = fc
  .tuple(value, value, value, fc.option(value), fc.option(value))
  .map(
    ([username, room, message, key, ref]) =>
      `"username":${username},"room":${room},"message":${message}${key === null ? '' : `,"key":${key}`}${ref === null ? '' : `,"ref":${ref}`}`,
  );

t.test('a line of any members, in any order, is never taken differently', async () => {
  const members = fc.oneof(
    ordered,
    fc.array(member, { maxLength: 6 }).map((each) => each.join(',')),
    member.map((each) => `${say},${each}`),
  );
  fc.assert(
    fc.property(members, fc.constantFrom('', ' ', '}', '\r', 'x'), (each, end) => {
      const found = difference(line(each) + end);
      if (found !== undefined) throw new Error(found);
    }),
    { numRuns: 20_000 },
  );
});

t.test('a common line with anything put in, left out or replaced is never taken differently', async () => {
  const common = line(`${say},"key":"k-1","ref":17`);
  fc.assert(
    fc.property(fc.nat(common.length), fc.nat(3), fc.string({ maxLength: 3, unit: anyCharacter }), (at, less, more) => {
      const found = difference(common.slice(0, at) + more + common.slice(at + less));
      if (found !== undefined) throw new Error(found);
    }),
    { numRuns: 20_000 },
  );
});

t.test('the lines that programs write are taken, up to every limit', async (t) => {
  const username = 'u'.repeat(32);
  const room = `#${'r'.repeat(63)}`;
  const message = `${'~'.repeat(4095)} `;
  for (const members of [
    say,
    `${say},"key":""`,
    `${say},"key":"${'k'.repeat(64)}"`,
    `${say},"ref":0`,
    `${say},"ref":"${'r'.repeat(64)}"`,
    `${say},"key":"k","ref":123456789012345`,
    `"username":"${username}","room":"${room}","message":"${message}"`,
  ]) {
    t.ok(commonRequest(line(members)), members.slice(0, 100));
    t.equal(difference(line(members)), undefined);
    t.strictSame(parseRequest(line(members)), commonRequest(line(members)));
  }
});
