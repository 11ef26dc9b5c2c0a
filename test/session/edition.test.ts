// The edition of the contract that a session speaks (PROTOCOL.md §3.6): new results come from the first new thing that
// it sent on, even where that was refused.
import t from 'tap';
import { encodeAnswer } from '../../src/session/answer.js';
import { parserOf, type AnyRequest } from '../../src/wire/request.js';
import type { Refusal } from '../../src/wire/refusal.js';
import type { CommandSpec } from '../../src/wire/spec.js';

function specOf(more: Partial<CommandSpec>): CommandSpec {
  return { name: 'count', summary: '', user: 'any', parameters: [], codes: [], ...more };
}

const limit = { name: 'limit', field: 'limit', required: true } as const;

/** The edition that a line asks for, of a command with that spec. */
function editionOf(spec: CommandSpec, line: string): AnyRequest['edition'] {
  const parsed: AnyRequest | Refusal = parserOf([spec])(line);
  return parsed.edition;
}

t.test('a new command asks for the second edition, whether it can be carried out or not', async (t) => {
  const spec = specOf({ edition: 2, parameters: [limit] });
  t.equal(editionOf(spec, 'count 3'), 2);
  t.equal(editionOf(spec, 'count'), 2, 'a field is missing');
  t.equal(editionOf(spec, '{"command":"count","limit":0}'), 2, 'a field is invalid');
  t.equal(editionOf(spec, '{"command":"counts"}'), undefined, 'no such command');
});

t.test('a new parameter asks for it where it has a value', async (t) => {
  const spec = specOf({ parameters: [limit, { name: 'room', field: 'room', required: false, edition: 2 }] });
  t.equal(editionOf(spec, '{"command":"count","limit":3}'), undefined);
  t.equal(editionOf(spec, '{"command":"count","limit":3,"room":null}'), undefined);
  t.equal(editionOf(spec, '{"command":"count","limit":3,"room":"lobby"}'), 2);
  t.equal(editionOf(spec, '{"command":"count","room":""}'), 2);
});

t.test("a session of the first edition gets the first edition's results, in their order", async (t) => {
  const spec = specOf({ newResults: ['role', 'welcome'] });
  const request: AnyRequest = { command: 'count', spec, parameters: {}, ref: undefined };
  const results = { room: 'lobby', role: 'owner', topic: '', welcome: 'hello' };
  t.equal(encodeAnswer(request, { results }, 1), '1\t{"command":"count","room":"lobby","topic":""}\n');
  t.equal(
    encodeAnswer(request, { results }, 2),
    '1\t{"command":"count","room":"lobby","role":"owner","topic":"","welcome":"hello"}\n',
  );
  const list = { name: 'users', items: ['alice'] };
  t.equal(
    encodeAnswer(request, { results, list }, 1),
    '1\t{"command":"count","room":"lobby","topic":"","users":["alice"]}\n',
  );
});
