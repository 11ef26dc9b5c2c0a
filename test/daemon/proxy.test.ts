// Tests connections that a proxy passes on: the address in a PROXY header counts only if a trusted proxy sends it. Some
// tests use HAProxy.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { codesOf } from '../support/client.js';
import { type RunningDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noHaproxy, startHaproxy } from '../support/haproxy.js';

t.jobs = 4;

const login = 'create_user alice A B rabbit-hole\nauthenticate_user alice rabbit-hole\nping\n';

function startProxied(t: Test, env: Readonly<Record<string, string>> = {}): RunningDaemon {
  return hostDaemon(t, {
    env: {
      SALOND_PROXY_PROTOCOL: '127.0.0.1:0',
      SALOND_TRUSTED_PROXIES: '127.0.0.1',
      SALOND_LOG_LEVEL: 'debug',
      ...env,
    },
  });
}

/** Sends bytes from the address `from`. Returns everything that comes back until the end. */
async function answers(port: number, bytes: string | Buffer, from = '127.0.0.1'): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.end(bytes);
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await once(socket, 'close');
  return text;
}

t.test('limits, log and code 17 use the address in the header', { buffered: true }, async (t) => {
  const daemon = startProxied(t, { SALOND_CONNECTIONS_PER_MINUTE: '2' });
  const port = await daemon.port();
  const header = 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256\r\n';
  t.same(codesOf(await answers(port, `${header}${login}`)), [17, 17, 1]);
  t.match(await daemon.logged('session_opened'), { address: '192.0.2.7' });
  t.same(codesOf(await answers(port, `${header}ping\n`)), [1]);
  t.match(await answers(port, `${header}ping\n`), /^199\t\{"reason":"too many new connections from your address"/);
  t.same(
    codesOf(await answers(port, `PROXY UNKNOWN\r\n${login}`)),
    [1, 1, 1],
    "the connection is the proxy's own, and comes from this machine",
  );
});

t.test('an exempt address waits after wrong passwords, and this machine does not', { buffered: true }, async (t) => {
  const port = await startProxied(t, {
    SALOND_EXEMPT_ADDRESSES: '127.0.0.0/8,192.0.2.7',
    SALOND_ALLOW_PLAINTEXT: 'true',
    SALOND_PASSWORD_LOG_N: '10',
  }).port();
  const guesses = 'authenticate_user alice wrong\n'.repeat(6);
  const before = 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256\r\n';
  t.same(codesOf(await answers(port, `${before}${guesses}`)), [4, 4, 4, 4, 4, 14]);
  t.same(codesOf(await answers(port, `PROXY UNKNOWN\r\n${guesses}`)), [4, 4, 4, 4, 4, 4]);
});

t.test('a password is accepted from a client that uses TLS to the proxy', { buffered: true }, async (t) => {
  const port = await startProxied(t).port();
  const header = (tls: number): Buffer =>
    Buffer.from(
      `0d0a0d0a000d0a515549540a211100 14c0000207 7f000001 1388 1c58 200005 ${tls ? '01' : '00'}00000000`.replaceAll(
        ' ',
        '',
      ),
      'hex',
    );
  t.same(codesOf(await answers(port, Buffer.concat([header(0), Buffer.from(login)]))), [17, 17, 1]);
  t.same(codesOf(await answers(port, Buffer.concat([header(1), Buffer.from(login)]))), [1, 1, 1]);
});

t.test('a header may come byte by byte, with requests behind its last byte', { buffered: true }, async (t) => {
  const port = await startProxied(t).port();
  const socket = connect(port, '127.0.0.1');
  for (const byte of 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256\r') {
    socket.write(byte);
    await sleep(1);
  }
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  socket.write('\nping one\nping two\nquit\n');
  await once(socket, 'close');
  t.same(codesOf(text), [1, 1, 1]);
});

t.test('a connection from an untrusted address, or without a header, is closed', { buffered: true }, async (t) => {
  const daemon = startProxied(t);
  const port = await daemon.port();
  t.equal(
    await answers(port, 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256\r\nping\n', '127.0.0.2'),
    '199\t{"reason":"only proxies may connect here"}\n',
  );
  t.equal(await answers(port, 'ping\n'), '');
  t.match(await daemon.logged('proxy_header_invalid'), { address: '127.0.0.1' });
  const started = performance.now();
  const silent = connect(port, '127.0.0.1').resume();
  await once(silent, 'close');
  t.ok(performance.now() - started >= 4900, 'the header may take five seconds');
});

t.test('without proxy_protocol a header is an unknown command', { buffered: true }, async (t) => {
  const port = await hostDaemon(t).port();
  t.match(codesOf(await answers(port, 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256\r\nping\n')), [6, 1]);
});

/** Starts an HAProxy in front of the daemon. Returns its port. */
function startProxy(t: Test, server: string): Promise<number> {
  return startHaproxy(
    t,
    (port) => `
defaults
  mode tcp
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen salond
  bind 127.0.0.1:${port}
  server salond ${server}
`,
  );
}

for (const version of ['send-proxy', 'send-proxy-v2']) {
  t.test(`HAProxy passes on connections with ${version}`, { buffered: true, skip: noHaproxy }, async (t) => {
    const daemon = startProxied(t);
    const port = await startProxy(t, `127.0.0.1:${await daemon.port()} ${version}`);
    const replies = await answers(port, login, '127.0.0.9');
    t.same(codesOf(replies), [1, 1, 1]);
    await daemon.stop();
    t.ok(
      daemon.log.some(({ event, address }) => event === 'authenticated' && address === '127.0.0.9'),
      'the log has the address of the client',
    );
  });
}

t.test('HAProxy passes TLS through', { buffered: true, skip: noHaproxy }, async (t) => {
  const pair = certificate(t);
  const daemon = startProxied(t, { ...pair, SALOND_TLS_LISTEN: '127.0.0.1:0' });
  const { tls_addresses: addresses } = await daemon.logged('ready');
  const port = await startProxy(t, `${(addresses as string[])[0]} send-proxy-v2`);
  const raw = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.9' });
  const socket = connectTls({ socket: raw, servername: 'localhost', ca: readFileSync(pair.SALOND_TLS_CERTIFICATE) });
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  socket.end(login);
  await once(socket, 'close');
  t.same(codesOf(text), [1, 1, 1]);
  t.match(await daemon.logged('authenticated'), { address: '127.0.0.9' });
});
