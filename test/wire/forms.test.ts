// Whatever an event or a reply says, its line is as the session asked for it: one line, no longer than `max_line`, in
// ASCII where that was asked for, and what is read from it is what was sent, or a beginning of it (PROTOCOL.md §8.2,
// §8.3).
import assert from 'node:assert/strict';
import fc from 'fast-check';
import t from 'tap';
import { encodeEvent } from '../../src/wire/encode-event.js';
import { encodeList, encodeSuccess } from '../../src/wire/encode.js';
import { longestField, refFits } from '../../src/wire/fixed-parts.js';
import { beginningOf, escaperOf, itemEscaperOf } from '../../src/wire/escapes.js';
import { formatOf, type LineFormat } from '../../src/wire/format.js';
import type { EventName } from '../../src/wire/line-form.js';
import type { Ref } from '../../src/wire/refusal.js';
import type { CommandFile, EventEntry, MemberSpec } from '../../tools/protocol-files.js';
import type { Members } from '../../tools/server-line.js';
import { cutProblem, textIn } from '../support/cut-lines.js';
import { anyFormat, endless, read, sameRef } from '../support/format-lines.js';
import { anyRef, membersOfEvent, resultsOf } from '../support/line-values.js';
import { protocol } from '../support/protocol.js';

const { commands, events } = protocol;
/** The members as a form tells them: `tsv` has no empty list of names. */
function asTold(members: Members, { form }: LineFormat): Members {
  if (form !== 'tsv') return members;
  return Object.fromEntries(Object.entries(members).filter(([, value]) => !Array.isArray(value) || value.length > 0));
}

const eventAndMembers = fc
  .constantFrom(...events.filter(({ name }) => name !== 'omitted'))
  .chain((event) => membersOfEvent(event).map((members) => [event.name, members] as const));

function checkEvent(name: string, sent: Members, format: LineFormat): void {
  const { code: number, members: specs } = entryOf(name);
  const line = read(encodeEvent(name as EventName, sent, format), format);
  if (line === undefined) return;
  if (line.code === number) checkMembers(name, sent, line.members, format);
  else {
    assert.equal(line.code, 113);
    const texts = specs.filter(({ type, values }) => type === 'string' && values === undefined);
    const cut = texts.map((text) => [text.name, sent[text.name] === undefined ? undefined : '']);
    const mark = sent['message'] === undefined ? {} : { cut: Buffer.byteLength(textIn(sent, 'message')) };
    assert.ok(
      isTooLong(name, { ...sent, ...(Object.fromEntries(cut) as Members), ...mark }, format),
      'omitted without need',
    );
    const { room, id, prev, with: partner } = sent;
    checkMembers('omitted', { code: number, room, with: partner, id, prev }, line.members, format);
  }
}

function isTooLong(name: string, members: Members, format: LineFormat): boolean {
  return Buffer.byteLength(encodeEvent(name as EventName, members, endless(format))) > format.maxLine;
}

function checkMembers(name: string, sent: Members, { ref, ...got }: Members, format: LineFormat): void {
  sameRef(ref, sent['ref'] as Ref | undefined, format);
  const specs = entryOf(name).members.filter(({ type }) => type !== 'ref');
  const tooLong = withRef((members) => isTooLong(name, members, format), sent['ref']);
  assert.equal(cutProblem({ specs, sent, got, cutsNames: name === 'omitted', isTooLong: tooLong }), undefined);
}

/** What was read, with the `ref` as it was sent. */
function withRef(isTooLong: (members: Members, spare: number) => boolean, ref: unknown): typeof isTooLong {
  return (members, spare) => isTooLong({ ...(ref === undefined ? {} : { ref }), ...members }, spare);
}

function entryOf(name: string): EventEntry {
  const entry = events.find((event) => event.name === name);
  if (entry === undefined) throw new Error(`there is no event ${name}`);
  return entry;
}

t.test('events: what is read is what was said, or a beginning of it as long as has room', async () => {
  fc.assert(
    fc.property(eventAndMembers, anyFormat, ([name, sent], format) => checkEvent(name, sent, format)),
    { numRuns: 4000 },
  );
});

const commandAndResults = fc
  .constantFrom(...commands)
  .chain((command) => resultsOf(command).map((results) => [command.name, results] as const));

function commandOf(name: string): CommandFile {
  const command = commands.find((each) => each.name === name);
  if (command === undefined) throw new Error(`there is no command ${name}`);
  return command;
}

/** Writes the reply as the dispatcher does: with the list apart, where it stands at the end. */
function reply({ name, results: specs }: CommandFile, ref: Ref | undefined, sent: Members, format: LineFormat): string {
  const list = specs.find(({ type }) => type === 'list');
  const after = list === undefined ? [] : specs.slice(specs.indexOf(list) + 1);
  if (list === undefined || after.length > 1 || !Array.isArray(sent[list.name]))
    return encodeSuccess(name, ref, sent, format);
  const { [list.name]: items, more, ...others } = sent;
  const apart = {
    name: list.name,
    items: items as readonly unknown[],
    ...(more === undefined ? {} : { more: more === true }),
  };
  return encodeList(name, ref, others, apart, format);
}

/** Whether the names may have no room, without the texts: where they are long, beyond ASCII, and escaped. */
function mayCutNames(specs: readonly MemberSpec[], members: Members, { ascii, maxLine: most }: LineFormat): boolean {
  const names = (of: readonly MemberSpec[], within: Members): string =>
    of.map(({ name, type }) => (['name', 'author', 'actor'].includes(type) ? textIn(within, name) : '')).join('');
  const list = specs.find(({ of }) => typeof of === 'object');
  const item = list === undefined ? undefined : (members[list.name] as readonly Members[] | undefined)?.[0];
  const all = names(specs, members) + (typeof list?.of === 'object' ? names(list.of, item ?? {}) : '');
  const [astral, others] = [/[^\0-\uffff]/gu, /[^\0-\x7f]/gu].map((beyond) => all.match(beyond)?.length ?? 0);
  return ascii && most < 2048 && ((astral ?? 0) > 20 || (others ?? 0) > 40);
}

function checkReply(name: string, sent: Members, ref: Ref | undefined, format: LineFormat): void {
  const command = commandOf(name);
  const line = read(reply(command, ref, sent, format), format, 1);
  if (line === undefined) return;
  const { command: gotName, ref: gotRef, ...got } = line.members;
  assert.equal(gotName, name);
  sameRef(gotRef, ref, format);
  const isTooLong = (members: Members, spare: number): boolean =>
    Buffer.byteLength(encodeSuccess(name, ref, { ...got, ...members }, endless(format))) + spare > format.maxLine;
  const said = { specs: command.results, sent: asTold(sent, format), got: asTold(got, format) };
  assert.equal(cutProblem({ ...said, cutsNames: mayCutNames(command.results, sent, format), isTooLong }), undefined);
  const list = command.results.find(({ of }) => typeof of === 'object');
  // Help has texts beside its list.
  if (list !== undefined && name !== 'help' && (sent[list.name] as readonly unknown[]).length > 0)
    assert.notEqual((got[list.name] as readonly unknown[]).length, 0);
  if ('offset' in sent) assert.ok(sent['message'] === '' || got['message'] !== '', 'a piece is empty');
}

t.test('replies: what is read is what was said, whatever the `ref` that fits', async () => {
  fc.assert(
    fc.property(commandAndResults, fc.option(anyRef, { nil: undefined }), anyFormat, ([name, sent], ref, format) => {
      if (ref === undefined || refFits(name, ref, format)) checkReply(name, sent, ref, format);
      else assert.ok(format.maxLine < 4096 && typeof ref === 'string', 'a short ref is refused');
    }),
    { numRuns: 4000 },
  );
});

t.test('no parameter has a name for which the calculation of what fits has no room', async (t) => {
  const longest = Math.max(...commands.flatMap(({ parameters }) => parameters.map(({ name }) => name.length)));
  t.ok(longest <= longestField.length);
});

t.test('a beginning of a text is the longest that has room, whatever the characters', async () => {
  const anyText = fc.array(fc.constantFrom('a', '"', '\\', '\n', '\u0001', 'é', '漢', '\u2028', '\u{10400}'), {
    maxLength: 200,
  });
  await fc.assert(
    fc.asyncProperty(anyFormat, fc.boolean(), anyText, fc.nat(1300), async (format, inList, characters, bytes) => {
      const escape = (inList ? itemEscaperOf : escaperOf)(format);
      let left = bytes;
      const fits = (character: string): boolean => (left -= Buffer.byteLength(escape(character))) >= 0;
      const end = characters.findIndex((character) => !fits(character));
      const expected = characters.slice(0, end === -1 ? characters.length : end).join('');
      assert.equal(beginningOf(characters.join(''), bytes, escape), expected);
    }),
  );
});

t.test('of a list no more is written than a line may have room for, however long its texts are', async (t) => {
  for (const form of ['json', 'tsv', 'text'] as const) {
    let asked = 0;
    const bans = function* (): Generator {
      for (; asked < 500; asked += 1)
        yield {
          username: `u${asked}`,
          by: 'alice',
          reason: '\u{10400}'.repeat(500),
          created: '2026-11-22T12:00:00.000Z',
        };
    };
    const format = formatOf({ form, maxLine: 32_768, ascii: true, language: 'en' });
    const line = encodeList('list_bans', undefined, {}, { name: 'bans', items: bans(), more: false }, format);
    t.ok(line.length > 18_000 && line.length <= 32_768, `${line.length} bytes`);
    t.ok(asked < 40, `${asked} items of ${form}`);
    t.match(line, /"more":true|\t1\n$|; and more\n$/);
  }
});
