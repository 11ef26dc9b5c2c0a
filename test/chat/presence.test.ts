// Who is here (src/chat/presence.ts): held to a plain list of sessions, for any course of coming and going.
import fc from 'fast-check';
import t from 'tap';
import { Evictions } from '../../src/chat/eviction.js';
import { Presence, type ChatUser, type PresentSession } from '../../src/chat/presence.js';
import { inWords, verbatim, type Sentence } from '../../src/wire/words.js';

const user = (id: number): ChatUser => ({ id, name: `U${id}`, key: `u${id}` });

class FakeSession implements PresentSession {
  gone = false;
  evictions: string[] = [];
  /** As the session itself knows it, to be compared. */
  user: ChatUser | undefined;
  readonly rooms: string[] = [];
  endedAs: string | undefined;

  constructor(readonly id: number) {}

  evict({ reason }: { readonly reason: Sentence }): boolean {
    this.evictions.push(inWords(reason, 'en'));
    return !this.gone;
  }
}

const noRooms = {
  ofLog: () => undefined,
  absentAs: () => [],
  exits: {
    putOut: () => false,
    putOutAll: () => Promise.resolve(0),
    together: async <One>(all: Iterable<One>, act: (one: One) => void) => void [...all].map(act),
  },
};

/** What happens to the session of that place, or that one is opened. */
const happening = fc.record({
  do: fc.constantFrom('open', 'log in', 'log out', 'enter', 'leave', 'end', 'close'),
  session: fc.nat(5),
  user: fc.nat(2),
  room: fc.constantFrom('attic', 'lobby'),
});

t.test('users, sessions and rooms are those of the sessions that are there', async (t) => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
      const presence = new Presence<FakeSession>();
      const open: FakeSession[] = [];
      let opened = 0;
      const userCount = (room: string, id: number): number =>
        open.flatMap((each) => (each.user?.id === id ? each.rooms : [])).filter((name) => name === room).length;
      const leaveAll = (session: FakeSession, of: ChatUser): void => {
        for (const room of session.rooms.splice(0)) {
          const left = presence.leaveRoom(room, of);
          if (left !== (userCount(room, of.id) === 0)) throw new Error('the last one is not the last');
        }
      };
      const logOut = (session: FakeSession): void => {
        const of = session.user;
        if (of === undefined) return;
        leaveAll(session, of);
        session.user = undefined;
        presence.loggedOut(of.key, session);
      };
      for (const { do: what, session: place, user: id, room } of happenings) {
        const session = open[place];
        if (what === 'open') {
          const fresh = new FakeSession(++opened);
          open.push(fresh);
          presence.sessionOpened(fresh);
        } else if (session === undefined) {
          continue;
        } else if (what === 'log in' && session.user === undefined && !session.gone) {
          session.user = user(id);
          presence.loggedIn(session.user.key, session);
        } else if (what === 'log out' && !session.gone) {
          logOut(session);
        } else if (what === 'enter' && session.user !== undefined && !session.rooms.includes(room)) {
          const isFirst = userCount(room, session.user.id) === 0;
          session.rooms.push(room);
          if (presence.enterRoom(room, session.user) !== isFirst) throw new Error('the first one is not the first');
        } else if (what === 'leave' && session.user !== undefined && session.rooms.includes(room)) {
          session.rooms.splice(session.rooms.indexOf(room), 1);
          const isLast = userCount(room, session.user.id) === 0;
          if (presence.leaveRoom(room, session.user) !== isLast) throw new Error('the last one is not the last');
        } else if (what === 'end' && !session.gone) {
          session.gone = true;
          session.endedAs = session.user?.key;
          logOut(session);
        } else if (what === 'close' && session.gone) {
          open.splice(place, 1);
          presence.sessionClosed(session, session.endedAs);
        }
        const here = open.filter(({ gone }) => !gone);
        t.same([...presence.sessions()], here);
        for (const each of open) if (presence.session(each.id) !== each) throw new Error('a session is not found');
        const inRooms = ['attic', 'lobby'].filter((name) => open.some(({ rooms }) => rooms.includes(name)));
        const users = open.filter((each) => each.user !== undefined).length;
        t.same(presence.counts(), { sessions: open.length, users, rooms: inRooms.length });
        for (const each of [0, 1, 2])
          t.equal(presence.countOf(`u${each}`), here.filter((one) => one.user?.id === each).length);
        for (const name of ['attic', 'lobby']) {
          const expected = [0, 1, 2].filter((each) => userCount(name, each) > 0);
          t.same([...presence.usersIn(name)].map((each) => each.id).sort(), expected);
          t.equal(presence.countIn(name), expected.length);
        }
      }
    }),
    { numRuns: 100 },
  );
});

t.test(
  'the users of a room are in the order in which they came, and a second session changes nothing of it',
  async (t) => {
    const presence = new Presence();
    t.equal(presence.enterRoom('lobby', user(2)), true);
    t.equal(presence.enterRoom('lobby', user(1)), true);
    t.equal(presence.enterRoom('lobby', user(2)), false);
    t.equal(presence.leaveRoom('lobby', user(2)), false);
    t.same(
      [...presence.usersIn('lobby')].map(({ id }) => id),
      [2, 1],
    );
    t.equal(presence.leaveRoom('lobby', user(3)), false, 'one who is not there');
    t.equal(presence.leaveRoom('attic', user(3)), false, 'a room where nobody is');
    t.equal(presence.leaveRoom('lobby', user(2)), true);
  },
);

t.test('an eviction of a user reaches sessions, logins, and sessions that have ended', async (t) => {
  const presence = new Presence<FakeSession>();
  const evictions = new Evictions(presence, noRooms);
  const [here, gone, other] = [1, 2, 3].map((id) => new FakeSession(id));
  if (here === undefined || gone === undefined || other === undefined) throw new Error('there are three');
  for (const each of [here, gone, other]) presence.sessionOpened(each);
  for (const each of [here, gone]) presence.loggedIn('u1', each);
  presence.loggedIn('u2', other);
  gone.gone = true;
  presence.loggedOut('u1', gone);
  const [decided, login] = [presence.loggingIn('u1'), presence.loggingIn('u1')];
  decided.end();
  t.same(
    await evictions.user('u1', { reason: verbatim('enough'), because: 'kicked' }),
    { sessions: 1, places: 0, isAny: true },
    'of which only one was still there',
  );
  t.same(
    [here, gone, other].map((each) => each.evictions),
    [['enough'], ['enough'], []],
  );
  t.match(login.evicted, { reason: verbatim('enough') });
  t.equal(decided.evicted, undefined);
  login.evict({ reason: verbatim('again'), because: 'banned' });
  t.match(login.evicted, { reason: verbatim('enough') }, 'the first one counts');
  presence.sessionClosed(gone, 'u1');
  here.gone = true;
  const again = await evictions.user('u1', { reason: verbatim('once more'), because: 'kicked' });
  t.same(gone.evictions, ['enough'], 'its connection is gone');
  t.same(again, { sessions: 0, places: 0, isAny: true }, 'a login that is stopped is reached');
  login.end();
  t.same(await evictions.user('u1', { reason: verbatim('too late'), because: 'kicked' }), {
    sessions: 0,
    places: 0,
    isAny: false,
  });
});

t.test('an eviction of a session goes by its number until its connection is gone', async (t) => {
  const presence = new Presence<FakeSession>();
  const evictions = new Evictions(presence, noRooms);
  const session = new FakeSession(7);
  presence.sessionOpened(session);
  const eviction = { reason: verbatim('enough'), because: 'kicked' } as const;
  t.equal(evictions.session(8, eviction), false);
  t.equal(evictions.session(7, eviction), true);
  session.gone = true;
  t.equal(evictions.session(7, eviction), false);
  t.equal(session.evictions.length, 2, 'it is told, so that it reads no longer');
  presence.sessionClosed(session, undefined);
  t.equal(evictions.session(7, eviction), false);
  t.equal(session.evictions.length, 2);
});

t.test('an eviction of addresses reaches connections that have no session yet', async (t) => {
  const presence = new Presence();
  const evictions = new Evictions(presence, noRooms);
  const evicted: string[] = [];
  const connections = ['192.0.2.1', '192.0.2.2', '198.51.100.1'].map((address) => ({
    address,
    evict: () => {
      evicted.push(address);
      // It leaves while the others are still to be evicted.
      presence.left(connections[0] ?? { address, evict: () => false });
      return true;
    },
  }));
  for (const each of connections) presence.arrived(each);
  const isNear = (address: string): boolean => address.startsWith('192.0.2.');
  t.equal(await evictions.addresses(isNear, { reason: verbatim('enough'), because: 'banned' }), 2);
  t.same(evicted, ['192.0.2.1', '192.0.2.2']);
  t.equal(await evictions.addresses(isNear, { reason: verbatim('enough'), because: 'banned' }), 1, 'one has left');
});

t.test('of a room that nobody is in everything is nothing', (t) => {
  const presence = new Presence();
  const nothing = (): unknown => [
    presence.sessionsIn('lobby', 1),
    presence.countIn('lobby'),
    presence.isIn('lobby', 1),
    [...presence.namesIn('lobby')],
    presence.usersAfter('lobby', '', 9),
    [...presence.usersIn('lobby')],
    presence.leaveRoom('lobby', user(1)),
    presence.counts().rooms,
  ];
  t.same(nothing(), [0, 0, false, [], [], [], false, 0]);
  presence.enterRoom('lobby', user(1));
  t.same([presence.sessionsIn('lobby', 1), presence.sessionsIn('lobby', 2), presence.counts().rooms], [1, 0, 1]);
  presence.leaveRoom('lobby', user(1));
  t.same(nothing(), [0, 0, false, [], [], [], false, 0]);
  t.end();
});
