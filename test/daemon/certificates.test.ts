// Tests the server's certificates: which one a client gets, and when it is replaced. Also tests clients that log in by
// a certificate.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { makeCertificate, type CertificateFiles } from '../support/certificate.js';
import { Client, codesOf } from '../support/client.js';
import { type RunningDaemon, startDaemon, temporaryFolder } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 4;
const buffered = { buffered: true, skip: noPrograms('openssl') };

const settingsOf = (pairs: readonly CertificateFiles[]): Readonly<Record<string, string>> => ({
  SALOND_TLS_CERTIFICATE: pairs.map(({ certificate }) => certificate).join(','),
  SALOND_TLS_KEY: pairs.map(({ key }) => key).join(','),
  SALOND_TLS_LISTEN: '127.0.0.1:0',
});

async function tlsPort(daemon: RunningDaemon): Promise<number> {
  const { tls_addresses: addresses } = await daemon.logged('ready');
  return Number((addresses as string[])[0]?.split(':')[1]);
}

async function start(
  t: Test,
  pairs: readonly CertificateFiles[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly daemon: RunningDaemon; readonly port: number }> {
  const daemon = hostDaemon(t, { env: { ...settingsOf(pairs), ...env } });
  return { daemon, port: await tlsPort(daemon) };
}

async function secured(t: Test, port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options });
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

const nameOf = (socket: TLSSocket): unknown => socket.getPeerCertificate().subject.CN;

async function ask(socket: TLSSocket, line: string): Promise<string> {
  socket.write(`${line}\n`);
  return String((await once(socket, 'data'))[0]);
}

t.test('a client gets the certificate of the name that it asks for, or else the first one', buffered, async (t) => {
  const { port } = await start(
    t,
    ['chat.example', '*.wild.example'].map((name) => makeCertificate(t, name)),
  );
  for (const [servername, name] of [
    ['chat.example', 'chat.example'],
    ['a.wild.example', '*.wild.example'],
    ['wild.example', 'chat.example'],
    ['other.example', 'chat.example'],
  ] as const)
    t.equal(nameOf(await secured(t, port, { servername })), name, servername);
  t.equal(nameOf(await secured(t, port)), 'chat.example', 'a client that asks for no name gets the first');
});

t.test('changed files are read again, after a signal and without one, and no session ends', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const pair = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const put = (from: CertificateFiles): void => {
    copyFileSync(from.certificate, pair.certificate);
    copyFileSync(from.key, pair.key);
  };
  put(makeCertificate(t, 'first.example'));
  const daemon = startDaemon(t, { env: settingsOf([pair]) });
  const port = await tlsPort(daemon);
  const stays = await secured(t, port);
  put(makeCertificate(t, 'second.example'));
  daemon.process.kill('SIGHUP');
  await daemon.logged('certificates_reloaded');
  t.equal(nameOf(await secured(t, port)), 'second.example');
  writeFileSync(pair.key, readFileSync(makeCertificate(t, 'another.example').key));
  const { problem } = await daemon.logged('certificates_unusable');
  t.match(problem, /are no certificate and its key/);
  t.equal(nameOf(await secured(t, port)), 'second.example', 'files that do not match are not used');
  put(makeCertificate(t, 'third.example'));
  for (;;) {
    const name = nameOf(await secured(t, port));
    if (name === 'third.example') break;
    t.equal(name, 'second.example');
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
  }
  t.match(await ask(stays, 'ping'), /^1\t/, 'the first session is still there');
});

t.test('a device logs in by its certificate, without a password', buffered, async (t) => {
  const authority = makeCertificate(t, 'devices of example');
  const { daemon, port } = await start(t, [makeCertificate(t, 'localhost')], {
    SALOND_TLS_CLIENT_CA: authority.certificate,
  });
  const asGuest = await secured(t, port);
  t.match(await ask(asGuest, 'create_user Sensor-1 A B rabbit-hole'), /^1\t/);
  t.match(await ask(asGuest, 'join_chatroom sensor-1 lobby'), /^8\t/, 'a client without a certificate is a guest');

  const files = (name: string, by: CertificateFiles | undefined): ConnectionOptions => {
    const { certificate, key } = makeCertificate(t, name, by);
    return { cert: readFileSync(certificate), key: readFileSync(key) };
  };
  const device = await secured(t, port, files('sensor-1', authority));
  device.write(
    'join_chatroom sensor-1 lobby\nchatroom_message sensor-1 lobby warm\nauthenticate_user sensor-1 rabbit-hole\n',
  );
  let text = '';
  device.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  while (text.split('\n').length < 4) await once(device, 'data');
  t.same(codesOf(text), [1, 1, 13], 'requests may be sent with the handshake');
  t.match(await daemon.logged('authenticated'), { username: 'Sensor-1', by: 'certificate' });

  for (const [name, by, what] of [
    ['sensor-2', authority, 'a user that does not exist'],
    ['sensor-1', undefined, 'signed by itself'],
    ['sensor-1', makeCertificate(t, 'others'), 'signed by another authority'],
  ] as const)
    t.match(await ask(await secured(t, port, files(name, by)), 'join_chatroom sensor-1 lobby'), /^8\t/, what);
});

t.test('a device whose user has too many sessions is told so, and closed', buffered, async (t) => {
  const authority = makeCertificate(t, 'devices of example');
  const { port } = await start(t, [makeCertificate(t, 'localhost')], {
    SALOND_TLS_CLIENT_CA: authority.certificate,
    SALOND_EXEMPT_ADDRESSES: '',
    SALOND_MAX_SESSIONS_PER_USER: '1',
  });
  t.match(await ask(await secured(t, port), 'create_user sensor-1 A B rabbit-hole'), /^1\t/);
  const { certificate, key } = makeCertificate(t, 'sensor-1', authority);
  const files = { cert: readFileSync(certificate), key: readFileSync(key) };
  t.match(await ask(await secured(t, port, files), 'join_chatroom sensor-1 lobby'), /^1\t/);
  const second = await secured(t, port, files);
  t.equal(
    String((await once(second, 'data'))[0]),
    '199\t{"reason":"this user has as many sessions as it may have, 1: end one of them first","retry_after":5000}\n',
  );
});

t.test('openssl s_client can authenticate by a certificate too', buffered, async (t) => {
  const authority = makeCertificate(t, 'devices of example');
  const { port } = await start(t, [makeCertificate(t, 'localhost')], { SALOND_TLS_CLIENT_CA: authority.certificate });
  t.match(await ask(await secured(t, port), 'create_user sensor-1 A B rabbit-hole'), /^1\t/);
  const { certificate, key } = makeCertificate(t, 'sensor-1', authority);
  const child = spawn(
    'openssl',
    ['s_client', '-quiet', '-verify_quiet', '-cert', certificate, '-key', key, '-connect', `127.0.0.1:${port}`],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.write('join_chatroom sensor-1 lobby\nquit\n');
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  await once(child.stdout, 'end');
  t.same(codesOf(out), [1, 1]);
});

interface Devices {
  /** The path of the settings. */
  readonly config: string;
  readonly daemon: RunningDaemon;
  readonly port: number;
  readonly operator: Client;
  /** Writes the settings, each a line of TOML. */
  readonly set: (...lines: readonly string[]) => void;
  /**
   * Connects with a certificate for sensor-1 from that authority. Fulfils with `user` if it is logged in, else `guest`.
   */
  readonly logsInAs: (authority: CertificateFiles, more?: ConnectionOptions) => Promise<string>;
}

/**
 * Starts a daemon with the user sensor-1 and its settings in a file. Node.js trusts `publicAuthority` by default.
 */
async function devices(t: Test, publicAuthority: CertificateFiles, ...lines: readonly string[]): Promise<Devices> {
  const config = join(temporaryFolder(t), 'salond.toml');
  const pairs = [makeCertificate(t, 'localhost'), makeCertificate(t, 'sni.example')];
  const set: Devices['set'] = (...more) =>
    writeFileSync(
      config,
      [
        `tls_certificate = ${JSON.stringify(pairs.map(({ certificate }) => certificate))}`,
        `tls_key = ${JSON.stringify(pairs.map(({ key }) => key))}`,
        ...more,
      ].join('\n'),
    );
  set(...lines);
  const daemon = startDaemon(t, {
    args: ['--config', config],
    env: { SALOND_TLS_LISTEN: '127.0.0.1:0', NODE_EXTRA_CA_CERTS: publicAuthority.certificate },
  });
  const port = await tlsPort(daemon);
  const asGuest = await secured(t, port);
  t.match(await ask(asGuest, 'create_user sensor-1 A B rabbit-hole'), /^1\t/);
  const operator = await Client.connect(await daemon.control());
  t.teardown(() => operator.destroy());
  const made = new Map<CertificateFiles, ConnectionOptions>();
  const logsInAs: Devices['logsInAs'] = async (authority, more = {}) => {
    if (!made.has(authority)) {
      const { certificate, key } = makeCertificate(t, 'sensor-1', authority);
      made.set(authority, { cert: readFileSync(certificate), key: readFileSync(key) });
    }
    const line = await ask(await secured(t, port, { ...made.get(authority), ...more }), 'join_chatroom sensor-1 lobby');
    return line.startsWith('1\t') ? 'user' : 'guest';
  };
  return { config, daemon, port, operator, set, logsInAs };
}

t.test(
  'after a reload with an empty tls_client_ca no certificate logs in, not even one of a public authority',
  buffered,
  async (t) => {
    const [authority, publicAuthority] = [makeCertificate(t, 'devices'), makeCertificate(t, 'a public authority')];
    const { operator, set, logsInAs } = await devices(t, publicAuthority, `tls_client_ca = "${authority.certificate}"`);
    t.equal(await logsInAs(authority), 'user');
    t.equal(await logsInAs(publicAuthority), 'guest');
    set('tls_client_ca = ""');
    t.match(await operator.request('reload'), { code: 1, body: { applied: ['tls_client_ca'], restart: [] } });
    for (const servername of ['localhost', 'sni.example']) {
      t.equal(await logsInAs(publicAuthority, { servername }), 'guest', servername);
      t.equal(await logsInAs(authority, { servername }), 'guest', servername);
    }
  },
);

t.test(
  'a changed tls_client_ca applies at once, as the reply says, and an older session ticket logs nobody in',
  buffered,
  async (t) => {
    const [authority, other] = [makeCertificate(t, 'devices'), makeCertificate(t, 'newer devices')];
    const { port, operator, set, logsInAs } = await devices(t, makeCertificate(t, 'public'));
    t.equal(await logsInAs(authority), 'guest');
    set(`tls_client_ca = "${authority.certificate}"`);
    t.match(await operator.request('reload'), { body: { applied: ['tls_client_ca'], restart: [] } });
    t.equal(await logsInAs(authority), 'user');
    t.equal(await logsInAs(authority, { servername: 'sni.example' }), 'user');

    const { certificate, key } = makeCertificate(t, 'sensor-1', authority);
    const own: ConnectionOptions = { cert: readFileSync(certificate), key: readFileSync(key), maxVersion: 'TLSv1.2' };
    const first = await secured(t, port, own);
    const session = first.getSession();
    t.match(await ask(first, 'join_chatroom sensor-1 lobby'), /^1\t/);
    t.ok((await secured(t, port, { ...own, session })).isSessionReused(), 'the ticket is accepted');

    set(`tls_client_ca = "${other.certificate}"`);
    t.match(await operator.request('reload'), { body: { applied: ['tls_client_ca'], restart: [] } });
    t.equal(await logsInAs(authority), 'guest');
    t.equal(await logsInAs(other), 'user');
    t.match(await ask(await secured(t, port, { ...own, session }), 'join_chatroom sensor-1 lobby'), /^8\t/);
  },
);

t.test(
  "a reload and a start report an authority that can't be used, and the reload changes nothing",
  buffered,
  async (t) => {
    const authority = makeCertificate(t, 'devices');
    const { config, daemon, operator, set, logsInAs } = await devices(
      t,
      makeCertificate(t, 'public'),
      `tls_client_ca = "${authority.certificate}"`,
    );
    const folder = temporaryFolder(t);
    const [empty, half] = [join(folder, 'empty.pem'), join(folder, 'half.pem')];
    writeFileSync(empty, '# no certificate yet\n');
    writeFileSync(
      half,
      readFileSync(authority.certificate, 'utf8') + readFileSync(authority.certificate, 'utf8').slice(0, 200),
    );
    for (const path of [empty, half, authority.key, '/nowhere.pem', folder, '/dev/zero']) {
      set(`tls_client_ca = "${path}"`, 'registration = "closed"', 'greeting = "new"');
      const { code, body } = await operator.request('reload');
      t.equal(code, 7, path);
      t.match(body['error'], `nothing was changed: ${path} `);
      t.equal(await logsInAs(authority), 'user', 'the old authority is still used');
      const start = path === empty ? startDaemon : hostDaemon;
      const started = start(t, { args: ['--config', config], env: { SALOND_TLS_LISTEN: '127.0.0.1:0' } });
      t.equal((await started.exited).code, 78);
      t.match(started.text, `salond: ${path} `);
    }
    t.match((await operator.ok('status')).body, { state: 'running' });
    const guest = await Client.connect(await daemon.port());
    t.match(
      await guest.request('create_user alice A B rabbit-hole'),
      { code: 1 },
      'neither greeting nor registration has changed',
    );
  },
);

t.test('an emptied file of the authority is not used, and its replacement is', buffered, async (t) => {
  const path = join(temporaryFolder(t), 'ca.pem');
  const [authority, other] = [makeCertificate(t, 'devices'), makeCertificate(t, 'newer devices')];
  copyFileSync(authority.certificate, path);
  const { daemon, logsInAs } = await devices(t, makeCertificate(t, 'public'), `tls_client_ca = "${path}"`);
  writeFileSync(path, '');
  t.match(await daemon.logged('certificates_unusable'), { problem: /no whole certificate/ });
  t.equal(await logsInAs(authority), 'user');
  copyFileSync(other.certificate, path);
  await daemon.logged('certificates_reloaded');
  t.equal(await logsInAs(other), 'user');
  t.equal(await logsInAs(authority), 'guest');
});

t.test('a reload does not apply certificates for a listener that needs a restart', buffered, async (t) => {
  const config = join(temporaryFolder(t), 'salond.toml');
  writeFileSync(config, 'greeting = "one"\n');
  const daemon = hostDaemon(t, { args: ['--config', config] });
  const operator = await Client.connect(await daemon.control());
  const { certificate, key } = makeCertificate(t, 'localhost');
  const tls = `tls_listen = ["127.0.0.1:0"]\ntls_certificate = ["${certificate}"]\n`;
  writeFileSync(config, `${tls}tls_key = ["${key}"]\ngreeting = "two"\n`);
  t.match(await operator.request('reload'), {
    body: { applied: ['greeting'], restart: ['tls_listen', 'tls_certificate', 'tls_key'] },
  });
  writeFileSync(config, `${tls}tls_key = ["${certificate}"]\ngreeting = "three"\n`);
  t.match(
    await operator.request('reload'),
    { code: 7, body: { error: /nothing was changed: .* are no certificate and its key/ } },
    'the restart would fail',
  );
  t.match(await (await Client.connect(await daemon.port())).next(), { body: { text: 'two' } });
});
