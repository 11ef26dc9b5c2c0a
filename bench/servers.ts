// The servers that are measured: the command that starts each, and the lines that a client sends to it. Each runs
// alone, on loopback, with its limits off (peers/).
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerName } from './names.js';
import { isInstalled, root, start, type Running } from './process.js';
import { password } from './salond-data.js';

/** The lines that the load generator sends to a server. It replaces `%r`, `%m` and `%c` (load/load.h). */
export interface Dialect {
  /** The first request of a connection, and a part of the answer that it waits for. */
  readonly hello: string;
  readonly expect: string;
  /** The second request and its answer, once all connections have had the first answer. */
  readonly then?: { readonly hello: string; readonly expect: string };
  /** The line of a message. */
  readonly message: string;
  /** Whether the sender of a message gets a reply. */
  readonly replies?: boolean;
}

/** A server that can be measured. */
export interface Server {
  readonly name: ServerName;
  /** The Debian package that has to be installed for it. */
  readonly debian?: string;
  /** How many connections may be on their way in at one time, if not the usual number. */
  readonly atOnce?: number;
  /** @param run a part of the rooms' names, so that a run does not use the rooms of an earlier one */
  dialect(run: string, text: string): Dialect;
  /** Starts a process of its own for a measurement. */
  start(): Promise<Running>;
}

/**
 * A message's text of so many bytes. It has one mark, `|`, which stands nowhere else in what a server sends (load/).
 */
export function textOf(bytes: number): string {
  return `|${'x'.repeat(bytes - 1)}`;
}

/** How a daemon is started for a measurement. */
export interface SalondOptions {
  readonly name?: ServerName;
  /** The folder of the project whose daemon it is; this one unless given. */
  readonly tree?: string;
  /** The data folder (salond-data.ts). */
  readonly data: string;
  /**
   * A folder for a copy of `data`, made at the start and removed at the stop, so that every run finds the same data.
   */
  readonly copy?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Options of Node.js. */
  readonly node?: readonly string[];
  /** What every second member of a room asks for with set_session before it joins. */
  readonly half?: Readonly<Record<string, unknown>>;
}

/** A set_session for members with odd numbers, and one that changes nothing for the others. */
function setSessionOf(half: Readonly<Record<string, unknown>>): string {
  return `%{${JSON.stringify({ command: 'set_session', ...half })}%|${JSON.stringify({ command: 'set_session' })}%}`;
}

/** This project's daemon, with hashes at the lowest cost. */
export function salond({
  name = 'salond',
  tree = root,
  data,
  copy,
  settings = {},
  node = [],
  half,
}: SalondOptions): Server {
  const folder = copy ?? data;
  return {
    name,
    dialect: (run, text) => ({
      hello: `${JSON.stringify({ command: 'authenticate_user', username: 'load-%m', password })}\n`,
      expect: '"command":"authenticate_user"',
      then: {
        hello: `${half === undefined ? '' : `${setSessionOf(half)}\n`}${JSON.stringify({ command: 'join_chatroom', username: 'load-%m', room: `${run}-%r` })}\n`,
        // The room's name stands in the reply in each form, and no event of the room comes before it.
        expect: half === undefined ? '"command":"join_chatroom"' : run,
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
          join(tree, 'bin/salond'),
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

/** The floor of the bench (relay.ts). */
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

/** nats-server, each connection with one subscription. */
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

/** ngIRCd. Its queue of new connections holds ten, and those beyond try again only after seconds. */
export const ngircd = irc('ngIRCd', 7422, ['ngircd', '-n', '-f', join(peers, 'ngircd.conf')], 8);

// InspIRCd refuses to run as root without this option, and refuses the option for anybody else.
const asRoot = process.getuid?.() === 0 ? ['--runasroot'] : [];
/** InspIRCd. It lets everyone in after a second, so many may be on their way in. */
export const inspircd = irc(
  'InspIRCd',
  7423,
  ['inspircd', ...asRoot, '--nofork', '--config', join(peers, 'inspircd.conf')],
  500,
);

/** salond in both durabilities, the peers that are installed, and the bare relay. */
export function everyServer(data: string, copy: string): readonly Server[] {
  const peersHere = [nats, inspircd, ngircd].filter(({ debian = '' }) => isInstalled(debian));
  return [
    salond({ data, copy }),
    salond({ name: 'salond, relaxed', data, copy, settings: { SALOND_DURABILITY: 'relaxed' } }),
    ...peersHere,
    relay,
  ];
}

/** The Debian packages of the peers that are not installed. */
export function missingPackages(): readonly string[] {
  return [nats, inspircd, ngircd].flatMap(({ debian = '' }) => (isInstalled(debian) ? [] : [debian]));
}
