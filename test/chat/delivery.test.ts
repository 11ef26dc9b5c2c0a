// A batch and what each session reads of it, line by line: the order of PROTOCOL.md §4.3 for any mix of speakers, rooms and
// duplicates, held to the rule itself rather than to the way it is kept.
import fc from 'fast-check';
import t from 'tap';
import { deliver, refuse } from '../../src/chat/delivery.js';
import { Post } from '../../src/chat/post.js';
import { Member, Room, type ChatUser } from '../../src/chat/room.js';
import { parseLine, type Line } from '../support/client.js';

/** A session that writes down what it is sent. */
class Reader {
  text = '';
  settledPosts = 0;
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

function newRoom(name: string): Room {
  return new Room({ id: 1, name, key: name, topic: '', owners: new Set(), state: 'open', head: 0, assigned: 0 });
}

function user(id: number): ChatUser {
  return { id, name: `u${id}`, key: `u${id}`, json: `"u${id}"` };
}

function stored(post: Post, id: number): Post {
  return Object.assign(post, { outcome: 'stored', id, prev: id - 1 });
}

const said = fc.record({
  reader: fc.nat(3),
  room: fc.nat(1),
  text: fc.constantFrom('plain', 'é', '😀 and more', '\u2028'),
  /** How far back in the room's posts of this batch the first of a duplicate lies; 0 for a message of its own. */
  back: fc.constantFrom(0, 0, 0, 1, 3),
});

t.test('every session reads all ids of a room in order, its own as replies in their places', async (t) => {
  fc.assert(
    fc.property(fc.array(said, { minLength: 1, maxLength: 30 }), (sayings) => {
      const rooms = [newRoom('lobby'), newRoom('salon')];
      const readers = [0, 1, 2, 3].map(() => new Reader());
      // Reader 3 is in the first room only, and all are of two users.
      const members = rooms.map((room, place) =>
        readers.map((reader, index) => {
          const member = new Member(room, user(index % 2), reader);
          if (place === 0 || index < 3) room.members.add(member);
          return member;
        }),
      );
      const ids = [0, 0];
      const replies = readers.map((): number[] => []);
      const posts = sayings.map(({ reader, room, text, back }) => {
        const place = reader === 3 ? 0 : room;
        const member = members[place]?.[reader];
        const speaker = readers[reader];
        if (member === undefined || speaker === undefined) throw new Error('nobody speaks');
        const post = new Post(
          speaker,
          member,
          JSON.stringify(text).replaceAll('\u2028', '\\u2028'),
          undefined,
          undefined,
        );
        const newest = ids[place] ?? 0;
        if (back > 0 && newest >= back) {
          replies[reader]?.push(newest - back + 1);
          return Object.assign(post, { outcome: 'duplicate', id: newest - back + 1, prev: newest - back });
        }
        ids[place] = newest + 1;
        replies[reader]?.push(newest + 1);
        return stored(post, newest + 1);
      });
      deliver(posts, 0);

      for (const [index, reader] of readers.entries()) {
        const lines = reader.lines();
        const own = lines.filter(({ code }) => code === 1);
        if (own.length !== replies[index]?.length || own.length !== reader.settledPosts)
          throw new Error('a reply too many or too few');
        if (own.some(({ body }, at) => body['id'] !== replies[index]?.[at]))
          throw new Error('the replies are not in the order of the requests');
        for (const [place, room] of rooms.entries()) {
          if (place === 1 && index === 3) continue;
          const ofRoom = lines.filter(({ body }) => body['room'] === room.log.name);
          const fresh = ofRoom.filter(({ body }) => body['duplicate'] !== true).map(({ body }) => body['id']);
          const whole = Array.from({ length: ids[place] ?? 0 }, (_, at) => at + 1);
          if (fresh.join() !== whole.join())
            throw new Error(`reader ${index} reads ${fresh.join()} of ${whole.join()}`);
          let seen = 0;
          for (const { body } of ofRoom) {
            const id = Number(body['id']);
            if (body['duplicate'] === true && id > seen)
              throw new Error(`the duplicate of ${id} stands before ${seen + 1}`);
            seen = Math.max(seen, id);
          }
        }
      }
    }),
    { numRuns: 500 },
  );
  t.pass('for 500 batches');
});

t.test('who did not speak gets one and the same Buffer of a batch', async (t) => {
  const room = newRoom('lobby');
  const got: (Buffer | string)[] = [];
  const silent = [user(1), user(2)].map(
    (each) => new Member(room, each, { event: (line) => void got.push(line), reply: () => undefined }),
  );
  const speaker = new Reader();
  const speaking = new Member(room, user(3), speaker);
  for (const member of [...silent, speaking]) room.members.add(member);
  deliver(
    [1, 2].map((id) => stored(new Post(speaker, speaking, '"hi"', undefined, id), id)),
    0,
  );
  t.equal(got.length, 2);
  t.equal(got[0], got[1]);
  t.same(
    speaker.lines().map(({ code, body }) => [code, body['ref']]),
    [
      [1, 1],
      [1, 2],
    ],
  );
});

t.test('a conflict is answered 18, and a batch that was not stored 2, each in its place', async (t) => {
  const reader = new Reader();
  const member = new Member(newRoom('lobby'), user(1), reader);
  member.room.members.add(member);
  const post = (ref: number): Post => new Post(reader, member, '"hi"', 'k', ref);
  deliver([stored(post(1), 1), Object.assign(post(2), { outcome: 'conflict', id: 1, prev: 0 }), stored(post(3), 2)], 0);
  refuse([post(4), post(5)]);
  t.same(
    reader.lines().map(({ code, body }) => [code, body['ref']]),
    [
      [1, 1],
      [18, 2],
      [1, 3],
      [2, 4],
      [2, 5],
    ],
  );
  t.equal(reader.settledPosts, 5);
});
