// What `help` says of a command, and pages of lists: both are made from what they are given, for clients and operators.
import t from 'tap';
import { helpAbout } from '../../src/session/help.js';
import { defaultLimit, listPage, readList, type ListPart } from '../../src/session/list-page.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import { limits } from '../../src/wire/generated/limits.js';
import { operatorSpecs } from '../../src/wire/generated/operator-specs.js';
import type { CommandSpec } from '../../src/wire/spec.js';
import { worded } from '../support/sentences.js';

const { ping, leave_chatroom: leave, create_user: register, join_chatroom: join } = commandSpecs;

/** The codes that help names for a command of that spec. */
function codesOf(spec: CommandSpec): readonly number[] {
  const answer = helpAbout({ it: spec }, 'it');
  return 'results' in answer ? (answer.results.codes ?? []) : [];
}

t.test('help alone lists the names of all commands', async (t) => {
  t.same(helpAbout({ quit: ping, echo: ping }, undefined), { results: { commands: ['echo', 'quit'] } });
});

t.test('help finds a command by its full name, and by its short one as people type it', async (t) => {
  for (const about of ['join_chatroom', 'join', 'JOIN', '/join', ' /Join ', 'join_chatroom ']) {
    t.match(helpAbout({ join_chatroom: join }, about), { results: { about: 'join_chatroom' } }, about);
  }
  t.match(helpAbout({ join_chatroom: join }, 'Join_chatroom'), { code: 11 }, 'full names are case-sensitive');
});

t.test('help on what is no command names the nearest one', async (t) => {
  t.match(worded(helpAbout({ join_chatroom: join, ping }, 'jion')), {
    code: 11,
    error: /"jion" \(did you mean join\?\)/,
  });
  t.match(worded(helpAbout({ join_chatroom: join, ping }, 'xyz')), { code: 11, error: /"xyz"; help lists/ });
});

t.test('help on what is no command is 11', async (t) => {
  for (const about of ['pong', 'toString', '']) t.match(helpAbout({ ping }, about), { code: 11 }, about);
});

t.test('a command can answer the codes that every command can, and its own, in order', async (t) => {
  t.same(codesOf(ping), [1, 2, 7, 14, 16]);
  t.same(codesOf({ ...ping, codes: [18, 4] }), [1, 2, 4, 7, 14, 16, 18]);
});

t.test('a required parameter can be missing, and an own username can be wrong', async (t) => {
  t.same(codesOf(register), [1, 2, 3, 4, 7, 12, 14, 16, 17], 'a username that is not the own one is never wrong');
  t.same(codesOf({ ...ping, user: 'own' }), [1, 2, 7, 8, 14, 16]);
  t.same(codesOf({ ...leave, codes: [] }), [1, 2, 3, 7, 8, 9, 14, 16]);
});

t.test('of a parameter help says its name, whether it must stand, and the rule of what it makes', async (t) => {
  const { fields } = limits;
  t.match(helpAbout({ join }, 'join'), {
    results: {
      about: 'join_chatroom',
      summary: join.summary,
      parameters: [
        { name: 'username', required: true, rule: fields.username.rule },
        { name: 'room', required: true, rule: fields.new_room.rule },
        { name: 'after', required: false, rule: fields.id.rule },
      ],
    },
  });
});

t.test('help speaks the language of who asks', async (t) => {
  t.match(helpAbout({ join_chatroom: join }, 'join_chatroom', 'fr'), {
    results: { summary: /^Rejoint un salon/, parameters: [{ rule: /^de 1 à 32 lettres/ }, { rule: /de 1 à 64/ }, {}] },
  });
  t.match(helpAbout(operatorSpecs, 'list_bans', 'fr'), {
    results: { summary: operatorSpecs.list_bans.summary },
  });
});

t.test('a page shows as many as were asked for, and says whether there are more', async (t) => {
  const show = (item: number): string => `#${item}`;
  t.same(listPage('rooms', [1, 2, 3], 2, show), {
    results: {},
    list: { name: 'rooms', items: ['#1', '#2'], more: true },
  });
  t.same(listPage('rooms', [1, 2], 2, show).list, { name: 'rooms', items: ['#1', '#2'], more: false });
  t.match(limits.fields.limit.rule, `${defaultLimit} when not given`);
});

t.test('a list is read in parts, one item beyond the page, or as much as may fit a line', async (t) => {
  const all = Array.from({ length: 1000 }, (_, at) => ({ name: String(at).padStart(30, '0') }));
  const asked: number[] = [];
  const read = (from: string, most: number): Promise<ListPart<{ readonly name: string }>> => {
    asked.push(most);
    const items = all.filter(({ name }) => name > from).slice(0, most);
    return Promise.resolve({ items, next: items.length === most ? items.at(-1)?.name : undefined });
  };
  t.equal((await readList(undefined, defaultLimit, read)).length, 101);
  t.same(asked.splice(0), [101]);
  t.equal((await readList(all[899]?.name, 200, read)).length, 100, 'the list ends');
  t.same(asked.splice(0), [128]);
  const most = (await readList('', 1000, read)).length;
  t.ok(
    most > limits.server_line_bytes / 36 && most < limits.server_line_bytes / 36 + 128,
    `${most} are read, not 1001`,
  );
  const none = await readList('', 10, (from) =>
    Promise.resolve({ items: [], next: from === 'zz' ? undefined : `${from}z` }),
  );
  t.same(none, [], 'parts without an item are not the end');
});
