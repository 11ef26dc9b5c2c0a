// What a session reports and is asked from outside: to presence, to the counters, to the log, and by whoever puts it
// out.
import { textLine } from '../support/text-line.js';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { Throttle } from '../../src/accounts/throttle.js';
import { Presence } from '../../src/chat/presence.js';
import type { Eviction } from '../../src/chat/evictable.js';
import { Counters } from '../../src/metrics/counters.js';
import { Session } from '../../src/session/session.js';
import { tellUser } from '../../src/session/tell-user.js';
import { refusal } from '../../src/wire/refusal.js';
import { verbatim } from '../../src/wire/words.js';

const alice = { id: 1, name: 'alice', key: 'alice' };
const peer = { address: '192.0.2.1', limitKey: '192.0.2.1', confidential: true, encrypted: false, exempt: true };
const ping = (ref: number): string => JSON.stringify({ command: 'ping', ref });

interface Scene {
  readonly session: Session;
  readonly presence: Presence<Session>;
  readonly counters: Counters;
  readonly replies: string[];
  readonly events: string[];
  readonly evictions: Eviction[];
  /** How often the connection was told to go on. */
  readonly proceeded: () => number;
}

/** @param refusals the lines that may be refused at no cost; then the session is not exempt from limits */
function begin(refusals?: Throttle, presence = new Presence<Session>(), id = 7): Scene {
  const counters = new Counters();
  const [replies, events, evictions]: [string[], string[], Eviction[]] = [[], [], []];
  let proceeded = 0;
  const session = new Session(
    id,
    { ...peer, exempt: refusals === undefined },
    {
      reply: (line) => void replies.push(String(line)),
      event: (line) => void events.push(String(line)),
      drained: () => Promise.resolve(),
    },
    {
      proceed: () => void (proceeded += 1),
      evict: (eviction) => evictions.push(eviction) === 1,
      keepAlive: () => undefined,
    },
    {
      counters,
      dispatch: ({ state }, { command }) =>
        command === 'help' && state.kind === 'guest' ? refusal('rate_limited', verbatim('too many')) : { results: {} },
      presence,
      refusals: refusals ?? new Throttle(1, 1),
      exits: { leaveAll: () => undefined },
    },
  );
  return { session, presence, counters, replies, events, evictions, proceeded: () => proceeded };
}

t.test('a session is present from its beginning until its connection is gone', async (t) => {
  const { session, presence } = begin();
  t.equal(presence.session(7), session);
  session.end('disconnected');
  t.equal(presence.session(7), session, 'it may still read its last lines');
  session.closed();
  t.equal(presence.session(7), undefined);
});

t.test('a session has at most one user at a time, and is counted as that of the user', async (t) => {
  const { session, presence } = begin();
  t.equal(session.authenticated, false);
  t.equal(session.becomeUser(alice), true);
  t.equal(session.becomeUser({ ...alice, key: 'bob' }), false);
  t.same([session.authenticated, session.identity.user, presence.countOf('alice')], [true, alice, 1]);
  t.equal(session.becomeGuest('left'), undefined);
  t.same([session.authenticated, presence.countOf('alice'), presence.counts().users], [false, 0, 0]);
  t.equal(session.becomeGuest('left'), undefined);
  t.equal(presence.counts().users, 0, 'a guest logs out to no effect');
});

t.test('the user of a session that ended is known until the connection is gone', async (t) => {
  const { session, presence } = begin();
  session.becomeUser(alice);
  session.end('disconnected');
  session.end('kicked');
  await Promise.resolve();
  t.same(presence.of('alice').sessions, [session], 'an eviction of the user reaches it');
  t.equal(presence.countOf('alice'), 0);
  session.closed();
  t.same(presence.of('alice').sessions, []);
});

t.test('an eviction goes to the connection, which says whether it has ended anything', async (t) => {
  const { session, evictions } = begin();
  const eviction = { reason: verbatim('enough'), because: 'kicked' } as const;
  t.same([session.evict(eviction), session.evict(eviction)], [true, false]);
  t.same(evictions, [eviction, eviction]);
});

t.test('logs name a session by its number, the audit by its address too', async (t) => {
  const { session } = begin();
  t.same(session.logFields, { session: 7 });
  t.same(session.auditFields, { session: 7, address: '192.0.2.1' });
});

t.test('every reply is counted by its command and its code, a bad line by no command', async (t) => {
  const { session, counters } = begin();
  session.receive(ping(1));
  session.receive('{"command":"ping","data":5}');
  session.receive('{}');
  session.receive(refusal('malformed', verbatim('bad'), {}));
  t.same(Object.fromEntries(counters.replies), { 'ping 1': 1, 'ping 7': 1, ' 5': 1, ' 3': 1 });
});

t.test('while the session waits for a certificate to be looked up it takes nothing, and then it goes on', async (t) => {
  const { session, proceeded } = begin();
  let done = (): void => undefined;
  session.waitFor(
    new Promise<void>((resolve) => {
      done = resolve;
    }),
  );
  t.same([session.ready, session.idle, proceeded()], [false, false, 0]);
  done();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  t.same([session.ready, session.idle, proceeded()], [true, true, 1]);
});

t.test(
  'a session that goes on in spite of refusals waits, which its user or the guests of its address pay',
  async (t) => {
    // Two at once, and one each tenth of a second.
    const refusals = new Throttle(2, 600);
    const { session, counters, replies, proceeded } = begin(refusals);
    session.receive(ping(1));
    t.equal(refusals.size, 0, 'what is carried out costs nothing here');
    session.receive('help');
    t.equal(session.ready, true);
    session.receive('no request');
    t.same([session.ready, counters.pauses, replies.length], [false, 1, 3], 'it is answered, and then waits');
    while (!session.ready) await sleep(5);
    t.equal(proceeded(), 1);

    session.becomeUser(alice);
    refusals.spend(alice.id, performance.now(), 100);
    session.receive('{}');
    t.equal(session.ready, false, 'a user pays for itself');
    session.end('disconnected');
    t.equal(session.idle, true, 'and may end meanwhile');
  },
);

t.test('an exempt session does not wait, and a session waits a second at most', async (t) => {
  const { session } = begin();
  for (let times = 0; times < 10; times += 1) session.receive('{}');
  t.equal(session.ready, true);
  const waits: unknown[] = [];
  const { setTimeout } = globalThis;
  t.teardown(() => Object.assign(globalThis, { setTimeout }));
  Object.assign(globalThis, { setTimeout: (run: () => void, ms: number) => [waits.push(ms), setTimeout(run, 0)][1] });
  const owing = begin(new Throttle(1, 1));
  owing.session.receive('{}');
  owing.session.receive('{}');
  t.same(waits.at(-1), 1000);
});

t.test(
  'what concerns a user is told to its sessions of the second edition that have joined a room, but one',
  async (t) => {
    const presence = new Presence<Session>();
    const scenes = [1, 2, 3, 4, 5].map((id) => begin(undefined, presence, id));
    const [cause, told, first, guest, ended] = scenes;
    for (const scene of scenes) {
      if (scene !== guest) scene.session.becomeUser(alice);
      scene.session.receive(scene === first ? ping(1) : 'set_topic lobby tea');
      scene.session.hasJoined = true;
    }
    ended?.session.end('disconnected');
    const heard = (): readonly number[] => scenes.map(({ events }) => events.length);
    tellUser(presence, 'alice', textLine('109\t{}\n'), cause?.session);
    t.same(heard(), [0, 1, 0, 0, 0]);
    void told?.session.becomeGuest('left');
    told?.session.becomeUser(alice);
    tellUser(presence, 'alice', textLine('109\t{}\n'));
    t.same(heard(), [1, 1, 0, 0, 0], 'after a login it has joined no room yet');
  },
);
