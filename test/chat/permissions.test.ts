// Tests who may enter, speak, give roles, and be put out of a room (src/chat/permissions.ts, src/chat/slow-mode.ts),
// and that a room's flags and places follow its record.
import t from 'tap';
import {
  asksPassword,
  type Actor,
  type Circumstances,
  mayDelete,
  mostBans,
  mostRoles,
  operator,
  whyNotBan,
  whyNotEnter,
  whyNotGive,
  whyNotInvite,
  whyNotPermitted,
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
import { inEnglish, worded } from '../support/sentences.js';

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
  t.match(worded(whyNotGive(banned, owner, member, 'moderator', 49)), /banned/, 'a rank needs its user inside');
  t.equal(whyNotGive(banned, owner, member, 'moderator', 50), undefined);
  t.equal(whyNotGive(banned, owner, member, 'muted', 49), undefined);
  const many = new Map<number, GivenRole>(Array.from({ length: mostRoles }, (_, at) => [at + 1, 'owner']));
  t.match(worded(whyNotGive(room({}, { roles: many }), owner, 9999, 'muted')), /as it may have/);
  t.equal(whyNotGive(room({}, { roles: many }), owner, 5, 'muted'), undefined, 'one for another');
  const bans = new Map(Array.from({ length: mostBans }, (_, at) => [at + 100, at === 0 ? 50 : Infinity]));
  t.equal(whyNotBan(room({}, { bans }), member, 50), undefined, 'one has ended');
  t.match(worded(whyNotBan(room({}, { bans }), member, 49)), /as it may have/);
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

t.test('what each role may do with a command, and to whom it reaches', async (t) => {
  const why = (spec: Parameters<typeof whyNotPermitted>[0], more: Partial<Circumstances>): string | undefined =>
    inEnglish(
      whyNotPermitted(spec, { registrationOpen: true, room: room(), user: member, target: undefined, ...more }),
    );
  const actors: readonly Actor[] = [operator, owner, moderator, member, muted, undefined];
  const may = (spec: Parameters<typeof whyNotPermitted>[0], more: Partial<Circumstances> = {}): readonly Actor[] =>
    actors.filter((user) => why(spec, { ...more, user }) === undefined);
  t.same(may({ role: 'owner' }), [operator, owner]);
  t.same(may({ role: 'moderator' }), [operator, owner, moderator]);
  t.same(may({ role: 'speaker' }), [operator, owner, moderator, member, undefined]);
  for (const role of ['owner', 'moderator', 'speaker'] as const)
    t.same(may({ role }, { room: undefined }), actors, 'the command that loads the room asks again');
  t.match(why({ role: 'owner' }, {}), /^only an owner of the room/);
  t.match(why({ role: 'moderator' }, {}), /^only moderators and owners of the room/);
  t.match(why({ role: 'registrant' }, { registrationOpen: false }), /registration is closed/);
  t.equal(why({ role: 'registrant' }, { room: room({}, { state: 'closed' }) }), undefined);
  for (const [state, refusal] of [
    ['open', undefined],
    ['deleted', undefined],
    ['closed', 'the room is closed'],
  ] as const)
    t.equal(why({ role: 'entrant' }, { room: room({}, { state }) }), refusal);
  t.same(
    [true, false, undefined].map((isBlocked) =>
      why({ role: 'correspondent' }, { isBlocked } as Partial<Circumstances>),
    ),
    ['that user takes no messages from you', undefined, undefined],
  );

  const reaches = (outranks: 'others' | 'others or oneself', user: Actor): readonly number[] =>
    [...all, stranger].filter((target) => why({ outranks }, { user, target }) === undefined);
  const everybody = [...all, stranger];
  const table: readonly (readonly [Actor, readonly number[], readonly number[]])[] = [
    [operator, everybody, everybody],
    [owner, [moderator, member, muted, stranger], everybody],
    [moderator, [member, muted, stranger], [moderator, member, muted, stranger]],
    [member, [muted], [member, muted]],
    [muted, [], [muted]],
    [undefined, [muted], [muted]],
  ];
  for (const [user, others, withOneself] of table) {
    t.same(reaches('others', user), others, `what ${user} reaches`);
    t.same(reaches('others or oneself', user), withOneself);
  }
  t.match(why({ outranks: 'others' }, { target: member }), /about others/);
  t.equal(
    why({ outranks: 'others' }, { target: owner }),
    'that user is an owner of the room: your role does not reach it',
  );
  t.match(why({ outranks: 'others' }, { target: moderator }), /^that user is a moderator of/);
  t.match(why({ outranks: 'others' }, { user: muted, target: member }), /^that user is a member of/);
  t.equal(why({ outranks: 'others' }, { room: undefined, target: owner }), undefined);
  t.equal(why({ outranks: 'others' }, { target: undefined }), undefined);
  t.match(why({ role: 'owner', outranks: 'others' }, { target: muted }), /^only an owner/, 'the role comes first');
  t.equal(why({}, {}), undefined);
});

t.test('each refusal says why', async (t) => {
  const enter = (of: JudgedRoom, more: object = {}): string | undefined =>
    inEnglish(whyNotEnter(of, member, { now: 0, isMember: true, hasPlace: true, ...more }));
  t.match(enter(room({}, { state: 'deleted' })), /^the room was deleted: only its last owner/);
  t.equal(enter(room({}, { state: 'closed' })), 'the room is closed');
  t.equal(enter(room({}, { bans: new Map([[member, 1]]) })), 'you are banned from this room');
  t.match(enter(room({ membersOnly: true }), { isMember: false }), /^only members may enter/);
  t.equal(enter(room(), { hasPlace: false }), 'the room is full');
  t.match(worded(whyNotSpeak(room({}, { state: 'deleted' }), owner)), /^the room was deleted/);
  t.match(worded(whyNotSpeak(room(), muted)), /muted/);
  t.match(worded(whyNotSpeak(room({ moderated: true }), member)), /moderated/);
  t.match(worded(whyNotRemove(room(), owner)), /last owner .* stays in it/);
  t.match(worded(whyNotGive(room(), owner, owner, 'member')), /last owner .* stays one/);
  t.match(worded(whyNotGive(room(), moderator, moderator, 'owner')), /only lower your own/);
  t.match(worded(whyNotGive(room(), moderator, member, 'moderator')), /only an owner of the room can give/);
  for (const [role, mayBe] of [
    ['moderator', undefined],
    ['muted', undefined],
    ['member', 'nothing changes'],
    ['owner', undefined],
  ] as const)
    t.equal(whyNotGive(room(), owner, member, role), undefined, mayBe ?? role);
  t.equal(whyNotGive(room(), moderator, moderator, 'moderator'), undefined, 'nothing changes');
  t.equal(whyNotGive(room(), moderator, moderator, 'member'), undefined, 'it lowers its own');
  t.equal(whyNotGive(room(), operator, member, 'owner'), undefined);
  const banned = room({}, { bans: new Map([[member, 50]]) });
  t.match(worded(whyNotInvite(banned, member, 49)), /banned from the room/);
  t.same([whyNotInvite(banned, member, 50), whyNotInvite(banned, stranger, 49)], [undefined, undefined]);
  t.match(worded(whyNotInvite(room({}, { bans: new Map([[member, Infinity]]) }), member)), /banned/);
  const few = new Map<number, GivenRole>(Array.from({ length: mostRoles - 1 }, (_, at) => [at + 1, 'owner']));
  t.equal(whyNotGive(room({}, { roles: few }), owner, 9999, 'muted'), undefined, 'the last place');
  const bans = new Map(Array.from({ length: mostBans - 1 }, (_, at) => [at + 100, Infinity]));
  t.equal(whyNotBan(room({}, { bans }), member, 0), undefined, 'the last place for a ban');
  t.match(worded(whyNotBan(room({}, { bans: new Map([...bans, [99, Infinity]]) }), member, 0)), /as many bans/);
  t.match(worded(whyNotBan(room({}, { bans: new Map([...bans, [99, 5]]) }), owner, 5)), /last owner/, 'one has ended');
});

t.test(
  'what is forgotten of slow rooms, one by one: what is over, then the oldest of who has more than half of the most',
  async (t) => {
    let now = 0;
    const slow = new SlowMode(() => now, 10);
    /** Of which rooms it is known that the user spoke there. */
    const known = (user: number): readonly number[] =>
      Array.from({ length: 20 }, (_, room) => room).filter((room) => slow.wait(room, user, 1000) > 0);
    slow.spoke(1, 9, 2);
    slow.spoke(2, 9, 1);
    now = 1000;
    for (let room = 1; room <= 4; room += 1) slow.spoke(room, 1, 60);
    for (let room = 1; room <= 3; room += 1) slow.spoke(room, 2, 60);
    slow.spoke(1, 3, 60);
    slow.spoke(1, 1, 60);
    t.same(
      [known(9), known(1)],
      [
        [1, 2],
        [1, 2, 3, 4],
      ],
      'ten are not too many',
    );
    slow.spoke(5, 3, 60);
    t.same(
      [known(9), known(1), known(2), known(3)],
      [[1], [1, 3, 4], [1, 2, 3], [1, 5]],
      'what was over, and the oldest of one who has more than two',
    );
    now = 2000;
    slow.spoke(6, 3, 60);
    slow.spoke(7, 3, 60);
    t.same([known(9), known(1), known(2), known(3)], [[], [1, 4], [1, 2, 3], [1, 5, 6, 7]]);
    slow.spoke(8, 2, 60);
    t.equal(slow.wait(8, 2, 60), 60_000);
    slow.spoke(9, 4, 60);
    t.same([known(1), known(2), known(3), known(4)], [[1, 4], [3, 8], [1, 5, 6, 7], [9]]);
    now = 62_000;
    t.equal(slow.wait(8, 2, 60), 0);
    now = 61_999.5;
    t.equal(slow.wait(8, 2, 60), 1, 'rounded up');
  },
);

t.test('a room has five hundred roles and bans at most', (t) => {
  t.same([mostRoles, mostBans], [500, 500]);
  t.end();
});

t.test('whose waits are all forgotten counts as one who comes anew', (t) => {
  let now = 0;
  const slow = new SlowMode(() => now, 10);
  slow.spoke(1, 1, 1);
  now = 2000;
  for (const user of [2, 3]) for (let room = 1; room <= 5; room += 1) slow.spoke(room, user, 60);
  for (let room = 1; room <= 4; room += 1) slow.spoke(room, 1, 60);
  const known = (user: number): readonly number[] => [1, 2, 3, 4, 5].filter((room) => slow.wait(room, user, 60) > 0);
  t.same(
    [1, 2, 3].map(known),
    [
      [1, 2, 3, 4],
      [4, 5],
      [3, 4, 5],
    ],
    'the others give way first',
  );
  t.end();
});
