// Tests the validator of lines (tools/validator.ts), by which every test that reads a wrong line fails: it takes every
// example of protocol/, and refuses each once a member is changed.
import t from 'tap';
import type { MemberSpec } from '../../tools/protocol-files.js';
import type { LineCheck } from '../../tools/server-line.js';
import { checks, protocol } from '../support/protocol.js';

type Members = Readonly<Record<string, unknown>>;

interface Example {
  readonly name: string;
  readonly problemOf: LineCheck;
  readonly code: number;
  readonly members: Members;
  readonly specs: readonly MemberSpec[];
}

const command: MemberSpec = { name: 'command', type: 'string', meaning: 'the command that is answered' };

/** Every example of a reply and of an event, with what its members have to be. */
const examples: readonly Example[] = [
  ...[
    { commands: protocol.commands, events: protocol.events, problemOf: checks.client },
    { ...protocol.operator, problemOf: checks.operator },
  ].flatMap(({ commands, events, problemOf }) => [
    ...commands.map(({ name, results, example }) => ({
      name,
      problemOf,
      code: 1,
      members: { command: name, ...example.reply },
      specs: [command, ...results],
    })),
    ...events.map(({ name, code, members, example }) => ({ name, problemOf, code, members: example, specs: members })),
  ]),
];

t.test('every example of a reply and of an event is what its spec says', async (t) => {
  for (const { name, problemOf, code, members } of examples) t.equal(problemOf(code, members), undefined, name);
});

t.test('a member that is missing, of another type, unknown or out of order is found out', async (t) => {
  for (const { name, problemOf, code, members, specs } of examples) {
    const finds = (changed: Members, what: RegExp | string): void => {
      t.match(problemOf(code, changed) ?? 'no problem', what, `${name}: ${JSON.stringify(changed)}`);
    };
    finds({ ...members, surprise: 1 }, 'surprise is unknown');
    const reversed = Object.fromEntries(Object.entries(members).reverse());
    if (Object.keys(members).length > 1) finds(reversed, / is out of order$/);
    for (const { name: member, optional = false, null: mayBeNull = false } of specs.slice(code === 1 ? 1 : 0)) {
      if (!(member in members)) continue;
      // No member may be any of these.
      for (const wrong of [{ surprise: {} }, -1.5, [[]]])
        finds({ ...members, [member]: wrong }, new RegExp(`^${member}\\b`));
      if (!mayBeNull) finds({ ...members, [member]: null }, `${member} is null`);
      const without = Object.fromEntries(Object.entries(members).filter(([each]) => each !== member));
      if (!optional) finds(without, `${member} is missing`);
    }
  }
});

t.test('what stands in an object, a list or a map is held to its type too', async (t) => {
  const wrong: readonly (readonly [check: LineCheck, members: Members, problem: string])[] = [
    [
      checks.client,
      { command: 'list_chatrooms', rooms: [{ name: 'a', count: 1 }], more: false },
      'rooms[0].topic is missing',
    ],
    [checks.client, { command: 'help', commands: ['ping', 1] }, 'commands[1] is no string'],
    [
      checks.client,
      { command: 'list_users', users: [{ username: 'a', role: 'king' }], more: false },
      'users[0].role is none of',
    ],
    [
      checks.operator,
      { command: 'ban', kind: 'user', target: 'a', replaced: { reason: '' }, sessions: 0 },
      'replaced.created is missing',
    ],
  ];
  for (const [problemOf, members, problem] of wrong) t.match(problemOf(1, members), problem);
  const status = protocol.operator.commands.find(({ name }) => name === 'status')?.example.reply;
  t.match(checks.operator(1, { command: 'status', ...status, refused: { why: -1 } }), 'refused.why is no count');
});

t.test('a code that a command never gets, and a refusal without what its code brings, are found out', async (t) => {
  const error = 'no';
  const wrong: readonly (readonly [code: number, members: Members, problem: string])[] = [
    [10, { command: 'ping', error }, 'ping never gets 10'],
    [3, { command: 'quit', error, field: 'command' }, 'quit never gets 3'],
    [8, { command: 'ping', error }, 'ping never gets 8'],
    [9, { command: 'list_users', error }, 'list_users never gets 9'],
    [2, { error }, 'a line without a command never gets 2'],
    [6, { command: 'dance', error }, 'there is no command "dance"'],
    [19, { command: 'ping', error }, 'ping never gets 19'],
    [198, { room: 'lobby' }, 'there is no event 198'],
    [180, { data: '' }, 'there is no event 180'],
    [7, { command: 'ping', error }, 'field is missing'],
    [7, { command: 'ping', error, field: 'room' }, '"room" is no parameter of ping'],
    [14, { command: 'ping', error }, 'retry_after is missing'],
    [2, { command: 'ping', error, retry_after: 1 }, 'retry_after is unknown'],
    [2, { command: 'ping' }, 'error is missing'],
    [2, { ref: 1, command: 'ping', error }, 'command is out of order'],
    [2, { command: 'ping', ref: true, error }, 'ref is no ref'],
  ];
  for (const [code, members, problem] of wrong) t.match(checks.client(code, members), problem);
  t.equal(checks.client(3, { error, field: 'command' }), undefined);
  t.equal(checks.client(7, { command: 'ping', error, field: 'ref' }), undefined);
  t.equal(checks.operator(7, { command: 'reload', error }), undefined, 'which has a refusal of its own');
});
