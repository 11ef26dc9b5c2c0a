// Listening sockets.
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export interface Listener {
  /** HOST:PORT, with the port that was got where 0 was asked for. */
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
};

/** Starts listening and hands each connection to `onSocket`. Rejects with ListenError. */
export function listen(host: string, port: number, onSocket: (socket: Socket) => void): Promise<Listener> {
  // Half-open: after the client's FIN every request that arrived is still answered (PROTOCOL.md §1.4).
  const server = createServer({ allowHalfOpen: true }, onSocket);
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(new ListenError(`can't listen on ${show(host, port)}: ${reasons[error.code ?? ''] ?? error.message}`));
    });
    server.listen({ host, port, backlog: 1024 }, () => {
      server.removeAllListeners('error');
      // Out of file descriptors, say: that connection is lost, the listener goes on.
      server.on('error', () => undefined);
      resolve({ address: boundAddress(server), close: () => void server.close() });
    });
  });
}

function boundAddress(server: Server): string {
  const { address, port } = server.address() as AddressInfo;
  return show(address, port);
}

function show(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
