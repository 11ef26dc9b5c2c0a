// Tests clients that log in by a pre-shared key of TLS: whoever has a user's key is the user, and nobody else is, on a
// listener that takes certificates too.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { PresharedKeys } from '../../src/net/preshared-keys.js';
import { CertificateError } from '../../src/net/tls-files.js';
import { makeCertificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { temporaryFolder, type RunningDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 4;
const buffered = { buffered: true, skip: noPrograms('openssl') };

const [key, otherKey] = ['0123456789abcdef'.repeat(4), 'FEDCBA9876543210'.repeat(2)];
const versions = ['TLSv1.2', 'TLSv1.3'] as const;

/** Ciphers of TLS 1.2 for clients that have nothing but a key, one of TLS 1.3 that such a key works with, and not. */
const ciphers = { tls12: 'PSK', sha256: 'TLS_AES_128_GCM_SHA256', sha384: 'TLS_AES_256_GCM_SHA384' };

interface Server {
  readonly daemon: RunningDaemon;
  readonly port: number;
  readonly file: string;
  readonly operator: Client;
  /** A certificate that names the user. */
  readonly certificateOf: (name: string) => ConnectionOptions;
}

/** Starts a daemon that takes keys and certificates, with the users pump and valve. */
async function start(t: Test, lines: string): Promise<Server> {
  const folder = temporaryFolder(t);
  const file = join(folder, 'keys');
  writeFileSync(file, lines, { mode: 0o640 });
  const [own, authority] = [makeCertificate(t, 'localhost'), makeCertificate(t, 'devices')];
  const daemon = hostDaemon(t, {
    env: {
      SALOND_TLS_LISTEN: '127.0.0.1:0',
      SALOND_TLS_CERTIFICATE: own.certificate,
      SALOND_TLS_KEY: own.key,
      SALOND_TLS_CLIENT_CA: authority.certificate,
      SALOND_TLS_PSK_FILE: file,
    },
  });
  const { tls_addresses: addresses } = await daemon.logged('ready');
  const port = Number((addresses as string[])[0]?.split(':')[1]);
  const plain = await Client.connect(await daemon.port());
  for (const name of ['pump', 'valve']) await plain.ok(`create_user ${name} A B rabbit-hole`);
  plain.destroy();
  const operator = await Client.connect(await daemon.control());
  t.teardown(() => operator.destroy());
  const certificateOf = (name: string): ConnectionOptions => {
    const files = makeCertificate(t, name, authority);
    return { cert: readFileSync(files.certificate), key: readFileSync(files.key) };
  };
  return { daemon, port, file, operator, certificateOf };
}

/** The options of a client that has a key. */
function having(identity: string, hex: string, version: (typeof versions)[number]): ConnectionOptions {
  const psk = Buffer.from(hex, 'hex');
  const only = version === 'TLSv1.2' ? ciphers.tls12 : ciphers.sha256;
  const pskCallback = (): { psk: Buffer; identity: string } => ({ psk, identity });
  return { minVersion: version, maxVersion: version, ciphers: only, pskCallback, checkServerIdentity: () => undefined };
}

/** Connects, and answers who the client is: its user's name, `guest`, or the error of the handshake. */
async function who(t: Test, port: number, options: ConnectionOptions): Promise<string> {
  return (await connected(t, port, options)).who;
}

async function connected(
  t: Test,
  port: number,
  options: ConnectionOptions,
): Promise<{ readonly who: string; readonly socket: TLSSocket }> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  t.teardown(() => socket.destroy());
  const failed = new Promise<string>((resolve) => {
    socket.on('error', ({ message }: Error) => resolve(/alert [a-z ]+/.exec(message)?.[0] ?? message));
  });
  const answered = async (): Promise<string> => {
    await once(socket, 'secureConnect');
    socket.write('list_my_rooms\nget_server\n');
    let text = '';
    socket.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    while (text.split('\n').length < 3) await once(socket, 'data');
    return /"username":"([^"]+)"/.exec(text)?.[1] ?? (text.startsWith('8\t') ? 'guest' : text);
  };
  return { who: await Promise.race([failed, answered().catch(() => failed)]), socket };
}

t.test('who has the key is the user, with certificates on the same port', buffered, async (t) => {
  const { daemon, port, certificateOf } = await start(t, `# keys\n\npump:${key}\r\nvalve:${otherKey}\n`);
  for (const version of versions) {
    t.equal(await who(t, port, having('pump', key, version)), 'pump', version);
    t.equal(await who(t, port, having('valve', otherKey, version)), 'valve', version);
    for (const servername of ['localhost', 'sni.example'])
      t.equal(await who(t, port, { ...having('pump', key, version), servername }), 'pump', servername);
    const own = { minVersion: version, maxVersion: version };
    t.equal(await who(t, port, { ...own, ...certificateOf('valve') }), 'valve', `a certificate, ${version}`);
    t.equal(await who(t, port, own), 'guest', `neither, ${version}`);
    const both = { ...having('pump', key, version), ...certificateOf('valve') };
    t.equal(await who(t, port, both), 'pump', `both, ${version}: the key is what was used`);
  }
  t.match(daemon.log.filter(({ event }) => event === 'authenticated').slice(0, 2), [
    { username: 'pump', by: 'psk' },
    { username: 'valve', by: 'psk' },
  ]);
});

t.test('an unknown name fails as a wrong key does', buffered, async (t) => {
  const { daemon, port } = await start(t, `pump:${key}\nvalve:${otherKey}\n`);
  for (const version of versions) {
    const wrong = await who(t, port, having('pump', otherKey, version));
    t.match(wrong, /^alert/, version);
    t.equal(await who(t, port, having('stranger', key, version)), wrong, version);
    t.equal(await who(t, port, having('valve', key, version)), wrong, version);
  }
  t.same(
    daemon.log.filter(({ event }) => event === 'authenticated'),
    [],
  );
});

t.test('whoever only names a user is a guest: TLS went on without the key', buffered, async (t) => {
  const { daemon, port } = await start(t, `pump:${key}\n`);
  for (const hex of [key, otherKey]) {
    const named = { ...having('pump', hex, 'TLSv1.3'), ciphers: ciphers.sha384 };
    t.equal(await who(t, port, named), 'guest', 'no cipher of the key');
  }
  const guest = await connected(t, port, { minVersion: 'TLSv1.3' });
  const session = guest.socket.getSession();
  t.equal(await who(t, port, { ...having('pump', otherKey, 'TLSv1.3'), ciphers: ciphers.sha384, session }), 'guest');
  t.match(await who(t, port, having('Pump', key, 'TLSv1.3')), /^alert/, 'names are taken as written');
  t.equal(await who(t, port, having('not a name', key, 'TLSv1.3')), 'guest', 'what can be no name names nobody');
  t.same(
    daemon.log.filter(({ event }) => event === 'authenticated'),
    [],
  );
});

t.test('no session is resumed, so that a ticket never stands for a key', buffered, async (t) => {
  const { port, certificateOf } = await start(t, `pump:${key}\n`);
  for (const version of versions) {
    for (const options of [
      { minVersion: version, maxVersion: version },
      { minVersion: version, maxVersion: version, ...certificateOf('valve') },
    ]) {
      const first = await connected(t, port, options);
      const again = await connected(t, port, { ...options, session: first.socket.getSession() });
      t.equal(again.socket.isSessionReused(), false, version);
      t.equal(again.who, first.who);
    }
  }
  const byKey = await connected(t, port, having('pump', key, 'TLSv1.2'));
  const { pskCallback: _, ...without } = having('pump', key, 'TLSv1.2');
  // How the handshake fails differs: the client may see its own error, or that the connection is gone.
  t.not(await who(t, port, { ...without, session: byKey.socket.getSession() }), 'pump');
});

t.test('OpenSSL logs in by a key', buffered, async (t) => {
  const { port } = await start(t, `pump:${key}\n`);
  for (const [name, ...options] of [
    ['TLS 1.3', '-tls1_3'],
    ['TLS 1.2 and the key alone', '-tls1_2', '-cipher', 'PSK-AES128-GCM-SHA256'],
    ['TLS 1.2 and an exchange that keeps what was said', '-tls1_2', '-cipher', 'ECDHE-PSK-CHACHA20-POLY1305'],
    ['TLS 1.2, for small devices', '-tls1_2', '-cipher', 'PSK-AES128-CCM'],
    ['TLS 1.2 and whatever it likes', '-tls1_2'],
    ['whatever it likes'],
  ] as const) {
    const args = ['s_client', '-quiet', '-connect', `127.0.0.1:${port}`, '-psk_identity', 'pump', '-psk', key];
    const output = await new Promise<string>((resolve) => {
      const child = execFile('openssl', [...args, ...options], (_, stdout) => resolve(stdout));
      child.stdin?.write('get_server\nquit\n');
    });
    t.match(output, '"username":"pump"', name);
  }
});

t.test('a user who is not there or is kept out stays a guest', buffered, async (t) => {
  const { daemon, port, operator } = await start(t, `pump:${key}\nnobody:${otherKey}\n`);
  t.equal(await who(t, port, having('nobody', otherKey, 'TLSv1.3')), 'guest');
  await operator.ok({ command: 'ban', target: 'pump' });
  t.equal(await who(t, port, having('pump', key, 'TLSv1.3')), 'guest');
  await operator.ok({ command: 'unban', target: 'pump' });
  await operator.ok({ command: 'disable_account', user: 'pump' });
  t.equal(await who(t, port, having('pump', key, 'TLSv1.2')), 'guest');
  t.match(
    daemon.log.filter(({ event }) => event === 'psk_refused').map(({ username }) => username),
    ['nobody', 'pump', 'pump'],
  );
});

t.test('a changed file applies to the next handshake, and one that is wrong changes nothing', buffered, async (t) => {
  const { port, file, operator } = await start(t, `pump:${key}\n`);
  writeFileSync(file, `pump:${otherKey}\n`);
  await operator.ok('reload');
  t.equal(await who(t, port, having('pump', otherKey, 'TLSv1.3')), 'pump');
  t.match(await who(t, port, having('pump', key, 'TLSv1.3')), /^alert/);
  for (const [lines, mode] of [
    ['pump\n', 0o640],
    [`pump:${otherKey}\n`, 0o644],
  ] as const) {
    writeFileSync(file, lines);
    chmodSync(file, mode);
    const { code, body } = await operator.request('reload');
    t.equal(code, 7);
    t.match(body['error'], `nothing was changed: ${file}`);
    t.equal(await who(t, port, having('pump', otherKey, 'TLSv1.3')), 'pump');
  }
});

t.test('a file that is wrong is refused, and the message shows nothing of a key', (t) => {
  const folder = temporaryFolder(t);
  const problemOf = (text: string, mode = 0o600): string => {
    const file = join(folder, 'keys');
    writeFileSync(file, text);
    chmodSync(file, mode);
    try {
      PresharedKeys.read(file);
      return '';
    } catch (error) {
      if (!(error instanceof CertificateError)) throw error;
      return error.message.replace(folder, '');
    }
  };
  t.equal(problemOf(''), '');
  t.equal(problemOf(`# no keys\n\na:${'00'.repeat(16)}\nb:${'Ff'.repeat(64)}`), '');
  const notAKey = 'is not username:key, 16 to 64 bytes in hexadecimal';
  const short = '0123456789abcdef'.repeat(2).slice(2);
  for (const line of ['pump', `pump:${short}`, `pump:${key}0`, `pump:${key}${key}${key}`, `:${key}`, `a b:${key}`, key])
    t.equal(problemOf(`valve:${key}\n${line}\n`), `/keys:2 ${notAKey}`);
  t.equal(problemOf(`pump:${key}\npump:${otherKey}`), '/keys:2 gives pump a second key');
  t.equal(problemOf(`pump:${key}`, 0o604), '/keys is open to every user of this machine: chmod o= it');
  t.equal(problemOf(`pump:${key}`, 0o602), '/keys is open to every user of this machine: chmod o= it');
  t.equal(problemOf(`pump:${key}`, 0o660), '');
  t.throws(() => PresharedKeys.read(folder), { message: /it is not a plain file/ });
  t.throws(() => PresharedKeys.read(join(folder, 'none')), { message: /no such file/ });
  t.end();
});
