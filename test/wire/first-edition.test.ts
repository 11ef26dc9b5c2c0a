// What a line in the plain form meant in the first edition of the contract, it means still (PROTOCOL.md §2.2, §3.6).
// Two things are new: a value that has no room for a space ends at one, which was invalid; and nothing follows quit
// and log_out.
import fc from 'fast-check';
import t from 'tap';
import { fieldRules } from '../../src/wire/generated/fields.js';
import { isRequest, parseRequest } from '../../src/wire/request.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { firstEditionSpecs, firstEditionValues } from './first-edition-lines.js';

/** What a request or a refusal comes to, without its sentence. */
function outcome(parsed: ReturnType<typeof parseRequest>): unknown {
  return isRequest(parsed)
    ? { command: parsed.command, ...parsed.parameters }
    : { command: parsed.command, code: parsed.code, field: parsed.field };
}

/** What the line of that command came to in the first edition: its values were checked as those of JSON are. */
function firstOutcome({ name, parameters }: CommandSpec, rest: string): unknown {
  const values = firstEditionValues(rest, parameters);
  if (values === undefined) return { command: name, code: 5, field: undefined };
  return outcome(parseRequest(JSON.stringify({ command: name, ...values })));
}

/** Whether the last value of the first edition's form is one that ends at a space now. */
function endsAtSpace({ parameters }: CommandSpec): boolean {
  const last = parameters.findLast(({ required }) => required) ?? parameters[0];
  return last !== undefined && fieldRules[last.field]?.kind !== 'text';
}

const word = fc.oneof(
  fc.constantFrom('alice', 'lobby', '#tea', '0', '12', '-1', 'join_chatroom', 'help', 'on', '""', '"Jean Paul"'),
  fc.constantFrom('"no end', '"\\u00e9"', '"\\ud800"', '"a"b', '"\\"', '\t', ' ', '  ', '{"a":1}', '\u00a0', '"a\tb"'),
  fc.string({ unit: fc.constantFrom('a', '"', '\\', ' ', '\t', 'é', '1'), maxLength: 6 }),
);
const rests = fc
  .array(fc.tuple(fc.constantFrom(' ', ' ', '  '), word), { maxLength: 6 })
  .chain((words) => fc.constantFrom('', '', ' ', '\t').map((end) => words.flat().join('') + end))
  .filter((rest) => rest === '' || rest.startsWith(' '));

t.test('a line of the first edition means what it meant', async (t) => {
  let [requests, refusals] = [0, 0];
  fc.assert(
    fc.property(fc.constantFrom(...firstEditionSpecs), rests, (spec, rest) => {
      if (spec.alone === true) return;
      const first = firstOutcome(spec, rest);
      const now = outcome(parseRequest(spec.name + rest));
      const wasRefused = JSON.stringify(first).includes('"code":');
      if (wasRefused) refusals += 1;
      else requests += 1;
      if (JSON.stringify(first) === JSON.stringify(now)) return;
      const wasInvalid = JSON.stringify(first).includes('"code":7');
      if (wasInvalid && endsAtSpace(spec)) return;
      throw new Error(`${spec.name}${rest}: ${JSON.stringify(now)}, not ${JSON.stringify(first)}`);
    }),
    { numRuns: 30_000 },
  );
  t.ok(requests > 1000 && refusals > 1000, `${requests} requests and ${refusals} refusals`);
});

t.test('the same is told of a last value that was invalid, unless a space ends it', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...firstEditionSpecs.filter(endsAtSpace)), rests, (spec, rest) => {
      const values = firstEditionValues(rest, spec.parameters) ?? {};
      const last = spec.parameters.findLast(({ required }) => required)?.name ?? '';
      const value = values[last];
      if (typeof value === 'string' && /[ \t]/.test(value)) return;
      const [first, now] = [firstOutcome(spec, rest), outcome(parseRequest(spec.name + rest))];
      if (JSON.stringify(first) === JSON.stringify(now)) return;
      throw new Error(`${spec.name}${rest}: ${JSON.stringify(now)}, not ${JSON.stringify(first)}`);
    }),
    { numRuns: 20_000 },
  );
});

t.test('text after a command that takes none is ignored, but for quit and log_out', async (t) => {
  t.match(parseRequest('get_server please'), { command: 'get_server', parameters: {} });
  for (const name of ['quit', 'log_out']) {
    t.match(parseRequest(`${name} please`), { command: name, code: 5 });
    t.match(parseRequest(`${name} \t `), { command: name, parameters: {} });
  }
});
