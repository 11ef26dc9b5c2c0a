// Connections that wait for their turn with much that they have sent (src/net/reading.ts), on real sockets: nothing
// more is read from them, and afterwards everything is.
import { defaultFormat } from '../../src/wire/format.js';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { SecondWork } from '../../src/loop/turn-end.js';
import { Connection } from '../../src/net/connection.js';
import type { LineSession } from '../../src/net/line-session.js';
import { TurnScheduler } from '../../src/net/turn-scheduler.js';
import { verbatim } from '../../src/wire/words.js';
import { testConnectionOptions } from '../support/connection-options.js';

class Session implements LineSession {
  readonly format = defaultFormat;
  ready = true;
  idle = true;
  quitting = false;
  authenticated = true;
  readonly payerClass = 'user';
  readonly payerAddress = '192.0.2.1';
  readonly payerUser = 'alice';
  received = 0;
  isClosed = false;

  constructor(private readonly onReceived: () => void) {}

  receive(): void {
    this.received += 1;
    this.onReceived();
  }

  end(): void {}
  closed(): void {
    this.isClosed = true;
  }
}

/** A connection whose requests take a tenth of a millisecond each, and whose turns the test ends. */
async function begin(t: Test): Promise<{
  readonly client: Socket;
  readonly socket: Socket;
  readonly session: Session;
  readonly connection: Connection;
  readonly endTurn: () => void;
}> {
  let time = 0;
  let deferred: SecondWork[] = [];
  const turns = new TurnScheduler<Connection>({ now: () => time, defer: (run) => void deferred.push(run) });
  const server = createServer({ allowHalfOpen: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [socket] = (await once(server, 'connection')) as [Socket];
  const session = new Session(() => {
    time += 0.1;
  });
  const connection = new Connection(socket, socket, testConnectionOptions({ turns }), () => session);
  t.teardown(() => {
    client.destroy();
    socket.destroy();
    server.close();
  });
  const endTurn = (): void => {
    const runs = deferred;
    deferred = [];
    for (const run of runs) run(1, false);
  };
  return { client, socket, session, connection, endTurn };
}

const [line, count] = [`ping ${'x'.repeat(94)}\n`, 10_000];

t.test('of what is sent ahead one read is taken, and all of it in the end', async (t) => {
  const { client, socket, session, endTurn } = await begin(t);
  client.end(line.repeat(count));
  await sleep(100);
  t.ok(socket.bytesRead > 4096 && socket.bytesRead <= 65_536, `${socket.bytesRead} bytes were read`);
  t.equal(socket.readableLength, 0, 'the socket keeps nothing');
  let most = 0;
  for (let turns = 0; session.received < count && turns < 5000; turns += 1) {
    endTurn();
    await sleep(1);
    most = Math.max(most, socket.bytesRead - session.received * line.length);
  }
  t.equal(session.received, count);
  t.ok(most <= 2 * 65_536, `${most} bytes waited at one time`);
  for (let times = 0; !session.isClosed && times < 100; times += 1) {
    endTurn();
    await sleep(10);
  }
  t.ok(session.isClosed, 'its end is seen');
});

t.test('one that is put out while it waits is told so, and its end is seen', async (t) => {
  const { client, session, connection } = await begin(t);
  client.write(line.repeat(count));
  client.on('error', () => undefined);
  let text = '';
  client.on('data', (bytes: Buffer) => {
    text += bytes.toString();
  });
  client.on('end', () => client.end());
  await sleep(100);
  t.ok(connection.evict({ reason: verbatim('enough'), because: 'kicked' }));
  await once(client, 'close');
  t.match(text, /^199\t.*enough/);
  for (let times = 0; !session.isClosed && times < 100; times += 1) await sleep(10);
  t.ok(session.isClosed);
});

t.test('one that is cut off while it waits is gone', async (t) => {
  const { client, session, connection } = await begin(t);
  client.on('error', () => undefined);
  client.write(line.repeat(count));
  await sleep(100);
  connection.destroy();
  for (let times = 0; !session.isClosed && times < 100; times += 1) await sleep(10);
  t.ok(session.isClosed);
});
