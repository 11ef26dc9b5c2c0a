// Tests TLS: conversations with common clients, and connections that are too old, too slow or not TLS at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { codesOf, parseLines } from '../support/client.js';
import { startDaemon, type RunningDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 4;
const buffered = { buffered: true, skip: noPrograms('openssl') };

async function startTls(
  t: Test,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly daemon: RunningDaemon; readonly port: number; readonly ca: Buffer }> {
  const pair = certificate(t);
  const daemon = hostDaemon(t, { env: { ...pair, SALOND_TLS_LISTEN: '127.0.0.1:0', ...env } });
  const { tls_addresses: addresses } = await daemon.logged('ready');
  return {
    daemon,
    port: Number((addresses as string[])[0]?.split(':')[1]),
    ca: readFileSync(pair.SALOND_TLS_CERTIFICATE),
  };
}

/** Everything that comes until the connection is closed. */
async function readAll(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  await once(socket, 'close');
  return text;
}

const conversation = [
  'create_user alice A B rabbit-hole',
  'authenticate_user alice rabbit-hole',
  'join_chatroom alice lobby',
  'chatroom_message alice lobby hello',
  'ping é',
]
  .map((line) => `${line}\n`)
  .join('');
const codes = [1, 1, 1, 1, 1];

t.test('a conversation that is sent at once is answered after close_notify, as after FIN', buffered, async (t) => {
  const { port, ca } = await startTls(t);
  const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
  await once(socket, 'secureConnect');
  t.equal(socket.getProtocol(), 'TLSv1.3');
  socket.end(conversation);
  const lines = parseLines(await readAll(socket));
  t.same(
    lines.map(({ code }) => code),
    codes,
  );
  t.equal(lines.at(-1)?.raw, '1\t{"command":"ping","data":"é"}');
});

const clients: Readonly<Record<string, (port: number) => readonly string[]>> = {
  openssl: (port) => ['s_client', '-quiet', '-verify_quiet', '-connect', `127.0.0.1:${port}`],
  ncat: (port) => ['--ssl', '127.0.0.1', String(port)],
  socat: (port) => ['-t', '10', '-', `OPENSSL:127.0.0.1:${port},verify=0`],
};

for (const [program, args] of Object.entries(clients)) {
  t.test(
    `${program} holds a conversation over TLS`,
    { buffered: true, skip: noPrograms(program, 'openssl') },
    async (t) => {
      const { port } = await startTls(t);
      const child = spawn(program, args(port), { stdio: ['pipe', 'pipe', 'ignore'] });
      t.teardown(() => child.kill('SIGKILL'));
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      child.stdin.write(conversation);
      child.stdin.write('quit\n');
      await once(child.stdout, 'end');
      t.same(codesOf(text), [...codes, 1]);
    },
  );
}

t.test('TLS 1.1 is refused, and TLS 1.2 is accepted', buffered, async (t) => {
  const { port } = await startTls(t);
  for (const [version, works] of [
    ['TLSv1.1', false],
    ['TLSv1.2', true],
  ] as const) {
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      minVersion: version,
      maxVersion: version,
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    const secured = await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    t.equal(secured, works, version);
    socket.destroy();
  }
});

t.test(
  'a client that speaks no TLS, or does not end the handshake within ten seconds, is closed, and others are not affected',
  buffered,
  async (t) => {
    const { port, ca, daemon } = await startTls(t, { SALOND_MAX_CONNECTIONS: '3' });
    const started = performance.now();
    const silent = connect(port, '127.0.0.1');
    const plain = connect(port, '127.0.0.1');
    for (const each of [silent, plain]) each.on('error', () => undefined);
    plain.resume().write('ping\nping\n');
    await once(plain, 'close');
    await once(silent.resume(), 'close');
    t.ok(performance.now() - started >= 9900, 'the silent client had ten seconds');
    t.ok(daemon.runs);
    // Neither counts as a connection any more.
    for (let each = 0; each < 3; each += 1) {
      const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
      t.teardown(() => socket.destroy());
      socket.write('ping\n');
      t.match(String((await once(socket, 'data'))[0]), '1\t{"command":"ping"}\n');
    }
    const refused = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca });
    t.match(await readAll(refused), /^199\t\{"reason":"the server has too many connections","retry_after":\d+\}\n$/);
  },
);

t.test(
  'a client that asks for another handshake on its connection is refused it, with TLS 1.2 too',
  buffered,
  async (t) => {
    const { port, ca } = await startTls(t);
    const socket = connectTls({ port, host: '127.0.0.1', servername: 'localhost', ca, maxVersion: 'TLSv1.2' });
    t.teardown(() => socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write('ping\n');
    t.match(String((await once(socket, 'data'))[0]), '1\t{"command":"ping"}\n');
    // The callback of `renegotiate` is not called where the server refuses.
    socket.renegotiate({}, (error) => t.type(error, Error, 'it was done'));
    const [error] = (await once(socket, 'close').catch((reason: unknown) => [reason])) as unknown[];
    t.match(String(error), /no.renegotiation/i);
  },
);

t.test('a certificate that is missing or does not match its key is reported in one line', buffered, async (t) => {
  const [one, other] = [certificate(t), certificate(t)];
  const wrong = [
    [
      { ...one, SALOND_TLS_KEY: other.SALOND_TLS_KEY },
      `salond: ${one.SALOND_TLS_CERTIFICATE} and ${other.SALOND_TLS_KEY} are no certificate and its key: `,
    ],
    [{ ...one, SALOND_TLS_CERTIFICATE: '/nowhere.pem' }, "salond: /nowhere.pem can't be read: "],
    [{ SALOND_TLS_KEY: one.SALOND_TLS_KEY }, 'salond: tls_certificate and tls_key must name as many files\n'],
  ] as const;
  for (const [index, [env, says]] of wrong.entries()) {
    const start = index === 0 ? startDaemon : hostDaemon;
    const daemon = start(t, { env: { ...env, SALOND_TLS_LISTEN: '127.0.0.1:0' } });
    t.equal((await daemon.exited).code, 78);
    t.ok(daemon.text.startsWith(says), daemon.text);
    t.match(daemon.text, /^[^\n]+\n$/, 'in one line');
  }
});
