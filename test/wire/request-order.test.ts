// The order of the checks that need no session (PROTOCOL.md §2.4): malformed 5, `command` missing 3, no such command 6,
// a required field missing 3, a field invalid 7 in table order, then `ref` 7. Code 15 comes before all, from the
// framer.

import fc from 'fast-check';
import t from 'tap';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { limits } from '../../src/wire/generated/limits.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import type { CommandSpec, FieldRule } from '../../src/wire/spec.js';

const fields: Readonly<Record<string, FieldRule>> = limits.fields;

/** The first check that failed, as `code field`; `ok` where none did. */
function outcome(line: string): string {
  const request = parseRequest(line);
  return isRequest(request) ? 'ok' : `${request.code} ${request.field ?? ''}`.trimEnd();
}

t.test('malformed comes before a missing command, and before everything (§2.4)', async (t) => {
  const deep = `${'['.repeat(16)}${']'.repeat(16)}`;
  for (const broken of [`"x":${deep}`, '"x":"\\ud800"']) {
    t.equal(outcome(`{${broken}}`), '5', 'before the missing command');
    t.equal(outcome(`{"command":"nothing",${broken}}`), '5', 'before no command of that name');
    t.equal(outcome(`{"command":"list_users",${broken}}`), '5', 'before a missing field');
    t.equal(outcome(`{"command":"help","about":5,"ref":[],${broken}}`), '5', 'before an invalid field');
  }
});

t.test('a missing command comes before an invalid ref, and so does an unknown one (§2.4)', async (t) => {
  t.equal(outcome('{"ref":[],"username":5}'), '3 command');
  t.equal(outcome('{"command":"nothing","ref":[],"username":5}'), '6');
});

t.test('a missing field comes before an invalid one, wherever they stand (§2.4)', async (t) => {
  t.equal(outcome('{"command":"create_user","username":5,"first_name":"","last_name":"B"}'), '3 password');
  t.equal(outcome('{"command":"create_user","last_name":5}'), '3 username', 'and the first that is missing is named');
  t.equal(outcome('{"command":"leave_chatroom","ref":[],"username":"a"}'), '3 room', 'before an invalid ref too');
});

t.test('the first invalid field of the table is named, whatever the order of the members (§2.4)', async (t) => {
  const create = '{"ref":[],"command":"create_user","password":"","last_name":""';
  t.equal(outcome(`${create},"first_name":"","username":""}`), '7 username');
  t.equal(outcome(`${create},"first_name":"A","username":"a"}`), '7 last_name');
  t.equal(
    outcome('{"limit":0,"after":-1,"room":"a","command":"chatroom_history"}'),
    '7 after',
    'optional ones among them',
  );
});

t.test('an invalid ref comes last (§2.4)', async (t) => {
  t.equal(outcome('{"ref":[],"data":"","command":"ping"}'), '7 ref');
  t.equal(outcome('{"ref":[],"data":5,"command":"ping"}'), '7 data');
  t.equal(outcome('{"ref":[],"after":1,"before":1,"room":"a","command":"chatroom_history"}'), '7 before');
});

t.test('`after` and `before` not both (§6)', async (t) => {
  const history = '{"command":"chatroom_history","room":"a"';
  t.equal(outcome(`${history},"after":1}`), 'ok');
  t.equal(outcome(`${history},"before":1,"after":null}`), 'ok');
  t.equal(outcome(`${history},"after":0,"before":0}`), '7 before');
  t.equal(outcome(`${history},"after":0,"before":0,"limit":0}`), '7 before', 'in its place in the table');
  t.equal(outcome(`${history},"after":-1,"before":0}`), '7 after');
});

/** A value that the field takes. */
function goodFor(rule: FieldRule | undefined): unknown {
  switch (rule?.kind) {
    case 'integer':
      return Math.max(10, rule.min);
    case 'boolean':
      return true;
    case 'word':
      return rule.words.at(-1);
    case 'time':
      return '2026-11-27T00:00:00.000Z';
    case 'base64url':
      return rule.isToken === true ? 'aaaaaaaa.aaaaaaaa' : 'a'.repeat(rule.min);
    case 'name':
      return 'agoodvalue';
    default:
      return 'a good value';
  }
}

/** The value, which no field takes but a boolean one, where it is a boolean; then another one. */
function badFor(rule: FieldRule | undefined, value: unknown): unknown {
  return rule?.kind === 'boolean' && typeof value === 'boolean' ? 0 : value;
}

/** Values that no field takes, but that a boolean one takes booleans. */
const badValues: readonly unknown[] = [true, false, [], {}, 0.5, -1, '\0'.repeat(5000), 'x'.repeat(5000)];

type Kind = 'good' | 'absent' | 'null' | 'bad';

function naiveOutcome({ parameters, exclusive }: CommandSpec, kinds: readonly Kind[], ref: Kind): string {
  const missing = (kind: Kind | undefined): boolean => kind === 'absent' || kind === 'null';
  const firstMissing = parameters.find(({ required }, index) => required && missing(kinds[index]));
  if (firstMissing !== undefined) return `3 ${firstMissing.name}`;
  const given = parameters.filter((_, index) => !missing(kinds[index])).map(({ name }) => name);
  const second = given.filter((name) => exclusive?.includes(name))[1];
  const firstInvalid = parameters.find(({ name }, index) => kinds[index] === 'bad' || name === second);
  if (firstInvalid !== undefined) return `7 ${firstInvalid.name}`;
  return ref === 'bad' ? '7 ref' : 'ok';
}

t.test(
  'for any command and mixture of good, bad and missing members the first failing check answers (§2.4)',
  async () => {
    const kind = fc.constantFrom<Kind>('good', 'good', 'good', 'absent', 'null', 'bad');
    const specs: readonly CommandSpec[] = Object.values(commandSpecs);
    const mixture = fc.constantFrom(...specs).chain((spec) =>
      fc.record({
        spec: fc.constant(spec),
        kinds: fc.array(kind, { minLength: spec.parameters.length, maxLength: spec.parameters.length }),
        badValue: fc.constantFrom(...badValues),
        ref: kind,
        order: fc.infiniteStream(fc.nat(100)),
      }),
    );
    fc.assert(
      fc.property(mixture, ({ spec, kinds, badValue, ref, order }) => {
        const value = (kind: Kind, good: unknown, bad: unknown): unknown =>
          ({ good, absent: undefined, null: null, bad })[kind];
        const members: (readonly [string, unknown])[] = spec.parameters.map(({ name, field }, index) => [
          name,
          value(kinds[index] ?? 'absent', goodFor(fields[field]), badFor(fields[field], badValue)),
        ]);
        members.push(['command', spec.name], ['ref', value(ref, 7, [])], ['unknown', badValue]);
        const placed = members
          .map((member) => ({ member, at: Number(order.next().value) }))
          .sort((a, b) => a.at - b.at);
        const expected = naiveOutcome(spec, kinds, ref);
        const got = outcome(JSON.stringify(Object.fromEntries(placed.map(({ member }) => member))));
        if (got !== expected) throw new Error(`expected ${expected}, got ${got}`);
      }),
      { numRuns: 3000 },
    );
  },
);
