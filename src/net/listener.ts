// Opens listening sockets: on all addresses of a host, or on a socket that the service manager handed over.
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';
import { inheritedPath } from './inherited-path.js';
import { formatAddress, ListenError, listenFailureReason } from './listen-error.js';

/** One or more open listening sockets that belong together. */
export interface Listener {
  /** HOST:PORT of each, with the real port if port 0 was asked for; the path of a Unix socket. */
  readonly addresses: readonly string[];
  /** Accepts no more connections. Those that are open stay open. */
  close(): void;
}

/** How many connections the kernel queues until they are accepted. */
const backlog = 1024;

/** How many free ports are tried for port 0: one that is free on a host's first address may be in use on the next. */
const maxTries = 32;

/** Creates a server for each address to listen on: one for protocol lines, or one for HTTP. */
export type ServerFactory = () => Server;

/**
 * Creates servers for protocol lines. They are half-open: after a client's FIN its requests are still answered
 * (PROTOCOL.md §1.4).
 */
export function lineServer(onSocket: (socket: Socket) => void): ServerFactory {
  return () => createServer({ allowHalfOpen: true }, onSocket);
}

/** A host and port to listen on, with the host's addresses resolved. */
export interface ListenTarget {
  /** The host as it was written, for messages. */
  readonly host: string;
  /** 0 is any free port, the same one on all addresses. */
  readonly port: number;
  /** The IP addresses of the host. */
  readonly addresses: readonly string[];
}

/**
 * Listens on all addresses of a host, each with a server of its own. Addresses that this machine does not have are left
 * out, unless none remains. `purpose` completes "can't listen on ADDRESS", for example ` for metrics`. Rejects with
 * ListenError, and then listens on none.
 */
export async function listen(target: ListenTarget, makeServer: ServerFactory, purpose = ''): Promise<Listener> {
  for (let tries = 1; ; tries += 1) {
    const started: StartedServer[] = [];
    try {
      await startAll(target, makeServer, purpose, started);
      return combine(started.map(({ listener }) => listener));
    } catch (error) {
      for (const { listener } of started) listener.close();
      const isPortTaken = error instanceof ListenError && error.code === 'EADDRINUSE';
      const triesAgain = isPortTaken && target.port === 0 && started.length > 0 && tries < maxTries;
      if (!triesAgain) throw error;
    }
  }
}

/** A server that listens. */
export interface StartedServer {
  readonly listener: Listener;
  /** The port that it got; 0 for a Unix socket. */
  readonly port: number;
}

/** Starts one server for each address and adds it to `started`, which the caller closes if this rejects. */
async function startAll(
  { host, port, addresses }: ListenTarget,
  makeServer: ServerFactory,
  purpose: string,
  started: StartedServer[],
): Promise<void> {
  let missing: unknown;
  for (const address of addresses) {
    const samePort = started[0]?.port ?? port;
    const isHost = host.toLowerCase() === address.toLowerCase();
    const shown = isHost ? formatAddress(host, port) : `${formatAddress(host, port)} (${address})`;
    try {
      started.push(await startServer(makeServer(), { host: address, port: samePort }, `${shown}${purpose}`));
    } catch (error) {
      if (!(error instanceof ListenError) || !['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) throw error;
      missing = error;
    }
  }
  if (started.length === 0) throw missing;
}

function combine(listeners: readonly Listener[]): Listener {
  return {
    addresses: listeners.flatMap(({ addresses }) => addresses),
    close: () => {
      for (const each of listeners) each.close();
    },
  };
}

/**
 * Listens on a socket that another process opened. Rejects with ListenError. The address of a Unix socket is its path,
 * or a name for it if the system does not tell the path.
 */
export async function listenInherited(fd: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  const { listener } = await startServer(lineServer(onSocket)(), { fd }, `the socket ${fd} that was handed over`);
  if (listener.addresses.length > 0) return listener;
  // Node.js does not know the path of a Unix socket that another process opened.
  return { ...listener, addresses: [inheritedPath(fd) ?? `socket-${fd}`] };
}

/** Has the server listen. `name` is what an error's message calls the address. Rejects with ListenError. */
export function startServer(
  server: Server,
  where: ListenOptions | { readonly fd: number },
  name: string,
): Promise<StartedServer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void =>
      reject(new ListenError(`can't listen on ${name}: ${listenFailureReason(error)}`, error));
    server.once('error', fail);
    const onListening = (): void => {
      server.removeAllListeners('error');
      // When the process has no file descriptor left, a connection is lost and the listener goes on.
      server.on('error', () => undefined);
      resolve({
        listener: { addresses: boundAddresses(server), close: () => void server.close() },
        port: boundPort(server),
      });
    };
    try {
      // With a descriptor, Node.js ignores a backlog in the options.
      if ('fd' in where) server.listen(where, backlog, onListening);
      else server.listen({ ...where, backlog }, onListening);
    } catch (error) {
      // A descriptor that is no socket makes `listen` throw instead of emitting an error.
      fail(error);
    }
  });
}

function boundPort(server: Server): number {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? 0 : bound.port;
}

/** Where the server listens; empty for a Unix socket that another process opened. */
function boundAddresses(server: Server): readonly string[] {
  const bound = server.address();
  if (bound === null) return [];
  return [typeof bound === 'string' ? bound : formatAddress(bound.address, bound.port)];
}
