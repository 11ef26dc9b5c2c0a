// Many who come and go (src/chat/announcer.ts, departures.ts, eviction.ts): in which turns, in which order, and who is
// told.
import { setImmediate as nextTurn } from 'node:timers/promises';
import t from 'tap';
import { Announcer } from '../../src/chat/announcer.js';
import { Departures } from '../../src/chat/departures.js';
import { Evictions } from '../../src/chat/eviction.js';
import { Presence, type ChatUser } from '../../src/chat/presence.js';
import { Member } from '../../src/chat/member.js';
import { Room } from '../../src/chat/room.js';
import { Rooms } from '../../src/chat/rooms.js';
import { deleteMessage } from '../../src/commands/delete_message.js';
import { TurnEnd } from '../../src/loop/turn-end.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { verbatim } from '../../src/wire/words.js';
import { TurnClock } from '../support/turn-clock.js';
import { newRoom } from '../support/room.js';
import { ManualClock } from './manual-delay.js';

const user = (id: number): ChatUser => ({ id, name: `u${id}`, key: `u${id}` });

/** A member, and the lines that it got: the code and the user of each. Each call of `event` counts. */
class Listener {
  readonly heard: string[] = [];
  calls = 0;
  readonly member: Member;

  constructor(room: Room, id: number) {
    const event = (lines: Buffer | string): void => {
      this.calls += 1;
      for (const line of String(lines).trimEnd().split('\n')) {
        const { username = '' } = JSON.parse(line.slice(4)) as { readonly username?: string };
        this.heard.push(`${line.slice(0, 3)} ${username}`.trim());
      }
    };
    this.member = new Member(room, user(id), { event, reply: event });
  }
}

async function opened(presence = new Presence()): Promise<{ rooms: Rooms; room: Room; evictions: Evictions }> {
  const rooms = new Rooms(new MemoryStore(), presence);
  const room = await rooms.open({ name: 'lobby', key: 'lobby', skeletons: ['lobby', 'lobby'] }, 1);
  if (typeof room === 'string') throw new Error(room);
  return { rooms, room, evictions: new Evictions(presence, rooms) };
}

const eviction = { by: 'the operator', reason: verbatim('closed'), because: 'kicked' } as const;

t.test('two hundred who come in one turn are told in one go, and nobody is told of those before it', async (t) => {
  const { room } = await opened();
  const first = new Listener(room, 0);
  room.enter(first.member);
  await nextTurn();
  const others = Array.from({ length: 200 }, (_, at) => new Listener(room, at + 1));
  for (const { member } of others) room.enter(member);
  t.equal(first.calls, 0);
  await nextTurn();
  t.equal(first.calls, 1);
  t.same(
    first.heard,
    others.map((_, at) => `101 u${at + 1}`),
  );
  for (const [at, { heard, calls }] of others.entries()) {
    if (heard.length !== 199 - at || calls > 1) t.fail(`${at} heard ${heard.length} lines in ${calls} calls`);
  }
});

t.test('what one user does in a turn is told in its order, all of it', async (t) => {
  const { room, rooms } = await opened();
  const first = new Listener(room, 0);
  room.enter(first.member);
  for (let times = 0; times < 3; times += 1) {
    const { member } = new Listener(room, 7);
    room.enter(member);
    rooms.exits.leave(member, 'left');
  }
  await nextTurn();
  t.same([first.heard, first.calls], [['101 u7', '102 u7', '101 u7', '102 u7', '101 u7', '102 u7'], 1]);
});

t.test('who asks for the users of the room is told first who came, and not again', async (t) => {
  const room = newRoom('lobby');
  const [first, second] = [new Listener(room, 0), new Listener(room, 1)];
  room.enter(first.member);
  room.enter(second.member);
  room.tellNewsTo(first.member);
  t.same(first.heard, ['101 u1']);
  room.enter(new Listener(room, 2).member);
  room.tellNews();
  t.same([first.heard, second.heard], [['101 u1', '101 u2'], ['101 u2']]);
});

t.test('three hundred who are put out of a room read one line each', async (t) => {
  const { room, evictions } = await opened();
  const all = Array.from({ length: 300 }, (_, at) => new Listener(room, at));
  for (const { member } of all) room.enter(member);
  await nextTurn();
  for (const { heard } of all) heard.length = 0;
  // Some have messages on their way, which are answered one after the other.
  const busy = all.filter((_, at) => at % 10 === 0);
  for (const { member } of busy) member.pending = 1;
  t.equal(await evictions.room(room, () => true, eviction), 300);
  for (const { member } of busy) {
    await nextTurn();
    member.pending = 0;
    member.settled();
  }
  await nextTurn();
  t.same(
    all.map(({ heard }) => heard),
    all.map(() => ['106']),
  );
  t.equal(room.count, 0);
});

t.test('who is on its way out sees users come, and those who left and came back as if they had stayed', async (t) => {
  const { room, rooms, evictions } = await opened();
  const [leaving, other] = [new Listener(room, 0), new Listener(room, 1)];
  for (const { member } of [leaving, other]) room.enter(member);
  room.tellNews();
  leaving.heard.length = 0;
  leaving.member.pending = 1;
  await evictions.room(room, ({ user: { id } }) => id === 0, eviction);
  rooms.exits.leave(other.member, 'left');
  room.tellNews();
  room.enter(new Listener(room, 1).member);
  room.enter(new Listener(room, 2).member);
  room.tellNews();
  t.same(leaving.heard, ['101 u2']);
});

t.test('members depart in parts, in their order, and who waits for them is told when they have', async (t) => {
  const clock = new TurnClock();
  const departed: number[] = [];
  const departures = new Departures<number>(new TurnEnd(clock), (each) => {
    departed.push(each);
    clock.pass(0.01);
  });
  for (let each = 0; each < 2000; each += 1) departures.add(each);
  t.equal(departed.length, 64, 'the part of this turn');
  let isDone = false;
  void departures.done()?.then(() => (isDone = true));
  const counts: number[] = [];
  while (departed.length < 2000) {
    t.equal(isDone, false);
    await clock.endTurn();
    counts.push(departed.length);
  }
  await Promise.resolve();
  t.equal(isDone, true);
  t.equal(counts.length, 4, 'turns of 500');
  t.same(
    departed,
    Array.from({ length: 2000 }, (_, each) => each),
  );
  await clock.endTurn();
  departures.add(2000);
  t.same([departed.length, departures.done()], [2001, undefined], 'at once where nobody waits');
});

t.test('nobody departs while departures are held', async (t) => {
  const clock = new TurnClock();
  const departed: number[] = [];
  const departures = new Departures<number>(new TurnEnd(clock), (each) => departed.push(each));
  const [release, other] = [departures.hold(), departures.hold()];
  departures.add(1);
  release();
  await clock.endTurn();
  t.same(departed, []);
  other();
  await clock.endTurn();
  t.same(departed, [1]);
});

t.test('thousands of connections are ended in parts, and leave their rooms when all are ended', async (t) => {
  const presence = new Presence();
  const { rooms, room, evictions } = await opened(presence);
  const witness = new Listener(room, 9999);
  room.enter(witness.member);
  let ended = 0;
  const all = Array.from({ length: 1000 }, (_, at) => new Listener(room, at));
  for (const { member } of all) {
    room.enter(member);
    presence.arrived({
      address: '192.0.2.7',
      evict: () => {
        ended += 1;
        queueMicrotask(() => void rooms.exits.leaveAll([member], 'banned'));
        return true;
      },
    });
  }
  room.tellNews();
  for (const { heard } of [witness, ...all]) heard.length = 0;
  // Its posts are answered late, so that it could still be told of others.
  for (const { member } of all.slice(-10)) member.pending = 1;
  const evicted = evictions.addresses(() => true, { reason: verbatim('banned'), because: 'banned' });
  const atOnce = ended;
  while (ended < 1000) {
    t.same(witness.heard, [], 'nobody has left yet');
    await nextTurn();
  }
  t.equal(await evicted, 1000);
  t.equal(atOnce, 32);
  while (room.members.size > 11) await nextTurn();
  await nextTurn();
  for (const { member } of all.slice(-10)) {
    member.pending = 0;
    member.settled();
  }
  await nextTurn();
  t.equal(witness.heard.length, 1000);
  t.ok(witness.calls < 100, `${witness.calls} times`);
  t.same(
    all.flatMap(({ heard }) => heard),
    [],
    'none of them is told of another',
  );
});

t.test('rooms are told by turns with others, each as a whole, and each once', async (t) => {
  const clock = new TurnClock();
  const told: number[] = [];
  const announcer = new Announcer(new TurnEnd(clock));
  const all = Array.from({ length: 10 }, (_, at) => ({
    members: { size: 10 },
    tellNews: () => {
      told.push(at);
      clock.pass(1);
    },
  }));
  for (const room of [...all, ...all]) announcer.schedule(room);
  t.same(told, []);
  await clock.endTurn();
  t.same(told, [0, 1, 2, 3, 4]);
  for (const room of all.slice(0, 1)) announcer.schedule(room);
  await clock.endTurn();
  await clock.endTurn();
  t.same(told, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0]);
});

t.test('a room with many members is told at once, and then once a second while there is more', async (t) => {
  const clock = new TurnClock();
  const delay = new ManualClock();
  const told: string[] = [];
  const announcer = new Announcer(new TurnEnd(clock), undefined, delay.makeDelay);
  const room = (name: string, size: number) => ({ members: { size }, tellNews: () => void told.push(name) });
  const [large, small] = [room('large', 501), room('small', 500)];
  const turn = async (): Promise<void> => {
    for (const each of [large, small]) announcer.schedule(each);
    await clock.endTurn();
  };
  await turn();
  await turn();
  t.same(told, ['large', 'small', 'small']);
  delay.pass(999);
  await clock.endTurn();
  t.equal(told.length, 3);
  for (let second = 1; second <= 3; second += 1) {
    delay.pass(1000);
    await clock.endTurn();
  }
  t.same(told.slice(3), ['large'], 'nothing came after it');
});

t.test('those who join together read the same list, and are told only of those who come later', async (t) => {
  const clock = new TurnClock();
  const rooms = new Rooms(new MemoryStore(), new Presence(), new TurnEnd(clock));
  const room = await rooms.open({ name: 'lobby', key: 'lobby', skeletons: ['lobby', 'lobby'] }, 1);
  if (typeof room === 'string') throw new Error(room);
  const all = Array.from({ length: 100 }, (_, at) => new Listener(room, at));
  const views = Promise.all(all.map(({ member }, at) => rooms.enter(member, () => at !== 50)));
  t.equal(room.count, 0);
  await clock.endTurn();
  const seen = await views;
  t.equal(seen[50], undefined, 'it did not want to any more');
  t.same(
    [0, 31, 32, 63, 64, 95, 96, 99].map((at) => seen[at]?.count),
    [32, 32, 63, 63, 95, 95, 99, 99],
    'thirty-two at a time',
  );
  t.equal(seen[0]?.names, seen[31]?.names, 'one list for all of them');
  t.same([...(seen[99]?.names ?? [])].length, 99);
  while (await clock.endTurn()) t.pass();
  for (const { member } of all) member.releaseEvents();
  t.same(
    all[0]?.heard,
    all.flatMap((_, at) => (at < 32 || at === 50 ? [] : [`101 u${at}`])),
  );
  t.same(all[99]?.heard, []);
});

t.test('whoever is put out while its deletion is stored reads the reply before 106', async (t) => {
  const { room, evictions } = await opened();
  const one = new Listener(room, 1);
  room.enter(one.member);
  await nextTurn();
  let stored: (outcome: 'deleted') => void = () => undefined;
  const storing = new Promise<'deleted'>((resolve) => (stored = resolve));
  type Given = Parameters<typeof deleteMessage>;
  const session = { gone: false } as unknown as Given[0];
  const request = { parameters: { room: 'lobby', id: 0 } } as unknown as Given[1];
  const services = { store: { log: { deleteMessage: () => storing } } } as unknown as Given[2];
  const answer = Promise.resolve(deleteMessage(session, request, services, one.member, undefined));
  void answer.then(() => one.heard.push('the reply'));
  const evicted = evictions.room(room, (member) => member === one.member, eviction);
  await nextTurn();
  t.notMatch(one.heard.join(), '106');
  stored('deleted');
  await evicted;
  await nextTurn();
  t.same(one.heard.slice(-2), ['the reply', '106']);
});
