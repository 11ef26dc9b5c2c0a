// A commit and what each session reads of it, line by line: the order of PROTOCOL.md §4.3 for any mix of speakers,
// rooms, duplicates and messages of other processes, held to the rule itself rather than to the way it is kept.
import { defaultFormat } from '../../src/wire/format.js';
import fc from 'fast-check';
import t from 'tap';
import { Delivery } from '../../src/chat/delivery.js';
import { Post } from '../../src/chat/post.js';
import { Member } from '../../src/chat/member.js';
import type { ChatUser } from '../../src/chat/presence.js';
import type { Room } from '../../src/chat/room.js';
import { Counters } from '../../src/metrics/counters.js';
import type { Author, Messages, Outcome } from '../../src/store/log.js';
import { joinTexts } from '../../src/store/texts.js';
import { jsonText } from '../../src/text/json.js';
import { parseLine, type Line } from '../support/client.js';
import { newRoom } from '../support/room.js';

/** A session that writes down what it is sent. */
class Reader {
  readonly format = defaultFormat;
  text = '';
  settledPosts = 0;
  readonly output = { reply: (line: Buffer | string): void => this.event(line) };
  readonly event = (line: Buffer | string): void => {
    this.text += String(line);
  };
  readonly reply = this.event;
  settled(): void {
    this.settledPosts += 1;
  }

  lines(): Line[] {
    return this.text
      .split('\n')
      .slice(0, -1)
      .map((line) => parseLine(line));
  }
}

function user(id: number): ChatUser {
  return { id, name: `u${id}`, key: `u${id}` };
}

/** The store's part: messages of one log, as one column each. */
class Stored {
  readonly authors: Author[] = [];
  readonly texts: string[] = [];

  constructor(
    readonly room: Room,
    readonly first = 1,
  ) {}

  /** Stores a message and answers its id. */
  add(author: Author, text: string): number {
    this.texts.push(jsonText(text));
    return this.first + this.authors.push(author) - 1;
  }

  get newest(): number {
    return this.first + this.authors.length - 1;
  }

  get messages(): readonly Messages[] {
    const { authors } = this;
    if (authors.length === 0) return [];
    const texts = joinTexts(this.texts);
    const [kinds, about] = [authors.map(() => 'text' as const), authors.map(() => 0)];
    return [{ log: this.room.log.id, first: this.first, time: 0, authors, texts, kinds, about }];
  }
}

function delivery(...rooms: readonly Room[]): { readonly counters: Counters; readonly delivery: Delivery } {
  const counters = new Counters();
  return { counters, delivery: new Delivery((id) => rooms.find(({ log }) => log.id === id), counters) };
}

/** A post that nobody can write into. */
function frozenPost(reader: Reader, member: Member, text = 'hi', ref?: number): Post {
  member.pending += 1;
  return Object.freeze(new Post(reader, member.room, member.user, member, jsonText(text), undefined, ref));
}

const said = fc.record({
  /** 4: somebody in another process. */
  reader: fc.nat(4),
  room: fc.nat(1),
  text: fc.constantFrom('plain', 'é', '😀 and more', '\u2028'),
  /** How far back in the room's messages of this commit the first of a duplicate lies; 0 for a message of its own. */
  back: fc.constantFrom(0, 0, 0, 1, 3),
});

t.test('every session reads all ids of a room in order, its own as replies in their places', async (t) => {
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 30 }), (sayings) => {
      const rooms = [newRoom('lobby', 1), newRoom('salon', 2)];
      const stored = rooms.map((room) => new Stored(room));
      const readers = [0, 1, 2, 3].map(() => new Reader());
      // Reader 3 is in the first room only, and all are of two users.
      const members = rooms.map((room, place) =>
        readers.map((reader, index) => {
          const member = new Member(room, user(index % 2), reader);
          if (place === 0 || index < 3) room.members.add(member);
          return member;
        }),
      );
      const replies = readers.map((): number[] => []);
      const [mine, outcomes, ids]: [Post[], Outcome[], number[]] = [[], [], []];
      for (const { reader, room, text, back } of sayings) {
        const place = reader === 3 ? 0 : room;
        const here = stored[place];
        const [speaker, member] = [readers[reader], members[place]?.[reader]];
        if (here === undefined) throw new Error('there is no such room');
        if (speaker === undefined || member === undefined) {
          here.add(user(9), text);
          continue;
        }
        mine.push(frozenPost(speaker, member, text));
        const isDuplicate = back > 0 && here.newest >= back;
        const id = isDuplicate ? here.newest - back + 1 : here.add(member.user, text);
        outcomes.push(isDuplicate ? 'duplicate' : 'stored');
        ids.push(id);
        replies[reader]?.push(id);
      }
      const messages = stored.flatMap((each) => each.messages);
      delivery(...rooms).delivery.committed({ stored: messages, mine, outcomes, ids });

      for (const [index, reader] of readers.entries()) {
        const lines = reader.lines();
        const own = lines.filter(({ code }) => code === 1);
        if (own.length !== replies[index]?.length || own.length !== reader.settledPosts)
          throw new Error('a reply too many or too few');
        if (own.some(({ body }, at) => body['id'] !== replies[index]?.[at]))
          throw new Error('the replies are not in the order of the requests');
        for (const [place, room] of rooms.entries()) {
          if (place === 1 && index === 3) continue;
          const ofRoom = lines.filter(({ body }) => body['room'] === room.name);
          const fresh = ofRoom.filter(({ body }) => body['duplicate'] !== true).map(({ body }) => body['id']);
          const whole = Array.from({ length: stored[place]?.newest ?? 0 }, (_, at) => at + 1);
          if (fresh.join() !== whole.join())
            throw new Error(`reader ${index} reads ${fresh.join()} of ${whole.join()}`);
          let seen = 0;
          for (const { body } of ofRoom) {
            const id = Number(body['id']);
            if (body['duplicate'] === true && id > seen)
              throw new Error(`the duplicate of ${id} stands before ${seen + 1}`);
            seen = Math.max(seen, id);
          }
          for (const { code, body } of ofRoom) {
            if (code !== 100) continue;
            const id = Number(body['id']);
            const text = JSON.parse(`"${stored[place]?.texts[id - 1]}"`) as unknown;
            const name = stored[place]?.authors[id - 1]?.name;
            if (body['message'] !== text || body['username'] !== name || body['prev'] !== id - 1)
              throw new Error(`${JSON.stringify(body)} is not ${name}: ${String(text)}`);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
  t.pass('for 500 commits');
});

t.test('who did not speak gets one and the same Buffer of a commit', async (t) => {
  const room = newRoom('lobby');
  const got: (Buffer | string)[] = [];
  const silent = [user(1), user(2)].map(
    (each) => new Member(room, each, { event: (line) => void got.push(line), reply: () => undefined }),
  );
  const speaker = new Reader();
  const speaking = new Member(room, user(3), speaker);
  for (const member of [...silent, speaking]) room.members.add(member);
  const stored = new Stored(room);
  const mine = [1, 2].map((ref) => frozenPost(speaker, speaking, 'hi', ref));
  const ids = mine.map(() => stored.add(speaking.user, 'hi'));
  const { delivery: one, counters } = delivery(room);
  one.committed({ stored: stored.messages, mine, outcomes: ['stored', 'stored'], ids });
  t.equal(got.length, 2);
  t.equal(got[0], got[1]);
  t.same(
    speaker.lines().map(({ code, body }) => [code, body['ref']]),
    [
      [1, 1],
      [1, 2],
    ],
  );
  t.same([counters.messages, counters.lines], [2, 4]);
  t.same([...counters.replies], [['chatroom_message 1', 2]]);
});

t.test('messages of another process are shown as own ones are', async (t) => {
  const room = newRoom('lobby');
  const reader = new Reader();
  room.members.add(new Member(room, user(1), reader));
  const stored = new Stored(room, 7);
  for (const text of ['one', 'two']) stored.add(user(9), text);
  const { delivery: one, counters } = delivery(room);
  one.committed({ stored: stored.messages, mine: [], outcomes: [], ids: [] });
  t.same(
    reader.lines().map(({ code, body }) => [code, body['id'], body['username'], body['message']]),
    [
      [100, 7, 'u9', 'one'],
      [100, 8, 'u9', 'two'],
    ],
  );
  t.same([counters.messages, counters.lines, counters.replies.size], [0, 2, 0]);
});

t.test('a conflict is answered 18, and a batch that was not stored 2, each in its place', async (t) => {
  const reader = new Reader();
  const room = newRoom('lobby');
  const member = new Member(room, user(1), reader);
  room.members.add(member);
  const stored = new Stored(room);
  const mine = [1, 2, 3, 4].map((ref) => frozenPost(reader, member, 'hi', ref));
  const ids = [stored.add(member.user, 'hi'), 1, stored.add(member.user, 'hi'), 0];
  const { delivery: one, counters } = delivery(room);
  one.committed({ stored: stored.messages, mine, outcomes: ['stored', 'conflict', 'stored', 'failed'], ids });
  one.failed([5, 6].map((ref) => frozenPost(reader, member, 'hi', ref)));
  t.same(
    reader.lines().map(({ code, body }) => [code, body['ref']]),
    [
      [1, 1],
      [18, 2],
      [1, 3],
      [2, 4],
      [2, 5],
      [2, 6],
    ],
  );
  t.same([reader.settledPosts, member.pending], [6, 0]);
  t.same(Object.fromEntries(counters.replies), {
    'chatroom_message 1': 2,
    'chatroom_message 18': 1,
    'chatroom_message 2': 3,
  });
});

t.test('one who speaks without hearing the conversation is answered, and gets none of its lines', async (t) => {
  const room = newRoom('lobby');
  const [speaker, listener] = [new Reader(), new Reader()];
  room.members.add(new Member(room, user(1), listener));
  const stored = new Stored(room);
  const posts = [1, 2].map((ref) => Object.freeze(new Post(speaker, room, user(2), undefined, 'hi', undefined, ref)));
  const ids = posts.map(() => stored.add(user(2), 'hi'));
  const { delivery: one } = delivery(room);
  one.committed({ stored: stored.messages, mine: posts, outcomes: ['stored', 'stored'], ids });
  one.failed(posts);
  const codes = ({ text }: Reader): readonly string[] => text.split('\n').map((line) => line.split('\t')[0] ?? '');
  t.same(codes(speaker), ['1', '1', '2', '2', '']);
  t.same(codes(listener), ['100', '100', '']);
  t.equal(speaker.settledPosts, 4);
});

t.test('of outcomes that there were none of nothing is counted', async (t) => {
  const room = newRoom('lobby');
  const reader = new Reader();
  const member = new Member(room, user(1), reader);
  room.members.add(member);
  for (const [outcome, code] of [
    ['conflict', 18],
    ['failed', 2],
    ['duplicate', 1],
  ] as const) {
    const { delivery: one, counters } = delivery(room);
    one.committed({ stored: [], mine: [frozenPost(reader, member)], outcomes: [outcome], ids: [7] });
    t.same(Object.fromEntries(counters.replies), { [`chatroom_message ${code}`]: 1 });
    t.same([counters.messages, counters.lines], [0, 0]);
  }
  t.same(
    reader.lines().map(({ code, body }) => [code, body['id'], body['duplicate']]),
    [
      [18, undefined, undefined],
      [2, undefined, undefined],
      [1, 7, true],
    ],
  );
});

t.test('each outcome of a message that is not stored is refused in words, a private one in its own', async (t) => {
  const [reader, room] = [new Reader(), newRoom('lobby')];
  const { delivery: one, counters } = delivery(room);
  const outcomes = ['failed', 'conflict', 'missing', 'refused', 'spent', 'long'] as const;
  for (const place of [room, { log: room.log }]) {
    const mine = outcomes.map(() => new Post(reader, place, user(1), undefined, 'hi', undefined, undefined));
    one.committed({ stored: [], mine, outcomes, ids: outcomes.map(() => 0) });
  }
  const words = (missing: string): readonly unknown[] => [
    [2, 'the message could not be stored'],
    [18, 'this key was used for another message'],
    [11, `re names no message of this ${missing}`],
    [12, 'an edit is of a message of your own that is no edit itself and was not deleted'],
    [12, 'a message can be edited 100 times: send a new one'],
    [7, 'message must be 1 to 32 characters: it edits a reaction', 'message'],
  ];
  t.same(
    reader
      .lines()
      .map(({ code, body }) => [code, body['error'], ...(body['field'] === undefined ? [] : [body['field']])]),
    [...words('room'), ...words('conversation')],
  );
  t.equal(counters.messages, 0);
});
