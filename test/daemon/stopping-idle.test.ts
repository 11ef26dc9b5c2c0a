// Tests stops with clients that have read everything and do not close, such as netcat: they do not delay the stop,
// every client gets the last lines, and requests that come during the stop do not reset the connection.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon, type Teardown } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 2;
const buffered = { buffered: true };

/** A client that reads and never closes its side. */
class IdleClient {
  text = '';
  /** The server's FIN has come. */
  ended = false;
  /** The connection was reset. */
  reset = false;

  private constructor(readonly socket: Socket) {
    socket.setEncoding('utf8').on('data', (text: string) => {
      this.text += text;
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', () => {
      this.reset = true;
    });
  }

  static async connect(t: Teardown, where: number | string): Promise<IdleClient> {
    const socket =
      typeof where === 'number'
        ? connect({ port: where, host: '127.0.0.1', allowHalfOpen: true })
        : connect({ path: where, allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    const idle = new IdleClient(socket);
    await once(socket, 'connect');
    return idle;
  }
}

/** Connects `count` idle clients. Fulfils when the daemon has accepted them all. */
async function connectIdle(t: Teardown, port: number, count: number): Promise<IdleClient[]> {
  const idle: IdleClient[] = [];
  while (idle.length < count)
    idle.push(
      ...(await Promise.all(
        Array.from({ length: Math.min(50, count - idle.length) }, () => IdleClient.connect(t, port)),
      )),
    );
  // Connections are accepted in order, so the daemon has them all.
  await (await Client.connect(port)).ok('ping');
  return idle;
}

/**
 * Stops the daemon. Asserts that it waits for nobody to the end of its patience: it gives up every client that it waits
 * for so long, and none here (stopping-stubborn.test.ts has some).
 */
async function stopsAtOnce(t: Test, daemon: Daemon): Promise<void> {
  t.equal((await daemon.stop()).code, 0);
  t.match(daemon.log.at(-1), { event: 'stopped', cut_off: 0 });
}

t.test('1,000 idle clients that never close get the 199 at a stop', buffered, async (t) => {
  const daemon = startDaemon(t, {
    env: { SALOND_MAX_CONNECTIONS_PER_ADDRESS: '2000', SALOND_CONNECTIONS_PER_MINUTE: '100000' },
  });
  const idle = await connectIdle(t, await daemon.port(), 1000);
  await stopsAtOnce(t, daemon);
  while (idle.some(({ ended, reset }) => !ended && !reset)) await sleep(10);
  t.same(
    idle.filter(
      ({ text, reset }) => reset || !/^199\t\{"reason":"the server is stopping","retry_after":\d+\}\n$/.test(text),
    ).length,
    0,
  );
  t.same(idle.filter(({ socket }) => socket.writableEnded).length, 0, 'no client has closed its side');
});

t.test(
  'idle clients over TLS, operators and netcat do not delay a stop',
  { ...buffered, skip: noPrograms('openssl', 'nc.openbsd') },
  async (t) => {
    const daemon = startDaemon(t, { env: { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0' } });
    const port = await daemon.port();
    const ready = await daemon.logged('ready');
    const [, tlsPort = ''] = /:(\d+)$/.exec((ready['tls_addresses'] as readonly string[])[0] ?? '') ?? [];
    const operator = await IdleClient.connect(t, await daemon.control());
    const children = [
      ['nc.openbsd', '127.0.0.1', String(port)],
      ['openssl', 's_client', '-quiet', '-connect', `127.0.0.1:${tlsPort}`],
    ].map(([program = '', ...args]) => {
      const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'] });
      t.teardown(() => child.kill('SIGKILL'));
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (more: string) => {
        text += more;
      });
      child.stdin.write('ping\n');
      return { output: () => text };
    });
    while (children.some(({ output }) => !output().includes('1\t{"command":"ping"'))) await sleep(10);
    await stopsAtOnce(t, daemon);
    while (children.some(({ output }) => !output().includes('199\t'))) await sleep(10);
    t.match(operator.text, /^199\t.*\n$/);
  },
);

t.test('clients that go on sending during a stop get the last lines', buffered, async (t) => {
  const daemon = startDaemon(t);
  const idle = await connectIdle(t, await daemon.port(), 20);
  let sending = true;
  for (const { socket } of idle) {
    const more = (): void => {
      if (sending) socket.write('ping\n'.repeat(1000), () => setImmediate(more));
    };
    more();
  }
  await sleep(200);
  t.equal((await daemon.stop()).code, 0);
  sending = false;
  while (idle.some(({ ended, reset }) => !ended && !reset)) await sleep(10);
  for (const { text } of idle) t.match(text.slice(text.lastIndexOf('\n', text.length - 2) + 1), /^199\t\{.*\}\n$/);
});

t.test(
  'more signals during a stop change nothing: requests are answered, and the daemon stops once',
  buffered,
  async (t) => {
    // A hash takes some 60 ms. A costlier one is made at a low priority, and may last longer than a stop waits.
    const daemon = startDaemon(t, {
      env: { SALOND_METRICS_LISTEN: '127.0.0.1:0', SALOND_PASSWORD_LOG_N: '14', SALOND_PASSWORD_P: '1' },
    });
    const client = await Client.connect(await daemon.port());
    client.send('create_user alice Alice Liddell rabbit-hole');
    // A hash that waits for its turn is not made any more.
    const runs = /^salond_password_hashes\{state="running"\} 1$/m;
    while (client.lines.length === 0 && !runs.test(await daemon.metrics())) await sleep(1);
    const stopped = daemon.stop();
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGTERM'] as const) {
      await sleep(30);
      daemon.process.kill(signal);
    }
    t.match(await stopped, { code: 0 });
    await client.closed;
    t.same(
      client.lines.map(({ code }) => code),
      [1, 199],
    );
    t.same(daemon.log.filter(({ event }) => event === 'stopping' || event === 'stopped').length, 2);
  },
);

t.test('a stop ends a drain at once', buffered, async (t) => {
  const daemon = hostDaemon(t);
  const idle = await connectIdle(t, await daemon.port(), 20);
  const operator = await Client.connect(await daemon.control());
  await operator.ok({ command: 'drain', over: 3600 });
  t.equal((await daemon.stop()).code, 0);
  while (idle.some(({ ended }) => !ended)) await sleep(10);
  for (const { text } of idle)
    t.match(text, /^199\t\{"reason":"the server is (about to stop|stopping)","retry_after":\d+\}\n$/);
});

t.test('a second drain changes the time, and its reply says so', buffered, async (t) => {
  const daemon = hostDaemon(t);
  const clients = await connectIdle(t, await daemon.port(), 20);
  const operator = await Client.connect(await daemon.control());
  t.match(await operator.ok({ command: 'drain', over: 3600 }), { body: { over: 3600, changed: false } });
  // Real time has to pass: in this drain the second session ends after three minutes, in a short one at once.
  await sleep(300);
  t.ok(clients.filter(({ ended }) => ended).length <= 1, 'the drain has hardly begun');
  t.match(await operator.ok({ command: 'drain', over: 7200 }), { body: { over: 7200, changed: true } });
  t.match(await operator.ok({ command: 'drain', over: 1 }), { body: { over: 1, changed: true } });
  t.equal((await daemon.exited).code, 0);
  while (clients.some(({ ended }) => !ended)) await sleep(10);
  t.same(
    daemon.log.filter(({ event }) => event === 'draining').map(({ seconds }) => seconds),
    [3600, 7200, 1],
  );
  t.equal(daemon.log.filter(({ event }) => event === 'stopping').length, 1);
});

t.test(
  'a client whose handshake ends during a stop gets the 199 too, and delays the stop no longer than others',
  { ...buffered, skip: noPrograms('openssl') },
  async (t) => {
    // A hash takes some 250 ms, and the stop waits for its reply.
    const daemon = startDaemon(t, {
      env: { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0', SALOND_PASSWORD_LOG_N: '16', SALOND_PASSWORD_P: '1' },
    });
    const ready = await daemon.logged('ready');
    const [, port = ''] = /:(\d+)$/.exec((ready['tls_addresses'] as readonly string[])[0] ?? '') ?? [];
    const late = await IdleClient.connect(t, Number(port));
    const client = await Client.connect(await daemon.port());
    await client.ok('ping');
    client.send('create_user alice Alice Liddell rabbit-hole');
    await (await Client.connect(await daemon.port())).ok('ping');
    const stopped = stopsAtOnce(t, daemon);
    await daemon.logged('stopping');
    const encrypted = connectTls({ socket: late.socket, rejectUnauthorized: false });
    let text = '';
    encrypted
      .setEncoding('utf8')
      .on('data', (more: string) => {
        text += more;
      })
      .on('error', () => undefined);
    await stopped;
    while (!text.includes('\n')) await sleep(10);
    t.match(text, /^199\t\{"reason":"the server is stopping","retry_after":\d+\}\n$/);
  },
);
