// What the kernel holds of a connection, as /proc/net/tcp shows it: the least that the other end leaves there is seen,
// by every family of addresses; a socket that is not there is not made up.
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readKernelQueues } from '../../src/net/kernel-queues.js';
import { noIpv6, temporaryFolder } from '../support/daemon.js';
import { skipUnlessPossible } from '../support/skip.js';

const skip = skipUnlessPossible(existsSync('/proc/self/net/tcp'), "needs Linux' /proc/self/net/tcp");

/** Both ends of a connection: that which came in, and that which reads nothing. */
async function pair(t: Test, listen: string, to: string): Promise<{ readonly socket: Socket; readonly other: Socket }> {
  const server = createServer({ allowHalfOpen: true });
  if (listen.startsWith('/')) server.listen(listen);
  else server.listen(0, listen);
  await once(server, 'listening');
  const other = listen.startsWith('/') ? connect(listen) : connect((server.address() as AddressInfo).port, to);
  const [socket] = (await once(server, 'connection')) as [Socket];
  other.pause();
  for (const each of [socket, other]) each.on('error', () => undefined);
  t.teardown(() => {
    socket.destroy();
    other.destroy();
    server.close();
  });
  return { socket, other };
}

for (const [what, listen, to, missing] of [
  ['IPv4', '127.0.0.1', '127.0.0.1', skip],
  ['IPv6', '::1', '::1', skip || noIpv6],
  ['IPv4 to a socket that takes both', '::', '127.0.0.1', skip || noIpv6],
] as const) {
  t.test(`${what}: nothing, then bytes that are not read, then all of them read`, { skip: missing }, async (t) => {
    const { socket, other } = await pair(t, listen, to);
    t.same((await readKernelQueues([socket])).get(socket), { sent: 0, unread: 0 });
    socket.write(Buffer.alloc(1000));
    // They are with the other end's system, and its program has not read them: Node.js reads none while it is paused.
    let seen = (await readKernelQueues([socket])).get(socket);
    while (seen?.sent !== 0) seen = (await readKernelQueues([socket])).get(socket);
    t.equal(seen.unread, 1000);
    // More than a system takes for a program that does not read.
    for (let each = 0; each < 40; each += 1) socket.write(Buffer.alloc(1_000_000));
    while ((seen?.sent ?? 0) < 1000) seen = (await readKernelQueues([socket])).get(socket);
    t.ok((seen?.unread ?? 0) > 1000);
    other.resume();
    while ((seen?.sent ?? 0) + (seen?.unread ?? 0) > 0 || socket.writableLength > 0)
      seen = (await readKernelQueues([socket])).get(socket);
    t.same(seen, { sent: 0, unread: 0 });
  });
}

t.test('the kernel shows nothing of a Unix socket, or of one that is closed', { skip }, async (t) => {
  const { socket: unix } = await pair(t, join(temporaryFolder(t), 'socket'), '');
  const { socket, other } = await pair(t, '127.0.0.1', '127.0.0.1');
  const gone = once(socket, 'close');
  socket.destroy();
  other.destroy();
  await gone;
  t.equal((await readKernelQueues([unix, socket])).size, 0);
});

t.test('of hundreds, some are asked for their addresses in a turn of the event loop', async (t) => {
  let [most, inTurn, asked, ended] = [0, 0, 0, false];
  const sockets = Array.from({ length: 220 }, () => ({
    get localAddress(): undefined {
      asked += 1;
      inTurn += 1;
      most = Math.max(most, inTurn);
      return undefined;
    },
  }));
  const turn = (): void => {
    inTurn = 0;
    if (!ended) setImmediate(turn);
  };
  turn();
  await readKernelQueues(sockets as unknown as readonly Socket[]);
  ended = true;
  t.equal(asked, 220);
  t.equal(most, 50);
});
