// Runs several daemons in the test's own process: they share no global state, and a stop leaves nothing behind.
import { connect } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { openSqliteStore, type OpenStore } from '../../src/daemon/store.js';
import type { Post } from '../../src/chat/post.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { TlsContext } from '../../src/net/tls.js';
import { makeCertificate } from '../support/certificate.js';
import { noPrograms } from '../support/programs.js';
import { Client } from '../support/client.js';
import { temporaryFolder, type Teardown } from '../support/daemon.js';
import { startInProcess, type InProcessDaemon } from '../support/in-process.js';

const start = (
  t: Teardown,
  openStore: OpenStore,
  env: Readonly<Record<string, string>> = {},
): Promise<InProcessDaemon> => startInProcess(temporaryFolder(t), openStore, env);

t.test('two daemons run in one process, each with its own store, and one stops without the other', async (t) => {
  const [first, second] = [await start(t, openSqliteStore), await start(t, async () => new MemoryStore<Post>())];
  const alice = await (await Client.connect(first.port)).enter('alice', 'lobby');
  const bob = await (await Client.connect(second.port)).enter('bob', 'lobby');
  await alice.say('alice', 'lobby', 'hello');
  t.equal(((await first.daemon.status()) as { readonly messages: number }).messages, 1);
  await first.daemon.stop('test');
  t.same(first.exits, [0]);
  t.equal(first.log.at(-1)?.event, 'stopped');
  await bob.ok('ping');
  await second.daemon.stop('test');
  t.same(second.exits, [0]);
});

t.test('a stop that takes too long ends the process, and says what it waits for', async (t) => {
  let end: (() => void) | undefined;
  const { daemon, log, exits } = await start(t, async (...args) => {
    const store = await openSqliteStore(...args);
    const close = store.close.bind(store);
    // The limit is over while the store closes.
    store.close = async () => {
      end?.();
      await close();
    };
    return store;
  });
  const { setTimeout: usual } = globalThis;
  t.teardown(() => {
    globalThis.setTimeout = usual;
  });
  const noting = (work: () => void, milliseconds?: number, ...args: readonly unknown[]): NodeJS.Timeout => {
    if (milliseconds === 9000) end = work;
    return usual(work, milliseconds, ...(args as []));
  };
  globalThis.setTimeout = Object.assign(noting, { __promisify__: usual.__promisify__ });
  await daemon.stop('test');
  t.same(exits, [0, 0]);
  t.match(
    log.filter(({ event }) => event === 'stop_timed_out'),
    [{ waits_for: 'the store to close' }],
  );
});

t.test('a client that never closes its side is cut off at the end of a stop', async (t) => {
  const { daemon, port } = await start(t, openSqliteStore);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).resume();
  t.teardown(() => socket.destroy());
  socket.write('{"command":"ping"}\n');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await daemon.stop('test');
  socket.end();
  await closed;
});

t.test('a reload reads each certificate once', { skip: noPrograms('openssl') }, async (t) => {
  const { certificate, key } = makeCertificate(t, 'localhost');
  const { daemon } = await start(t, openSqliteStore, {
    SALOND_TLS_LISTEN: '127.0.0.1:0',
    SALOND_TLS_CERTIFICATE: certificate,
    SALOND_TLS_KEY: key,
  });
  const original = TlsContext.read.bind(TlsContext);
  t.teardown(() => {
    TlsContext.read = original;
  });
  let reads = 0;
  TlsContext.read = (files) => {
    reads += 1;
    return original(files);
  };
  t.match(daemon.reload(), { applied: [], restart: [] });
  t.equal(reads, 1);
  await daemon.stop('test');
});
