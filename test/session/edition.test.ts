// The edition of the contract that a session speaks (PROTOCOL.md §3.6): new results come from the first new thing that
// it sent on, even where that was refused.
import { defaultFormat } from '../../src/wire/format.js';
import t from 'tap';
import { EncodedNames } from '../../src/chat/encoded-names.js';
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
  t.equal(encodeAnswer(request, { results }, 1, defaultFormat), '1\t{"command":"count","room":"lobby","topic":""}\n');
  t.equal(
    encodeAnswer(request, { results }, 2, defaultFormat),
    '1\t{"command":"count","room":"lobby","role":"owner","topic":"","welcome":"hello"}\n',
  );
  const list = { name: 'users', items: ['alice'] };
  t.equal(
    encodeAnswer(request, { results, list }, 1, defaultFormat),
    '1\t{"command":"count","room":"lobby","topic":"","users":["alice"]}\n',
  );
});

t.test('those who join together share one line, whose requests differ in nothing', async (t) => {
  const items = new EncodedNames([{ text: '"alice","bob"', bytes: 14 }]);
  const list = { name: 'users', items };
  const ask = (ref: string | number | undefined, results: object): Buffer | string =>
    encodeAnswer({ command: 'count', spec: specOf({}), parameters: {}, ref }, { results, list }, 2, defaultFormat);
  const first = ask(undefined, { last: 1 });
  t.equal(first.toString(), '1\t{"command":"count","last":1,"users":["alice","bob"]}\n');
  t.equal(ask(undefined, { last: 1 }), first, 'the very same bytes');
  t.equal(ask(1, { last: 1 }).toString(), '1\t{"command":"count","ref":1,"last":1,"users":["alice","bob"]}\n');
  t.equal(ask('1', { last: 1 }).toString(), '1\t{"command":"count","ref":"1","last":1,"users":["alice","bob"]}\n');
  t.equal(ask('1', { last: 2 }).toString(), '1\t{"command":"count","ref":"1","last":2,"users":["alice","bob"]}\n');
});
