// How the daemon stops: nobody new comes in, what was sent is answered, everybody is told (199, PROTOCOL.md §4), and
// what was answered is there when it starts again. Clients that are in no hurry are in stopping-stubborn.test.ts.
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} tells everybody when to come back, closes and ends well`, async (t) => {
    const daemon = startDaemon(t);
    const port = await daemon.port();
    const guest = await Client.connect(port);
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const halfLine = await Client.connect(port);
    halfLine.socket.write('{"command":"pi');
    // In order with what was written before: the daemon has the half line.
    await guest.ok('ping');
    const start = performance.now();
    t.match(await daemon.stop(signal), { code: 0 });
    t.ok(performance.now() - start < 4000, 'nobody is waited for who closes when told to');
    for (const client of [guest, alice, halfLine]) {
      await client.closed;
      t.match(client.lines.at(-1), { code: 199, body: { reason: 'the server is stopping', retry_after: Number } });
    }
    t.same(daemon.log.map(({ event }) => event).slice(-2), ['stopping', 'stopped']);
    await t.rejects(Client.connect(port), { code: 'ECONNREFUSED' });
  });
}

t.test('clients are told different times to come back', async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_CONNECTIONS_PER_MINUTE: '1000' } });
  const port = await daemon.port();
  const clients = await Promise.all(Array.from({ length: 300 }, () => Client.connect(port)));
  for (const client of clients) await client.ok('ping');
  await daemon.stop();
  await Promise.all(clients.map(({ closed }) => closed));
  const times = clients.map(({ lines }) => Number(lines.at(-1)?.body['retry_after'])).sort((a, b) => a - b);
  // Two milliseconds for each of them: no more than some hundred come in one second.
  t.ok((times[0] ?? 0) >= 2000 && (times.at(-1) ?? Infinity) <= 2600, `${times[0]} to ${times.at(-1)} ms`);
  t.ok((times.at(-1) ?? 0) - (times[0] ?? 0) > 400, 'they are spread over that time');
});

t.test('after a restart every message that was answered is there, and no other one', async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const names = ['alice', 'bob', 'carol'];
  const clients = await Promise.all(names.map(async (name) => (await Client.connect(port)).enter(name, 'lobby')));
  for (const [each, client] of clients.entries()) {
    const message = { command: 'chatroom_message', username: names[each], room: 'lobby' };
    client.send(...Array.from({ length: 2000 }, (_, ref) => ({ ...message, message: `${each}/${ref}`, ref })));
  }
  await clients[0]?.reply();
  t.match(await daemon.stop(), { code: 0 });
  await Promise.all(clients.map(({ closed }) => closed));
  for (const { lines } of clients) t.equal(lines.at(-1)?.code, 199);

  const again = startDaemon(t, { data: daemon.data });
  const reader = await (await Client.connect(await again.port())).enter('reader');
  reader.send({ command: 'join_chatroom', username: 'reader', room: 'lobby', after: 0 });
  await reader.reply();
  const stored = new Map(
    reader.lines.filter(({ code }) => code === 110).map(({ body }) => [body['message'], body['id']]),
  );
  let answered = 0;
  for (const [each, { lines }] of clients.entries()) {
    const replies = lines.filter(({ body }) => body['command'] === 'chatroom_message');
    answered += replies.length;
    t.same(
      replies.filter(({ code, body }) => code !== 1 || stored.get(`${each}/${String(body['ref'])}`) !== body['id']),
      [],
    );
  }
  t.equal(stored.size, answered, 'what was committed was answered');
});

t.test('a login under way is answered before the 199', async (t) => {
  // A hash that takes longer than the signal, and less than a stop waits, on a busy machine too.
  const daemon = startDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '16', SALOND_PASSWORD_P: '1' } });
  const client = await Client.connect(await daemon.port());
  const other = await Client.connect(await daemon.port());
  client.send('create_user alice Alice Liddell rabbit-hole', 'ping later');
  await other.ok('ping');
  t.match(await daemon.stop(), { code: 0 });
  await client.closed;
  t.same(
    client.lines.map((line) => line.code),
    [1, 199],
    'what came behind it is not begun any more',
  );
});
