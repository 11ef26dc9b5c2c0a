// One room: who is told of whom, what a member hears and when, and who is put out (PROTOCOL.md §4.2, §5.4).
import { firstEdition } from '../../src/chat/speaks.js';
import { textLine } from '../support/text-line.js';
import { defaultFormat } from '../../src/wire/format.js';
import t from 'tap';
import { MessageEncoder } from '../../src/chat/encode-messages.js';
import { Evictions } from '../../src/chat/eviction.js';
import { Post } from '../../src/chat/post.js';
import { Presence, type ChatUser } from '../../src/chat/presence.js';
import { Member } from '../../src/chat/member.js';
import type { Room } from '../../src/chat/room.js';
import { Rooms } from '../../src/chat/rooms.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import type { Messages } from '../../src/store/log.js';
import { messagesBetween } from '../../src/store/messages.js';
import { joinTexts } from '../../src/store/texts.js';
import { verbatim } from '../../src/wire/words.js';
import { parseLine } from '../support/client.js';
import { newRoom } from '../support/room.js';

const user = (name: string): ChatUser => ({ id: name.charCodeAt(0), name, key: name });

/** A member whose lines are written down, each as its code and what it says of whom. */
class Listener {
  readonly heard: string[] = [];
  readonly joined = new Map<string, Member>();
  readonly member: Member;

  constructor(
    readonly room: Room,
    name: string,
  ) {
    const event = (lines: Buffer | string): void => {
      for (const line of String(lines).trimEnd().split('\n')) {
        const { code, body } = parseLine(line);
        const told = ['room', 'username', 'reason', 'by'].flatMap((part) => (part in body ? [String(body[part])] : []));
        this.heard.push([code, ...told].join(' '));
      }
    };
    this.member = new Member(room, user(name), { event, reply: event }, this.joined);
  }

  enter(): this {
    this.room.enter(this.member);
    return this;
  }
}

t.test(
  'the others hear that a user came and left, however many sessions it has, and nobody hears it of itself',
  async (t) => {
    const room = newRoom('lobby');
    const alice = new Listener(room, 'alice').enter();
    const [bob, again] = [new Listener(room, 'bob').enter(), new Listener(room, 'bob').enter()];
    room.tellNews();
    t.same(alice.heard, ['101 lobby bob']);
    t.equal(room.count, 2);
    t.same([...room.names()], ['alice', 'bob']);
    room.leave(bob.member, 'left');
    room.tellNews();
    t.equal(alice.heard.length, 1, 'another session of bob is there');
    room.leave(again.member, 'kicked');
    room.leave(again.member, 'left');
    room.tellNews();
    t.same(alice.heard, ['101 lobby bob', '102 lobby bob kicked']);
    t.same([bob.heard, again.heard], [[], []]);
  },
);

t.test('who enters is no longer entering, and stands among the rooms of its session', async (t) => {
  const room = newRoom('lobby');
  const { member, joined } = new Listener(room, 'alice');
  room.entering.add(member);
  room.enter(member);
  t.same([room.entering.size, room.members.has(member), joined.get('lobby') === member], [0, true, true]);
});

t.test('events that are held come in their order after the release, and later ones at once', async (t) => {
  const { member, heard } = new Listener(newRoom('lobby'), 'alice');
  const line = (name: string): string => `101\t{"room":"lobby","username":"${name}"}\n`;
  member.holdEvents();
  for (const name of ['b', 'c']) member.event(line(name));
  t.same(heard, []);
  member.releaseEvents();
  member.event(line('d'));
  t.same(heard, ['101 lobby b', '101 lobby c', '101 lobby d']);
  member.releaseEvents();
  t.equal(heard.length, 3, 'nothing comes twice');
});

t.test('every event that is held is counted by its recipient, until it is sent or dropped', async (t) => {
  for (const end of ['releaseEvents', 'dropEvents'] as const) {
    const told: string[] = [];
    const tell =
      (what: string) =>
      (line: Buffer | string): void =>
        void told.push(`${what} ${String(line)}`);
    const recipient = { event: tell('event'), reply: tell('reply'), hold: tell('hold'), unhold: tell('unhold') };
    const member = new Member(newRoom('lobby'), user('alice'), recipient);
    member.holdEvents();
    member.event('a');
    member.event('b');
    t.same(told.splice(0), ['hold a', 'hold b']);
    member[end]();
    // A session that ends leaves many rooms in parts, so events may still come.
    member.event('c');
    const sent = ['unhold a', 'event a', 'unhold b', 'event b', 'event c'];
    t.same(
      told,
      sent.filter((each) => end === 'releaseEvents' || each.startsWith('unhold')),
    );
  }
});

t.test(
  'a deletion is told to members of the second edition, and to those whose join replays behind their reply',
  async (t) => {
    const room = newRoom('lobby');
    const heard = new Map(['old', 'causer', 'other', 'joining'].map((name) => [name, '']));
    const members = [...heard.keys()].map((name, index) => {
      const event = (line: Buffer | string): void => void heard.set(name, `${heard.get(name) ?? ''}${String(line)}`);
      const speaks = { ...firstEdition, edition: name === 'old' ? 1 : 2 } as const;
      return new Member(room, user('abcd'[index] ?? ''), { event, reply: event }, new Map(), speaks);
    }) as [Member, Member, Member, Member];
    const [, causer, , joining] = members;
    for (const member of members.slice(0, 3)) room.enter(member);
    room.tellNews();
    for (const name of heard.keys()) heard.set(name, '');
    room.entering.add(joining);
    joining.holdEvents();
    room.tellDeleted(textLine('105 1 '), causer);
    room.enterTogether([joining]);
    room.tellDeleted(textLine('105 2 '));
    t.match(Object.fromEntries(heard), {
      old: /^(?![^]*105)/,
      causer: /105 2 $/,
      other: /105 1 .*105 2 $/s,
      joining: /^$/,
    });
    t.equal(room.deletions, 2);
    joining.releaseEvents();
    t.equal(heard.get('joining'), '105 1 105 2 ');
  },
);

t.test('a member is taken out once, at once where nothing of it is on its way', async (t) => {
  const { member, joined } = new Listener(newRoom('lobby'), 'alice').enter();
  const departed: number[] = [];
  t.same([member.out, member.receivesEvents], [false, true]);
  t.equal(
    member.takeOut(() => void departed.push(1)),
    true,
  );
  t.equal(
    member.takeOut(() => void departed.push(2)),
    false,
  );
  t.same(departed, [1]);
  t.same([member.out, member.receivesEvents, joined.size], [true, false, 0]);
});

t.test('a member with posts on their way departs when the last is answered, and once', async (t) => {
  const { member } = new Listener(newRoom('lobby'), 'alice').enter();
  let departed = 0;
  member.settled();
  member.pending = 2;
  member.takeOut(() => (departed += 1));
  t.same([member.out, member.receivesEvents], [true, true], 'it gets the events of the room until then');
  member.pending = 1;
  member.settled();
  t.equal(departed, 0);
  member.pending = 0;
  member.settled();
  member.settled();
  t.same([departed, member.receivesEvents], [1, false]);
});

t.test(
  'who leaves by a request of its own is told nothing more, although a change was answered just before',
  async (t) => {
    const one = new Listener(newRoom('lobby'), 'bob').enter();
    const answered = one.member.changing();
    answered();
    let departed = 0;
    one.member.answeredAll();
    one.member.takeOut(() => (departed += 1));
    t.same([departed, one.member.receivesEvents], [1, false]);
    await new Promise((resolve) => setImmediate(resolve));
    t.same([departed, one.member.pending], [1, 0], 'it is not counted twice');
  },
);

t.test('who joined the room again is not taken from its rooms by the end of the first stay', async (t) => {
  const first = new Listener(newRoom('lobby'), 'alice').enter();
  const second = new Member(first.room, first.member.user, first.member.recipient, first.joined);
  first.room.enter(second);
  first.member.takeOut(() => undefined);
  t.equal(first.joined.get('lobby'), second);
});

/** Rooms over a store in memory, and one of them, which alice has made. */
async function opened(): Promise<{ readonly rooms: Rooms; readonly room: Room; readonly presence: Presence }> {
  const presence = new Presence();
  const rooms = new Rooms(new MemoryStore(), presence);
  const room = await rooms.open({ name: 'lobby', key: 'lobby', skeletons: ['lobby', 'lobby'] }, user('alice').id);
  if (typeof room === 'string') throw new Error(room);
  return { rooms, room, presence };
}

t.test(
  'those who are put out of a room are told by whom, the others that they left, and joins are ended',
  async (t) => {
    const { rooms, room, presence } = await opened();
    const [alice, bob, carol] = ['alice', 'bob', 'carol'].map((name) => new Listener(room, name));
    if (alice === undefined || bob === undefined || carol === undefined) throw new Error('there are three');
    alice.enter();
    bob.enter();
    room.entering.add(carol.member);
    const eviction = { by: 'alice', reason: verbatim('enough'), because: 'kicked' } as const;
    const evictions = new Evictions(presence, rooms);
    t.equal(await evictions.room(room, ({ user: { name } }) => name !== 'alice', eviction), 1, 'one was in the room');
    room.tellNews();
    room.tellNews();
    t.same(alice.heard, ['101 lobby bob', '102 lobby bob kicked']);
    t.same(bob.heard, ['106 lobby enough alice']);
    t.same([bob.member.out, carol.member.out, alice.member.out], [true, true, false]);
    t.same(carol.heard, [], 'it has not joined yet');
    t.equal(await evictions.room(room, ({ user: { name } }) => name === 'bob', eviction), 0);
  },
);

t.test('who looks for a room that is being opened waits until it is open', async (t) => {
  const rooms = new Rooms(new MemoryStore());
  t.equal(await rooms.opened('lobby'), undefined);
  const opening = rooms.open({ name: 'lobby', key: 'lobby', skeletons: ['lobby', 'lobby'] }, 1);
  t.equal(rooms.size, 0);
  t.equal(await rooms.opened('lobby'), await opening);
  t.equal(rooms.size, 1);
});

t.test('a part of some messages has the lines of that part alone, each with its own time', async (t) => {
  const authors = [user('alice'), user('bob'), user('alice')];
  const messages = (first: number, time: number, texts: readonly string[]): Messages => ({
    log: 1,
    first,
    time,
    authors,
    texts: joinTexts(texts),
    kinds: authors.map(() => 'text' as const),
    about: authors.map(() => 0),
  });
  const encoder = new MessageEncoder();
  const parts = [
    messagesBetween(messages(5, 1000, ['a', 'b', 'c']), 5, 6),
    messagesBetween(messages(8, 2000, ['d', 'e', 'f']), 9, 10),
    messagesBetween(messages(11, 2000, ['g', 'h', 'i']), 10, 11),
  ].filter((part) => part !== undefined);
  const { bytes } = encoder.encode(newRoom('lobby').shape, parts, defaultFormat);
  t.same(
    bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => parseLine(line).body)
      .map(({ id, username, message, time }) => [id, username, message, time]),
    [
      [6, 'bob', 'b', '1970-01-01T00:00:01.000Z'],
      [10, 'alice', 'f', '1970-01-01T00:00:02.000Z'],
      [11, 'alice', 'g', '1970-01-01T00:00:02.000Z'],
    ],
  );
});

t.test('what a client posts is a text in the log of its room, about no other message', async (t) => {
  const room = newRoom('lobby', 3);
  const post = new Post(
    { output: { reply: () => undefined }, format: defaultFormat, settled: () => undefined },
    room,
    user('alice'),
    undefined,
    'hi',
    'k',
    1,
  );
  t.match(post, { log: 3, kind: 'text', about: 0, author: user('alice'), text: 'hi', key: 'k', ref: 1 });
});

t.test('each member takes memory, and one of them what the room takes', async (t) => {
  const [attic, cellar] = [newRoom('attic', 1), newRoom('cellar', 2)];
  const kept = [0, 0, 0];
  const enter = (room: Room, at: number): Member => {
    const keep = (bytes: number): void => {
      kept[at] = (kept[at] ?? 0) + bytes;
    };
    const member = new Member(room, user('abc'.charAt(at)), { event: () => undefined, reply: () => undefined, keep });
    room.enter(member);
    return member;
  };
  const first = enter(attic, 0);
  const [own = 0] = kept;
  const second = enter(attic, 1);
  const third = enter(attic, 2);
  const [, member = 0] = kept;
  t.same([own, member], [2600, 400]);
  t.same(kept, [own, member, member]);
  const elsewhere = enter(cellar, 1);
  t.same(kept, [own, own + member, member]);
  attic.leave(first, 'left');
  attic.leave(first, 'left');
  t.same(kept, [0, 2 * own, member], 'the room goes over to one who stays');
  attic.leave(third, 'left');
  t.same(kept, [0, 2 * own, 0]);
  attic.leave(second, 'left');
  cellar.leave(elsewhere, 'left');
  t.same(kept, [0, 0, 0]);
  enter(attic, 2);
  t.same(kept, [0, 0, own]);
});

t.test('the last session of a user is the one beside which none is in the room, or about to enter', async (t) => {
  const room = newRoom('lobby');
  const [one, two, other] = [new Listener(room, 'alice'), new Listener(room, 'alice'), new Listener(room, 'bob')];
  const last = (): readonly boolean[] => [one, two].map(({ member }) => room.isLastOfUser(member));
  room.entering.add(other.member);
  room.entering.add(one.member);
  t.same(last(), [true, false], 'another one of it is about to enter');
  room.entering.add(two.member);
  t.same(last(), [false, false]);
  room.entering.clear();
  one.enter();
  t.same(last(), [true, false]);
  two.enter();
  t.same(last(), [false, false]);
  room.leave(two.member, 'left');
  other.enter();
  t.same(last(), [true, false]);
});

t.test('a post says how many hear it, as far as that is known', (t) => {
  const [room, listener] = [newRoom('lobby'), new Listener(newRoom('salon'), 'alice')];
  const post = (of: ConstructorParameters<typeof Post>[1]): Post =>
    new Post(
      { output: listener.member.recipient, format: defaultFormat, settled: () => undefined },
      of,
      user('a'),
      undefined,
      'x',
      undefined,
      1,
    );
  t.equal(post(room).readers, 0);
  for (const name of ['alice', 'bob', 'carol']) new Listener(room, name).enter();
  t.equal(post(room).readers, 3);
  t.equal(post({ log: room.log }).readers, 0);
  t.end();
});
