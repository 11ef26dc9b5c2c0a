// Runs daemons in the test's own process, several at a time: nothing of theirs is global, and a stop leaves nothing
// behind.
import { connect } from 'node:net';
import { once } from 'node:events';
import t from 'tap';
import { Daemon, type Surroundings } from '../../src/daemon/daemon.js';
import { openSqliteStore, type OpenStore } from '../../src/daemon/store.js';
import { createLog } from '../../src/ops/log.js';
import { invocation, type Settings } from '../../src/ops/settings/settings.js';
import type { Post } from '../../src/chat/post.js';
import { MemoryStore } from '../../src/store/memory/store.js';
import { TlsContext } from '../../src/net/tls.js';
import { makeCertificate } from '../support/certificate.js';
import { noPrograms } from '../support/programs.js';
import { Client } from '../support/client.js';
import { cheapPasswords, temporaryFolder, type LogEntry, type Teardown } from '../support/daemon.js';

interface Running {
  readonly daemon: Daemon;
  readonly port: number;
  readonly log: readonly LogEntry[];
  /** The statuses that the daemon wanted to end its process with. */
  readonly exits: readonly number[];
}

function settingsOf(data: string, env: Readonly<Record<string, string>> = {}): Settings {
  const asked = invocation(['--listen', '127.0.0.1:0', '--data', data], { ...cheapPasswords, ...env }, 'test');
  if (asked.kind !== 'run') throw new Error(JSON.stringify(asked));
  return asked.settings;
}

async function start(t: Teardown, openStore: OpenStore, env: Readonly<Record<string, string>> = {}): Promise<Running> {
  const settings = settingsOf(temporaryFolder(t), env);
  const log: LogEntry[] = [];
  const exits: number[] = [];
  const surroundings: Surroundings = {
    log: createLog('info', { write: (line) => void log.push(JSON.parse(line) as LogEntry) }),
    version: 'test',
    readSettings: () => settings,
    notifier: undefined,
    inherited: { clients: [], control: [] },
    openStore,
    exit: (status) => void exits.push(status),
  };
  const daemon = await Daemon.start(settings, surroundings);
  const { addresses } = log.find(({ event }) => event === 'ready') as unknown as { readonly addresses: string[] };
  return { daemon, port: Number(addresses[0]?.split(':').at(-1)), log, exits };
}

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
  t.same(daemon.reload(), { applied: [], restart: [] });
  t.equal(reads, 1);
  await daemon.stop('test');
});
