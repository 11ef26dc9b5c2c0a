// What is JSON and malformed all the same (PROTOCOL.md §3, code 5): nesting deeper than 16 and lone surrogates, also
// where a later duplicate throws them away; the two checks against naive ones that read the parsed value.

import fc from 'fast-check';
import t from 'tap';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import { hasLoneSurrogate, nestsDeeperThan } from '../../src/wire/well-formed.js';

function code(line: string): number {
  const request = parseRequest(line);
  return isRequest(request) ? 1 : request.code;
}

const arrays = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const objects = (depth: number): string => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;

t.test("nesting of 16 is taken, the request's own object being 1; 17 is malformed", async (t) => {
  for (const nested of [arrays, objects]) {
    t.equal(code(`{"command":"ping","x":${nested(15)}}`), 1);
    t.equal(code(`{"command":"ping","x":${nested(16)}}`), 5);
    for (const depth of [4000, 100_000]) t.equal(code(`{"command":"ping","x":${nested(depth)}}`), 5);
  }
  t.equal(code(`{"command":"ping","x":[${arrays(14)},${objects(14)}],"y":${arrays(15)}}`), 1, 'depth, not number');
});

t.test('so it is in a member that a later duplicate throws away', async (t) => {
  t.equal(code(`{"command":"ping","data":${arrays(15)},"data":"a"}`), 1);
  t.equal(code(`{"command":"ping","data":${arrays(16)},"data":"a"}`), 5);
  t.equal(code(`{"x":{"y":${objects(15)},"y":1},"command":"ping"}`), 5);
});

t.test('a reply to what is JSON and malformed begins with command and ref all the same (§3.2)', async (t) => {
  for (const broken of [`"x":${arrays(16)}`, '"x":"\\ud800"']) {
    t.hasStrict(parseRequest(`{"command":"ping","ref":7,${broken}}`), { code: 5, command: 'ping', ref: 7 });
    const { command, ref } = parseRequest(`{"command":"Ping","ref":[],${broken}}`);
    t.strictSame([command, ref], [undefined, undefined], 'where they name one and are valid');
  }
  t.equal(
    parseRequest('{"command":"ping","ref":"\\ud800"}').ref,
    undefined,
    'which a ref with a lone surrogate is not',
  );
});

t.test('brackets in strings do not nest', async (t) => {
  t.equal(code(`{"command":"ping","data":"${'[{'.repeat(50)}"}`), 1);
  t.equal(code(`{"command":"ping","data":"\\"${'[{'.repeat(50)}\\\\","${'['.repeat(50)}":[]}`), 1);
  t.equal(code(`{"command":"ping","data":"\\\\","x":${arrays(16)}}`), 5, 'nor do escaped quotes hide what does');
});

t.test('a lone surrogate is malformed, in any string', async (t) => {
  for (const lone of [
    '\\ud800',
    '\\udbff',
    '\\udc00',
    '\\uDFFF',
    '\\ude00\\ud83d',
    '\\ud83d\\ud83d\\ude00',
    '\\ud83d\\ude00\\ude00',
    '\\ud83d \\ude00',
    '\\ud83d\\n\\ude00',
    '\\ud83d\\\\\\ude00',
    '🎈\\udf88',
    '\\ud83c🎈',
    '\\\\\\ud83d',
  ]) {
    t.equal(code(`{"command":"ping","data":"${lone}"}`), 5);
    t.equal(code(`{"command":"ping","${lone}":1}`), 5, 'in the name of a member');
    t.equal(code(`{"command":"ping","x":[{"y":["${lone}"]}]}`), 5, 'deep inside');
    t.equal(code(`{"command":"ping","ref":"${lone}"}`), 5, 'in the ref');
  }
});

t.test('so it is in a member that a later duplicate throws away, name or value', async (t) => {
  t.equal(code('{"command":"ping","data":"\\ud800","data":"a"}'), 5);
  t.equal(code('{"command":"ping","x":{"\\udc00":1,"\\udc00":2}}'), 5);
  t.equal(code('{"command":"\\ud800","command":"ping"}'), 5);
});

t.test('two strings do not make a pair', async (t) => {
  t.equal(code('{"command":"ping","x":["\\ud83d","\\ude00"]}'), 5);
  t.equal(code('{"command":"ping","\\ud83d":"\\ude00"}'), 5);
});

t.test('pairs, and what only looks like a surrogate, are taken', async (t) => {
  for (const good of [
    '\\ud83d\\ude00',
    '\\uD83D\\uDE00\\ud83d\\uDE00',
    '🎈\\ud83d\\ude00🎈',
    '\\\\ud800',
    '\\ud7ff',
    '\\ue000',
    '\\\\\\\\udc00',
    '😀',
  ]) {
    t.equal(code(`{"command":"ping","data":"${good}"}`), 1);
  }
});

/** How deep a parsed value nests. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

t.test('the depth of the text is that of the value', async () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 9, depthSize: 'medium' }),
      fc.nat(9),
      (json, depth) => nestsDeeperThan(depth, `{"[{":${json}}`) === depthOf({ a: JSON.parse(json) as unknown }) > depth,
    ),
    { numRuns: 2000 },
  );
});

t.test('a surrogate is lone in the text where it is in the string', async () => {
  const pieces = fc.constantFrom(
    '\\ud83d',
    '\\ude00',
    '\\uD800',
    '\\uDfff',
    '\\u0041',
    '\\ue000',
    '\\\\',
    '\\n',
    '\\"',
    'u',
    'ud800',
    'dc00',
    '🎈',
    'a',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (list) => {
      const json = `"${list.join('')}"`;
      return hasLoneSurrogate(json) === /\p{Cs}/u.test(JSON.parse(json) as string);
    }),
    { numRuns: 5000 },
  );
});
