// Which certificate a client gets, when another takes its place, and clients that say who they are by one of their own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { makeCertificate, type CertificateFiles } from '../support/certificate.js';
import { startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 4;
const buffered = { buffered: true, skip: noPrograms('openssl') };

async function start(t: Test, pairs: readonly CertificateFiles[], env: Readonly<Record<string, string>> = {}): Promise<{ readonly daemon: Daemon; readonly port: number }> {
  const daemon = startDaemon(t, { env: {
    SALOND_TLS_CERTIFICATE: pairs.map(({ certificate }) => certificate).join(','), SALOND_TLS_KEY: pairs.map(({ key }) => key).join(','),
    SALOND_TLS_LISTEN: '127.0.0.1:0', ...env,
  } });
  const { tls_addresses: addresses } = await daemon.logged('ready');
  return { daemon, port: Number((addresses as string[])[0]?.split(':')[1]) };
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

t.test('a client gets the certificate of the name that it asks for, else the first', buffered, async (t) => {
  const { port } = await start(t, ['chat.example', '*.wild.example'].map((name) => makeCertificate(t, name)));
  for (const [servername, name] of [
    ['chat.example', 'chat.example'], ['a.wild.example', '*.wild.example'], ['wild.example', 'chat.example'], ['other.example', 'chat.example'],
  ] as const) t.equal(nameOf(await secured(t, port, { servername })), name, servername);
  t.equal(nameOf(await secured(t, port)), 'chat.example', 'and whoever asks for none');
});

t.test('files that change are read again, by a signal or by themselves, and no session is lost', buffered, async (t) => {
  const folder = temporaryFolder(t);
  const pair = { certificate: join(folder, 'certificate.pem'), key: join(folder, 'key.pem') };
  const put = (from: CertificateFiles): void => {
    copyFileSync(from.certificate, pair.certificate);
    copyFileSync(from.key, pair.key);
  };
  put(makeCertificate(t, 'first.example'));
  const { daemon, port } = await start(t, [pair]);
  const stays = await secured(t, port);
  put(makeCertificate(t, 'second.example'));
  daemon.process.kill('SIGHUP');
  await daemon.logged('certificates_reloaded');
  t.equal(nameOf(await secured(t, port)), 'second.example');
  writeFileSync(pair.key, readFileSync(makeCertificate(t, 'another.example').key));
  const { problem } = await daemon.logged('certificates_unusable');
  t.match(problem, /are no certificate and its key/);
  t.equal(nameOf(await secured(t, port)), 'second.example', 'what does not fit is not taken');
  put(makeCertificate(t, 'third.example'));
  for (;;) {
    const name = nameOf(await secured(t, port));
    if (name === 'third.example') break;
    t.equal(name, 'second.example');
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
  t.match(await ask(stays, 'ping'), /^1\t/, 'the first session is still there');
});

t.test('a device comes in by its certificate, without a password', buffered, async (t) => {
  const authority = makeCertificate(t, 'devices of example');
  const { daemon, port } = await start(t, [makeCertificate(t, 'localhost')], { SALOND_TLS_CLIENT_CA: authority.certificate });
  const asGuest = await secured(t, port);
  t.match(await ask(asGuest, 'create_user Sensor-1 A B rabbit-hole'), /^1\t/);
  t.match(await ask(asGuest, 'join_chatroom sensor-1 lobby'), /^8\t/, 'who has none is a guest');

  const files = (name: string, by: CertificateFiles | undefined): ConnectionOptions => {
    const { certificate, key } = makeCertificate(t, name, by);
    return { cert: readFileSync(certificate), key: readFileSync(key) };
  };
  const device = await secured(t, port, files('sensor-1', authority));
  device.write('join_chatroom sensor-1 lobby\nchatroom_message sensor-1 lobby warm\nauthenticate_user sensor-1 rabbit-hole\n');
  let text = '';
  device.setEncoding('utf8').on('data', (more: string) => { text += more; });
  while (text.split('\n').length < 4) await once(device, 'data');
  t.same(text.split('\n').slice(0, 3).map((line) => line.split('\t')[0]), ['1', '1', '13'], 'sent ahead, with the handshake');
  t.match(await daemon.logged('authenticated'), { username: 'Sensor-1', by: 'certificate' });

  for (const [name, by, what] of [
    ['sensor-2', authority, 'a user that there is not'], ['sensor-1', undefined, 'signed by itself'], ['sensor-1', makeCertificate(t, 'others'), "another authority's"],
  ] as const) t.match(await ask(await secured(t, port, files(name, by)), 'join_chatroom sensor-1 lobby'), /^8\t/, what);
});

t.test('the same by openssl s_client', buffered, async (t) => {
  const authority = makeCertificate(t, 'devices of example');
  const { port } = await start(t, [makeCertificate(t, 'localhost')], { SALOND_TLS_CLIENT_CA: authority.certificate });
  t.match(await ask(await secured(t, port), 'create_user sensor-1 A B rabbit-hole'), /^1\t/);
  const { certificate, key } = makeCertificate(t, 'sensor-1', authority);
  const child = spawn('openssl', ['s_client', '-quiet', '-verify_quiet', '-cert', certificate, '-key', key, '-connect', `127.0.0.1:${port}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  t.teardown(() => child.kill('SIGKILL'));
  child.stdin.write('join_chatroom sensor-1 lobby\nquit\n');
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { out += text; });
  await once(child.stdout, 'end');
  t.same(out.trimEnd().split('\n').map((line) => line.split('\t')[0]), ['1', '1']);
});
