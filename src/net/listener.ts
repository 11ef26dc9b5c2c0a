// Listening sockets.
import { createServer, type ListenOptions, type Server, type Socket } from 'node:net';

export interface Listener {
  /** HOST:PORT of each, with the port that was got where 0 was asked for; a Unix socket's path. */
  readonly addresses: readonly string[];
  /** Takes no more connections; those that are there stay. */
  close(): void;
}

/** An address that can't be listened on; the message names it and says why. `cause` is the system's error. */
export class ListenError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }

  /** The system's name of what went wrong, `EADDRINUSE` say. */
  get code(): string {
    return codeOf(this.cause);
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAFNOSUPPORT: 'this machine has no such addresses',
  EACCES: 'that is not permitted',
  EPERM: 'that is not permitted',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: "the host can't be looked up now: the name server does not answer",
  ENOENT: 'its folder is not there',
  ENOTDIR: 'what should be its folder is a file',
  EROFS: 'its file system is read-only',
  ENOTSOCK: 'it is no socket',
  EINVAL: 'it is nothing that can be listened on',
  ELOOP: 'its symbolic links lead in a circle',
};

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** Why something could not be listened on or looked up, in a person's words where the system's error is a known one. */
export function listenFailureReason(error: unknown): string {
  return reasons[codeOf(error)] ?? (error instanceof Error ? error.message : String(error));
}

/** Connections that the system keeps until they are taken. */
const backlog = 1024;

/**
 * How often another port is tried where any free one was asked for, and another address of the same name has it in use.
 */
const maxTries = 32;

/** What makes a server for each address: one of TCP lines, or of another protocol. */
export type ServerFactory = () => Server;

/** For lines. Half-open: after the client's FIN every request that arrived is still answered (PROTOCOL.md §1.4). */
export function lineServer(onSocket: (socket: Socket) => void): ServerFactory {
  return () => createServer({ allowHalfOpen: true }, onSocket);
}

export interface ListenTarget {
  /** As it was written, for messages. */
  readonly host: string;
  /** 0 is any free port, the same one on all addresses. */
  readonly port: number;
  readonly addresses: readonly string[];
}

/**
 * Listens on all addresses of a host, each with a server of its own. Where a name has several, those that this machine
 * has not are left out. `purpose` completes "can't listen on ADDRESS", ` for metrics` say. Rejects with ListenError,
 * and then listens on none.
 */
export async function listen(wanted: ListenTarget, makeServer: ServerFactory, purpose = ''): Promise<Listener> {
  for (let tries = 1; ; tries += 1) {
    const opened: StartedServer[] = [];
    try {
      return together(await openAll(wanted, makeServer, purpose, opened));
    } catch (error) {
      for (const { listener } of opened) listener.close();
      const again =
        wanted.port === 0 &&
        opened.length > 0 &&
        tries < maxTries &&
        error instanceof ListenError &&
        error.code === 'EADDRINUSE';
      if (!again) throw error;
    }
  }
}

export interface StartedServer {
  readonly listener: Listener;
  readonly port: number;
}

async function openAll(
  { host, port, addresses }: ListenTarget,
  makeServer: ServerFactory,
  purpose: string,
  opened: StartedServer[],
): Promise<readonly Listener[]> {
  let missing: unknown;
  for (const address of addresses) {
    const free = opened[0]?.port ?? port;
    const shown = isSame(host, address) ? formatAddress(host, port) : `${formatAddress(host, port)} (${address})`;
    try {
      opened.push(await startServer(makeServer(), { host: address, port: free }, `${shown}${purpose}`));
    } catch (error) {
      if (!(error instanceof ListenError) || !['EADDRNOTAVAIL', 'EAFNOSUPPORT'].includes(error.code)) throw error;
      missing = error;
    }
  }
  if (opened.length === 0) throw missing;
  return opened.map(({ listener }) => listener);
}

function isSame(host: string, address: string): boolean {
  return host.toLowerCase() === address.toLowerCase();
}

function together(listeners: readonly Listener[]): Listener {
  return {
    addresses: listeners.flatMap(({ addresses }) => addresses),
    close: () => {
      for (const each of listeners) each.close();
    },
  };
}

/** Goes on with a socket that somebody else has opened. Rejects with ListenError. */
export async function listenInherited(fd: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  return (await startServer(lineServer(onSocket)(), { fd }, `the socket ${fd} that was handed over`)).listener;
}

/** Starts a server. Rejects with ListenError; `name` is what its message calls the address. */
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
      // Out of file descriptors, say: that connection is lost, the listener goes on.
      server.on('error', () => undefined);
      resolve({
        listener: { addresses: [boundAddress(server)], close: () => void server.close() },
        port: boundPort(server),
      });
    };
    try {
      // Node.js does not look among the options for the backlog of a socket that it did not open.
      if ('fd' in where) server.listen(where, backlog, onListening);
      else server.listen({ ...where, backlog }, onListening);
    } catch (error) {
      // What is no socket at all is thrown, not told.
      fail(error);
    }
  });
}

function boundPort(server: Server): number {
  const bound = server.address();
  return bound === null || typeof bound === 'string' ? 0 : bound.port;
}

function boundAddress(server: Server): string {
  const bound = server.address();
  // Of a Unix socket that somebody else opened Node.js does not know the path.
  if (bound === null) return 'a Unix socket';
  return typeof bound === 'string' ? bound : formatAddress(bound.address, bound.port);
}

/** HOST:PORT, IPv6 in brackets. */
export function formatAddress(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
