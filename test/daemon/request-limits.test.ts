// Tests the limits on requests: codes 14 (too many), 16 (the server is at a limit) and 12 (registration is closed),
// with their retry_after (PROTOCOL.md §2.4, §3.2, §5.3). Also tests the greeting.
import t from 'tap';
import { Client } from '../support/client.js';
import { noIpv6 } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

const noExemptions = { SALOND_EXEMPT_ADDRESSES: '' };
const login = { command: 'authenticate_user', username: 'alice', password: 'wrong password' };
const newUser = {
  command: 'create_user',
  username: 'alice',
  first_name: 'A',
  last_name: 'B',
  password: 'alice password',
};

t.test('passwords from an address beyond password_attempts_per_minute are answered 14', { skip: noIpv6 }, async (t) => {
  const daemon = hostDaemon(t, {
    args: ['--listen', '[::1]:0'],
    env: { ...noExemptions, SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '4' },
  });
  const [port = 0, port6 = 0] = await daemon.ports();
  const first = await Client.connect(port);
  t.equal(
    (await first.request({ ...newUser, password: 'short' })).code,
    7,
    'a request with a wrong parameter costs nothing',
  );
  t.equal((await first.request(newUser)).code, 1);
  t.equal((await first.request(newUser)).code, 4);
  t.equal((await first.request({ ...login, password: 'alice password' })).code, 1);
  t.equal((await first.request(login)).code, 13, 'a login of a session with a user costs nothing');
  const second = await Client.connect(port);
  t.equal((await second.request(login)).code, 4);
  for (const request of [login, newUser, { ...login, password: 'alice password' }]) {
    const { code, body } = await second.request(request);
    t.match({ code, body }, { code: 14, body: { command: request.command, error: String, retry_after: Number } });
    t.ok(Number(body['retry_after']) > 0 && Number(body['retry_after']) <= 15_000);
  }
  t.equal((await second.request('ping')).code, 1, 'other requests are answered');
  const other = await Client.connect(port6, '::1');
  t.equal((await other.request(login)).code, 4, 'other addresses are not affected');
  for (const client of [first, second, other]) client.destroy();
});

t.test('exempt addresses have no limit on password attempts', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_PASSWORD_ATTEMPTS_PER_MINUTE: '1' } });
  const client = await Client.connect(await daemon.port());
  for (let each = 0; each < 5; each += 1) t.equal((await client.request(login)).code, 4);
  client.destroy();
});

t.test('messages beyond messages_per_second are answered 14, but a known key is still answered', async (t) => {
  const daemon = hostDaemon(t, { env: { ...noExemptions, SALOND_MESSAGES_PER_SECOND: '1' } });
  const port = await daemon.port();
  const alice = await (await Client.connect(port)).enter('alice', 'lobby');
  const keyed = { command: 'chatroom_message', username: 'alice', room: 'lobby', message: 'once', key: 'key 1' };
  t.match(await alice.request(keyed), { code: 1, body: { id: 1 } });
  let refused = await alice.say('alice', 'lobby', 'again');
  let stored = 1;
  for (; refused.code === 1; stored += 1) refused = await alice.say('alice', 'lobby', 'again');
  t.ok(stored >= 5, 'a burst may have the messages of five seconds');
  t.match(refused, { code: 14, body: { command: 'chatroom_message', retry_after: Number } });
  t.ok(Number(refused.body['retry_after']) > 0 && Number(refused.body['retry_after']) <= 1000);

  const unknown = { ...keyed, key: 'key 2' };
  alice.send(unknown, keyed, { ...keyed, message: 'other' }, { ...unknown, room: 'garden' });
  const [first, known, other, elsewhere] = [
    await alice.reply(),
    await alice.reply(),
    await alice.reply(),
    await alice.reply(),
  ];
  t.match(known, { code: 1, body: { id: 1, prev: 0, duplicate: true } });
  t.equal(other.code, 18);
  // If the next message was nearly due, this one may have been allowed.
  const soon = first.code === 14 && Number(first.body['retry_after']) < 100;
  t.equal(elsewhere.code, soon ? elsewhere.code : 14, '14 comes before 10');

  await alice.ok({ command: 'leave_chatroom', username: 'alice', room: 'lobby' });
  t.match(
    await alice.request(keyed),
    { code: 1, body: { id: 1, duplicate: true } },
    'a known key is answered before 10 too',
  );
  const again = await (await Client.connect(port)).enter('alice', 'lobby');
  t.equal((await again.say('alice', 'lobby', 'hello')).code, 1, 'each session has its own budget');
  for (const client of [alice, again]) client.destroy();
});

t.test('a password that finds the queue full is answered 16, and every request gets its reply', async (t) => {
  // A hash takes a sixth of a second. Two run at a time, and one may wait.
  const daemon = hostDaemon(t, {
    env: { SALOND_PASSWORD_LOG_N: '16', SALOND_PASSWORD_QUEUE: '1', SALOND_PASSWORD_THREADS: '2' },
  });
  const port = await daemon.port();
  const clients = await Promise.all(Array.from({ length: 8 }, () => Client.connect(port)));
  const replies = await Promise.all(
    clients.map((client, index) => client.request({ ...newUser, username: `user${index}` })),
  );
  const busy = replies.filter(({ code }) => code === 16);
  t.ok(busy.length >= 1 && busy.length <= 5, `${busy.length} were refused`);
  for (const { body } of busy) t.match(body, { command: 'create_user', error: String, retry_after: Number });
  t.ok(busy.every(({ body }) => Number(body['retry_after']) > 0));
  t.equal(replies.filter(({ code }) => code === 1).length, replies.length - busy.length);
  const index = replies.findIndex(({ code }) => code === 16);
  const again = await clients[index]?.request({ ...newUser, username: `user${index}` });
  t.equal(again?.code, 1, 'the refused request created no user, and the queue has room again');
  for (const client of clients) client.destroy();
});

t.test('with registration closed create_user is answered 12, and existing users can log in', async (t) => {
  const daemon = hostDaemon(t);
  await (await Client.connect(await daemon.port())).enter('alice');
  await daemon.stop();
  const closed = hostDaemon(t, { data: daemon.data, env: { SALOND_REGISTRATION: 'closed' } });
  const client = await Client.connect(await closed.port());
  const refused = await client.request({ ...newUser, username: 'bob' });
  t.match(refused, { code: 12, body: { command: 'create_user', error: /registration/ } });
  t.equal((await client.request(newUser)).code, 12, 'a taken name is answered 12 too');
  t.equal((await client.request({ ...newUser, username: '' })).code, 7);
  t.equal((await client.request({ ...login, password: 'alice password' })).code, 1);
  client.destroy();
});

t.test('a greeting is the first line of every connection, and without one the server never speaks first', async (t) => {
  const greeting = 'Bienvenue à "tous"';
  const polite = await hostDaemon(t, { env: { SALOND_GREETING: greeting } }).port();
  for (let each = 0; each < 2; each += 1) {
    const client = await Client.connect(polite);
    t.equal((await client.next()).raw, `190\t${JSON.stringify({ text: greeting })}`);
    await client.ok('ping');
    t.equal(client.lines.length, 2);
    client.destroy();
  }
  const client = await Client.connect(await hostDaemon(t).port());
  await client.ok('ping');
  t.equal(client.lines.length, 1, 'the reply is the first line');
  client.destroy();
});
