// Put out before there is a session, and put out without reading: over TCP against the real daemon.
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { certificate, makeCertificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { startDaemon } from '../support/daemon.js';
import { hostDaemon } from '../support/in-process.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 3;
const buffered = { buffered: true };

async function raw(
  t: Test,
  port: number,
  localAddress: string,
): Promise<{ readonly socket: Socket; readonly closed: Promise<unknown>; text: string }> {
  const socket = connect({ port, host: '127.0.0.1', localAddress, noDelay: true });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  const closed = new Promise((resolve) => {
    socket.on('close', resolve);
  });
  await once(socket, 'connect');
  const opened = { socket, closed, text: '' };
  socket.setEncoding('utf8').on('data', (text: string) => {
    opened.text += text;
  });
  return opened;
}

/** Fulfils when the operator's command has ended something: what was sent before it has come by then. */
async function untilEnded(operator: Client, request: object): Promise<void> {
  for (;;) {
    const { body } = await operator.request(request);
    if (Number(body['sessions']) > 0) return;
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}

for (const command of ['ban', 'kick'] as const) {
  t.test(
    `${command} of an address ends a connection in its TLS handshake`,
    { ...buffered, skip: noPrograms('openssl') },
    async (t) => {
      const daemon = hostDaemon(t, { env: { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0' } });
      const { tls_addresses: addresses } = await daemon.logged('ready');
      const port = Number((addresses as string[])[0]?.split(':')[1]);
      const operator = await Client.connect(await daemon.control());
      const silent = await raw(t, port, '127.0.0.9');
      const begun = await raw(t, port, '127.0.0.9');
      // A record of a handshake that has just begun.
      begun.socket.write(Buffer.from('1603010200', 'hex'));
      await untilEnded(operator, { command, target: '127.0.0.8/30' });
      if (command === 'kick') await operator.request({ command, target: '127.0.0.8/30' });
      await Promise.all([silent.closed, begun.closed]);
      const free = connect({ port, host: '127.0.0.1', localAddress: command === 'ban' ? '127.0.0.20' : '127.0.0.9' });
      const other = connectTls({ socket: free, rejectUnauthorized: false });
      t.teardown(() => other.destroy());
      await once(other, 'secureConnect');
      other.write('ping\n');
      t.match(String((await once(other, 'data'))[0]), /^1\t/, 'others come in');
    },
  );

  t.test(
    `${command} of an address ends a connection that waits for its PROXY header, and after it by the header's address`,
    buffered,
    async (t) => {
      const daemon = hostDaemon(t, {
        env: { SALOND_PROXY_PROTOCOL: '127.0.0.1:0', SALOND_TRUSTED_PROXIES: '127.0.0.0/8' },
      });
      const operator = await Client.connect(await daemon.control());
      const port = await daemon.port();
      const header = 'PROXY TCP4 192.0.2.7 127.0.0.1 5000 7256\r\n';
      const half = await raw(t, port, '127.0.0.9');
      half.socket.write(header.slice(0, 20));
      await untilEnded(operator, { command, target: '127.0.0.9' });
      await half.closed;
      t.equal(half.text, '');

      const complete = await raw(t, port, '127.0.0.9');
      complete.socket.write(`${header}ping\n`);
      await once(complete.socket, 'data');
      t.match(
        await operator.request({ command: 'kick', target: '127.0.0.9' }),
        { code: 11 },
        "it is the client's now, not the proxy's",
      );
      t.match(await operator.request({ command, target: '::ffff:192.0.2.7', reason: 'enough' }), {
        code: 1,
        body: { kind: 'address', target: '192.0.2.7', asked: '::ffff:192.0.2.7', sessions: 1 },
      });
      await complete.closed;
      t.match(complete.text, /^1\t.*\n199\t\{"reason":"(you are banned: )?enough"\}\n$/);
    },
  );

  t.test(
    `${command} of the PROXY header's address ends a connection in the TLS handshake after the header`,
    { ...buffered, skip: noPrograms('openssl') },
    async (t) => {
      const daemon = hostDaemon(t, {
        env: {
          ...certificate(t),
          SALOND_TLS_LISTEN: '127.0.0.1:0',
          SALOND_PROXY_PROTOCOL: '127.0.0.1:0',
          SALOND_TRUSTED_PROXIES: '127.0.0.0/8',
        },
      });
      const { tls_addresses: addresses } = await daemon.logged('ready');
      const operator = await Client.connect(await daemon.control());
      const proxied = await raw(t, Number((addresses as string[])[0]?.split(':')[1]), '127.0.0.9');
      proxied.socket.write('PROXY TCP6 2001:db8::7 2001:db8::1 5000 7256\r\n');
      await untilEnded(operator, { command, target: '2001:db8::/32' });
      await proxied.closed;
    },
  );
}

t.test(
  'a certificate does not log in a user who is banned or disabled',
  { ...buffered, skip: noPrograms('openssl') },
  async (t) => {
    const authority = makeCertificate(t, 'devices of example');
    const daemon = hostDaemon(t, {
      env: { ...certificate(t), SALOND_TLS_LISTEN: '127.0.0.1:0', SALOND_TLS_CLIENT_CA: authority.certificate },
    });
    const { tls_addresses: addresses } = await daemon.logged('ready');
    const operator = await Client.connect(await daemon.control());
    await operator.ok('create_account sensor-1 A B rabbit-hole');
    const { certificate: path, key } = makeCertificate(t, 'sensor-1', authority);
    const login = async (): Promise<{ readonly code: string; readonly closed: Promise<unknown> }> => {
      const socket = connectTls({
        port: Number((addresses as string[])[0]?.split(':')[1]),
        host: '127.0.0.1',
        rejectUnauthorized: false,
        cert: readFileSync(path),
        key: readFileSync(key),
      });
      socket.on('error', () => undefined);
      t.teardown(() => socket.destroy());
      const closed = once(socket, 'close');
      await once(socket, 'secureConnect');
      socket.write('join_chatroom sensor-1 lobby\n');
      return { code: String((await once(socket, 'data'))[0]).split('\t')[0] ?? '', closed };
    };
    for (const [out, back] of [
      [{ command: 'ban', target: 'sensor-1' }, 'unban sensor-1'],
      [{ command: 'disable_account', user: 'sensor-1' }, 'enable_account sensor-1'],
    ] as const) {
      const there = await login();
      t.equal(there.code, '1');
      t.match(await operator.request(out), { code: 1, body: { sessions: 1 } });
      await there.closed;
      const refused = await login();
      t.equal(refused.code, '8', 'it goes on as a guest');
      t.match(await operator.request({ command: 'kick', target: '127.0.0.1' }), { body: { sessions: 1 } });
      await refused.closed;
      await operator.ok(back);
    }
  },
);

t.test(
  'a client that does not read is out at once too, and its connection is closed within seconds',
  buffered,
  async (t) => {
    const daemon = startDaemon(t, { env: { SALOND_STALL_SECONDS: '60' } });
    const port = await daemon.port();
    const operator = await Client.connect(await daemon.control());
    const alice = await (await Client.connect(port)).enter('alice', 'lobby', 'garden');
    // More than the kernel takes.
    const count = 4000;
    alice.send(
      ...Array.from({ length: count }, () => ({
        command: 'chatroom_message',
        username: 'alice',
        room: 'garden',
        message: 'x'.repeat(4000),
      })),
    );
    for (let each = 0; each < count; each += 1) await alice.reply();
    const mallory = await (await Client.connect(port)).enter('mallory', 'lobby');
    t.equal((await alice.event()).code, 101);
    mallory.socket.pause();
    mallory.send({ command: 'join_chatroom', username: 'mallory', room: 'garden', after: 0 });
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    t.match(await operator.request('ban mallory'), { code: 1, body: { kind: 'user', sessions: 1 } });
    t.match(await alice.event(), { code: 102, body: { room: 'lobby', username: 'mallory', reason: 'banned' } });
    while (Number((await operator.ok('status')).body['sessions']) > 1) {
      await new Promise((resolve) => {
        setTimeout(resolve, 50);
      });
    }
    t.pass('it is gone, though the limit for those who do not read is a minute');
    t.same(
      alice.lines.filter(({ code, body }) => code === 101 && body['room'] === 'garden'),
      [],
    );
    mallory.destroy();
  },
);

t.test(
  'a login ends when its user is banned, disabled or given another password while the password is checked',
  buffered,
  async (t) => {
    // Some 200 ms a hash.
    const daemon = hostDaemon(t, { env: { SALOND_PASSWORD_LOG_N: '16' } });
    const port = await daemon.port();
    const operator = await Client.connect(await daemon.control());
    for (const [name, request, code] of [
      // With the right password, whoever is kept out is told so.
      ['one', { command: 'ban', target: 'one' }, 12],
      ['two', { command: 'disable_account', user: 'two' }, 12],
      ['four', { command: 'delete_account', user: 'four' }, 4],
    ] as const) {
      const client = await Client.connect(port);
      await client.ok(`create_user ${name} A B rabbit-hole`);
      client.send(`authenticate_user ${name} rabbit-hole`);
      const other = await Client.connect(port);
      await other.ok('ping');
      t.match(await operator.request(request), { code: 1, body: { sessions: 0 } });
      t.equal((await client.reply()).code, code, name);
      t.match(await client.request(`join_chatroom ${name} lobby`), { code: 8 });
    }
    t.match((await operator.ok('status')).body, { users: 0 });
  },
);
