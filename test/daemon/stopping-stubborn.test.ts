// Tests stops with clients that do not read, do not close, or wait for the check of a password. The daemon ends by
// itself, and every client that reads gets the 199 (PROTOCOL.md §3.4, §4).
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon, type Teardown } from '../support/daemon.js';
import { noSlowReader, SlowReader } from '../support/slow-reader.js';

// The tests mostly wait, so they run side by side.
t.jobs = 3;

/**
 * Stops the daemon. Asserts that it ends by itself, with status 0. How long that takes depends on the machine too.
 * @param cutOff how many clients it gives up at least
 */
async function assertStops(t: Test, daemon: Daemon, cutOff = 0): Promise<void> {
  const start = performance.now();
  t.same(await daemon.stop(), { code: 0, signal: null });
  t.comment(`it took ${Math.round(performance.now() - start)} ms`);
  const events = daemon.log.map(({ event }) => event);
  // A hash that runs is made to its end.
  t.same([events.includes('stopping'), events.at(-1)], [true, 'stopped']);
  t.ok(
    Number(daemon.log.at(-1)?.['cut_off']) >= cutOff,
    `it gave up ${String(daemon.log.at(-1)?.['cut_off'])} clients`,
  );
}

/** Opens a connection that this side never closes. */
async function connectStubborn(t: Teardown, port: number): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

t.test('clients that never close do not delay a stop for long', { buffered: true }, async (t) => {
  const daemon = startDaemon(t);
  const port = await daemon.port();
  (await connectStubborn(t, port)).resume();
  (await connectStubborn(t, port)).pause();
  const client = await Client.connect(port);
  await client.ok('ping');
  const stopped = assertStops(t, daemon);
  await client.closed;
  t.equal(client.lines.at(-1)?.code, 199);
  await t.rejects(Client.connect(port), { code: 'ECONNREFUSED' }, 'the daemon accepts no connection while it waits');
  await stopped;
});

/** Waits until a client takes no more, so that its replies wait in the daemon: three looks that see the same. */
async function untilFull(daemon: Daemon): Promise<void> {
  for (let [seen, last] = [0, 0]; seen < 3; ) {
    await sleep(50);
    const bytes = Number(/^salond_outbox_bytes (\d+)$/m.exec(await daemon.metrics())?.[1]);
    seen = bytes > 0 && bytes === last ? seen + 1 : 0;
    last = bytes;
  }
}

t.test(
  'clients that never read their replies do not delay a stop for long',
  { buffered: true, skip: noSlowReader },
  async (t) => {
    const daemon = startDaemon(t, { env: { SALOND_METRICS_LISTEN: '127.0.0.1:0' } });
    const port = await daemon.port();
    const flooded = new SlowReader(t, port, { bytesPerSecond: 0, receiveBuffer: 65_536 });
    flooded.send(...Array.from({ length: 10_000 }, () => `ping ${'x'.repeat(1000)}`));
    await untilFull(daemon);
    const client = await Client.connect(port);
    await client.ok('ping');
    await assertStops(t, daemon, 1);
    await client.closed;
    t.equal(client.lines.at(-1)?.code, 199);
  },
);

t.test(
  'passwords that wait for their turn do not delay a stop for long, and their senders get the 199',
  { buffered: true },
  async (t) => {
    // A hash takes half a second, and two run at a time. These are twice as many as can be checked while the daemon
    // waits for its clients.
    const daemon = startDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '17', SALOND_PASSWORD_P: '2' } });
    const port = await daemon.port();
    const clients = await Promise.all(Array.from({ length: 40 }, () => Client.connect(port)));
    for (const client of clients) client.send('authenticate_user mallory looking-glass');
    // When a later connection is answered, the lines of all these have come.
    const other = await Client.connect(port);
    await other.ok('ping');
    await assertStops(t, daemon);
    await Promise.all(clients.map(({ closed }) => closed));
    t.same(clients.filter(({ lines }) => lines.at(-1)?.code !== 199).length, 0);
    const unanswered = clients.filter(({ lines }) => lines.length === 1).length;
    t.comment(`${unanswered} passwords were not waited for`);
  },
);
