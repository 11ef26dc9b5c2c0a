// Clients that hold a stop up: they do not read, do not close, or wait for a password to be checked. The daemon ends
// within ten seconds all the same, and whoever listens is told (199, PROTOCOL.md §3.4, §4).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon, type Teardown } from '../support/daemon.js';

// Each waits for seconds, and does nothing meanwhile.
t.jobs = 3;

/** Stops the daemon, which has to end well within ten seconds. */
async function stop(t: Test, daemon: Daemon): Promise<void> {
  const start = performance.now();
  const { code } = await daemon.stop();
  t.equal(code, 0);
  const took = performance.now() - start;
  t.ok(took < 10_000, `it took ${Math.round(took)} ms`);
}

/** A connection that is never closed from this side, whatever the server does. */
async function stubborn(t: Teardown, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

t.test('clients that never close do not delay a stop for long', { buffered: true }, async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  (await stubborn(t, port)).resume();
  (await stubborn(t, port)).pause();
  const client = await Client.connect(port);
  await client.ok('ping');
  const stopped = stop(t, daemon);
  await client.closed;
  t.equal(client.lines.at(-1)?.code, 199);
  await t.rejects(Client.connect(port), { code: 'ECONNREFUSED' }, 'nobody new comes in while they are waited for');
  await stopped;
});

t.test('clients that never read their replies do not delay a stop for long', { buffered: true }, async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  const flooded = await stubborn(t, port);
  flooded.pause();
  flooded.write('help\n'.repeat(100_000));
  const client = await Client.connect(port);
  await client.ok('ping');
  await stop(t, daemon);
  await client.closed;
  t.equal(client.lines.at(-1)?.code, 199);
});

t.test(
  'passwords that wait for their turn do not delay a stop for long, and their senders are told',
  { buffered: true },
  async (t) => {
    // Half a second each, and two at a time: twice as many as can be checked while the daemon waits for its clients.
    const daemon = startDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '17', SALOND_PASSWORD_P: '2' } });
    const port = await daemon.port();
    const clients = await Promise.all(Array.from({ length: 40 }, () => Client.connect(port)));
    for (const client of clients) client.send('authenticate_user mallory looking-glass');
    // The last one's line has come when the connection after it is answered.
    const other = await Client.connect(port);
    await other.ok('ping');
    await stop(t, daemon);
    await Promise.all(clients.map(({ closed }) => closed));
    t.same(clients.filter(({ lines }) => lines.at(-1)?.code !== 199).length, 0);
  },
);
