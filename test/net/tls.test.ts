// Tests which connection a handshake belongs to, over Unix sockets, whose addresses are all the same.
import { once } from 'node:events';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { FileWatch } from '../../src/net/file-watch.js';
import { TlsUpgrader, TlsContext } from '../../src/net/tls.js';
import { makeCertificate } from '../support/certificate.js';
import { temporaryFolder } from '../support/daemon.js';
import { leftOf } from '../support/garbage.js';
import { noPrograms } from '../support/programs.js';

interface Setup {
  readonly upgrader: TlsUpgrader;
  /** A client that has not begun its handshake, and the connection at the server's end. */
  readonly connected: () => Promise<{ readonly client: Socket; readonly server: Socket }>;
}

/** @param endsThem whether connections are ended with the test, for which they are kept until then */
async function begin(t: Test, endsThem = true): Promise<Setup> {
  const { certificate, key } = makeCertificate(t, 'localhost');
  const upgrader = new TlsUpgrader(
    TlsContext.read({ certificates: [certificate], keys: [key], clientAuthority: undefined }),
  );
  const path = join(temporaryFolder(t), 'socket');
  const listener = createServer({ allowHalfOpen: true }).listen(path);
  t.teardown(() => listener.close());
  await once(listener, 'listening');
  const connected: Setup['connected'] = async () => {
    const client = connect(path).on('error', () => undefined);
    const [server] = (await once(listener, 'connection')) as [Socket];
    server.on('error', () => undefined);
    if (endsThem) {
      t.teardown(() => {
        for (const each of [client, server]) each.destroy();
      });
    }
    return { client, server };
  };
  return { upgrader, connected };
}

/** As soon as it comes, what the server hands on for that connection. */
const secured = (upgrader: TlsUpgrader, socket: Socket): Promise<TLSSocket> =>
  new Promise((resolve) => {
    upgrader.upgrade(socket, resolve);
  });

const shakeHands = (socket: Socket): TLSSocket => connectTls({ socket, rejectUnauthorized: false });

t.test(
  'each connection is handed to whoever gave it, whatever their addresses are',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { upgrader, connected } = await begin(t);
    const [first, second] = [await connected(), await connected()];
    const both = [secured(upgrader, first.server), secured(upgrader, second.server)];
    const [one, other] = [shakeHands(first.client), shakeHands(second.client)];
    one.write('first');
    other.write('second');
    const said = await Promise.all(both.map(async (each) => String((await once(await each, 'data'))[0])));
    t.same(said, ['first', 'second']);
  },
);

t.test('a late close of one connection does not affect another', { skip: noPrograms('openssl') }, async (t) => {
  const { upgrader, connected } = await begin(t);
  const [older, newer] = [await connected(), await connected()];
  upgrader.upgrade(older.server, () => t.fail('it was never encrypted'));
  const encrypted = secured(upgrader, newer.server);
  older.server.destroy();
  await once(older.server, 'close');
  shakeHands(newer.client).write('still here');
  t.equal(String((await once(await encrypted, 'data'))[0]), 'still here');
});

t.test(
  'a connection that is ended during its handshake is handed to nobody',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { upgrader, connected } = await begin(t);
    const { client, server } = await connected();
    upgrader.upgrade(server, () => t.fail('it was ended'));
    // The client's first bytes are there, and the server has answered nothing yet.
    const shaking = shakeHands(client).on('error', () => undefined);
    await new Promise((resolve) => {
      client.once('drain', resolve);
      setImmediate(resolve);
    });
    server.destroy();
    // Not `once` of node:events, which rejects at a reset.
    await new Promise((resolve) => {
      shaking.on('close', resolve);
    });
    const other = await connected();
    const encrypted = secured(upgrader, other.server);
    shakeHands(other.client).write('next');
    t.equal(String((await once(await encrypted, 'data'))[0]), 'next');
  },
);

t.test(
  'a handshake that began before a reload ends with the context it began with',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { upgrader, connected } = await begin(t);
    const { client, server } = await connected();
    const encrypted = secured(upgrader, server);
    const { certificate, key } = makeCertificate(t, 'new.example');
    upgrader.replaceContext(TlsContext.read({ certificates: [certificate], keys: [key], clientAuthority: undefined }));
    const before = shakeHands(client);
    await encrypted;
    t.equal(before.getPeerCertificate().subject.CN, 'localhost');
    const next = await connected();
    const after = secured(upgrader, next.server);
    const secondClient = shakeHands(next.client);
    await after;
    if (!secondClient.authorized && !('subject' in secondClient.getPeerCertificate()))
      await once(secondClient, 'secureConnect');
    t.equal(secondClient.getPeerCertificate().subject.CN, 'new.example');
  },
);

t.test(
  'an authority that is trusted no more names nobody, in a handshake that had begun too; another certificate changes nothing',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { certificate, key } = makeCertificate(t, 'localhost');
    const authority = makeCertificate(t, 'devices');
    const device = makeCertificate(t, 'sensor-1', authority);
    const files = { certificates: [certificate], keys: [key], clientAuthority: authority.certificate };
    const own = { cert: readFileSync(device.certificate), key: readFileSync(device.key), rejectUnauthorized: false };
    const renewed = makeCertificate(t, 'localhost');
    for (const [next, user] of [
      [{ ...files, certificates: [renewed.certificate], keys: [renewed.key] }, 'sensor-1'],
      [{ ...files, clientAuthority: undefined }, undefined],
      [{ ...files, clientAuthority: makeCertificate(t, 'others').certificate }, undefined],
    ] as const) {
      const { connected } = await begin(t);
      const upgrader = new TlsUpgrader(TlsContext.read(files));
      const { client, server } = await connected();
      const named = new Promise((resolve) => {
        upgrader.upgrade(server, (_, each) => resolve(each));
      });
      upgrader.replaceContext(TlsContext.read(next));
      connectTls({ socket: client, ...own });
      t.same(await named, user && { name: user, by: 'certificate' });
    }
  },
);

t.test(
  'a key that was changed names nobody in a handshake that had begun, and every other change leaves the keys',
  { skip: noPrograms('openssl') },
  async (t) => {
    const [own, renewed] = [makeCertificate(t, 'localhost'), makeCertificate(t, 'localhost')];
    const [keys, same, other] = ['keys', 'same', 'other'].map((name) => join(temporaryFolder(t), name));
    const psk = Buffer.alloc(32, 7);
    for (const [path, text] of [
      [keys, `sensor-1:${psk.toString('hex')}\n`],
      [same, `sensor-1:${psk.toString('hex')}\n`],
      [other, `sensor-1:${'00'.repeat(32)}\n`],
    ] as const)
      writeFileSync(path ?? '', text, { mode: 0o600 });
    const files = { certificates: [own.certificate], keys: [own.key], clientAuthority: undefined, presharedKeys: keys };
    for (const [next, user] of [
      [{ ...files, certificates: [renewed.certificate], keys: [renewed.key] }, 'sensor-1'],
      [{ ...files, presharedKeys: same }, 'sensor-1'],
      [{ ...files, presharedKeys: other }, undefined],
      [{ ...files, presharedKeys: undefined }, undefined],
    ] as const) {
      const { connected } = await begin(t);
      const upgrader = new TlsUpgrader(TlsContext.read(files));
      const { client, server } = await connected();
      const named = new Promise((resolve) => {
        upgrader.upgrade(server, (_, each) => resolve(each));
      });
      upgrader.replaceContext(TlsContext.read(next));
      const pskCallback = (): { psk: Buffer; identity: string } => ({ psk, identity: 'sensor-1' });
      connectTls({ socket: client, pskCallback, rejectUnauthorized: false, checkServerIdentity: () => undefined });
      t.same(await named, user && { name: user, by: 'psk' });
    }
  },
);

t.test(
  'nothing of a connection is kept once it is gone, whether or not its handshake was done',
  { skip: noPrograms('openssl') },
  async (t) => {
    const { upgrader, connected } = await begin(t, false);
    /** Handshakes or ends `count` connections, and answers weak references to what waited for them. */
    const passThrough = async (count: number, ends: (client: Socket, server: Socket) => Promise<void>) => {
      const waiting: WeakRef<object>[] = [];
      for (let each = 0; each < count; each += 1) {
        const { client, server } = await connected();
        const isClosed = once(server, 'close');
        waiting.push(new WeakRef(server));
        await ends(client, server);
        client.destroy();
        server.destroy();
        await isClosed;
      }
      return waiting;
    };
    const all = [
      ...(await passThrough(8, async (client, server) => {
        const encrypted = secured(upgrader, server);
        const shaken = shakeHands(client);
        (await encrypted).on('error', () => undefined).destroy();
        shaken.destroy();
      })),
      ...(await passThrough(8, async (_, server) => {
        upgrader.upgrade(server, () => t.fail('it never shook hands'));
      })),
    ];
    t.equal(await leftOf(all), 0);
    t.ok(upgrader);
  },
);

/** Keeps the process alive until the end of the test, which the watch alone does not, and ends the watch then. */
function keepAlive(t: Test, watch: FileWatch): void {
  const timer = setInterval(() => undefined, 1000);
  t.teardown(() => {
    clearInterval(timer);
    watch.stop();
  });
}

t.test('files are looked at one after the other, and a change of several is told once', async (t) => {
  const paths = Array.from({ length: 129 }, (_, index) => `file-${index}`);
  let [looks, under, most, changes] = [0, 0, 0, 0];
  let version = 'first';
  const watched = new Promise<void>((resolve) => {
    const watch = new FileWatch(
      paths,
      () => (changes += 1),
      1,
      async (path) => {
        under += 1;
        most = Math.max(most, under);
        await nextTurn();
        under -= 1;
        looks += 1;
        // Two files are changed after the first look at each, and three rounds are looked on.
        if (looks === paths.length) version = 'second';
        if (looks === 4 * paths.length) {
          watch.stop();
          resolve();
        }
        return path === 'file-3' || path === 'file-100' ? version : 'always';
      },
    );
    keepAlive(t, watch);
  });
  await watched;
  t.equal(most, 1);
  t.equal(changes, 1);
});

t.test('a file that is written, replaced, removed or created is found changed', async (t) => {
  const path = join(temporaryFolder(t), 'key.pem');
  writeFileSync(path, 'first');
  let changed: () => void = () => undefined;
  const watch = new FileWatch([path], () => changed(), 5);
  keepAlive(t, watch);
  // The first look has begun before anything is changed.
  await sleep(50);
  for (const change of [
    () => writeFileSync(path, 'longer than the first'),
    () => {
      writeFileSync(`${path}-new`, 'longer than the first');
      renameSync(`${path}-new`, path);
    },
    () => rmSync(path),
    () => writeFileSync(path, 'once more'),
  ]) {
    const told = new Promise<void>((resolve) => {
      changed = resolve;
    });
    change();
    await told;
  }
  t.pass('each change was told');
});
