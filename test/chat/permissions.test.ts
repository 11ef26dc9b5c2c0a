// Tests who may enter, speak, give roles, and be put out of a room (src/chat/permissions.ts, src/chat/slow-mode.ts),
// and that a room's flags and places follow its record.
import t from 'tap';
import {
  asksPassword,
  mayDelete,
  mostBans,
  mostRoles,
  operator,
  whyNotBan,
  whyNotEnter,
  whyNotGive,
  whyNotRemove,
  whyNotSpeak,
  type JudgedRoom,
} from '../../src/chat/permissions.js';
import { Member } from '../../src/chat/member.js';
import { SlowMode } from '../../src/chat/slow-mode.js';
import { changedRoom } from '../../src/store/changed-room.js';
import type { GivenRole, RoomChange } from '../../src/store/directory.js';
import { defaultSettings, type RoomSettings } from '../../src/store/room-settings.js';
import { newRoom } from '../support/room.js';

const [owner, moderator, member, muted, stranger] = [1, 2, 3, 4, 5];
const roles = new Map<number, GivenRole>([
  [owner, 'owner'],
  [moderator, 'moderator'],
  [muted, 'muted'],
]);

function room(settings: Partial<RoomSettings> = {}, more: Partial<JudgedRoom> = {}): JudgedRoom {
  return { state: 'open', roles, bans: new Map(), settings: { ...defaultSettings, ...settings }, ...more };
}

const all = [owner, moderator, member, muted];

t.test('who may speak', async (t) => {
  const may = (of: JudgedRoom): readonly number[] => all.filter((user) => whyNotSpeak(of, user) === undefined);
  t.same(may(room()), [owner, moderator, member]);
  t.same(may(room({ moderated: true })), [owner, moderator]);
  t.same(may(room({}, { state: 'deleted' })), []);
});

t.test('who may delete whose messages', async (t) => {
  const authors = (user: number): readonly number[] => all.filter((author) => mayDelete(room(), user, author));
  t.same(all.map(authors), [all, [moderator, member, muted], [member], [muted]]);
});

t.test('who may enter', async (t) => {
  const may = (of: JudgedRoom, isMember: boolean, hasPlace: boolean): readonly number[] =>
    [...all, stranger].filter((user) => whyNotEnter(of, user, { now: 1000, isMember, hasPlace }) === undefined);
  t.same(may(room(), false, true), [...all, stranger]);
  t.same(may(room({ membersOnly: true }), false, true), [owner, moderator]);
  t.same(may(room({ membersOnly: true }), true, true), [...all, stranger]);
  t.same(may(room(), true, false), [owner], 'a full room');
  for (const state of ['closed', 'deleted'] as const) t.same(may(room({}, { state }), true, true), [], state);
  const bans = new Map([
    [member, 1001],
    [muted, 1000],
    [stranger, Infinity],
  ]);
  t.same(may(room({}, { bans }), true, true), [owner, moderator, muted], 'until a ban ends');
});

t.test('a password is asked of who did not give the newest one, but for owners', async (t) => {
  const closed = room({ password: 'hash', passwordVersion: 2 });
  const asked = (given: number | undefined): readonly number[] =>
    all.filter((user) => asksPassword(closed, user, given));
  t.same(asked(undefined), [moderator, member, muted]);
  t.same(asked(1), [moderator, member, muted]);
  t.same(asked(2), []);
  t.equal(asksPassword(room({ passwordVersion: 2 }), member, undefined), false, 'none is set');
});

t.test('the last owner stays one, and roles and bans are bounded', async (t) => {
  t.ok(whyNotGive(room(), owner, owner, 'member'));
  t.ok(whyNotGive(room(), operator, owner, 'muted'), 'for operators too');
  t.ok(whyNotRemove(room(), owner));
  t.ok(whyNotBan(room(), owner, 0));
  const two = room({}, { roles: new Map([...roles, [9, 'owner']]) });
  t.equal(whyNotGive(two, owner, owner, 'member'), undefined);
  t.equal(whyNotRemove(two, owner), undefined);
  t.ok(whyNotGive(two, moderator, member, 'moderator'), 'a moderator makes no other');
  t.ok(whyNotGive(two, moderator, moderator, 'owner'), 'nobody raises itself');
  t.equal(whyNotGive(two, moderator, muted, 'member'), undefined);
  const banned = room({}, { bans: new Map([[member, 50]]) });
  t.match(whyNotGive(banned, owner, member, 'moderator', 49), /banned/, 'a rank needs its user inside');
  t.equal(whyNotGive(banned, owner, member, 'moderator', 50), undefined);
  t.equal(whyNotGive(banned, owner, member, 'muted', 49), undefined);
  const many = new Map<number, GivenRole>(Array.from({ length: mostRoles }, (_, at) => [at + 1, 'owner']));
  t.match(whyNotGive(room({}, { roles: many }), owner, 9999, 'muted'), /as it may have/);
  t.equal(whyNotGive(room({}, { roles: many }), owner, 5, 'muted'), undefined, 'one for another');
  const bans = new Map(Array.from({ length: mostBans }, (_, at) => [at + 100, at === 0 ? 50 : Infinity]));
  t.equal(whyNotBan(room({}, { bans }), member, 50), undefined, 'one has ended');
  t.match(whyNotBan(room({}, { bans }), member, 49), /as it may have/);
  t.equal(whyNotBan(room({}, { bans }), 101, 49), undefined, 'a ban that takes the place of another');
});

t.test('a user speaks once in so many seconds, in each room, and who spoke long ago is forgotten first', async (t) => {
  let now = 1000;
  const slow = new SlowMode(() => now);
  t.equal(slow.wait(1, 1, 10), 0);
  slow.spoke(1, 1, 10);
  now += 2500.5;
  t.equal(slow.wait(1, 1, 10), 7500);
  t.equal(slow.wait(1, 1, 2), 0, 'the setting of the moment counts');
  t.equal(slow.wait(1, 1, 0), 0);
  t.equal(slow.wait(1, 2, 10), 0);
  t.equal(slow.wait(2, 1, 10), 0);
  for (let user = 2; user <= 50_000; user += 1) slow.spoke(1, user, 10);
  t.equal(slow.wait(1, 1, 10), 7500);
  slow.spoke(1, 50_001, 10);
  t.equal(slow.wait(1, 1, 10), 0);
});

t.test("whoever speaks in many slow rooms of its own makes nobody else's wait vanish", async (t) => {
  let now = 0;
  const slow = new SlowMode(() => now, 100);
  slow.spoke(1, 1, 60);
  slow.spoke(1, 2, 60);
  for (const [flood, seconds] of [3600, 1, 3600].entries()) {
    for (let room = 10; room < 200; room += 1) slow.spoke(room, 3 + (room % 4), seconds);
    t.ok(slow.wait(1, 1, 60) > 0 && slow.wait(1, 2, 60) > 0, `behind the flood ${flood}`);
    now += 2000;
  }
  t.equal(slow.wait(10, 5, 3600), 0, 'its own oldest waits are forgotten');
  t.ok(slow.wait(199, 6, 3600) > 0);
});

t.test('a room tells its members at each change whether they may speak, and counts places by users', async (t) => {
  const lobby = newRoom('lobby');
  const user = (id: number): ConstructorParameters<typeof Member>[1] => ({ id, name: `u${id}`, key: `u${id}` });
  const recipient = { event: () => undefined, reply: () => undefined };
  const [one, two] = [new Member(lobby, user(1), recipient), new Member(lobby, user(2), recipient)];
  const change = (asked: RoomChange): void => lobby.changed(changedRoom(lobby.record, asked, 0));
  lobby.enter(one);
  change({ settings: { moderated: true, maxUsers: 2 }, role: { user: 2, role: 'moderator' } });
  lobby.enter(two);
  const speakers = (): readonly boolean[] => [one, two].map(({ silence }) => silence === undefined);
  t.same(speakers(), [false, true]);
  change({ settings: { moderated: false }, role: { user: 2, role: 'muted' } });
  t.same(speakers(), [true, false]);
  lobby.changed({ ...lobby.record, version: 1, state: 'deleted' });
  t.same(speakers(), [true, false], 'an older record is not taken');
  t.same([lobby.hasPlaceFor(1), lobby.hasPlaceFor(3)], [true, false], 'whoever is in it takes no other place');
  change({ settings: { maxUsers: 4 } });
  t.same([lobby.hasPlaceFor(3, new Set([4])), lobby.hasPlaceFor(3, new Set([4, 5]))], [true, false]);
  t.equal(lobby.hasPlaceFor(4, new Set([4, 5])), true);
  change({ settings: { maxUsers: 0 } });
  t.equal(lobby.hasPlaceFor(3, new Set([4, 5, 6])), true, '0 is no limit');
});
