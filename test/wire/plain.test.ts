// The plain form, for people at a keyboard (PROTOCOL.md §2.2): sentence by sentence, and that both forms come to the
// same.

import fc from 'fast-check';
import t from 'tap';
import { plainValues } from '../../src/wire/plain.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { limits } from '../../src/wire/generated/limits.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import type { CommandSpec, FieldRule, ParameterSpec } from '../../src/wire/spec.js';
import { heapAfterCollection } from '../support/garbage.js';

/** What a line comes to: command and the parameters that are given, or the refusal without its sentence. */
function parsed(line: string): object {
  const request = parseRequest(line);
  if (isRequest(request)) {
    const parameters: Readonly<Record<string, unknown>> = { ...request.parameters };
    const known = request.spec.parameters.filter(({ name }) => parameters[name] !== undefined);
    return { command: request.command, ...Object.fromEntries(known.map(({ name }) => [name, parameters[name]])) };
  }
  const { code, field, command } = request;
  return { code, ...(field === undefined ? {} : { field }), ...(command === undefined ? {} : { command }) };
}

t.test("the contract's example reads alike in both forms (§2.2)", async (t) => {
  const plain = parsed('chatroom_message alice lobby hello, world');
  t.strictSame(
    plain,
    parsed('{"command":"chatroom_message","username":"alice","room":"lobby","message":"hello, world"}'),
  );
  t.strictSame(plain, { command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'hello, world' });
});

t.test('the values stand in the order of the required parameters (§2.2)', async (t) => {
  t.strictSame(parsed('create_user alice Alice Lee down the rabbit hole'), {
    command: 'create_user',
    username: 'alice',
    first_name: 'Alice',
    last_name: 'Lee',
    password: 'down the rabbit hole',
  });
  t.strictSame(parsed('join_chatroom alice lobby'), { command: 'join_chatroom', username: 'alice', room: 'lobby' });
  t.strictSame(
    parsed('join_chatroom a lobby 5'),
    { code: 7, field: 'room', command: 'join_chatroom' },
    'optional ones do not',
  );
});

t.test('one or more spaces part them, and nothing else does (§2.2)', async (t) => {
  t.strictSame(parsed('leave_chatroom   alice  lobby'), {
    command: 'leave_chatroom',
    username: 'alice',
    room: 'lobby',
  });
  for (const line of ['leave_chatroom\talice lobby', 'ping\u00a0a', 'ping,']) t.strictSame(parsed(line), { code: 6 });
  t.strictSame(parsed('leave_chatroom alice\tlobby a'), { code: 7, field: 'username', command: 'leave_chatroom' });
});

t.test('a value before the last may be a JSON string literal (§2.2)', async (t) => {
  t.strictSame(parsed('create_user "alice"  "Jean Paul" "\\u00c9\\"\\\\ " "down the'), {
    command: 'create_user',
    username: 'alice',
    first_name: 'Jean Paul',
    last_name: 'É"\\ ',
    password: '"down the',
  });
  t.hasStrict(
    parsed('create_user a b"c d" down the rabbit hole'),
    { first_name: 'b"c', last_name: 'd"' },
    'a quote inside',
  );
  t.hasStrict(parsed('leave_chatroom "" lobby'), { code: 7, field: 'username' }, 'an empty one is given');
});

t.test('a literal without its end, or that is none, is malformed (§2.2, §3 code 5)', async (t) => {
  for (const literal of ['"a', '"', '"a\\"', '"a\\', '"al\\ice"', '"a\tb"', '"\\u12"', '"a"x', '"\\\u2028"']) {
    t.strictSame(
      [literal, parsed(`leave_chatroom ${literal} lobby`)],
      [literal, { code: 5, command: 'leave_chatroom' }],
    );
  }
  t.hasStrict(parsed('create_user alice "Jean Paul'), { code: 5 }, 'before what is missing');
});

t.test('a lone surrogate in a literal is malformed (§3 code 5)', async (t) => {
  for (const lone of ['\\ud800', '\\udc00', '\\ude00\\ud83d', '🎈\\udf88']) {
    t.hasStrict([lone, parsed(`create_user a "${lone}" b password`)], [lone, { code: 5 }]);
  }
  t.hasStrict(parsed('create_user a "\\ud83d\\ude00 \\\\ud800" b password'), { first_name: '😀 \\ud800' });
});

t.test(
  'the last takes the rest of the line from its first non-space, as it stands, quotes included (§2.2)',
  async (t) => {
    const said = (rest: string): unknown =>
      new Map(Object.entries(parsed(`chatroom_message alice lobby ${rest}`))).get('message');
    for (const rest of ['"hello"', '"hello', 'a  b  ', '\ta', '\\ud800', '\\n', '{"a":1}', 'é\r']) {
      t.equal(said(`  ${rest}`), rest);
    }
    t.equal(said('   '), undefined);
  },
);

t.test('values that are not there are missing, as in JSON (§2.2)', async (t) => {
  t.strictSame(parsed('chatroom_message alice lobby'), { code: 3, field: 'message', command: 'chatroom_message' });
  t.strictSame(parsed('chatroom_message alice lobby   '), { code: 3, field: 'message', command: 'chatroom_message' });
  t.strictSame(parsed('chatroom_message'), { code: 3, field: 'username', command: 'chatroom_message' });
  t.hasStrict(parsed('chatroom_message !'), { code: 3, field: 'room' }, 'before what is invalid');
});

const roomAndId: readonly ParameterSpec[] = [
  { name: 'room', field: 'room', required: true },
  { name: 'id', field: 'id', required: true },
  { name: 'reason', field: 'short_text', required: false },
];

t.test('digits for an integer parameter are that integer, and digits for another stay a string (§2.2)', async (t) => {
  t.strictSame(plainValues(' 12 34', roomAndId), { room: '12', id: 34 });
  t.strictSame(plainValues(' 12 007', roomAndId), { room: '12', id: 7 });
  t.strictSame(plainValues(' a 99999999999999999999', roomAndId), { room: 'a', id: 1e20 }, 'for the check to judge');
  for (const other of ['-1', '1.0', '1e3', '+1', '٣', '0x1', '1 ', '"1"']) {
    t.strictSame(plainValues(` a ${other}`, roomAndId), { room: 'a', id: other });
  }
  t.strictSame(plainValues(' 5 6', [...roomAndId].reverse()), { id: 5, room: '6' }, 'before the last too');
});

t.test('a command without required parameters takes the rest as its first optional one (§2.2)', async (t) => {
  t.strictSame(parsed('ping'), { command: 'ping' });
  t.strictSame(parsed('ping '), { command: 'ping' });
  t.strictSame(parsed('ping  "a" b '), { command: 'ping', data: '"a" b ' });
  t.strictSame(parsed('help ping'), { command: 'help', about: 'ping' });
  t.strictSame(parsed('list_chatrooms a b'), { command: 'list_chatrooms', match: 'a b' });
  t.strictSame(parsed('quit now'), { command: 'quit' }, 'and one without any takes nothing');
});

t.test('command names are case-sensitive, and what names none is 6 (§2.1, §3)', async (t) => {
  for (const line of ['Ping', 'pin', 'pingping', '__proto__', 'constructor a', '"ping"', '?', '\0']) {
    t.strictSame([line, parsed(line)], [line, { code: 6 }]);
  }
});

/** Good values of every field; texts such as have something to quote. */
function goodValue(rule: FieldRule | undefined): fc.Arbitrary<string | number | boolean> {
  switch (rule?.kind) {
    case 'integer':
      return fc.integer({ min: rule.min, max: Math.min(rule.max, rule.min + 1_000_000) });
    case 'boolean':
      return fc.boolean();
    case 'word':
      return fc.constantFrom(...rule.words);
    case 'time':
      return fc.constantFrom('2026-11-27T00:00:00Z', '2026-11-27T01:30:00.125+01:30');
    case 'base64url':
      return fc
        .string({ unit: fc.constantFrom('a', 'Z', '0', '-', '_'), minLength: rule.min, maxLength: 32 })
        .map((text) => (rule.isToken === true ? `${text}.${text}` : text));
    case 'name':
      return fc.string({ unit: fc.constantFrom('a', 'É', '0', '東'), minLength: 1, maxLength: 16 });
    default:
      return goodText(rule);
  }
}

/** Of 8 to 16 characters, which every rule for texts takes. */
function goodText(rule: FieldRule | undefined): fc.Arbitrary<string> {
  const characters = fc.constantFrom(
    'a',
    'é',
    'e\u0301',
    '0',
    '"',
    '\\',
    ' ',
    '\t',
    '\u2028',
    '{',
    "'",
    '🎈',
    '\\ud800',
    '\u0085',
  );
  const allowed =
    rule?.kind === 'text' && !rule.control ? characters.filter((each) => !/\p{Cc}/u.test(each)) : characters;
  return fc.array(allowed, { minLength: 8, maxLength: 16 }).map((list) => list.join(''));
}

t.test('good values parse to the same parameters in both forms, where the plain one can say them (§2.2)', async () => {
  const fields: Readonly<Record<string, FieldRule>> = limits.fields;
  const specs: readonly CommandSpec[] = Object.values(commandSpecs);
  const requests = fc
    .constantFrom(...specs)
    .chain((spec) => {
      const required = spec.parameters.filter((parameter) => parameter.required);
      const said = required.length > 0 ? required : spec.parameters.slice(0, 1);
      const values = said.map(({ name, field }) =>
        fc.record({
          name: fc.constant(name),
          value: goodValue(fields[field]),
          quoted: fc.boolean(),
          spaces: fc.integer({ min: 1, max: 3 }),
        }),
      );
      return fc.record({ name: fc.constant(spec.name), values: fc.tuple(...values) });
    })
    .filter(({ values }) => !String(values.at(-1)?.value).startsWith(' '));
  fc.assert(
    fc.property(requests, ({ name, values }) => {
      const plain = values.map(({ value, quoted, spaces }, index) => {
        const blanks = ' '.repeat(spaces);
        if (typeof value !== 'string') return blanks + String(value);
        const bare = index === values.length - 1 || (!quoted && !value.includes(' ') && !value.startsWith('"'));
        return blanks + (bare ? value : JSON.stringify(value));
      });
      const json = JSON.stringify({
        command: name,
        ...Object.fromEntries(values.map((each) => [each.name, each.value])),
      });
      const [first, second] = [parsed(`${name}${plain.join('')}`), parsed(json)].map((each) => JSON.stringify(each));
      if (first !== second || first?.includes('"code"') === true) throw new Error(`${first} is not ${second}`);
    }),
    { numRuns: 3000 },
  );
});

t.test('a value that is kept does not keep its line in memory', async (t) => {
  const kept: unknown[] = [];
  const before = await heapAfterCollection();
  for (let each = 0; each < 1000; each += 1) {
    const line = Buffer.from(`authenticate_user somebody-${each}-else${' '.repeat(16_000)}her password`).toString();
    const request = parseRequest(line);
    if (isRequest(request)) kept.push(Object.values(request.parameters));
  }
  const grown = (await heapAfterCollection()) - before;
  t.equal(kept.length, 1000);
  t.ok(grown < 2_000_000, `${grown} bytes for 1,000 requests, whose lines have 16 MB`);
});
