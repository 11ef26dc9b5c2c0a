// Whoever is put out is so at once, in every state of a session, by every command that puts out (src/chat/eviction.ts).
// The store of these tests waits when a test says so: the session stays in its state until it is put out, and what it
// waited for comes after that.
import t, { type Test } from 'tap';
import type { OperatorCommandName } from '../../src/wire/generated/operator-parameters.js';
import { verbatim } from '../../src/wire/words.js';
import type { Client, Line } from '../support/client.js';
import { pause, startServer, type TestServer } from './test-server.js';

t.jobs = 4;
const buffered = { buffered: true };

type Way = readonly [what: string, command: OperatorCommandName, parameters: (session: number) => object];

/** The ways that need nothing of the store, and those that store something first. */
const kicks: readonly Way[] = [
  ['kick by name', 'kick', () => ({ target: 'Mallory', reason: 'enough' })],
  ['kick by number', 'kick', (session) => ({ target: `#${session}`, reason: 'enough' })],
];
const others: readonly Way[] = [
  ['ban of the user', 'ban', () => ({ target: 'user:mallory', reason: 'enough' })],
  ['ban by number', 'ban', (session) => ({ target: `#${session}` })],
  ['disable', 'disable_account', () => ({ user: 'mallory' })],
  ['delete', 'delete_account', () => ({ user: 'mallory' })],
  ['set-password', 'set_password', () => ({ user: 'mallory', password: 'another password' })],
];
const ways = [...kicks, ...others];

function sessionOf({ presence }: TestServer, username: string): number {
  for (const { id, state } of presence.sessions()) if (state.kind === 'user' && state.user.name === username) return id;
  throw new Error(`no session is ${username}'s`);
}

/** The lines from the place on, after the connection's end, of which the last is the 199. */
async function rest(t: Test, client: Client, from: number): Promise<readonly Line[]> {
  await client.closed;
  const lines = client.lines.slice(from);
  t.equal(lines.at(-1)?.code, 199);
  t.same(lines.filter(({ code }) => code === 199).length, 1);
  return lines.slice(0, -1);
}

const say = (text: string): object => ({
  command: 'chatroom_message',
  username: 'mallory',
  room: 'lobby',
  message: text,
});
const reasonsOf = (client: Client): unknown[] =>
  client.lines
    .filter(({ code }) => code === 102)
    .map(({ body }) => `${String(body['username'])} ${String(body['reason'])}`);

async function filled(server: TestServer, messages: number): Promise<Client> {
  const alice = await server.enter('alice', 'lobby');
  alice.send(
    ...Array.from({ length: messages }, (_, each) => ({
      command: 'chatroom_message',
      username: 'alice',
      room: 'lobby',
      message: `${each}`,
    })),
  );
  for (let each = 0; each < messages; each += 1) await alice.reply();
  return alice;
}

for (const [what, command, parameters] of ways) {
  t.test(`${what} ends a session that does nothing`, buffered, async (t) => {
    const server = await startServer(t);
    const alice = await server.enter('alice', 'lobby');
    const mallory = await server.enter('mallory', 'lobby');
    const [session, from] = [sessionOf(server, 'mallory'), mallory.lines.length];
    mallory.send({ command: 'ping' });
    await mallory.reply();
    t.match(await server.operate(command, parameters(session)), { sessions: 1 });
    mallory.send({ command: 'ping' });
    t.equal((await rest(t, mallory, from)).length, 1, 'what it sends later is not read');
    await server.until(() => reasonsOf(alice).length === 1, 'alice is told');
    t.match(reasonsOf(alice)[0], /^mallory (kicked|banned|server)$/);
    t.equal(server.presence.countOf('mallory'), 0);
  });

  t.test(`${what} ends a session in a replay`, buffered, async (t) => {
    const server = await startServer(t);
    const alice = await filled(server, 700);
    const mallory = await server.enter('mallory');
    server.store.hold('page');
    const from = mallory.lines.length;
    mallory.send({ command: 'join_chatroom', username: 'mallory', room: 'lobby', after: 0 }, { command: 'ping' });
    await server.until(() => server.store.waiting.page === 1, 'the replay has begun');
    server.store.step('page');
    await server.until(
      () => server.store.waiting.page === 1 && server.store.passed.page === 1,
      'its second page is read',
    );
    t.match(await server.operate(command, parameters(sessionOf(server, 'mallory'))), { sessions: 1 });
    const lines = await rest(t, mallory, from);
    t.ok(lines.every(({ code }) => code === 110) && lines.length === 256, 'the first page, and no reply');
    server.store.release('page');
    await alice.ok('ping');
    await server.settled();
    t.equal(server.store.passed.page, 2, 'no further page is read');
    t.same(
      alice.lines.filter(({ code }) => code === 101 || code === 102),
      [],
      'nobody is told of one who never came',
    );
    t.equal(server.services.rooms.get('lobby')?.entering.size, 0);
    t.equal(server.services.rooms.get('lobby')?.count, 1);
  });

  t.test(`${what} ends a session in the last page of a replay`, buffered, async (t) => {
    const server = await startServer(t);
    const alice = await filled(server, 10);
    const mallory = await server.enter('mallory');
    server.store.hold('page');
    const from = mallory.lines.length;
    mallory.send({ command: 'join_chatroom', username: 'mallory', room: 'lobby', after: 0 });
    t.match(await alice.event(), { code: 101, body: { username: 'mallory' } });
    t.match(await server.operate(command, parameters(sessionOf(server, 'mallory'))), { sessions: 1 });
    t.match(await alice.event(), { code: 102, body: { username: 'mallory' } }, 'before the page is there');
    t.same(await rest(t, mallory, from), []);
    server.store.release('page');
    await server.settled();
    t.equal(server.services.rooms.get('lobby')?.members.size, 1);
  });

  t.test(`${what} ends a session in a page of history`, buffered, async (t) => {
    const server = await startServer(t);
    const alice = await filled(server, 10);
    const mallory = await server.enter('mallory', 'lobby');
    server.store.hold('page');
    const from = mallory.lines.length;
    mallory.send({ command: 'chatroom_history', room: 'lobby' });
    await server.until(() => server.store.waiting.page === 1, 'the page is read');
    t.match(await server.operate(command, parameters(sessionOf(server, 'mallory'))), { sessions: 1 });
    await server.until(() => reasonsOf(alice).length === 1, 'alice is told before the page is there');
    t.same(await rest(t, mallory, from), []);
    server.store.release('page');
  });
}

// While a login runs, a user can't be known by the number of its session.
for (const [what, command, parameters] of ways.filter(([each]) => !each.includes('number'))) {
  for (const [when, users] of [
    ['before its password is looked at', 1],
    ['after it was found right', 2],
  ] as const) {
    t.test(`${what} ends a session whose login runs, ${when}`, buffered, async (t) => {
      const server = await startServer(t);
      await (await server.enter('mallory')).ok('log_out');
      const client = await server.connect();
      server.store.hold('user');
      client.send('authenticate_user mallory mallory password');
      for (let each = 1; each < users; each += 1) {
        await server.until(() => server.store.waiting.user === 1, 'the login looks the user up');
        server.store.step('user');
      }
      await server.until(() => server.store.waiting.user === 1, 'the login looks the user up');
      await server.operate(command, parameters(0));
      server.store.release('user');
      const line = await client.next();
      // The password is right, so whoever is kept out is told so. There is no end to either that could be told.
      const isKeptOut = command === 'ban' || command === 'disable_account';
      if (isKeptOut) t.match(line, { code: 12, body: { retry_after: undefined } });
      else t.ok(line.code === 4 || line.code === 199, line.raw);
      t.equal(server.presence.countOf('mallory'), 0);
      if (line.code !== 199) t.match(await client.request('join_chatroom mallory lobby'), { code: 8 });
    });
  }
}

t.test(
  'an eviction of a user in the step in which its login ends takes effect, whichever comes first',
  buffered,
  async (t) => {
    // The two race in earnest here: the login may end before the eviction, or after it. Never may the user be there in
    // the end.
    const server = await startServer(t);
    await (await server.enter('mallory')).ok('log_out');
    for (let round = 0; round < 40; round += 1) {
      const client = await server.connect();
      client.send('authenticate_user mallory mallory password');
      await pause(round / 4);
      await server.operate('disable_account', { user: 'mallory' });
      await server.operate('enable_account', { user: 'mallory' });
      await client.next();
      await pause(2);
      t.equal(server.presence.countOf('mallory'), 0);
    }
  },
);

for (const [state, line, gate] of [
  ['whose login runs', 'authenticate_user mallory mallory password', 'user'],
  ['who is being made', 'create_user bob A B bob password', 'commit'],
] as const) {
  t.test(`a guest ${state} is ended by its address and by its number at once`, buffered, async (t) => {
    for (const target of ['127.0.0.0/8', '#2'] as const) {
      const server = await startServer(t);
      await (await server.enter('mallory')).ok('log_out');
      const client = await server.connect();
      await client.ok('ping');
      server.store.hold(gate);
      const from = client.lines.length;
      client.send(line);
      await server.until(() => server.store.waiting[gate] === 1, 'it runs');
      t.match(await server.operate('kick', { target, reason: 'enough' }), { sessions: target === '#2' ? 1 : 2 });
      t.same(await rest(t, client, from), []);
      server.store.release(gate);
      await server.settled();
      t.equal(server.presence.countOf('mallory'), 0);
    }
  });
}

t.test('a session that is evicted while it creates a user creates none', buffered, async (t) => {
  // Some hundred milliseconds a hash.
  const server = await startServer(t, { SALOND_PASSWORD_LOG_N: '16' });
  const client = await server.connect();
  client.send('create_user bob A B bob password');
  await server.until(() => server.services.accounts.load.running === 1, 'the password is hashed');
  t.match(await server.operate('kick', { target: '#1' }), { sessions: 1 });
  await client.closed;
  await server.until(() => server.services.accounts.load.running === 0, 'it is hashed');
  await server.settled();
  t.equal(await server.store.directory.findUser('bob'), undefined);
});

t.test('a session can be evicted again and again', buffered, async (t) => {
  const server = await startServer(t);
  const client = await server.connect();
  await client.ok('ping');
  const arrivals = [...server.acceptor.connections.keys()];
  const warnings: Error[] = [];
  const listen = (warning: Error): void => void warnings.push(warning);
  process.on('warning', listen);
  for (let each = 0; each < 20; each += 1) {
    t.equal(arrivals[0]?.evict({ reason: verbatim('enough'), because: 'kicked' }), each === 0);
  }
  await client.closed;
  await server.settled();
  process.off('warning', listen);
  t.same(warnings, []);
});

t.test('a session can be evicted while it opens a room', buffered, async (t) => {
  const server = await startServer(t);
  const mallory = await server.enter('mallory');
  server.store.hold('commit');
  const from = mallory.lines.length;
  mallory.send('join_chatroom mallory lobby');
  await server.until(() => server.store.waiting.commit === 1, 'the room is made');
  t.match(await server.operate('kick', { target: 'mallory' }), { kind: 'user', target: 'mallory', sessions: 1 });
  t.same(await rest(t, mallory, from), []);
  server.store.release('commit');
  await server.settled();
  t.equal(server.services.rooms.size, 0, 'nobody is in it');
});

t.test(
  'an evicted session with messages on their way is answered first and leaves after them; one without leaves at once',
  buffered,
  async (t) => {
    for (const [what, command, parameters] of kicks) {
      const server = await startServer(t);
      const alice = await server.enter('alice', 'lobby', 'garden');
      const mallory = await server.enter('mallory', 'lobby', 'garden');
      await alice.event();
      await alice.event();
      server.store.hold('commit');
      const from = mallory.lines.length;
      mallory.send(say('one'), say('two'), { command: 'ping' }, say('three'));
      await server.until(() => server.store.appended === 2, 'they are on their way');
      t.match(await server.operate(command, parameters(sessionOf(server, 'mallory'))), { sessions: 1 });
      mallory.send(say('four'));
      t.match(await alice.event(), { code: 102, body: { room: 'garden', username: 'mallory' } }, what);
      alice.send({ command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'after the eviction' });
      await server.until(() => server.store.appended === 3, 'alice speaks');
      server.store.release('commit');
      t.same(
        (await rest(t, mallory, from)).map(({ code, body }) => [code, body['id']]),
        [
          [1, 1],
          [1, 2],
        ],
        'nothing of what was said later',
      );
      const seen: Line[] = [];
      while (seen.at(-1)?.code !== 102) seen.push(await alice.next());
      t.same(
        seen.filter(({ code }) => code !== 1).map(({ code, body }) => [code, body['message'] ?? body['reason']]),
        [
          [100, 'one'],
          [100, 'two'],
          [102, 'kicked'],
        ],
      );
      await server.settled();
      t.equal(server.store.appended, 3, 'nothing that came behind was taken');
    }
  },
);

t.test(
  'an evicted session whose messages hang in the store is told after some seconds, and its messages still come before its leaving',
  buffered,
  async (t) => {
    const server = await startServer(t);
    const alice = await server.enter('alice', 'lobby');
    const mallory = await server.enter('mallory', 'lobby');
    await alice.event();
    server.store.hold('commit');
    const from = mallory.lines.length;
    mallory.send(say('one'));
    await server.until(() => server.store.waiting.commit === 1, 'it is on its way');
    await server.operate('kick', { target: 'mallory' });
    t.same(await rest(t, mallory, from), [], 'the outcome is not known');
    t.equal(alice.lines.at(-1)?.code, 101);
    server.store.release('commit');
    t.match(await alice.event(), { code: 100, body: { message: 'one' } });
    t.match(await alice.event(), { code: 102, body: { username: 'mallory', reason: 'kicked' } });
  },
);

t.test('messages that the store failed to store are answered 2 before the 199', buffered, async (t) => {
  const server = await startServer(t);
  const mallory = await server.enter('mallory', 'lobby');
  server.store.hold('commit');
  server.store.fails = true;
  const from = mallory.lines.length;
  mallory.send(say('one'));
  await server.until(() => server.store.waiting.commit === 1, 'it is on its way');
  await server.operate('kick', { target: 'mallory' });
  server.store.release('commit');
  t.same(
    (await rest(t, mallory, from)).map(({ code }) => code),
    [2],
  );
  await server.settled();
  t.equal(server.services.rooms.size, 0);
});

t.test('a session that a drain waits for is evicted with the reason of the eviction', buffered, async (t) => {
  const server = await startServer(t);
  await filled(server, 700);
  const mallory = await server.enter('mallory');
  server.store.hold('page');
  mallory.send({ command: 'join_chatroom', username: 'mallory', room: 'lobby', after: 0 });
  await server.until(() => server.store.waiting.page === 1, 'the replay has begun');
  for (const connection of server.acceptor.connections.keys())
    connection.finish(verbatim('the server is about to stop'), 1000);
  await server.settled();
  t.not(mallory.lines.at(-1)?.code, 199, 'the drain waits');
  t.match(await server.operate('kick', { target: 'mallory', reason: 'enough' }), { sessions: 1 });
  await mallory.closed;
  t.match(mallory.lines.at(-1)?.body, { reason: 'enough', retry_after: undefined });
});

t.test('an eviction of a user ends all sessions of the user, and none that has logged out', buffered, async (t) => {
  const server = await startServer(t);
  const clients = [
    await server.enter('mallory', 'lobby'),
    await server.enter('mallory', 'lobby', 'garden'),
    await server.enter('mallory'),
  ];
  const [, , out] = clients;
  await out?.ok('log_out');
  t.equal(server.presence.countOf('mallory'), 2);
  t.match(await server.operate('kick', { target: 'mallory' }), { sessions: 2 });
  await Promise.all(clients.slice(0, 2).map(({ closed }) => closed));
  t.match(await out?.request('ping'), { code: 1 });
  t.match(await server.operate('kick', { target: 'mallory' }), { code: 11 });
});
