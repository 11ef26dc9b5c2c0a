// Listening sockets.
import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type ListenOptions, type Server, type Socket } from 'node:net';

export interface Listener {
  /** HOST:PORT, with the port that was got where 0 was asked for; a Unix socket's path. */
  readonly address: string;
  /** Takes no more connections; those that are there stay. */
  close(): void;
}

/** An address that can't be listened on; the message names it and says why. */
export class ListenError extends Error {}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'it is in use',
  EADDRNOTAVAIL: 'this machine has no such address',
  EACCES: 'that is not permitted',
  ENOTFOUND: 'there is no such host',
  ENOENT: 'its folder is not there',
};

/** Connections that the system keeps until they are taken. */
const backlog = 1024;

/** Starts listening and hands each connection to `onSocket`. Rejects with ListenError. */
export function listen(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  return begin(lines(onSocket), { host, port }, show(host, port));
}

/** Lets a server of another protocol listen; `purpose` completes "can't listen on ADDRESS for …". Rejects with ListenError. */
export function listenWith(server: Server, host: string, port: number, purpose: string): Promise<Listener> {
  return begin(server, { host, port }, `${show(host, port)} for ${purpose}`);
}

/** Goes on with a socket that somebody else has opened. Rejects with ListenError. */
export function listenInherited(fd: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  return begin(lines(onSocket), { fd }, `the socket ${fd}`);
}

/** Listens on a Unix socket that only its user and its group may open. What a killed daemon left there is removed. Rejects with ListenError. */
export async function listenUnix(path: string, onSocket: (socket: Socket) => void): Promise<Listener> {
  if (await isLeft(path)) rmSync(path, { force: true });
  const listener = await begin(lines(onSocket), { path }, path);
  chmodSync(path, 0o660);
  return listener;
}

/** Whether there is a socket on which nobody listens. */
function isLeft(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(false);
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) => resolve(code === 'ECONNREFUSED'));
  });
}

/** Half-open: after the client's FIN every request that arrived is still answered (PROTOCOL.md §1.4). */
function lines(onSocket: (socket: Socket) => void): Server {
  return createServer({ allowHalfOpen: true }, onSocket);
}

function begin(server: Server, where: ListenOptions | { readonly fd: number }, name: string): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ListenError(`can't listen on ${name}: ${reasons[error.code ?? ''] ?? error.message}`));
    });
    const onListening = (): void => {
      server.removeAllListeners('error');
      // Out of file descriptors, say: that connection is lost, the listener goes on.
      server.on('error', () => undefined);
      resolve({ address: boundAddress(server), close: () => void server.close() });
    };
    // Node.js does not look among the options for the backlog of a socket that it did not open.
    if ('fd' in where) server.listen(where, backlog, onListening);
    else server.listen({ ...where, backlog }, onListening);
  });
}

function boundAddress(server: Server): string {
  const bound = server.address() as AddressInfo | string | null;
  // Of a Unix socket that somebody else opened Node.js does not know the path.
  if (bound === null) return 'a Unix socket';
  return typeof bound === 'string' ? bound : show(bound.address, bound.port);
}

function show(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
