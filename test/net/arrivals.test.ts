// Any course of accepts, PROXY headers, handshakes, refusals and closes, over real sockets: the server's open sockets
// are counted at every moment, and their number has a bound. And a handshake that never ends gives way to others.
import { defaultFormat } from '../../src/wire/format.js';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import fc from 'fast-check';
import t, { type Test } from 'tap';
import { Acceptor, type ListenerOptions } from '../../src/net/acceptor.js';
import { Admission } from '../../src/net/admission.js';
import type { HandshakeLimits } from '../../src/net/handshake-queue.js';
import type { LineSession } from '../../src/net/line-session.js';
import { MemoryBudget } from '../../src/net/memory-budget.js';
import { TlsContext, TlsUpgrader } from '../../src/net/tls.js';
import { createLog } from '../../src/ops/log.js';
import { inWords, verbatim } from '../../src/wire/words.js';
import { makeCertificate } from '../support/certificate.js';
import { noPrograms } from '../support/programs.js';
import { testConnectionOptions } from '../support/connection-options.js';

const banned = '127.0.0.5';
const limits = { maxConnections: 8, maxPerAddress: 4, maxRefused: 6, maxRefusedPerAddress: 3 };

/** The first bytes of a ClientHello, which never goes on. */
const partialHello = Buffer.from('1603010200', 'hex');

const silentSession: LineSession = {
  format: defaultFormat,
  payerClass: 'guest',
  payerAddress: '',
  payerUser: '',
  ready: true,
  idle: true,
  quitting: false,
  authenticated: false,
  receive: () => undefined,
  end: () => undefined,
  closed: () => undefined,
};

interface Setup {
  readonly acceptor: Acceptor;
  /** Listens, and returns the port. */
  readonly listen: (options: ListenerOptions) => Promise<number>;
  /** The sockets at the server's end that are not closed. */
  readonly open: () => number;
  readonly refusals: readonly string[];
  readonly tls: TlsUpgrader;
}

function begin(
  t: Test,
  handshakes: HandshakeLimits,
  milliseconds: number,
  memory = new MemoryBudget(() => Infinity),
): Setup {
  const refusals: string[] = [];
  const acceptor = new Acceptor({
    givesWay: 'crowds',
    connection: testConnectionOptions({ memory, onClosed: (reason) => void refusals.push(inWords(reason, 'en')) }),
    admission: new Admission({
      ...limits,
      rate: { take: () => 0 },
      refusedHandshakeRate: { take: () => 0 },
      isExempt: () => false,
      banned: (address) => (address === banned ? { reason: verbatim('banned'), retryAfter: undefined } : undefined),
      now: () => performance.now(),
    }),
    handshakes: { limits: handshakes, milliseconds },
    register: { arrived: () => undefined, left: () => undefined },
    greeting: '',
    log: createLog('silent'),
    onRefused: (reason) => void refusals.push(inWords(reason, 'en')),
    openSession: (_id, { address }) => ({ ...silentSession, authenticated: address.startsWith('127.7.') }),
  });
  const { certificate, key } = makeCertificate(t, 'localhost');
  const tls = new TlsUpgrader(
    TlsContext.read({ certificates: [certificate], keys: [key], clientAuthority: undefined }),
  );
  const sockets = new Set<Socket>();
  const listeners: Server[] = [];
  t.teardown(() => {
    for (const each of sockets) each.destroy();
    for (const each of listeners) each.close();
  });
  const listen: Setup['listen'] = async (options) => {
    const listener = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      acceptor.accept(socket, options);
    }).listen(0, '127.0.0.1');
    listeners.push(listener);
    await once(listener, 'listening');
    return (listener.address() as AddressInfo).port;
  };
  const open = (): number => Array.from(sockets).filter(({ destroyed }) => !destroyed).length;
  return { acceptor, listen, open, refusals, tls };
}

const pause = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 5));

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

type Step =
  | {
      readonly do: 'connect';
      readonly listener: number;
      readonly from: string;
      readonly says: 'nothing' | 'TLS' | 'half' | 'end';
    }
  | { readonly do: 'header'; readonly client: number; readonly from: string }
  | { readonly do: 'close' | 'reset'; readonly client: number }
  | { readonly do: 'wait' };

const from = fc.constantFrom('127.0.0.2', '127.0.0.3', '127.0.0.4', banned);
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('connect' as const),
      listener: fc.nat(3),
      from,
      says: fc.constantFrom('nothing', 'TLS', 'half', 'end'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('header' as const), client: fc.nat(30), from }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('close' as const, 'reset' as const), client: fc.nat(30) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const) }) },
);

t.test('in any order of events no open socket is uncounted', { skip: noPrograms('openssl') }, async (t) => {
  const { acceptor, listen, open, tls } = begin(t, { maxHandshakes: 3, maxHandshakesPerAddress: 2 }, 100);
  const isProxy = (address: string): boolean => address !== '127.0.0.4';
  const ports = [await listen({}), await listen({ tls }), await listen({ isProxy }), await listen({ tls, isProxy })];
  const counted = (): number => {
    const { arriving, admitted, refused } = acceptor.counts;
    return arriving + admitted + refused;
  };
  let most = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const clients: Socket[] = [];
      const check = (): void => {
        const { arriving, admitted, refused } = acceptor.counts;
        if (Math.min(arriving, admitted, refused) < 0) throw new Error('a count is negative');
        // One that the server has closed may be counted for a turn more.
        if (open() > counted()) throw new Error(`${open()} sockets are open, and ${counted()} are counted`);
        if (open() > limits.maxConnections + limits.maxRefused) throw new Error(`${open()} sockets are open`);
        most = Math.max(most, open());
      };
      for (const each of steps) {
        if (each.do === 'connect') {
          const socket = connect({ port: ports[each.listener] ?? 0, host: '127.0.0.1', localAddress: each.from });
          clients.push(socket.on('error', () => undefined).resume());
          if (each.says === 'TLS')
            connectTls({ socket, rejectUnauthorized: false })
              .on('error', () => undefined)
              .resume();
          else if (each.says === 'half') socket.write(partialHello);
          else if (each.says === 'end') socket.end();
        } else if (each.do === 'header') clients[each.client]?.write(`PROXY TCP4 ${each.from} 127.0.0.1 5000 7256\r\n`);
        else if (each.do === 'close') clients[each.client]?.destroy();
        else if (each.do === 'reset') clients[each.client]?.resetAndDestroy();
        else for (let turns = 0; turns < 5; turns += 1) await turn();
        await turn();
        check();
      }
      for (const each of clients) each.destroy();
      // A client that goes away in the middle of a handshake is noticed at the handshake's deadline.
      while (counted() + open() > 0) await pause();
    }),
    { numRuns: 20 },
  );
  t.comment(`${most} sockets were open at most`);
  t.same(acceptor.counts, { arriving: 0, admitted: 0, refused: 0 });
});

t.test(
  'handshakes that never end give way to one of another address, and silent clients take no place',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { listen, refusals, tls } = begin(t, { maxHandshakes: 2, maxHandshakesPerAddress: 2 }, 20_000);
    const port = await listen({ tls });
    const client = (localAddress: string): Socket => {
      const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined);
      t.teardown(() => socket.destroy());
      return socket;
    };
    const shake = async (localAddress: string): Promise<void> => {
      await once(connectTls({ socket: client(localAddress), rejectUnauthorized: false }), 'secureConnect');
    };
    for (let each = 0; each < 3; each += 1) await once(client('127.0.0.2'), 'connect');
    await shake('127.0.0.3');
    t.same(refusals, []);
    for (let each = 0; each < 2; each += 1) client('127.0.0.4').write(partialHello);
    await shake('127.0.0.3');
    t.same(refusals, ['the TLS handshake gave way to others']);
  },
);

/** Connects, and returns the socket and everything that it gets until it is closed. */
function hear(
  t: Test,
  port: number,
  localAddress: string,
): { readonly socket: Socket; readonly heard: Promise<string> } {
  const socket = connect({ port, host: '127.0.0.1', localAddress }).on('error', () => undefined);
  t.teardown(() => socket.destroy());
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  return { socket, heard: once(socket, 'close').then(() => text) };
}

/** An acceptor, and what connects a client and waits until it has a session or is refused. */
async function beginCrowded(t: Test) {
  const { acceptor, listen, refusals } = begin(t, { maxHandshakes: 1, maxHandshakesPerAddress: 1 }, 20_000);
  const port = await listen({});
  const come = async (address: string) => {
    const client = hear(t, port, address);
    await once(client.socket, 'connect');
    while (acceptor.counts.arriving > 0) await pause();
    return client;
  };
  return { acceptor, come, refusals };
}

t.test('a silent guest of the network that has most gives way, and is told so; nobody of it comes in', async (t) => {
  const { acceptor, come, refusals } = await beginCrowded(t);
  const silent = [];
  for (const last of [1, 1, 1, 2, 2, 2, 3, 3]) silent.push(await come(`127.9.0.${last}`));
  while (acceptor.counts.admitted < limits.maxConnections) await pause();
  silent[0]?.socket.write('x');
  await pause();
  const newcomer = await come('127.8.0.1');
  t.match(await silent[1]?.heard, /^199\t\{"reason":"you were silent, and another client needs your place"/);
  t.equal(acceptor.counts.admitted, limits.maxConnections);
  t.match(await (await come('127.9.0.2')).heard, /^199\t\{"reason":"the server has too many connections"/);
  // The third address of the network has fewer than the second.
  await come('127.9.0.3');
  await silent[3]?.heard;
  t.notOk(newcomer.socket.closed);
  t.same(refusals, [
    'you were silent, and another client needs your place',
    'the server has too many connections',
    'you were silent, and another client needs your place',
  ]);
});

t.test('where no guest gives way, the newest user of a network with far too many does, and is told so', async (t) => {
  const { acceptor, come, refusals } = await beginCrowded(t);
  const users = [];
  for (const address of ['0.1', '0.1', '0.2', '0.2', '0.2', '1.1', '1.1', '1.1'])
    users.push(await come(`127.7.${address}`));
  while (acceptor.counts.admitted < limits.maxConnections) await pause();
  const words = /^199\t\{"reason":"your network has more than its share of places, and another client needs one"/;
  const newcomer = await come('127.8.0.1');
  t.match(await users[4]?.heard, words);
  await come('127.9.0.1');
  t.match(await newcomer.heard, /^199\t\{"reason":"you were silent/, 'guests give way first');
  t.match(await (await come('127.9.0.1')).heard, /^199\t\{"reason":"the server has too many connections"/);
  t.equal(acceptor.counts.admitted, limits.maxConnections);
  t.same(refusals, [
    'your network has more than its share of places, and another client needs one',
    'you were silent, and another client needs your place',
    'the server has too many connections',
  ]);
});

t.test('over TLS a guest that gives way is told so too', { skip: noPrograms('openssl') }, async (t) => {
  const { acceptor, listen, tls } = begin(t, { maxHandshakes: 8, maxHandshakesPerAddress: 8 }, 20_000);
  const port = await listen({ tls });
  const silent = connectTls({
    socket: connect({ port, host: '127.0.0.1', localAddress: '127.9.0.1' }),
    rejectUnauthorized: false,
  }).on('error', () => undefined);
  t.teardown(() => silent.destroy());
  let text = '';
  silent.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await once(silent, 'secureConnect');
  while (acceptor.connections.size === 0) await pause();
  const plain = await listen({});
  for (let each = 1; each < limits.maxConnections; each += 1) hear(t, plain, `127.${each}.0.1`);
  while (acceptor.counts.admitted < limits.maxConnections) await pause();
  hear(t, plain, '127.8.0.1');
  await once(silent, 'close');
  t.match(text, /^199\t\{"reason":"you were silent/);
});

t.test('bytes before a handshake are counted, and a client that sends too many is closed', async (t) => {
  const memory = new MemoryBudget(() => 80_000);
  const { listen, refusals, tls } = begin(t, { maxHandshakes: 0, maxHandshakesPerAddress: 1 }, 20_000, memory);
  const port = await listen({ tls });
  const proxied = await listen({ isProxy: () => true });
  const send = (to: number, bytes: number): Promise<string> => {
    const { socket, heard } = hear(t, to, '127.0.0.2');
    socket.write(to === proxied ? Buffer.from('PROXY TCP4 ') : Buffer.alloc(bytes, 1));
    return heard;
  };
  void send(proxied, 0);
  while (memory.bytes < 11) await pause();
  void send(port, 15_000);
  while (memory.bytes < 15_011) await pause();
  await send(port, 16_390);
  t.same(refusals, ['too many bytes before the TLS handshake']);
  t.equal(memory.bytes, 15_011);
  void send(port, 14_000);
  while (memory.bytes < 29_011) await pause();
  const last = send(port, 16_000);
  await last;
  t.equal(refusals.at(-1), 'the server needs the memory that this connection takes');
  t.equal(memory.bytes, 29_011);
});
