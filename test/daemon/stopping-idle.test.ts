// Clients that have read everything and do not close, as netcat and most clients of people do: a stop is not held up by
// them, nobody loses the last lines by it, and what they send meanwhile resets nothing.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import t from 'tap';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon, type Teardown } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 2;
const buffered = { buffered: true };

/** Less than the daemon waits for those who do not read, who are the least that it may wait for. */
const patience = 2000;

/** A client that reads and never closes, whatever the server does. */
class Idle {
  text = '';
  /** The server's FIN has come · the connection was reset. */
  ended = false;
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

  static async connect(t: Teardown, where: number | string): Promise<Idle> {
    const socket =
      typeof where === 'number'
        ? connect({ port: where, host: '127.0.0.1', allowHalfOpen: true })
        : connect({ path: where, allowHalfOpen: true });
    t.teardown(() => socket.destroy());
    const idle = new Idle(socket);
    await once(socket, 'connect');
    return idle;
  }
}

async function comeIn(t: Teardown, port: number, count: number): Promise<Idle[]> {
  const idle: Idle[] = [];
  while (idle.length < count)
    idle.push(
      ...(await Promise.all(Array.from({ length: Math.min(50, count - idle.length) }, () => Idle.connect(t, port)))),
    );
  // In order with what came before: the daemon has them all.
  await (await Client.connect(port)).ok('ping');
  return idle;
}

/** Stops the daemon; whether it had ended before it would have given up those who do not read. */
async function endsAtOnce(daemon: Daemon): Promise<boolean> {
  const stopped = daemon.stop();
  const first = await Promise.race([stopped, sleep(patience)]);
  return (await stopped).code === 0 && first !== undefined;
}

t.test('1,000 idle clients that never close are told, and hold nobody up', buffered, async (t) => {
  const daemon = startDaemon(t, {
    env: { SALOND_MAX_CONNECTIONS_PER_ADDRESS: '2000', SALOND_CONNECTIONS_PER_MINUTE: '100000' },
  });
  const idle = await comeIn(t, await daemon.port(), 1000);
  const begun = performance.now();
  t.ok(await endsAtOnce(daemon));
  t.comment(`${Math.round(performance.now() - begun)} ms from SIGTERM to the end`);
  while (idle.some(({ ended, reset }) => !ended && !reset)) await sleep(10);
  t.same(
    idle.filter(
      ({ text, reset }) => reset || !/^199\t\{"reason":"the server is stopping","retry_after":\d+\}\n$/.test(text),
    ).length,
    0,
  );
  t.same(idle.filter(({ socket }) => socket.writableEnded).length, 0, 'none of them has closed');
});

t.test(
  'idle clients over TLS, operators and netcat do not delay a stop',
  { ...buffered, skip: noPrograms('openssl', 'nc.openbsd') },
  async (t) => {
    const daemon = startDaemon(t, { env: { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0' } });
    const port = await daemon.port();
    const ready = await daemon.logged('ready');
    const [, tlsPort = ''] = /:(\d+)$/.exec((ready['tls_addresses'] as readonly string[])[0] ?? '') ?? [];
    const operator = await Idle.connect(t, await daemon.control());
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
      return { said: () => text };
    });
    while (children.some(({ said }) => !said().includes('1\t{"command":"ping"'))) await sleep(10);
    t.ok(await endsAtOnce(daemon));
    while (children.some(({ said }) => !said().includes('199\t'))) await sleep(10);
    t.match(operator.text, /^199\t.*\n$/);
  },
);

t.test('what clients send while the daemon stops costs nobody the last lines', buffered, async (t) => {
  const daemon = startDaemon(t);
  const idle = await comeIn(t, await daemon.port(), 20);
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
  'more signals while it stops change nothing: what was sent is answered, and it ends once',
  buffered,
  async (t) => {
    // A hash of some 150 ms.
    const daemon = startDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '16', SALOND_PASSWORD_P: '1' } });
    const port = await daemon.port();
    const client = await Client.connect(port);
    client.send('create_user alice Alice Liddell rabbit-hole');
    await (await Client.connect(port)).ok('ping');
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

t.test('a stop in the middle of a drain ends it', buffered, async (t) => {
  const daemon = startDaemon(t);
  const idle = await comeIn(t, await daemon.port(), 20);
  const operator = await Client.connect(await daemon.control());
  await operator.ok({ command: 'drain', over: 3600 });
  t.ok(await endsAtOnce(daemon));
  while (idle.some(({ ended }) => !ended)) await sleep(10);
  for (const { text } of idle)
    t.match(text, /^199\t\{"reason":"the server is (about to stop|stopping)","retry_after":\d+\}\n$/);
});

t.test('a second drain changes the time, and says so', buffered, async (t) => {
  const daemon = startDaemon(t);
  const clients = await comeIn(t, await daemon.port(), 20);
  const operator = await Client.connect(await daemon.control());
  t.match(await operator.ok({ command: 'drain', over: 3600 }), { body: { over: 3600, changed: false } });
  // Real time: at this pace the second session ends after three minutes, at the pace of a short drain at once.
  await sleep(300);
  t.ok(clients.filter(({ ended }) => ended).length <= 1, 'there is much time left');
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
  'a client whose handshake ends during a stop is told too, and delays the stop no longer than others do',
  { ...buffered, skip: noPrograms('openssl') },
  async (t) => {
    // A hash of some 250 ms: so long the stop waits for its reply.
    const daemon = startDaemon(t, {
      env: { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0', SALOND_PASSWORD_LOG_N: '16', SALOND_PASSWORD_P: '1' },
    });
    const ready = await daemon.logged('ready');
    const [, port = ''] = /:(\d+)$/.exec((ready['tls_addresses'] as readonly string[])[0] ?? '') ?? [];
    const late = await Idle.connect(t, Number(port));
    const client = await Client.connect(await daemon.port());
    await client.ok('ping');
    client.send('create_user alice Alice Liddell rabbit-hole');
    await (await Client.connect(await daemon.port())).ok('ping');
    const begun = performance.now();
    const stopped = daemon.stop();
    await daemon.logged('stopping');
    const encrypted = connectTls({ socket: late.socket, rejectUnauthorized: false });
    let text = '';
    encrypted
      .setEncoding('utf8')
      .on('data', (more: string) => {
        text += more;
      })
      .on('error', () => undefined);
    t.equal((await stopped).code, 0);
    // One that was not told would be waited for until 6 seconds are over.
    t.ok(performance.now() - begun < 5500, `${performance.now() - begun} ms`);
    while (!text.includes('\n')) await sleep(10);
    t.match(text, /^199\t\{"reason":"the server is stopping","retry_after":\d+\}\n$/);
  },
);
