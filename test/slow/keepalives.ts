// `npm run test:slow`: ten thousand connections that ask for signs of life (PROTOCOL.md §8.4). Half of the clients
// answer. It tells what a keepalive adds to the memory of a connection, and what all of them take of a processor.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { Connection } from '../../src/net/connection.js';
import { defaultFormat } from '../../src/wire/format.js';
import type { LineSession } from '../../src/net/line-session.js';
import { testConnectionOptions } from '../support/connection-options.js';
import type { Seen } from './keepalive-clients.js';

const count = 10_000;
/** Seconds without a line after which a sign of life goes out. */
const pause = 10;
/** Milliseconds after which a silent client is closed, and how much later the last of them may be. */
const [silent, latest] = [2.5 * pause * 1000, 2500];

/** A user's session that has nothing to say. */
const session: LineSession = {
  ready: true,
  idle: true,
  quitting: false,
  authenticated: true,
  format: defaultFormat,
  payerClass: 'user',
  payerAddress: '192.0.2.1',
  payerUser: 'alice',
  receive: () => undefined,
  end: () => undefined,
  closed: () => undefined,
};

/** The bytes of all objects, once what is garbage is collected. */
async function heapBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let times = 0; times < 3; times += 1) {
    collect();
    await sleep(50);
  }
  return process.memoryUsage().heapUsed;
}

/** The milliseconds of a processor that this process takes in so many milliseconds. */
async function cpuOf(milliseconds: number): Promise<number> {
  const before = process.cpuUsage();
  await sleep(milliseconds);
  const { user, system } = process.cpuUsage(before);
  return Math.round((user + system) / 1000);
}

t.test(`${count} connections with signs of life`, { timeout: 300_000 }, async (t) => {
  const server = createServer({ allowHalfOpen: true });
  const options = testConnectionOptions();
  const connections: Connection[] = [];
  server.on('connection', (socket) => {
    connections.push(new Connection(socket, socket, options, () => session));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clients = fork(join(import.meta.dirname, 'keepalive-clients.js'), [String(port), String(count)]);
  t.teardown(() => {
    clients.kill('SIGKILL');
    server.close();
  });
  const seen = async (): Promise<Seen> => {
    clients.send('tell');
    const [answer] = (await once(clients, 'message')) as [Seen];
    return answer;
  };
  await once(clients, 'message');
  while (connections.length < count) await sleep(10);
  await sleep(1000);

  const without = await cpuOf(10_000);
  let timers = 0;
  const { setTimeout: startTimer } = globalThis;
  t.intercept(globalThis, 'setTimeout', {
    value: (...args: Parameters<typeof setTimeout>) => {
      timers += 1;
      return startTimer(...args);
    },
  });
  const before = await heapBytes();
  const started = Date.now();
  for (const connection of connections) connection.keepAlive(pause);
  const timersAtOnce = timers;
  const added = Math.round(((await heapBytes()) - before) / count);
  t.comment(`a keepalive adds ${added} bytes to a connection, with ${timersAtOnce} timer for all`);
  t.ok(added < 512);
  t.equal(timersAtOnce, 1);

  await sleep(9000 - (Date.now() - started));
  t.match(await seen(), { most: 0 }, 'nothing goes out before its time');
  const during = await cpuOf(10_000);
  t.comment(`of 10 s of a processor ${during} ms were used, and ${without} ms before, with 1000 answers a second`);
  await sleep(4000);
  const { fewest, most, closed } = await seen();
  t.same({ fewest, most, closed }, { fewest: 2, most: 2, closed: [] });
  await sleep(silent + latest - (Date.now() - started));
  const times = (await seen()).closed;
  const after = times.map(({ at }) => at - started);
  t.comment(`the silent half was closed after ${Math.min(...after)} to ${Math.max(...after)} ms`);
  t.equal(times.length, count / 2);
  t.notOk(times.some(({ answers }) => answers));
  t.ok(Math.min(...after) >= silent);
  t.comment(`${timers} timers, one after the other`);
});
