// Connections that are refused: how many of them may linger at one time, and when their places are free again.
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { Admission } from '../../src/net/admission.js';
import { TlsUpgrader, TlsContext } from '../../src/net/tls.js';
import { Acceptor, type ListenerOptions } from '../../src/net/acceptor.js';
import { createLog } from '../../src/ops/log.js';
import { makeCertificate } from '../support/certificate.js';
import { noPrograms } from '../support/programs.js';
import { testConnectionOptions } from '../support/connection-options.js';

/** How many refused connections may linger at one time. */
const maxLingering = 32;

/** A server that lets nobody in. */
function refusingDoor(maxRefusedPerAddress: number): Acceptor {
  return new Acceptor({
    connection: testConnectionOptions(),
    admission: new Admission({
      maxConnections: 0,
      maxPerAddress: 100,
      maxRefused: maxLingering,
      maxRefusedPerAddress,
      rate: { take: () => 0 },
      refusedHandshakeRate: { take: () => 0 },
      isExempt: () => false,
      banned: () => undefined,
      now: () => performance.now(),
    }),
    handshakes: { limits: { maxHandshakes: 100, maxHandshakesPerAddress: 100 }, milliseconds: 10_000 },
    register: { arrived: () => undefined, left: () => undefined },
    greeting: '',
    log: createLog('silent'),
    onRefused: () => undefined,
    openSession: () => {
      throw new Error('nobody is let in');
    },
  });
}

/** Fulfils when the connection is closed on this side, by a reset too. */
const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.destroyed) resolve();
    else socket.once('close', () => resolve());
  });

interface Refusing {
  /** The connections at the server's end, in the order in which they came. */
  readonly accepted: readonly Socket[];
  /** Connects a client that never closes its side. Fulfils when the server has refused it. */
  readonly connectStubborn: (localAddress?: string) => Promise<{ readonly client: Socket; readonly server: Socket }>;
}

async function startRefusing(
  t: Test,
  entrance: ListenerOptions = {},
  maxRefusedPerAddress = maxLingering,
): Promise<Refusing> {
  const door = refusingDoor(maxRefusedPerAddress);
  const accepted: Socket[] = [];
  const listener = createServer({ allowHalfOpen: true }, (socket) => {
    accepted.push(socket);
    door.accept(socket, entrance);
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const clients: Socket[] = [];
  t.teardown(() => {
    for (const client of clients) client.destroy();
    listener.close();
  });
  const { port } = listener.address() as AddressInfo;
  const connectStubborn: Refusing['connectStubborn'] = async (localAddress = '127.0.0.1') => {
    const arrival = once(listener, 'connection');
    const client = connect({ port, host: '127.0.0.1', localAddress, allowHalfOpen: true }).on('error', () => undefined);
    clients.push(client);
    const [server] = (await arrival) as [Socket];
    return { client, server };
  };
  return { accepted, connectStubborn };
}

t.test('so many refused connections linger at one time, and those beyond are closed as they are told', async (t) => {
  const { accepted, connectStubborn } = await startRefusing(t);
  for (let count = 0; count < maxLingering; count += 1) await connectStubborn();
  const beyond = await connectStubborn();
  const told: Buffer[] = [];
  const isEnded = once(
    beyond.client.on('data', (bytes: Buffer) => told.push(bytes)),
    'end',
  );
  await closed(beyond.server);
  t.same(
    accepted.map(({ destroyed }) => destroyed),
    [...Array.from({ length: maxLingering }, () => false), true],
    'it is closed before those that came before it',
  );
  await isEnded;
  t.match(Buffer.concat(told).toString(), /^199\t\{.*"reason":"the server has too many connections".*\}\n$/);

  // Each that closes makes room for one that lingers.
  const [first] = accepted;
  if (first === undefined) throw new Error('nobody came');
  first.destroy();
  await closed(first);
  const lingering = await connectStubborn();
  const another = await connectStubborn();
  await closed(another.server);
  t.equal(lingering.server.destroyed, false, 'one more may linger');
});

t.test(
  'a refused connection that would cost a handshake gets none where too many linger',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { certificate, key } = makeCertificate(t, 'localhost');
    const context = TlsContext.read({ certificates: [certificate], keys: [key], clientAuthority: undefined });
    const { accepted, connectStubborn } = await startRefusing(t, { tls: new TlsUpgrader(context) });
    for (let count = 0; count < maxLingering; count += 1) await connectStubborn();
    t.notOk(
      accepted.some(({ destroyed }) => destroyed),
      'those whose place is free are waited for, though they never begin',
    );
    const beyond = await connectStubborn();
    t.equal(beyond.server.destroyed, true, 'one beyond them is closed at once');
  },
);

t.test('one address takes only its share of those places, and the others are for other addresses', async (t) => {
  const { connectStubborn } = await startRefusing(t, {}, 2);
  const lingering = [await connectStubborn(), await connectStubborn()];
  const { server } = await connectStubborn();
  t.ok(server.destroyed, 'a third one of the address is closed before it has come');
  const other = await connectStubborn('127.0.0.2');
  t.notOk(other.server.destroyed, 'another address has a place');
  for (const each of lingering) t.notOk(each.server.destroyed);
});
