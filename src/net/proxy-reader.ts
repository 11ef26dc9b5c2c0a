// Reads and removes the PROXY header at the beginning of a proxy's connection, before anything else reads the socket.
import type { Socket } from 'node:net';
import { parseProxyHeader, type ProxyHeader } from '../wire/proxy-header.js';
import { EarlyBytes } from './early-bytes.js';
import type { BufferAccount } from './buffer-account.js';

/** Milliseconds that a proxy has to send the header. It knows the header before it connects. */
const headerMilliseconds = 5000;

/** What happens with a connection that begins with a PROXY header. */
export interface ProxyHeaderEvents {
  /** The header has come. The socket is paused at the first byte after it. */
  readonly onHeader: (header: ProxyHeader) => void;
  /** The connection began with anything else, and is destroyed. */
  readonly onInvalid: () => void;
  /** No header came in five seconds, and the connection is destroyed. */
  readonly onLate: () => void;
}

/**
 * Reads the header, and calls one of the functions. Destroys the socket without a call if the proxy closes it first.
 * @param account is charged with the bytes until then
 */
export function readProxyHeader(
  socket: Socket,
  account: BufferAccount,
  { onHeader, onInvalid, onLate }: ProxyHeaderEvents,
): void {
  const limit = setTimeout(() => {
    onLate();
    socket.destroy();
  }, headerMilliseconds);
  const stop = (): void => {
    clearTimeout(limit);
    socket.off('close', stop);
  };
  const early = new EarlyBytes(socket, account, (bytes) => {
    const header = parseProxyHeader(bytes);
    if (header === 'incomplete') return;
    stop();
    if (header === 'invalid') {
      onInvalid();
      socket.destroy();
      return;
    }
    // TLS or the framer reads the bytes after the header.
    early.giveBack(header.length);
    onHeader(header);
  });
  // After an error, such as a reset, `close` follows.
  socket.on('error', () => undefined).on('close', stop);
}
