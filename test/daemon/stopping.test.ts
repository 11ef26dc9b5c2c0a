// Tests how the daemon stops: it accepts no new connections, answers what was sent, sends everybody a 199 (PROTOCOL.md
// §4), and has everything that it answered when it starts again. Tests with clients that do not read or close are in
// stopping-stubborn.test.ts.
import { createHook } from 'node:async_hooks';
import t from 'tap';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} sends everybody a 199 with a retry_after, closes and ends with status 0`, async (t) => {
    const daemon = startDaemon(t);
    const port = await daemon.port();
    const guest = await Client.connect(port);
    const alice = await (await Client.connect(port)).enter('alice', 'lobby');
    const halfLine = await Client.connect(port);
    halfLine.socket.write('{"command":"pi');
    // After this reply the daemon has the half line, which was sent before.
    await guest.ok('ping');
    t.match(await daemon.stop(signal), { code: 0 });
    for (const client of [guest, alice, halfLine]) {
      await client.closed;
      t.match(client.lines.at(-1), { code: 199, body: { reason: 'the server is stopping', retry_after: Number } });
    }
    t.same(daemon.log.map(({ event }) => event).slice(-2), ['stopping', 'stopped']);
    await t.rejects(Client.connect(port), { code: 'ECONNREFUSED' });
  });
}

t.test("the clients' retry_after are spread over a time", async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_CONNECTIONS_PER_MINUTE: '1000' } });
  const port = await daemon.port();
  const clients = await Promise.all(Array.from({ length: 300 }, () => Client.connect(port)));
  for (const client of clients) await client.ok('ping');
  await daemon.stop();
  await Promise.all(clients.map(({ closed }) => closed));
  const times = clients.map(({ lines }) => Number(lines.at(-1)?.body['retry_after'])).sort((a, b) => a - b);
  // Each client adds two milliseconds, so that about five hundred come back in a second.
  t.ok((times[0] ?? 0) >= 2000 && (times.at(-1) ?? Infinity) <= 2600, `${times[0]} to ${times.at(-1)} ms`);
  t.ok((times.at(-1) ?? 0) - (times[0] ?? 0) > 400, 'the times are spread');
});

t.test('after a restart exactly the messages that were answered are stored', async (t) => {
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
  t.equal(stored.size, answered, 'every stored message was answered');
});

/** Fulfils when the next password hash begins in a thread of this process's pool. */
function nextHash(): Promise<void> {
  return new Promise((resolve) => {
    const hook = createHook({
      init: (_id, type) => {
        if (type !== 'SCRYPTREQUEST') return;
        hook.disable();
        resolve();
      },
    }).enable();
  });
}

t.test('a login under way is answered before the 199', async (t) => {
  // Such a hash is made in the pool. A costlier one, in a thread of low priority, could last longer than a stop waits.
  const daemon = hostDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '14', SALOND_PASSWORD_P: '1' } });
  const client = await Client.connect(await daemon.port());
  const hashing = nextHash();
  client.send('create_user alice Alice Liddell rabbit-hole', 'ping later');
  await hashing;
  t.match(await daemon.stop(), { code: 0 });
  await client.closed;
  t.same(
    client.lines.map((line) => line.code),
    [1, 199],
    'the request after the login is not carried out',
  );
});
