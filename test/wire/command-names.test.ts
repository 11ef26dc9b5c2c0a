// The names of commands: which is nearest to a word that is none (PROTOCOL.md §2.2).
import fc from 'fast-check';
import t from 'tap';
import { editDistance } from '../../src/text/edit-distance.js';
import { CommandNames } from '../../src/wire/command-names.js';
import { commandSpecs } from '../../src/wire/generated/command-specs.js';
import type { CommandSpec } from '../../src/wire/spec.js';

const specs: readonly CommandSpec[] = Object.values(commandSpecs);
const names = new CommandNames(specs);
const all = specs.flatMap(({ name, short = name }) => [short, name]);

t.test('every command has a short name, and none is the full name of another', async (t) => {
  for (const { name, short = '' } of specs) {
    t.match(short, /^(?:[a-z]+|\?)$/, name);
    t.equal(names.byShort(short)?.name, name);
    t.notOk(specs.some((other) => other.name !== name && (other.name === short || other.short === short)));
  }
});

t.test("the contract's short names are those commands'", async (t) => {
  const fixed = {
    login: 'authenticate_user',
    register: 'create_user',
    join: 'join_chatroom',
    leave: 'leave_chatroom',
    say: 'chatroom_message',
    msg: 'direct_message',
    who: 'list_users',
    rooms: 'list_chatrooms',
    mine: 'list_my_rooms',
    history: 'chatroom_history',
    topic: 'set_topic',
    kick: 'kick_user',
    ban: 'ban_user',
    set: 'set_chatroom',
    bye: 'quit',
    '?': 'help',
  };
  for (const [short, full] of Object.entries(fixed)) t.equal(names.byShort(short)?.name, full, short);
});

t.test('the nearest name is found by a slip, by another case, with a slash, and by its beginning', async (t) => {
  for (const [word, plain, json] of [
    ['jion', 'join', 'join_chatroom'],
    ['JION', 'join', 'join_chatroom'],
    ['/jion', 'join', 'join_chatroom'],
    ['join', 'join', 'join_chatroom'],
    ['LEAVE_CHATROOM', 'leave_chatroom', 'leave_chatroom'],
    ['joinchatroom', 'join_chatroom', 'join_chatroom'],
    ['/help', 'help', 'help'],
    ['his', 'history', 'chatroom_history'],
    ['authenticate', 'authenticate_user', 'authenticate_user'],
  ] as const) {
    t.equal(names.nearest(word, 'plain'), plain, word);
    t.equal(names.nearest(word, 'json'), json, word);
  }
});

t.test('nothing is suggested where nothing is near', async (t) => {
  for (const word of [
    '',
    '/',
    'x',
    '!!',
    'xyzzy',
    'é',
    'jöin',
    'jo\u200bin',
    'x'.repeat(16_000),
    'join'.repeat(4000),
  ]) {
    t.equal(names.nearest(word, 'plain'), undefined, word.slice(0, 20));
  }
});

t.test('no name is nearer than the one that is suggested, and it is always the same', async () => {
  const letters = fc.string({
    unit: fc.constantFrom('a', 'b', 'e', 'i', 'l', 'n', 's', 't', 'x', '_'),
    minLength: 1,
    maxLength: 1,
  });
  const slipped = fc.tuple(fc.constantFrom(...all), fc.nat({ max: 20 }), letters, fc.nat({ max: 2 }));
  fc.assert(
    fc.property(slipped, ([name, place, letter, kind]) => {
      const at = place % (name.length + 1);
      const word = name.slice(0, at) + (kind === 0 ? '' : letter) + name.slice(kind === 1 ? at : at + 1);
      const nearest = names.nearest(word, 'plain');
      if (word.length < 3) return;
      if (nearest === undefined) throw new Error(`nothing for ${word}, of ${name}`);
      const least = Math.min(...all.map((each) => editDistance(word, each, 20)));
      if (editDistance(word, nearest, 20) !== least) throw new Error(`${nearest} for ${word}`);
      if (names.nearest(word, 'plain') !== nearest) throw new Error('another one');
    }),
    { numRuns: 5000 },
  );
});
