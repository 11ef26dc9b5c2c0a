// The JSON form and `ref` (PROTOCOL.md §2.1, §2.3), by example. The order of the checks is in request-order.test.ts,
// the plain form in plain.test.ts.

import fc from 'fast-check';
import t from 'tap';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import { inWords } from '../../src/wire/words.js';

/** What a line comes to: a request's command, parameters and ref, or a refusal without its sentence. */
function parsed(line: string | object): object {
  const request = parseRequest(typeof line === 'string' ? line : JSON.stringify(line));
  if (isRequest(request)) return { command: request.command, parameters: { ...request.parameters }, ref: request.ref };
  const { error, ...rest } = request;
  const said = inWords(error, 'en');
  if (!/^[^\n\t]{10,2000}$/.test(said)) throw new Error(`not a sentence: ${said}`);
  return rest;
}

const say = { command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'hello, world' };

t.test('a line is one object (§2.1)', async (t) => {
  const { command, ...parameters } = say;
  t.hasStrict(parsed(say), { command, parameters });
  t.hasStrict(parsed('{ "command" : "ping" , "data":"\\t\\u00e9" }  '), {
    command: 'ping',
    parameters: { data: '\té' },
  });
  const bad = [
    '{',
    '{}}',
    '{} {}',
    '{"command":"ping"',
    '{"command":"ping"},',
    '{command:"ping"}',
    "{'command':'ping'}",
    '{"a":1,}',
    '{"a":01}',
    '{"a":NaN}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"command":"ping"}\u00a0',
    '{"command":"ping"}\ufeff',
    '{\ufeff}',
    '{"a":"}',
    '{"a":tru}',
  ];
  for (const line of bad) t.strictSame([line, parsed(line)], [line, { code: 5 }]);
});

t.test('a line that begins otherwise is in the plain form, JSON or not (§2.1)', async (t) => {
  for (const line of ['[]', '"ping"', '1', 'null', '[{"command":"ping"}]', '\ufeff{"command":"ping"}']) {
    t.strictSame([line, parsed(line)], [line, { code: 6 }]);
  }
});

t.test('`command` names the command, case-sensitive (§2.1)', async (t) => {
  t.hasStrict(parsed({ command: 'ping' }), { command: 'ping' });
  for (const command of [
    'Ping',
    'PING',
    'ping ',
    ' ping',
    'ping\0',
    'pıng',
    '',
    'toString',
    'constructor',
    '__proto__',
  ]) {
    t.strictSame([command, parsed({ command })], [command, { code: 6, ref: undefined }]);
  }
  t.hasStrict(parsed({ Command: 'ping' }), { code: 3, field: 'command' });
});

t.test('a command of another type names none (§2.4)', async (t) => {
  for (const command of [0, 1, true, false, ['ping'], { ping: 1 }, []]) t.hasStrict(parsed({ command }), { code: 6 });
});

t.test('members that the command does not know are ignored (§2.1)', async (t) => {
  t.hasStrict(parsed({ command: 'ping', data: 'a', more: 'b', username: 5, room: null, error: {}, code: 1e9 }), {
    command: 'ping',
    parameters: { data: 'a' },
  });
  t.hasStrict(parsed({ command: 'log_out', username: 5 }), { command: 'log_out' }, 'though another command knows them');
  t.hasStrict(
    parsed('{"command":"ping","x":1e400,"y":-1e400,"z":1e-400}'),
    { command: 'ping' },
    'whatever their numbers',
  );
  t.hasStrict(parsed(`{"command":"ping","x":${'9'.repeat(400)}}`), { command: 'ping' });
});

t.test('a member that is absent or null is missing (§2.1)', async (t) => {
  t.hasStrict(parsed({ ...say, message: null }), { code: 3, field: 'message', command: 'chatroom_message' });
  t.hasStrict(parsed({ ...say, message: undefined }), { code: 3, field: 'message', command: 'chatroom_message' });
  t.hasStrict(parsed({ ...say, command: null }), { code: 3, field: 'command' });
  t.hasStrict(parsed({}), { code: 3, field: 'command' });
  t.equal(Object.hasOwn(parsed({}), 'command'), false);
  const { parameters } = parsed({ ...say, key: null, ref: null }) as { readonly parameters: { readonly key?: string } };
  t.equal(parameters.key, undefined, 'optional ones are as if absent');
});

t.test('empty, zero and false are not missing (§2.1)', async (t) => {
  for (const message of ['', 0, false, [], {}]) t.hasStrict(parsed({ ...say, message }), { code: 7, field: 'message' });
});

t.test('the last of duplicate members counts (§2.1)', async (t) => {
  t.hasStrict(parsed('{"command":"nothing","command":"ping","data":5,"data":"a","ref":[],"ref":1}'), {
    command: 'ping',
    parameters: { data: 'a' },
    ref: 1,
  });
  t.hasStrict(parsed('{"command":"ping","command":"nothing"}'), { code: 6 });
  t.hasStrict(parsed('{"command":"ping","command":null}'), { code: 3, field: 'command' });
  t.hasStrict(
    parsed('{"command":"ping","comm\\u0061nd":"log_out"}'),
    { command: 'log_out' },
    'however they are written',
  );
  t.hasStrict(parsed('{"command":"leave_chatroom","username":"a","room":"b","room":null}'), { code: 3, field: 'room' });
  t.hasStrict(parsed('{"command":"leave_chatroom","username":"a","room":"b","room":""}'), { code: 7, field: 'room' });
});

t.test('names that every object has are members like any other', async (t) => {
  t.hasStrict(parsed('{"__proto__":{"command":"ping"}}'), { code: 3, field: 'command' });
  t.hasStrict(parsed('{"command":"leave_chatroom","username":"a","__proto__":{"room":"b"}}'), {
    code: 3,
    field: 'room',
  });
  t.hasStrict(
    parsed('{"__proto__":{"ref":[]},"constructor":{"prototype":1},"command":"ping","toString":1,"valueOf":2}'),
    { command: 'ping', ref: undefined },
  );
  t.hasStrict(parsed('{"command":"ping","data":"__proto__","ref":"constructor"}'), {
    parameters: { data: '__proto__' },
    ref: 'constructor',
  });
  t.equal(Object.hasOwn(Object.prototype, 'command'), false);
});

t.test(
  'a ref is a string of at most 64 characters, or an integer up to ±(2^53−1), and comes back (§2.3)',
  async (t) => {
    const good = [
      '',
      'a',
      ' ',
      '\0',
      'x'.repeat(64),
      '🎈'.repeat(64),
      'e\u0301'.repeat(64),
      0,
      -1,
      9_007_199_254_740_991,
      -9_007_199_254_740_991,
    ];
    for (const ref of good) {
      t.hasStrict(parsed({ command: 'ping', ref }), { command: 'ping', ref });
      t.hasStrict(parsed({ command: 'nothing', ref }), { code: 6, ref }, 'in a refusal');
      t.hasStrict(parsed({ ref }), { code: 3, ref });
      t.hasStrict(parsed({ command: 'help', about: 5, ref }), { code: 7, ref });
      t.hasStrict(parsed({ command: 'list_users', ref }), { code: 3, ref });
    }
    t.hasStrict(parsed('{"command":"ping","ref":1e2}'), { ref: 100 }, 'an integer in any spelling');
    t.hasStrict(parsed('{"command":"ping","ref":-0.0}'), { ref: 0 });
  },
);

t.test('another ref is invalid, and does not come back (§2.3)', async (t) => {
  const bad = [
    ...['x'.repeat(65), '🎈'.repeat(65), 'x\u0301'.repeat(33)].map((each) => `"${each}"`),
    'true',
    'false',
    '[]',
    '{}',
    '["a"]',
    '0.5',
    '9007199254740992',
    '9007199254740993',
    '-9007199254740992',
    '1e400',
    '-1e400',
    '1e16',
  ];
  for (const ref of bad) {
    t.strictSame(
      parsed(`{"command":"ping","ref":${ref}}`),
      { code: 7, field: 'ref', command: 'ping' },
      ref.slice(0, 20),
    );
    t.hasStrict(parsed(`{"command":"nothing","ref":${ref}}`), { code: 6, ref: undefined });
    t.hasStrict(parsed(`{"ref":${ref}}`), { code: 3, field: 'command', ref: undefined });
  }
});

t.test('no line throws, and each is a request or a refusal', async () => {
  const json = fc.json({ depthSize: 'medium', maxDepth: 18 });
  const text = fc.string({
    unit: fc.constantFrom(
      '{',
      '}',
      '"',
      ':',
      ',',
      '\\',
      'u',
      'd83d',
      'command',
      'ping',
      'help',
      ' ',
      '\0',
      '🎈',
      '1',
      '[',
      ']',
    ),
  });
  fc.assert(
    fc.property(
      fc.oneof(
        json,
        text,
        fc.string({ unit: 'grapheme' }),
        json.map((each) => `{"command":${each}}`),
        json.map((each) => `{"command":"help","about":${each}}`),
      ),
      (line) => {
        parsed(line === '' ? ' ' : line);
      },
    ),
    { numRuns: 3000 },
  );
});
