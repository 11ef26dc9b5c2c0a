// The plain form, for people at a keyboard (PROTOCOL.md §2.2): sentence by sentence, and that both forms come to the
// same.

import fc from 'fast-check';
import t from 'tap';
import { fullForm, plainValues, shortForm } from '../../src/wire/plain.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { limits } from '../../src/wire/generated/limits.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import type { CommandSpec, FieldRule, ParameterSpec } from '../../src/wire/spec.js';
import { heapAfterCollection } from '../support/garbage.js';

/** What a line comes to: command and the parameters that are given, or the refusal without its sentence. */
function parsed(line: string, own?: string): object {
  const request = parseRequest(line, own);
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

const room: ParameterSpec = { name: 'room', field: 'room', required: true };
const id: ParameterSpec = { name: 'id', field: 'id', required: true };
const reason: ParameterSpec = { name: 'reason', field: 'short_text', required: false };

/** The values of a line of a command with these parameters. */
function valuesOf(rest: string, parameters: readonly ParameterSpec[]): Record<string, unknown> | undefined {
  return plainValues(rest, fullForm({ ...commandSpecs.ping, parameters }));
}

t.test('digits for an integer parameter are that integer, and digits for another stay a string (§2.2)', async (t) => {
  t.strictSame(valuesOf(' 12 34', [room, id]), { room: '12', id: 34 });
  t.strictSame(valuesOf(' 12 007', [room, id, reason]), { room: '12', id: 7 });
  t.strictSame(valuesOf(' a 99999999999999999999', [room, id]), { room: 'a', id: 1e20 }, 'for the check to judge');
  for (const other of ['-1', '1.0', '1e3', '+1', '٣', '0x1', '"1"']) {
    for (const more of [[], [reason]]) {
      t.strictSame(valuesOf(` a ${other}`, [room, id, ...more]), { room: 'a', id: other });
    }
  }
  t.strictSame(valuesOf(' 5 6', [id, room]), { id: 5, room: '6' }, 'before the last too');
});

t.test('a command without required parameters takes the rest as its first optional one (§2.2)', async (t) => {
  t.strictSame(parsed('ping'), { command: 'ping' });
  t.strictSame(parsed('ping '), { command: 'ping' });
  t.strictSame(parsed('ping  "a" b '), { command: 'ping', data: '"a" b ' });
  t.strictSame(parsed('help ping'), { command: 'help', about: 'ping' });
  t.strictSame(parsed('list_chatrooms a b'), { command: 'list_chatrooms', match: 'a b' });
  t.strictSame(parsed('get_server now'), { command: 'get_server' }, 'and one without any takes nothing');
});

t.test(
  'a value without room for a space ends at a space, and optional values follow in their order (§2.2)',
  async (t) => {
    t.strictSame(valuesOf(' a 5  so it is ', [room, id, reason]), { room: 'a', id: 5, reason: 'so it is ' });
    t.strictSame(parsed('join_chatroom bob lobby 0'), {
      command: 'join_chatroom',
      username: 'bob',
      room: 'lobby',
      after: 0,
    });
    for (const blanks of [' ', '   ', '\t', ' \t ']) {
      t.strictSame(parsed(`list_users lobby${blanks}`), { command: 'list_users', room: 'lobby' });
      t.strictSame(parsed(`leave_chatroom bob lobby${blanks}`), {
        command: 'leave_chatroom',
        username: 'bob',
        room: 'lobby',
      });
    }
    t.strictSame(parsed('list_users lobby bob 5 '), { command: 'list_users', room: 'lobby', after: 'bob', limit: 5 });
    t.strictSame(parsed('list_my_rooms tea 5'), { command: 'list_my_rooms', after: 'tea', limit: 5 });
    t.strictSame(parsed('ban_user tea bob 60 rude words '), {
      command: 'ban_user',
      room: 'tea',
      user: 'bob',
      duration: 60,
      reason: 'rude words ',
    });
  },
);

t.test('of values that exclude each other the first has a place, and the next value follows it (§2.2)', async (t) => {
  t.strictSame(parsed('join_chatroom bob lobby 3 the password '), {
    command: 'join_chatroom',
    username: 'bob',
    room: 'lobby',
    after: 3,
    password: 'the password ',
  });
  t.strictSame(parsed('chatroom_history lobby 12 2026-11-27T00:00:00Z'), {
    command: 'chatroom_history',
    room: 'lobby',
    after: 12,
    since: '2026-11-27T00:00:00Z',
  });
});

t.test('words after the last value are part of it, and its rule refuses them (§2.2)', async (t) => {
  t.strictSame(parsed('leave_chatroom a lobby and more'), { code: 7, field: 'room', command: 'leave_chatroom' });
  t.strictSame(parsed('list_users lobby a 5 more'), { code: 7, field: 'limit', command: 'list_users' });
});

t.test('a JSON string may stand where a value follows it; the last is taken as it stands (§2.2)', async (t) => {
  t.hasStrict(parsed('join_chatroom bob "lob\\u0062y" 0'), { room: 'lobby', after: 0 });
  for (const last of ['"lobby"', '"lobby" ', '"lobby', '"lobby 0']) {
    t.strictSame(parsed(`join_chatroom bob ${last}`), { code: 7, field: 'room', command: 'join_chatroom' }, last);
  }
});

t.test('nothing may follow quit and log_out on their line but blanks (§2.2)', async (t) => {
  for (const name of ['quit', 'log_out']) {
    for (const blanks of ['', ' ', '  \t ']) t.strictSame(parsed(name + blanks), { command: name });
    for (const more of [' now', '  \t.', ' "']) t.strictSame(parsed(name + more), { code: 5, command: name });
    t.strictSame(
      parsed(`{"command":"${name}","now":true}`),
      { command: name },
      'as JSON it ignores what it does not know',
    );
  }
});

t.test('no two names are one, and each is a word that the plain form can find (§2.2)', async (t) => {
  const specs: readonly CommandSpec[] = Object.values(commandSpecs);
  const names = specs.flatMap(({ name, short = '' }) => (short === name ? [name] : [name, short]));
  t.equal(new Set(names).size, names.length);
  for (const name of names) t.match(name, /^(?:[a-z]+(?:_[a-z]+)*|\?)$/);
});

t.test('a short name is found in any case, with a slash or without, in the plain form alone (§2.2)', async (t) => {
  for (const name of ['join', 'JOIN', 'Join', '/join', '/JOIN']) {
    const request = parseRequest(`${name} lobby`, 'bob');
    t.match(request, { command: 'join_chatroom', parameters: { username: 'bob', room: 'lobby' }, edition: 2 }, name);
  }
  for (const name of ['//join', 'join/', '\u212aick', '/join_chatroom', 'Join_chatroom', '/', ' ']) {
    t.match(parseRequest(`${name} lobby`, 'bob'), { code: 6, edition: undefined }, name);
  }
  t.strictSame(parsed('{"command":"join","room":"lobby"}'), { code: 6 });
  t.match(parseRequest('ping', ''), { command: 'ping', edition: undefined }, 'a full name is never a short one');
  t.match(parseRequest('PING', ''), { command: 'ping', edition: 2 });
});

t.test("a short name leaves out the session's own username, and no other (§2.2)", async (t) => {
  t.match(parseRequest('say lobby  hello, world ', 'bob'), {
    command: 'chatroom_message',
    parameters: { username: 'bob', room: 'lobby', message: 'hello, world ' },
  });
  t.match(parseRequest('login alice rabbit hole', ''), { parameters: { username: 'alice', password: 'rabbit hole' } });
  t.match(parseRequest('register alice Alice Lee rabbit-hole', 'bob'), { parameters: { username: 'alice' } });
  t.match(parseRequest('say', 'bob'), { code: 3, field: 'room' }, 'username is never missing');
  t.match(parseRequest('leave lobby', ''), { command: 'leave_chatroom' }, 'the gates refuse a guest');
});

t.test('command names are case-sensitive, and what names none is 6 (§2.1, §3)', async (t) => {
  for (const line of ['Get_server', 'pin', 'pingping', '__proto__', 'constructor a', '"ping"', '??', '\0']) {
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
    .chain((spec) => fc.constantFrom(fullForm(spec), shortForm(spec) ?? fullForm(spec)).map((form) => ({ spec, form })))
    .chain(({ spec, form }) => {
      const required = form.places.filter(({ parameter }) => parameter.required).length;
      return fc.integer({ min: required, max: form.places.length }).chain((count) => {
        const places = form.places.slice(0, count);
        const values = places.map(({ parameter: { name, field }, takes }) =>
          fc.record({
            name: fc.constant(name),
            takes: fc.constant(takes),
            value: goodValue(fields[field]),
            quoted: fc.boolean(),
            spaces: fc.integer({ min: 1, max: 3 }),
          }),
        );
        return fc.record({ spec: fc.constant(spec), form: fc.constant(form), values: fc.tuple(...values) });
      });
    })
    .filter(({ values }) => {
      const last = values.at(-1);
      const times = values.flatMap(({ name, value }) => (name === 'since' || name === 'until' ? [String(value)] : []));
      const isInOrder = Date.parse(times[0] ?? '0') <= Date.parse(times[1] ?? '3000');
      return isInOrder && !(last?.takes === 'rest' && String(last.value).startsWith(' '));
    });
  fc.assert(
    fc.property(requests, fc.constantFrom('', ' ', '  '), ({ spec, form, values }, blanks) => {
      const plain = values.map(({ value, quoted, spaces, takes }, index) => {
        const before = ' '.repeat(spaces);
        if (typeof value !== 'string') return before + String(value);
        const needsQuotes = takes === 'part' && (value.includes(' ') || value.startsWith('"'));
        const isQuoted = needsQuotes || (quoted && takes !== 'rest' && index < values.length - 1);
        return before + (isQuoted ? JSON.stringify(value) : value);
      });
      const end = values.at(-1)?.takes === 'rest' ? '' : blanks;
      const json = JSON.stringify({
        command: spec.name,
        ...(form.fillsIn ? { username: 'bob' } : {}),
        ...Object.fromEntries(values.map((each) => [each.name, each.value])),
      });
      const line = form.name + plain.join('') + end;
      const [first, second] = [parsed(line, 'bob'), parsed(json)].map((each) => JSON.stringify(each));
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
