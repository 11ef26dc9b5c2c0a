// Tests that silent connections, many more than the process may open files, leave files for everybody else: operators,
// monitoring, the store and clients of other addresses.
import { readdirSync } from 'node:fs';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { certificate } from '../support/certificate.js';
import { Client } from '../support/client.js';
import { startDaemon, type Daemon } from '../support/daemon.js';
import { noPrograms } from '../support/programs.js';
import { salonctl } from '../support/salonctl.js';

const fileLimit = 400;
const perAddress = 64;
const perAddressRefused = 8;

/** Connections that say nothing, some of which the daemon closes. They are closed with the test. */
class Silent {
  readonly sockets: Socket[] = [];

  /** @param options where to connect, and from which address */
  constructor(
    t: Test,
    readonly options: { readonly port: number; readonly localAddress?: string } | { readonly path: string },
  ) {
    t.teardown(() => {
      for (const each of this.sockets) each.destroy();
    });
  }

  /** Opens so many. Fulfils when each is open, or closed again. */
  async open(count: number): Promise<void> {
    const opening = Array.from({ length: count }, async () => {
      const socket = connect({ host: '127.0.0.1', ...this.options });
      socket.on('error', () => undefined).resume();
      this.sockets.push(socket);
      await new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
    });
    await Promise.all(opening);
  }

  /** How many the daemon has not closed. */
  get left(): number {
    return this.sockets.filter(({ readyState }) => readyState === 'open').length;
  }
}

const filesOf = (daemon: Daemon): number => readdirSync(`/proc/${daemon.process.pid}/fd`).length;

const portOf = (address: unknown): number => Number(String(address).split(':').at(-1));

async function until(holds: () => boolean): Promise<void> {
  while (!holds())
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
}

t.test(
  'a thousand silent TLS connections of one address and of a banned one take a bounded number of files',
  { skip: noPrograms('prlimit', 'openssl') },
  async (t) => {
    const daemon = startDaemon(t, {
      under: ['prlimit', `--nofile=${fileLimit}:${fileLimit}`],
      env: {
        ...certificate(t),
        SALOND_TLS_LISTEN: '127.0.0.1:0',
        SALOND_METRICS_LISTEN: '127.0.0.1:0',
        SALOND_EXEMPT_ADDRESSES: '',
        SALOND_CONNECTIONS_PER_MINUTE: '100000',
        SALOND_HANDSHAKE_SECONDS: '60',
      },
    });
    const { tls_addresses: addresses, metrics, control } = await daemon.logged('ready');
    const port = portOf((addresses as string[])[0]);
    const operator = await Client.connect(String(control));
    await operator.ok('ban 127.0.0.66');
    const before = filesOf(daemon);

    let most = 0;
    const count = async (): Promise<void> => {
      most = Math.max(most, filesOf(daemon));
      t.equal((await salonctl(t, ['status'], { socket: String(control) })).status, 0, 'salonctl is answered');
    };
    const floods = ['127.0.0.9', '127.0.0.66'].map((localAddress) => new Silent(t, { port, localAddress }));
    for (const flood of floods) {
      for (let each = 0; each < 1000; each += 250) {
        await flood.open(250);
        most = Math.max(most, filesOf(daemon));
      }
      await count();
    }
    const monitors = new Silent(t, { port: portOf(metrics) });
    const operators = new Silent(t, { path: String(control) });
    await monitors.open(100);
    await operators.open(100);
    await count();
    await until(() => floods.every(({ left }) => left <= perAddress + perAddressRefused));
    const bound = before + perAddress + 2 * perAddressRefused + 16 + 32 + 16;
    t.ok(most <= bound, `${most} files of ${bound}, and ${before} before`);

    // Everybody else goes on.
    const tls = connectTls({
      socket: connect({ port, host: '127.0.0.1', localAddress: '127.0.0.20' }),
      rejectUnauthorized: false,
    });
    t.teardown(() => tls.destroy());
    tls.write('create_user alice A B rabbit-hole\nauthenticate_user alice rabbit-hole\nquit\n');
    let text = '';
    tls.setEncoding('utf8').on('data', (more: string) => {
      text += more;
    });
    await once(tls, 'end');
    t.match(text, /^(1\t.*\n){3}$/);
    const body = await (await fetch(`http://${String(metrics)}/metrics`)).text();
    for (const line of [
      /^salond_connections_refused_total\{reason="too many connections from your address"\} 936$/m,
      /^salond_connections_refused_total\{reason="your address is banned"\} 1000$/m,
      /^salond_connections_refused_total\{reason="metrics: gave way before it asked"\} [1-9]/m,
      /^salond_connections_closed_total\{reason="you were idle, and another operator needs your place"\} [1-9]/m,
      /^salond_sockets\{state="handshake"\} 64$/m,
    ])
      t.match(body, line);
  },
);
