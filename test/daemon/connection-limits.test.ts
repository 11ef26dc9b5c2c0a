// Tests the limits on connections: a connection beyond a limit gets a 199 with `retry_after` (PROTOCOL.md §4) and is
// closed, and the others are not affected. Loopback addresses are exempt by default, so the tests change that.
import { readdirSync, readlinkSync } from 'node:fs';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { noIpv6, startDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';
import { skipUnlessPossible } from '../support/skip.js';

const noExemptions = { SALOND_EXEMPT_ADDRESSES: '' };

/** Asserts that a new connection is refused: it gets one line, a 199, and the end. */
async function assertRefused(t: Test, port: number, host = '127.0.0.1'): Promise<void> {
  const client = await Client.connect(port, host);
  await client.closed;
  t.match(client.lines, [{ code: 199, body: { reason: String } }]);
  t.equal(client.lines.length, 1);
  const wait = Number(client.lines[0]?.body['retry_after']);
  t.ok(Number.isInteger(wait) && wait > 0 && wait <= 60_000, `retry_after is ${wait}`);
}

/** Connects. Rejects if the connection is refused. */
async function accepted(port: number, host = '127.0.0.1'): Promise<Client> {
  const client = await Client.connect(port, host);
  await client.ok('ping');
  return client;
}

/** Connects as soon as there is a place. The daemon notices the end of a connection a moment after its client. */
async function acceptedSoon(port: number): Promise<Client> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await accepted(port);
    } catch (error) {
      if (tries === 100) throw error;
    }
  }
}

t.test('connections beyond max_connections are refused, also from exempt addresses, until one ends', async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_MAX_CONNECTIONS: '2' } });
  const port = await daemon.port();
  const alice = await (await accepted(port)).enter('alice', 'lobby');
  const bob = await (await accepted(port)).enter('bob', 'lobby');
  await assertRefused(t, port);
  await assertRefused(t, port);
  t.equal((await alice.say('alice', 'lobby', 'still here')).code, 1);
  t.same((await bob.event()).body['message'], 'still here');
  bob.destroy();
  const carol = await acceptedSoon(port);
  await assertRefused(t, port);
  carol.end();
  await acceptedSoon(port);
});

t.test('connections beyond max_connections_per_address are refused to that address', { skip: noIpv6 }, async (t) => {
  const daemon = hostDaemon(t, {
    args: ['--listen', '[::1]:0'],
    env: { ...noExemptions, SALOND_MAX_CONNECTIONS_PER_ADDRESS: '2' },
  });
  const [port = 0, port6 = 0] = await daemon.ports();
  const first = await accepted(port);
  const second = await accepted(port);
  await assertRefused(t, port);
  await accepted(port6, '::1');
  await accepted(port6, '::1');
  await assertRefused(t, port6, '::1');
  await first.ok('ping');
  second.end();
  await acceptedSoon(port);
});

t.test(
  'connections beyond connections_per_minute are refused to that address, even after the others have ended',
  { skip: noIpv6 },
  async (t) => {
    const daemon = hostDaemon(t, {
      args: ['--listen', '[::1]:0'],
      env: { ...noExemptions, SALOND_CONNECTIONS_PER_MINUTE: '3' },
    });
    const [port = 0, port6 = 0] = await daemon.ports();
    for (let each = 0; each < 3; each += 1) {
      const client = await accepted(port);
      client.destroy();
      await client.closed;
    }
    await assertRefused(t, port);
    await accepted(port6, '::1');
  },
);

t.test('exempt addresses have no limit per address', { skip: noIpv6 }, async (t) => {
  const daemon = hostDaemon(t, {
    args: ['--listen', '[::1]:0'],
    env: {
      SALOND_EXEMPT_ADDRESSES: '127.0.0.0/8',
      SALOND_MAX_CONNECTIONS_PER_ADDRESS: '1',
      SALOND_CONNECTIONS_PER_MINUTE: '1',
    },
  });
  const [port = 0, port6 = 0] = await daemon.ports();
  for (let each = 0; each < 5; each += 1) await accepted(port);
  await accepted(port6, '::1');
  await assertRefused(t, port6, '::1');
});

t.test('a refused client gets the reason even if it has sent requests, and none of them is carried out', async (t) => {
  const daemon = hostDaemon(t, { env: { SALOND_MAX_CONNECTIONS: '1' } });
  const port = await daemon.port();
  const alice = await accepted(port);
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      const client = await Client.connect(port);
      client.send(...Array.from({ length: 100 }, () => 'create_user mallory M M looking-glass'));
      await client.closed;
      t.same(
        client.lines.map(({ code }) => code),
        [199],
      );
    }),
  );
  t.equal((await alice.request('create_user mallory M M looking-glass')).code, 1);
});

const noProc = skipUnlessPossible(process.platform === 'linux', 'needs /proc');

/** Whether it is the link of an open socket. False where it was closed meanwhile. */
function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith('socket:');
  } catch {
    return false;
  }
}

t.test('refused clients that never close are closed by the daemon', { skip: noProc }, async (t) => {
  const daemon = startDaemon(t, { env: { SALOND_MAX_CONNECTIONS: '1' } });
  const port = await daemon.port();
  await accepted(port);
  // Not all files: the index of what was said is opened behind the start.
  const sockets = (): number => {
    const folder = `/proc/${daemon.process.pid}/fd`;
    return readdirSync(folder).filter((file) => isSocket(join(folder, file))).length;
  };
  const before = sockets();
  for (let each = 0; each < 50; each += 1) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => undefined);
    t.teardown(() => socket.destroy());
    await once(socket.resume(), 'end');
  }
  // By default a client that reads nothing is closed after ten seconds.
  const deadline = performance.now() + 10_000;
  while (sockets() > before && performance.now() < deadline)
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  t.ok(sockets() <= before, `${sockets() - before} more sockets are open`);
});

t.test(
  'refused clients of the TLS port that make no handshake have no more open files than other refused clients',
  { skip: noPrograms('openssl') },
  async (t) => {
    const daemon = hostDaemon(t, {
      env: {
        ...certificate(t),
        ...noExemptions,
        SALOND_TLS_LISTEN: '127.0.0.1:0',
        SALOND_MAX_CONNECTIONS_PER_ADDRESS: '2',
      },
    });
    const { tls_addresses: addresses } = await daemon.logged('ready');
    const port = Number((addresses as string[])[0]?.split(':')[1]);
    const clients = await Promise.all(Array.from({ length: 200 }, () => Client.connect(port)));
    t.teardown(() => {
      for (const client of clients) client.destroy();
    });
    let closed = 0;
    for (const client of clients)
      void client.closed.then(() => {
        closed += 1;
      });
    while (closed < clients.length - 2 - 32)
      await new Promise((resolve) => {
        setTimeout(resolve, 10);
      });
    t.pass('all are closed except the two that were accepted and 32 refused ones');
  },
);
