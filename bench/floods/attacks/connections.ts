// Attacks with connections: TLS handshakes that never come, silent connections for metrics, and connections past
// thousands of bans.
import { setTimeout as sleep } from 'node:timers/promises';
import { addressOf, type Attack } from '../attack.js';
import { Client, closed, open, repeated } from '../clients.js';
import { summary, type Tally } from '../tally.js';

/**
 * Holds `count` silent connections from one address, and replaces each that is closed. Every second one sends `first`
 * before it falls silent.
 */
function silent(port: number, count: number, address: string, first: Buffer): () => Promise<string> {
  let held = 0;
  let most = 0;
  const end = repeated(count, async (index, ended) => {
    const socket = await open(port, address);
    held += 1;
    most = Math.max(most, held);
    socket.resume();
    if (index % 2 === 1) socket.write(first);
    await Promise.race([closed(socket), ended]);
    held -= 1;
    socket.resetAndDestroy();
    await Promise.race([ended, sleep(50)]);
  });
  return async () => {
    const times = await end();
    return `${times.toLocaleString('en-US')} connections, ${most.toLocaleString('en-US')} held at one time`;
  };
}

/** The beginning of a handshake that does not go on. */
const clientHello = Buffer.from([22, 3, 1, 2, 0, 1]);

const handshakes = 4000;
const files = 4096;

const tls: Attack = {
  name: 'tls',
  title: `${handshakes.toLocaleString('en-US')} connections for TLS from one address, silent after accept or after the first bytes of a handshake, with max_connections = 100 and ${files.toLocaleString('en-US')} files, while an operator asks \`status\` every second`,
  probes: ['status'],
  settings: { SALOND_MAX_CONNECTIONS: '100' },
  files,
  setUp: async (target) => () => silent(target.tlsPort, handshakes, addressOf(target, 0), clientHello),
};

const scrapers = 300;

const metrics: Attack = {
  name: 'metrics',
  title: `${scrapers} connections to metrics_listen that are silent or send half a request, while /metrics is asked every second`,
  probes: ['metrics'],
  setUp: async (target) => () =>
    silent(target.metricsPort, scrapers, addressOf(target, 0), Buffer.from('GET /metrics HTTP/1.1\r\n')),
};

const banned = 9950;

/** Addresses of the attack from this number on are not banned. */
const free = 10_000;

const bans: Attack = {
  name: 'bans',
  title: `${banned.toLocaleString('en-US')} addresses are banned; new connections come from these and from others`,
  banned,
  setUp: async (target) => () => {
    const tallies: Pick<Tally, 'codes' | 'reasons'>[] = [];
    let connections = 0;
    const end = repeated(32, async (index, ended) => {
      connections += 1;
      // A prime, so that the addresses differ from one connection to the next.
      const number = (connections * 7919) % banned;
      const client = await Client.open(target.port, addressOf(target, index % 2 === 0 ? number : free + number));
      tallies.push(client.tally);
      await Promise.race([client.ask('quit'), ended]);
      client.socket.resetAndDestroy();
    });
    return async () => {
      const times = await end();
      return `${times.toLocaleString('en-US')} connections; ${summary(tallies)}`;
    };
  },
};

/** Attacks with connections. */
export const connections: readonly Attack[] = [tls, metrics, bans];
