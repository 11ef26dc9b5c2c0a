// What is generated from protocol/ is not stale, and the specs there agree with themselves, with the checks and with
// the contract's own rules for codes (PROTOCOL.md §3, §4).

import t from 'tap';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import { staleFiles } from '../../tools/generate.js';
import type { MemberSpec } from '../../tools/protocol-files.js';
import { typedExamples } from '../../tools/typed-example.js';
import { protocol } from '../support/protocol.js';
import { unbuiltFields } from '../support/unbuilt.js';

const { commands, codes, events, limits, operator, types } = protocol;

t.test('the generated files are what protocol/ says: else `npm run generate`', async (t) => {
  t.strictSame(staleFiles(), []);
  t.strictSame(
    Object.keys(commandSpecs),
    commands.map(({ name }) => name),
  );
});

t.test("every command's example parses, and is the same request in the plain form", async (t) => {
  for (const spec of commands) {
    const request = spec.example.request as Readonly<Record<string, unknown>>;
    const inJson = parseRequest(JSON.stringify(request));
    const own = typeof request['username'] === 'string' ? request['username'] : '';
    if (isRequest(inJson)) t.same({ command: inJson.command, ...inJson.parameters }, request, `${spec.name} knows all`);
    else t.fail(`${spec.name} does not parse`, inJson);
    for (const typed of Object.values(typedExamples(spec))) {
      const inPlain = parseRequest(typed.line, own);
      if (!isRequest(inPlain)) t.fail(typed.line, inPlain);
      else if (typed.isWhole) t.same({ command: inPlain.command, ...inPlain.parameters }, request, typed.line);
    }
  }
});

t.test('every parameter has a field, the required ones stand first, and no name stands twice', async (t) => {
  for (const { name: command, parameters, exclusive } of commands) {
    const names = parameters.map(({ name }) => name);
    t.equal(new Set(names).size, names.length, command);
    for (const { field, fieldIfNew = field } of parameters)
      t.ok(Object.hasOwn(limits.fields, field) && Object.hasOwn(limits.fields, fieldIfNew), `${command}: ${field}`);
    const outOfOrder = parameters.filter(
      ({ required }, index) => required && parameters[index - 1]?.required === false,
    );
    t.strictSame(outOfOrder, [], `${command}: required first`);
    if (exclusive === undefined) continue;
    t.strictSame(
      parameters.filter(({ name, required }) => exclusive.includes(name) && !required).map(({ name }) => name),
      exclusive,
      `${command}: in the order in which 7 names the second`,
    );
  }
});

t.test('no parameter is called what a request or a reply calls its own', async (t) => {
  const taken = ['command', 'ref', 'error', 'field', 'retry_after'];
  for (const { name: command, parameters, results } of commands) {
    for (const name of [...parameters.map((parameter) => parameter.name), ...results.map((result) => result.name)]) {
      t.notOk(taken.includes(name) || name in Object.prototype, `${command} ${name}`);
    }
  }
});

t.test('every type is used by some member, and every member has one', async (t) => {
  const used = new Set<string>();
  const visit = ({ type, of = [], members = [] }: MemberSpec): void => {
    if (!['list', 'map', 'object'].includes(type)) used.add(type);
    if (typeof of === 'string') used.add(of);
    for (const member of [...(typeof of === 'string' ? [] : of), ...members]) visit(member);
  };
  for (const { results } of [...commands, ...operator.commands]) for (const result of results) visit(result);
  for (const { members } of [...events, ...operator.events]) for (const member of members) visit(member);
  for (const { members = [] } of codes) for (const member of members) visit(member);
  t.same([...used].sort(), Object.keys(types).sort());
});

t.test('every field is used by some parameter, and its limits are in order', async (t) => {
  const used = new Set(
    commands.flatMap(({ parameters }) =>
      parameters.flatMap(({ field, fieldIfNew, narrowed }) =>
        [field, fieldIfNew, narrowed?.field].filter((each) => each !== undefined),
      ),
    ),
  );
  for (const [name, rule] of Object.entries(limits.fields)) {
    t.equal(used.has(name), !unbuiltFields.includes(name), name);
    t.ok(!('min' in rule) || rule.min <= rule.max, name);
    t.ok(rule.rule.length > 0, name);
  }
});

t.test('the codes that a command lists exist, in order, and are its own', async (t) => {
  const known = codes.map(({ code }) => code);
  for (const { name, codes: own } of commands) {
    t.strictSame(
      own.filter((code) => !known.includes(code)),
      [],
      name,
    );
    t.strictSame(
      own,
      [...new Set(own)].sort((a, b) => a - b),
      name,
    );
  }
});

t.test('every code and every event has a number and a name of its own (§3, §4)', async (t) => {
  const all = [...codes, ...events];
  t.equal(new Set(all.map(({ code }) => code)).size, all.length);
  t.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name } of all) t.match(name, /^[a-z]+(_[a-z]+)*$/);
  for (const { name, code } of codes) t.ok(Number.isInteger(code) && code >= 1 && code <= 99, name);
  for (const { name, code } of events) t.ok(Number.isInteger(code) && code >= 100 && code <= 199, name);
});

t.test("the founding specification's codes and commands stay what they were", async (t) => {
  t.strictSame(
    codes.slice(0, 4).map(({ code, name }) => [code, name]),
    [
      [1, 'ok'],
      [2, 'failed'],
      [3, 'missing_field'],
      [4, 'refused'],
    ],
  );
  const founding: Readonly<Record<string, readonly string[]>> = {
    create_user: ['username', 'first_name', 'last_name', 'password'],
    authenticate_user: ['username', 'password'],
    join_chatroom: ['username', 'room'],
    leave_chatroom: ['username', 'room'],
    chatroom_message: ['username', 'room', 'message'],
  };
  for (const [name, parameters] of Object.entries(founding)) {
    const required = commands.find((spec) => spec.name === name)?.parameters.filter((parameter) => parameter.required);
    t.strictSame(
      required?.map((parameter) => parameter.name),
      parameters,
      name,
    );
  }
});

t.test("the contract's limits are the ones of protocol/limits.json", async (t) => {
  t.hasStrict(limits, { protocol: 1, line_bytes: 16_384, unterminated_bytes: 1_048_576, server_line_bytes: 32_768 });
  t.hasStrict(limits, { depth: 16, ref_characters: 64 });
});
