// Tests the daemon under a service manager: it takes the sockets that the manager has opened, and reports its state. `systemd-socket-activate`
// stands for the half of the manager that opens sockets, a socket of the test for the half that is told.
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

/** The daemon, to be started by the first connection. It begins with --listen, as every daemon of a test does. */
function startActivated(t: Test, { listen, names, env = {} }: Activation): Daemon {
  const under = [
    'systemd-socket-activate',
    ...listen.flatMap((address) => ['--listen', typeof address === 'number' ? `127.0.0.1:${address}` : address]),
    `--fdname=${names.join(':')}`,
    ...Object.entries({ ...cheapPasswords, ...env }).flatMap(([name, value]) => ['-E', `${name}=${value}`]),
  ];
  return startDaemon(t, { under });
}

/** As soon as somebody listens there. */
async function connected(t: Test, where: number | string): Promise<Socket> {
  for (let tries = 0; ; tries += 1) {
    const socket = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
    t.teardown(() => socket.destroy());
    try {
      await once(socket, 'connect');
      // A daemon that ends at once resets it.
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
  'who connects before there is a daemon is answered, and the settings do not say where it listens',
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

t.test('one for TLS', { buffered: true, skip: skip || noPrograms('openssl') }, async (t) => {
  const made = certificate(t);
  const port = await freePort();
  const daemon = startActivated(t, { listen: [port], names: ['tls'], env: made });
  await connected(t, port);
  const { addresses, tls_addresses: encrypted } = await daemon.logged('ready');
  t.same([addresses, encrypted], [[], [`127.0.0.1:${port}`]]);
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'localhost',
    ca: readFileSync(made.SALOND_TLS_CERTIFICATE),
  });
  t.teardown(() => socket.destroy());
  socket.write('ping\n');
  t.equal(String((await once(socket, 'data'))[0]), '1\t{"command":"ping"}\n');
});

t.test(
  'one for operators, as 0.1.0 had it, is told of and replaced, and the settings say where clients connect',
  { buffered: true, skip: skip || noPrograms('openssl') },
  async (t) => {
    const made = certificate(t);
    const control = join(temporaryFolder(t), 'control.sock');
    const env = { ...made, SALOND_TLS_LISTEN: '127.0.0.1:0', SALOND_CONTROL_SOCKET: control };
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
      ca: readFileSync(made.SALOND_TLS_CERTIFICATE),
    });
    t.teardown(() => socket.destroy());
    await once(socket, 'secureConnect');
  },
);

t.test('a socket that it does not know ends it, in one line', { buffered: true, skip }, async (t) => {
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
  'the manager hears when it is ready, reads its settings again and stops',
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
  'the manager hears that the daemon stops, though the message before takes a while',
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

t.test('the manager hears that it lives, until it stands still', { buffered: true, skip: skipNotify }, async (t) => {
  const manager = await Manager.start(t);
  const daemon = startDaemon(t, { env: { NOTIFY_SOCKET: manager.socket, WATCHDOG_USEC: '500000' } });
  for (let times = 0; times < 2; times += 1) t.ok(await manager.nextWith('WATCHDOG=1'));
  daemon.process.kill('SIGSTOP');
  const before = manager.heard;
  // Real time: a process that stands still can give no sign that it was asked.
  await new Promise((resolve) => {
    setTimeout(resolve, 1200);
  });
  t.ok(manager.heard - before <= 1, 'one may have been on its way');
  daemon.process.kill('SIGCONT');
  t.equal((await daemon.stop()).code, 0);
});
