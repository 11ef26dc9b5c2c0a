// Tests the daemon under a service manager: it takes the sockets that the manager has opened, and reports its state.
// systemd-socket-activate opens the sockets, and a socket of the test receives the reports.
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { cheapPasswords, startDaemon, temporaryFolder, type Daemon } from '../support/daemon.js';
import { freePort } from '../support/free-port.js';
import { Manager } from './manager.js';
import { noPrograms } from '../support/programs.js';

t.jobs = 2;
const skip = noPrograms('systemd-socket-activate');
const skipNotify = noPrograms('systemd-notify', 'python3');

interface Activation {
  readonly listen: readonly (string | number)[];
  readonly names: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Returns a daemon that systemd-socket-activate starts at the first connection. */
function startActivated(t: Test, { listen, names, env = {} }: Activation): Daemon {
  const under = [
    'systemd-socket-activate',
    ...listen.flatMap((address) => ['--listen', typeof address === 'number' ? `127.0.0.1:${address}` : address]),
    `--fdname=${names.join(':')}`,
    ...Object.entries({ ...cheapPasswords, ...env }).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
  ];
  return startDaemon(t, { under });
}

/** Connects to a port or a Unix socket. Tries again until somebody listens there. */
async function connected(t: Test, where: number | string): Promise<Socket> {
  for (let tries = 0; ; tries += 1) {
    const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
    t.teardown(() => socket.destroy());
    try {
      await once(socket, 'connect');
      // A daemon that ends at once resets the connection.
      return socket.on('error', () => undefined);
    } catch (error) {
      if (tries === 500) throw error;
      await new Promise((resolve) => {
        setTimeout(resolve, 20);
      });
    }
  }
}

t.test(
  'a client that connects before the daemon is started gets its reply, and the sockets replace the setting listen',
  { buffered: true, skip },
  async (t) => {
    const [first, second] = [await freePort(), await freePort()];
    const daemon = startActivated(t, { listen: [first, second], names: ['plain', 'plain'] });
    const early = await connected(t, first);
    early.write('ping early\n');
    t.equal(String((await once(early, 'data'))[0]), '1\t{"command":"ping","data":"early"}\n');
    t.same((await daemon.logged('ready'))['addresses'], [`127.0.0.1:${first}`, `127.0.0.1:${second}`]);
    await (await Client.connect(second)).enter('alice', 'lobby');
    t.equal((await daemon.stop()).code, 0);
  },
);

t.test(
  'the daemon serves TLS on a socket named tls',
  { buffered: true, skip: skip || noPrograms('openssl') },
  async (t) => {
    const pair = certificate(t);
    const port = await freePort();
    const daemon = startActivated(t, { listen: [port], names: ['tls'], env: pair });
    await connected(t, port);
    const { addresses, tls_addresses: encrypted } = await daemon.logged('ready');
    t.same([addresses, encrypted], [[], [`127.0.0.1:${port}`]]);
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(pair.SALOND_TLS_CERTIFICATE),
    });
    t.teardown(() => socket.destroy());
    socket.write('ping\n');
    t.equal(String((await once(socket, 'data'))[0]), '1\t{"command":"ping"}\n');
  },
);

t.test(
  'a Unix socket named plain is for clients, with its path as their address',
  { buffered: true, skip },
  async (t) => {
    const path = join(temporaryFolder(t), 'chat.sock');
    const daemon = startActivated(t, { listen: [path], names: ['plain'], env: { SALOND_EXEMPT_ADDRESSES: '' } });
    await connected(t, path);
    t.same((await daemon.logged('ready'))['addresses'], [path]);
    const alice = await (await Client.connectUnix(path)).enter('alice', 'lobby');
    t.match((await alice.ok('list_sessions')).body['sessions'], [{ address: `unix:${path}` }]);
  },
);

t.test(
  'a socket for operators, as in 0.1.0, is reported and replaced, and clients connect as the settings say',
  { buffered: true, skip: skip || noPrograms('openssl') },
  async (t) => {
    const pair = certificate(t);
    const control = join(temporaryFolder(t), 'control.sock');
    const env = { ...pair, SALOND_TLS_LISTEN: '127.0.0.1:0', SALOND_CONTROL_SOCKET: control };
    const daemon = startActivated(t, { listen: [control], names: ['control'], env });
    await connected(t, control);
    t.match(await daemon.logged('control_socket_ignored'), { level: 'warn', path: control });
    t.match(await daemon.logged('ready'), { control });
    const operator = await connected(t, control);
    operator.write('status\n');
    t.match(String((await once(operator, 'data'))[0]), /^1\t\{"command":"status"/);
    await (await Client.connect(await daemon.port())).ok('ping');
    const { tls_addresses: [encrypted] = [] } = (await daemon.logged('ready')) as {
      readonly tls_addresses?: readonly string[];
    };
    const port = Number(encrypted?.split(':')[1]);
    const socket = connectTls({
      port,
      host: '127.0.0.1',
      servername: 'localhost',
      ca: readFileSync(pair.SALOND_TLS_CERTIFICATE),
    });
    t.teardown(() => socket.destroy());
    await once(socket, 'secureConnect');
  },
);

t.test('a socket of an unknown name ends the daemon, with one line', { buffered: true, skip }, async (t) => {
  const port = await freePort();
  const daemon = startActivated(t, { listen: [port], names: ['http'] });
  await connected(t, port);
  t.equal((await daemon.exited).code, 78);
  t.match(
    daemon.text,
    /^salond: a socket named "http" was handed over: FileDescriptorName= of its unit has to be plain or tls$/m,
  );
});

t.test(
  'the daemon tells the manager when it is ready, reloads and stops',
  { buffered: true, skip: skipNotify },
  async (t) => {
    const manager = await Manager.start(t);
    const daemon = startDaemon(t, {
      env: { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '1000000', WATCHDOG_PID: 'none' },
    });
    t.match(await manager.next(), ['READY=1', `MAINPID=${daemon.process.pid}`, /^STATUS=./]);
    await daemon.logged('ready');
    daemon.process.kill('SIGHUP');
    t.match(await manager.nextWith('RELOADING=1'), ['RELOADING=1', /^MONOTONIC_USEC=\d+$/]);
    t.ok(await manager.nextWith('READY=1'));
    daemon.process.kill('SIGTERM');
    t.ok(await manager.nextWith('STOPPING=1'));
    t.equal((await daemon.exited).code, 0);
  },
);

t.test(
  'the daemon tells the manager that it stops, even if the message before takes a while',
  { buffered: true, skip: skipNotify },
  async (t) => {
    const manager = await Manager.start(t);
    const folder = temporaryFolder(t);
    const path = process.env['PATH'] ?? '';
    writeFileSync(join(folder, 'systemd-notify'), `#!/bin/sh\nPATH='${path}' systemd-notify "$@"\nsleep 0.3\n`, {
      mode: 0o755,
    });
    const daemon = startDaemon(t, { env: { PATH: `${folder}:${path}`, NOTIFY_SOCKET: manager.socket } });
    t.ok(await manager.nextWith('READY=1'));
    daemon.process.kill('SIGTERM');
    t.equal((await daemon.exited).code, 0);
    t.ok(await manager.nextWith('STOPPING=1'));
  },
);

t.test(
  'the daemon sends watchdog messages, and none while it is suspended',
  { buffered: true, skip: skipNotify },
  async (t) => {
    const manager = await Manager.start(t);
    const daemon = startDaemon(t, { env: { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '500000' } });
    for (let times = 0; times < 2; times += 1) t.ok(await manager.nextWith('WATCHDOG=1'));
    daemon.process.kill('SIGSTOP');
    const before = manager.count;
    // Real time has to pass: a suspended process can't show that its next message is due.
    await new Promise((resolve) => {
      setTimeout(resolve, 1200);
    });
    t.ok(manager.count - before <= 1, 'one message may have been on its way');
    daemon.process.kill('SIGCONT');
    t.equal((await daemon.stop()).code, 0);
  },
);
