// The servers that are measured: how each is started, and what a client of it says. Every one runs alone, on loopback, with
// its limits off (peers/).
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerName } from './names.js';
import { isInstalled, root, start, type Running } from './process.js';
import { password } from './salond-data.js';

/** What the load generator says to a server; `%r`, `%m` and `%c` are filled in by it (load/). */
export interface Dialect {
  readonly hello: string;
  readonly expect: string;
  /** What a connection says once everybody has read `expect`, and waits for then. */
  readonly then?: { readonly hello: string; readonly expect: string };
  /** The line of a message. */
  readonly message: string;
  /** Every message is answered to its sender. */
  readonly replies?: boolean;
}

export interface Server {
  readonly name: ServerName;
  /** Debian's package, where it is one that must be installed. */
  readonly debian?: string;
  /** How many connections may be on their way in at one time, where that is not what most take. */
  readonly atOnce?: number;
  /** @param run names the rooms of one run apart from those of others, where rooms outlive it */
  dialect(run: string, text: string): Dialect;
  start(): Promise<Running>;
}

/** Messages of the load carry one mark, `|`, that stands nowhere else (load/). */
export function textOf(bytes: number): string {
  return `|${'x'.repeat(bytes - 1)}`;
}

export interface SalondOptions {
  readonly name?: ServerName;
  /** The data folder (salond-data.ts). */
  readonly data: string;
  /** Where its data shall be as it is in every run: a copy of `data`, gone when the server stops. */
  readonly copy?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Options of the runtime's. */
  readonly node?: readonly string[];
}

export function salond({ name = 'salond', data, copy, settings = {}, node = [] }: SalondOptions): Server {
  const folder = copy ?? data;
  return {
    name,
    dialect: (run, text) => ({
      hello: `${JSON.stringify({ command: 'authenticate_user', username: 'load-%m', password })}\n`,
      expect: '"command":"authenticate_user"',
      then: {
        hello: `${JSON.stringify({ command: 'join_chatroom', username: 'load-%m', room: `${run}-%r` })}\n`,
        expect: '"command":"join_chatroom"',
      },
      message: `${JSON.stringify({ command: 'chatroom_message', username: 'load-%m', room: `${run}-%r`, message: text })}\n`,
      replies: true,
    }),
    start: async () => {
      if (copy !== undefined) {
        rmSync(copy, { recursive: true, force: true });
        cpSync(data, copy, { recursive: true });
      }
      const running = await start({
        command: [
          process.execPath,
          ...node,
          join(root, 'bin/salond'),
          '--listen',
          '127.0.0.1:0',
          '--data',
          folder,
          '--log-level',
          'info',
        ],
        env: {
          SALOND_PASSWORD_LOG_N: '10',
          SALOND_PASSWORD_P: '1',
          SALOND_MAX_CONNECTIONS: '20000',
          SALOND_MAX_OUTBOX_BYTES: '268435456',
          ...settings,
        },
        portOf: portOfReady,
      });
      return {
        ...running,
        stop: async (signal) => {
          await running.stop(signal);
          if (copy !== undefined) rmSync(copy, { recursive: true });
        },
      };
    },
  };
}

function portOfReady(line: string): number | undefined {
  const { event, addresses } = JSON.parse(line) as { readonly event: string; readonly addresses?: readonly string[] };
  return event === 'ready' ? Number(addresses?.[0]?.split(':')[1]) : undefined;
}

export const relay: Server = {
  name: 'bare relay',
  dialect: (_run, text) => ({ hello: '%r\n', expect: 'in', message: `${text}\n` }),
  start: () => start({ command: [process.execPath, join(root, 'dist/bench/relay.js')], portOf: Number }),
};

const peers = join(root, 'bench/peers');

function irc(name: ServerName, port: number, command: readonly string[], atOnce: number): Server {
  const [debian = ''] = command;
  return {
    name,
    debian,
    atOnce,
    dialect: (_run, text) => ({
      hello: 'NICK n%c\r\nUSER u 0 * :u\r\n',
      expect: ' 001 ',
      then: { hello: 'JOIN #r%r\r\n', expect: ' 366 ' },
      message: `PRIVMSG #r%r :${text}\r\n`,
    }),
    start: () => start({ command, port }),
  };
}

export const nats: Server = {
  name: 'nats-server',
  debian: 'nats-server',
  dialect: (_run, text) => ({
    hello: 'CONNECT {"verbose":false,"echo":false}\r\nSUB r%r 1\r\nPING\r\n',
    expect: 'PONG',
    message: `PUB r%r ${text.length}\r\n${text}\r\n`,
  }),
  start: () => start({ command: ['nats-server', '-c', join(peers, 'nats.conf')], port: 7421 }),
};

// Its queue of new connections holds ten: what is beyond tries again after seconds.
export const ngircd = irc('ngIRCd', 7422, ['ngircd', '-n', '-f', join(peers, 'ngircd.conf')], 8);

// It lets everyone in on a clock of its own, after a second. And it refuses to run as root unless it is told to, and as anybody else to be told so.
const asRoot = process.getuid?.() === 0 ? ['--runasroot'] : [];
export const inspircd = irc(
  'InspIRCd',
  7423,
  ['inspircd', ...asRoot, '--nofork', '--config', join(peers, 'inspircd.conf')],
  500,
);

/** salond in both durabilities, the peers that are installed, and the floor. */
export function everyServer(data: string, copy: string): readonly Server[] {
  const peersHere = [nats, inspircd, ngircd].filter(({ debian = '' }) => isInstalled(debian));
  return [
    salond({ data, copy }),
    salond({ name: 'salond, relaxed', data, copy, settings: { SALOND_DURABILITY: 'relaxed' } }),
    ...peersHere,
    relay,
  ];
}

/** The packages whose servers are not there. */
export function missingPackages(): readonly string[] {
  return [nats, inspircd, ngircd].flatMap(({ debian = '' }) => (isInstalled(debian) ? [] : [debian]));
}
