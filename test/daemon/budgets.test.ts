// Tests the cost of commands and the limits on what stays (PROTOCOL.md §6): who is too busy is answered 14 with an
// honest retry_after, or 12, and nobody else is.
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client, type Line } from '../support/client.js';
import { hostDaemon } from '../support/in-process.js';

/** Starts a daemon that exempts no address. Fulfils with its port, and the address of its metrics. */
async function start(t: Test, env: Readonly<Record<string, string>>): Promise<{ port: number; metrics: string }> {
  const daemon = hostDaemon(t, {
    env: { SALOND_EXEMPT_ADDRESSES: '', SALOND_METRICS_LISTEN: '127.0.0.1:0', ...env },
  });
  return { port: await daemon.port(), metrics: `http://${String((await daemon.logged('ready'))['metrics'])}/metrics` };
}

async function limited(metrics: string): Promise<readonly string[]> {
  const text = await (await fetch(metrics)).text();
  return text.split('\n').filter((line) => line.startsWith('salond_requests_limited_total{'));
}

const join = (username: string, room: string): object => ({ command: 'join_chatroom', username, room });
const leave = (username: string, room: string): object => ({ command: 'leave_chatroom', username, room });

const retryAfter = ({ body }: Line): number => Number(body['retry_after']);

t.test(
  'a session that joins and leaves without end gets 14 after its burst, and may go on after the wait',
  async (t) => {
    // 1,200 units at once, and one each 100 ms.
    const { port, metrics } = await start(t, { SALOND_COST_PER_SECOND: '10' });
    const polite = await (await Client.connect(port)).enter('polite', 'lobby');
    const loud = await (await Client.connect(port)).enter('loud');
    const pairs = 150;
    for (let each = 0; each < pairs; each += 1) loud.send(join('loud', 'lobby'), leave('loud', 'lobby'));
    const replies: Line[] = [];
    for (let each = 0; each < 2 * pairs; each += 1) replies.push(await loud.reply());
    const first = replies.findIndex(({ code }) => code === 14);
    // The login has cost 15; a pair costs 12.
    t.ok(first >= 2 * Math.floor((1200 - 15) / 12), `${first} requests passed`);
    t.ok(first < 2 * pairs, 'and then no more');
    t.match(replies[first], { body: { error: 'too many requests', retry_after: Number } });
    t.ok(replies.every(({ code }) => [1, 10, 14].includes(code)));
    t.ok(retryAfter(replies[first] as Line) > 0 && retryAfter(replies[first] as Line) <= 1000);

    t.equal((await polite.say('polite', 'lobby', 'hello')).code, 1, 'others may go on');
    const events = polite.lines.filter(({ code }) => code === 101 || code === 102).length;
    const joined = replies.filter(({ code, body }) => code === 1 && body['command'] === 'join_chatroom').length;
    t.ok(events <= 2 * joined, `${events} events`);

    let refused = await loud.request(join('loud', 'lobby'));
    // It may have passed, and owes its cost then.
    if (refused.code === 1) refused = await loud.request(join('loud', 'lobby'));
    t.equal(refused.code, 14);
    await sleep(retryAfter(refused));
    t.equal((await loud.request(join('loud', 'lobby'))).code, 1, 'the wait was honest');
    t.match(await limited(metrics), [/^salond_requests_limited_total\{limit="cost_per_second"\} \d+$/]);
    for (const client of [polite, loud]) client.destroy();
  },
);

t.test('all sessions of a user share a budget, and all sessions of an address', async (t) => {
  const byUser = await start(t, { SALOND_COST_PER_SECOND_PER_USER: '1' });
  const [phone, laptop] = [
    await (await Client.connect(byUser.port)).enter('alice'),
    await (await Client.connect(byUser.port)).enter('alice'),
  ];
  const other = await (await Client.connect(byUser.port)).enter('bob');
  let refused = await phone.request('help');
  while (refused.code === 1) refused = await phone.request('help');
  t.match(refused.body, { error: 'too many requests from all sessions of this user together' });
  t.match(await laptop.request('help'), { code: 14, body: { command: 'help' } });
  t.equal((await other.request('help')).code, 1, 'another user of the same address may go on');
  t.equal((await laptop.request('quit')).code, 1, 'quit is free');

  const byAddress = await start(t, { SALOND_COST_PER_SECOND_PER_ADDRESS: '10' });
  const [one, two] = [await Client.connect(byAddress.port), await Client.connect(byAddress.port)];
  const elsewhere = await Client.connectFrom('127.0.0.9', byAddress.port);
  const carol = await (await Client.connect(byAddress.port)).enter('carol');
  refused = await one.request('help');
  while (refused.code === 1) refused = await one.request('help');
  t.match(refused.body, { error: 'too many requests without a login from your address' });
  t.equal((await two.request('help')).code, 14);
  t.equal((await elsewhere.request('help')).code, 1, 'another address may go on');
  t.equal((await carol.request('help')).code, 1, 'and a user of this address');
  for (const client of [phone, other, one, two, elsewhere, carol]) client.destroy();
});

t.test('a session is in max_rooms_per_session rooms at most, and is told to leave one', async (t) => {
  const { port, metrics } = await start(t, { SALOND_MAX_ROOMS_PER_SESSION: '2' });
  const alice = await (await Client.connect(port)).enter('alice', 'attic', 'cellar');
  t.match(await alice.request(join('alice', 'garden')), {
    code: 12,
    body: { error: 'this session is in as many rooms as it may be, 2: leave one first' },
  });
  t.equal((await alice.request(join('alice', 'attic'))).code, 1, 'a room that it is in may be joined again');
  await alice.ok(leave('alice', 'attic'));
  t.equal((await alice.request(join('alice', 'garden'))).code, 1);
  const again = await (await Client.connect(port)).enter('alice', 'attic');
  t.match(await limited(metrics), [/limit="max_rooms_per_session"\} 1$/]);
  for (const client of [alice, again]) client.destroy();
});

t.test('a user makes max_new_rooms_per_day rooms at most, and may join those that exist', async (t) => {
  const { port, metrics } = await start(t, { SALOND_MAX_NEW_ROOMS_PER_DAY: '2' });
  const alice = await (await Client.connect(port)).enter('alice', 'cellar');
  const bob = await (await Client.connect(port)).enter('bob', 'garden');
  for (let each = 0; each < 3; each += 1)
    t.equal((await alice.request(join('alice', 'ce11ar'))).code, 12, 'a room that is refused is not counted');
  const again = await (await Client.connect(port)).enter('alice', 'attic');
  const refused = await alice.request(join('alice', 'kitchen'));
  t.match(refused, {
    code: 14,
    body: {
      error: 'you have made as many rooms as you may in a day, 2: join one that exists, or wait until midnight UTC',
    },
  });
  t.ok(retryAfter(refused) > 0 && retryAfter(refused) <= 86_400_000);
  t.equal((await alice.request(join('alice', 'garden'))).code, 1);
  t.equal((await bob.request(join('bob', 'kitchen'))).code, 1, 'others may make rooms');
  t.equal((await alice.request(join('alice', 'kitchen'))).code, 1);
  t.match(await limited(metrics), [/limit="max_new_rooms_per_day"\} 1$/]);
  for (const client of [alice, bob, again]) client.destroy();
});

t.test('a user begins max_new_conversations_per_day, and blocks max_blocked_users', async (t) => {
  const { port, metrics } = await start(t, {
    SALOND_MAX_NEW_CONVERSATIONS_PER_DAY: '2',
    SALOND_MAX_NEW_CONVERSATIONS_PER_DAY_PER_ADDRESS: '3',
    SALOND_MAX_BLOCKED_USERS: '1',
  });
  const [bob, carol] = [
    await (await Client.connect(port)).enter('bob'),
    await (await Client.connect(port)).enter('carol'),
  ];
  const alice = await (await Client.connect(port)).enter('alice');
  await carol.ok('block_user alice');
  t.equal((await alice.request('direct_message carol hi')).code, 12, 'one that is refused is not counted');
  await alice.ok('direct_message alice hi');
  await alice.ok('direct_message bob hi');
  await carol.ok('unblock_user alice');
  const refused = await alice.request('direct_message carol hi');
  t.match(refused, {
    code: 14,
    body: { error: 'you have begun as many private conversations as you may in a day, 2: wait until midnight UTC' },
  });
  t.ok(retryAfter(refused) > 0 && retryAfter(refused) <= 86_400_000);
  await bob.ok('direct_message alice one that is there');
  await bob.ok('direct_message carol hi');
  t.match(await carol.request('direct_message carol hi'), {
    code: 14,
    body: { error: /^your address has begun as many private conversations as it may in a day, 3: wait/ },
  });
  await carol.ok('direct_message bob answering is free');
  await alice.ok('block_user bob');
  await alice.ok('block_user bob');
  t.match(await alice.request('block_user carol'), {
    code: 14,
    body: { error: 'you block as many users as you may, 1: unblock one first', retry_after: Number },
  });
  await alice.ok('unblock_user bob');
  await alice.ok('block_user carol');
  t.match(await limited(metrics), [
    /conversations_per_day"\} 1$/,
    /conversations_per_day_per_address"\} 1$/,
    /max_blocked_users"\} 1$/,
  ]);
  for (const client of [alice, bob, carol]) client.destroy();
});

t.test(
  'the users of an address make max_new_rooms_per_day_per_address rooms together, and so many users',
  async (t) => {
    const { port, metrics } = await start(t, {
      SALOND_MAX_NEW_ROOMS_PER_DAY_PER_ADDRESS: '2',
      SALOND_MAX_NEW_USERS_PER_DAY_PER_ADDRESS: '2',
    });
    const alice = await (await Client.connect(port)).enter('alice', 'attic');
    const bob = await (await Client.connect(port)).enter('bob', 'cellar');
    const refused = await bob.request(join('bob', 'kitchen'));
    t.match(refused, { code: 14, body: { error: /^your address has made as many rooms as it may in a day, 2: join/ } });
    t.ok(retryAfter(refused) > 0 && retryAfter(refused) <= 86_400_000);
    t.equal((await bob.request(join('bob', 'attic'))).code, 1);
    const guest = await Client.connect(port);
    const carol = { first_name: 'Carol', last_name: 'C', username: 'carol', password: 'carol password' };
    t.match(await guest.request({ command: 'create_user', ...carol }), {
      code: 14,
      body: { error: /^your address has made as many users as it may in a day, 2: log in/, retry_after: Number },
    });
    const elsewhere = await Client.connectFrom('127.0.0.9', port);
    t.equal((await elsewhere.request({ command: 'create_user', ...carol })).code, 1, 'another address may');
    await elsewhere.ok({ command: 'authenticate_user', username: 'carol', password: 'carol password' });
    t.equal((await elsewhere.request({ ...join('carol', 'kitchen') })).code, 1);
    t.match(await limited(metrics), [/rooms_per_day_per_address"\} 1$/, /users_per_day_per_address"\} 1$/]);
    for (const client of [alice, bob, guest, elsewhere]) client.destroy();
  },
);

t.test('a user who is refused is not counted among those whom its address has made', async (t) => {
  const { port } = await start(t, { SALOND_MAX_NEW_USERS_PER_DAY_PER_ADDRESS: '2' });
  const guest = await Client.connect(port);
  const alice = { first_name: 'Alice', last_name: 'A', username: 'alice', password: 'alice password' };
  await guest.ok({ command: 'create_user', ...alice });
  for (let each = 0; each < 3; each += 1) t.equal((await guest.request({ command: 'create_user', ...alice })).code, 4);
  t.equal((await guest.request({ command: 'create_user', ...alice, username: 'bob' })).code, 1);
  t.equal((await guest.request({ command: 'create_user', ...alice, username: 'carol' })).code, 14);
  guest.destroy();
});

t.test('a replay is paid page by page, and waits for its budget instead of being refused', async (t) => {
  const { port, metrics } = await start(t, {
    SALOND_EXEMPT_ADDRESSES: '127.0.0.9',
    // After the burst, a page of a replay in half a second.
    SALOND_COST_PER_SECOND_PER_USER: '20',
  });
  const writer = await (await Client.connectFrom('127.0.0.9', port)).enter('writer', 'lobby');
  const count = 2500;
  const message = { command: 'chatroom_message', username: 'writer', room: 'lobby', message: 'hello' };
  for (let each = 0; each < count; each += 1) writer.send(message);
  for (let each = 0; each < count; each += 1) await writer.reply();
  const reader = await (await Client.connect(port)).enter('reader');
  let refused: Line | undefined;
  while (refused === undefined) {
    for (let each = 0; each < 500; each += 1) reader.send('help');
    for (let each = 0; each < 500; each += 1) {
      const reply = await reader.reply();
      if (reply.code === 14) refused = reply;
    }
  }
  const asked = async (): Promise<number> => Number(/\} (\d+)$/.exec((await limited(metrics))[0] ?? '')?.[1]);
  let before = 0;
  // On a busy machine requests behind the refused one may have spent what came meanwhile.
  for (let reply = refused; reply.code === 14; reply = await reader.reply()) {
    await sleep(retryAfter(reply));
    before = await asked();
    reader.send({ ...join('reader', 'lobby'), after: 0 });
  }
  t.equal(reader.lines.filter(({ code }) => code === 110).length, count, 'nothing is missing');
  t.ok((await asked()) - before >= 2, 'the pages after the join waited');
  for (const client of [writer, reader]) client.destroy();
});

t.test('a user has max_sessions_per_user sessions at most, and only who knows the password is told', async (t) => {
  const { port, metrics } = await start(t, { SALOND_MAX_SESSIONS_PER_USER: '2' });
  const login = { command: 'authenticate_user', username: 'alice', password: 'alice password' };
  const [first, second] = [
    await (await Client.connect(port)).enter('alice'),
    await (await Client.connect(port)).enter('alice'),
  ];
  const third = await Client.connect(port);
  t.match(await third.request(login), {
    code: 14,
    body: { error: 'this user has as many sessions as it may have, 2: end one of them first', retry_after: 5000 },
  });
  t.equal((await third.request({ ...login, password: 'another password' })).code, 4);
  t.equal((await third.request('log_out')).code, 8, 'the session stays a guest');
  await first.ok('log_out');
  t.equal((await third.request(login)).code, 1);
  t.equal((await first.request(login)).code, 14);
  await second.ok('quit');
  await second.closed;
  t.equal((await first.request(login)).code, 1);
  t.match(await limited(metrics), [/limit="max_sessions_per_user"\} 2$/]);
  for (const client of [first, third]) client.destroy();
});

t.test('sessions from exempt addresses meet none of these limits', async (t) => {
  const daemon = hostDaemon(t, {
    env: {
      SALOND_COST_PER_SECOND: '1',
      SALOND_COST_PER_SECOND_PER_USER: '1',
      SALOND_COST_PER_SECOND_PER_ADDRESS: '1',
      SALOND_MAX_ROOMS_PER_SESSION: '1',
      SALOND_MAX_NEW_ROOMS_PER_DAY: '1',
      SALOND_MAX_SESSIONS_PER_USER: '1',
    },
  });
  const port = await daemon.port();
  const clients = [
    await (await Client.connect(port)).enter('alice', 'attic', 'cellar', 'garden'),
    await (await Client.connect(port)).enter('alice', 'attic', 'cellar', 'garden'),
  ];
  for (let each = 0; each < 50; each += 1) await clients[0]?.ok('help');
  for (const client of clients) client.destroy();
});
