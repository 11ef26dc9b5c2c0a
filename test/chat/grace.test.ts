// Who is told who comes and goes (PROTOCOL.md §4.2): in crowds by counts, and nothing of those who are back within the
// grace, before and after a restart.
import { firstEdition } from '../../src/chat/speaks.js';
import { setImmediate as turn } from 'node:timers/promises';
import t from 'tap';
import { Evictions } from '../../src/chat/eviction.js';
import { Grace, type Absent } from '../../src/chat/grace.js';
import { Presence, type ChatUser } from '../../src/chat/presence.js';
import { Member, type LeaveReason } from '../../src/chat/member.js';
import type { Room } from '../../src/chat/room.js';
import { Rooms } from '../../src/chat/rooms.js';
import { TurnEnd } from '../../src/loop/turn-end.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { verbatim } from '../../src/wire/words.js';
import { parseLine } from '../support/client.js';
import { Random } from '../fuzz/random.js';
import { ManualClock } from './manual-delay.js';

const grace = 10_000;
const user = (at: number): ChatUser => ({ id: at + 1, name: `u${at}`, key: `u${at}` });

/** A member that keeps in mind who is in the room, by the reply to its join and the events. */
class Watcher {
  readonly member: Member;
  readonly here = new Set<string>();
  readonly heard: string[] = [];
  /** How many are in the room, as it knows. */
  count = 0;
  /** Set once it was told counts: then it does not know who is there. */
  isCounting = false;
  readonly problems: string[] = [];

  constructor(room: Room, who: ChatUser, edition: 1 | 2, wasIn = false) {
    const event = (lines: Buffer | string): void => {
      for (const line of String(lines).trimEnd().split('\n')) this.#hear(line);
    };
    this.member = new Member(room, who, { event, reply: event }, new Map(), { ...firstEdition, edition });
    this.member.wasIn = wasIn;
  }

  /** Enters, and reads the reply. */
  enter(): this {
    const { room } = this.member;
    const { names, count } = room.enterTogether([this.member]);
    for (const name of names) this.here.add(name);
    this.count = count;
    this.member.releaseEvents();
    return this;
  }

  #hear(line: string): void {
    const { code, body } = parseLine(line);
    const { username: name = '' } = body as { readonly username?: string };
    this.heard.push(code === 107 ? line.slice(4) : `${code} ${name}`);
    if (code === 107) [this.count, this.isCounting] = [Number(body['count']), true];
    if (code === 101) this.count += 1;
    if (code === 102) this.count -= 1;
    if (this.isCounting) return;
    if (this.here.has(name) === (code === 101)) this.problems.push(`${code} ${name}`);
    if (code === 101) this.here.add(name);
    else if (code === 102) this.here.delete(name);
  }
}

interface Stage {
  readonly clock: ManualClock;
  readonly rooms: Rooms;
  readonly room: Room;
  readonly evictions: Evictions;
}

/** A daemon's rooms after a start, with one room in use. */
async function start(presenceLimit = Infinity, graceMilliseconds = grace): Promise<Stage> {
  const clock = new ManualClock();
  const presence = new Presence();
  const rooms = new Rooms(new MemoryStore(), presence, new TurnEnd(), {
    presenceLimit: () => presenceLimit,
    graceMilliseconds,
    makeDelay: clock.makeDelay,
  });
  const room = await rooms.open({ name: 'lobby', key: 'lobby', skeletons: ['lobby', 'lobby'] }, 1);
  if (typeof room === 'string') throw new Error(room);
  return { clock, rooms, room, evictions: new Evictions(presence, rooms) };
}

async function turns(): Promise<void> {
  for (let count = 0; count < 4; count += 1) await turn();
}

const eviction = { by: 'alice', reason: verbatim('enough'), because: 'kicked' } as const;

t.test('who is back within the grace has never left, and who is not has left when it is over', async (t) => {
  const { clock, rooms, room } = await start();
  clock.pass(grace);
  const [alice, bob, carol] = [0, 1, 2].map((at) => new Watcher(room, user(at), 1).enter());
  if (alice === undefined || bob === undefined || carol === undefined) throw new Error('there are three');
  await turns();
  alice.heard.length = 0;
  rooms.exits.leave(bob.member, 'disconnected');
  rooms.exits.leave(carol.member, 'timeout');
  await turns();
  t.same([room.count, [...room.names()]], [3, ['u0', 'u1', 'u2']], 'they keep their places');
  t.equal(clock.running, 2, 'nobody has a timer');
  clock.pass(grace - 1);
  new Watcher(room, user(1), 1).enter();
  clock.pass(1);
  await turns();
  t.same(alice.heard, ['102 u2']);
  t.same([room.count, clock.running, alice.problems], [2, 0, []]);
});

t.test('leaving, a goodbye, and the end by an operator or a moderator are told at once', async (t) => {
  const { clock, rooms, room, evictions } = await start();
  clock.pass(grace);
  const alice = new Watcher(room, user(0), 1).enter();
  const reasons: readonly LeaveReason[] = ['left', 'kicked', 'banned', 'server'];
  for (const [at, reason] of reasons.entries()) {
    const each = new Watcher(room, user(at + 1), 1).enter();
    rooms.exits.leave(each.member, reason);
  }
  await rooms.exits.leaveAll([new Watcher(room, user(5), 1).enter().member], 'disconnected', true);
  await turns();
  t.same(
    alice.heard,
    [1, 2, 3, 4, 5].flatMap((at) => [`101 u${at}`, `102 u${at}`]),
  );
  alice.heard.length = 0;
  // Those who are absent can be put out too.
  for (const at of [1, 2, 3]) rooms.exits.leave(new Watcher(room, user(at), 1).enter().member, 'disconnected');
  await turns();
  t.equal(await evictions.room(room, (member) => member.user.key === 'u1', eviction), 0, 'no session of it is there');
  t.same(await evictions.user('u2', eviction), { sessions: 0, places: 1, isAny: true }, 'its place is');
  t.same(await evictions.user('u2', eviction), { sessions: 0, places: 0, isAny: false });
  await turns();
  t.same(alice.heard, ['101 u1', '101 u2', '101 u3', '102 u1', '102 u2']);
  clock.pass(grace);
  await turns();
  t.same([alice.heard.at(-1), alice.problems, clock.running], ['102 u3', [], 0]);
});

t.test('a room is kept for those who may come back to it, and no longer', async (t) => {
  const { clock, rooms, room } = await start();
  const all = [0, 1, 2].map((at) => new Watcher(room, user(at), 1).enter());
  rooms.release(room);
  for (const { member } of all) rooms.exits.leave(member, 'disconnected');
  t.equal(rooms.get('lobby'), room);
  const back = new Watcher(room, user(1), 1).enter();
  t.same([...back.here], ['u0', 'u1', 'u2']);
  rooms.exits.leave(back.member, 'left');
  clock.pass(grace);
  await turns();
  t.equal(rooms.size, 0);
});

t.test('after a start members come back quietly, until they speak or the grace is over', async (t) => {
  const { clock, room } = await start();
  const alice = new Watcher(room, user(0), 1, true).enter();
  for (const at of [1, 2, 3]) new Watcher(room, user(at), 1, true).enter();
  new Watcher(room, user(4), 1).enter();
  await turns();
  t.same(alice.heard, ['101 u4'], 'one who was no member is announced');
  room.tellNews([user(2)]);
  t.same(alice.heard, ['101 u4', '101 u2'], 'before its message');
  const late = new Watcher(room, user(5), 1, true).enter();
  room.tellNewsTo(alice.member);
  t.same(alice.heard.slice(2), ['101 u1', '101 u3', '101 u5'], 'before a list');
  clock.pass(grace);
  await turns();
  t.same([alice.heard.length, late.heard], [5, []], 'nothing twice, and nothing that was in the reply');
});

t.test('in a crowd those of edition 2 are told counts once a second, and those of edition 1 every name', async (t) => {
  const { clock, rooms, room } = await start(3, 0);
  const [old, fresh] = [new Watcher(room, user(0), 1).enter(), new Watcher(room, user(1), 2).enter()];
  const others = [2, 3, 4].map((at) => new Watcher(room, user(at), 2).enter());
  await turns();
  t.same(old.heard, ['101 u1', '101 u2', '101 u3', '101 u4']);
  t.same(fresh.heard, ['{"room":"lobby","joined":5,"left":0,"count":5}']);
  for (const { member } of others) rooms.exits.leave(member, 'left');
  await turns();
  t.equal(fresh.heard.length, 1, 'within the second nothing more is told');
  clock.pass(1000);
  await turns();
  t.same(fresh.heard.slice(1), ['{"room":"lobby","joined":0,"left":3,"count":2}']);
  t.equal(old.heard.length, 7);
  new Watcher(room, user(2), 2).enter();
  await turns();
  t.same(fresh.heard.slice(2), ['101 u2'], 'names again, after a line that says so');
});

t.test('a crowd that reconnects costs lines in proportion to its members', async (t) => {
  const heardBy = async (size: number): Promise<number> => {
    const { clock, rooms, room } = await start(10, 0);
    let all = Array.from({ length: size }, (_, at) => new Watcher(room, user(at), 2).enter());
    await turns();
    clock.pass(1000);
    await turns();
    for (const each of all) each.heard.length = 0;
    for (const { member } of all) rooms.exits.leave(member, 'left');
    all = all.map(({ member }) => new Watcher(room, member.user, 2).enter());
    await turns();
    for (let seconds = 0; seconds < 3; seconds += 1) {
      clock.pass(1000);
      await turns();
    }
    t.ok(all.every(({ count }) => count === size));
    return all.reduce((sum, { heard }) => sum + heard.length, 0);
  };
  t.ok((await heardBy(50)) <= 100);
  t.ok((await heardBy(200)) <= 400);
});

/** One run of random steps. Answers what went wrong. */
async function play(seed: number): Promise<readonly string[]> {
  const random = new Random(seed);
  const limit = random.once(2) ? Infinity : 3;
  let stage = await start(limit);
  /** Who is a member by `list_my_rooms`. */
  const members = new Set<string>();
  let watchers: Watcher[] = [];
  const problems: string[] = [];
  const leave = (watcher: Watcher, reason: LeaveReason): void => {
    watchers = watchers.filter((each) => each !== watcher);
    stage.rooms.exits.leave(watcher.member, reason);
  };
  for (let step = 0; step < 60; step += 1) {
    const { room, clock, evictions } = stage;
    const at = random.below(6);
    const who = user(at);
    const watcher = watchers[random.below(Math.max(1, watchers.length))];
    const action = random.below(12);
    if (action < 4) {
      watchers.push(new Watcher(room, who, random.once(2) ? 1 : 2, members.has(who.key)).enter());
      members.add(who.key);
    } else if (action < 7 && watcher !== undefined) leave(watcher, random.once(2) ? 'disconnected' : 'timeout');
    else if (action === 7 && watcher !== undefined) {
      leave(watcher, 'left');
      members.delete(watcher.member.user.key);
    } else if (action === 8) {
      members.delete(who.key);
      watchers = watchers.filter(({ member }) => member.user.key !== who.key);
      await (random.once(2) ? evictions.user(who.key, eviction) : undefined);
      await evictions.room(room, (member) => member.user.key === who.key, eviction);
    } else if (action === 9) clock.pass(random.pick([1, 1000, grace / 2, grace]));
    else if (action === 10 && watcher !== undefined) {
      room.tellNewsTo(watcher.member);
      if (!watcher.isCounting && (limit === Infinity || watcher.member.speaks.edition === 1)) {
        const [view, list] = [[...watcher.here].sort(), room.usersAfter('', 99).map(({ name }) => name)];
        if (view.join() !== list.join()) problems.push(`list ${view.join()} and ${list.join()}`);
      }
    } else if (action === 11 && random.once(4)) {
      stage = await start(limit);
      watchers = [];
    } else if (watcher !== undefined) {
      // It speaks: everybody must know that it is there.
      const { name } = watcher.member.user;
      room.tellNews([watcher.member.user]);
      for (const each of watchers)
        if (!each.isCounting && each.member.speaks.edition === 1 && !each.here.has(name))
          problems.push(`${name} spoke`);
    }
    if (random.once(3)) await turns();
  }
  // Two graces, so that whoever became absent at the end of the first one is gone too, and the counts of a crowd.
  for (let count = 0; count < 4; count += 1) {
    stage.clock.pass(grace);
    await turns();
  }
  const here = [...new Set(watchers.map(({ member }) => member.user.name))].sort();
  for (const each of watchers) {
    problems.push(...each.problems);
    if (!each.isCounting && [...each.here].sort().join() !== here.join())
      problems.push(`${[...each.here].join()} is not ${here.join()}`);
    if (each.count !== here.length) problems.push(`counts ${each.count}, not ${here.length}`);
  }
  if (stage.room.count !== here.length || stage.clock.running !== 0) problems.push('somebody is left');
  return problems;
}

t.test('whatever comes and goes, everybody knows who is there', async (t) => {
  const failed: (readonly [number, readonly string[]])[] = [];
  for (let seed = 0; seed < 60; seed += 1) {
    const problems = await play(seed);
    if (problems.length > 0) failed.push([seed, problems]);
  }
  t.same(failed.slice(0, 3), []);
});

t.test('twenty thousand are absent at most, each until its end', async (t) => {
  const clock = new ManualClock();
  const over: string[] = [];
  const settled: (readonly string[])[] = [];
  const ends = {
    over: ({ user: { key } }: Absent) => void over.push(key),
    settled: (all: readonly string[]) => void settled.push(all),
  };
  const some = new Grace<Absent, string>(grace, ends, clock.makeDelay);
  const absent = (key: string): Absent => ({ user: { key } });
  const all = Array.from({ length: 19_999 }, (_, at) => absent(`u${at}`));
  t.ok(all.every((each) => some.begin(each)));
  const [last, second] = [absent('u0'), absent('late')];
  t.same([some.begin(last), some.begin(second)], [true, false]);
  t.same([some.absentAs('u0'), some.absentAs('late')], [[all[0], last], []]);
  some.end(last);
  t.same([some.begin(second), some.begin(last)], [true, false], 'one place was given back');
  t.same(some.absentAs('u0'), [all[0]]);
  t.equal(some.isStarting, true);
  for (const room of ['lobby', 'salon', 'lobby']) some.settleLater(room);
  clock.pass(grace - 1);
  t.same([over, settled, some.isStarting], [[], [], true]);
  clock.pass(1);
  t.same([over.length, settled, some.isStarting], [20_000, [['lobby', 'salon']], false]);
  some.settleLater('lobby');
  clock.pass(grace);
  t.equal(settled.length, 1);

  const none = new Grace<Absent, string>(0, ends, clock.makeDelay);
  t.same([none.begin(last), none.isStarting, none.absentAs('u0')], [false, false, []]);
});

t.test('whoever is put out has no grace, but for the reasons of broken connections', async (t) => {
  const { rooms, room } = await start();
  const reasons: readonly LeaveReason[] = ['disconnected', 'timeout', 'left', 'kicked', 'banned', 'server'];
  const final = reasons.map((reason, at) => {
    const { member } = new Watcher(room, user(at), 1).enter();
    t.equal(rooms.exits.putOut(member, reason), true);
    t.equal(rooms.exits.putOut(member, reason), false, 'once');
    return member.isFinal;
  });
  t.same(final, [false, false, true, true, true, true]);
  await turns();
  t.same(
    room.absent().map(({ user: { name } }) => name),
    ['u0', 'u1'],
  );
});
