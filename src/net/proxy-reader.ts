// Reads and removes the PROXY header at the beginning of a proxy's connection, before anything else reads the socket.
import type { Socket } from 'node:net';
import { parseProxyHeader, type ProxyHeader } from '../wire/proxy-header.js';

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
 */
export function readProxyHeader(socket: Socket, { onHeader, onInvalid, onLate }: ProxyHeaderEvents): void {
  let bytes: Buffer = Buffer.alloc(0);
  const limit = setTimeout(() => {
    onLate();
    socket.destroy();
  }, headerMilliseconds);
  const stop = (): void => {
    clearTimeout(limit);
    socket.off('data', onData).off('end', destroy).off('close', stop);
  };
  const destroy = (): void => void socket.destroy();
  const onData = (more: Buffer): void => {
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    const header = parseProxyHeader(bytes);
    if (header === 'incomplete') return;
    stop();
    if (header === 'invalid') {
      onInvalid();
      destroy();
      return;
    }
    // TLS or the framer reads the bytes after the header.
    socket.pause();
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    onHeader(header);
  };
  // After an error, such as a reset, `close` follows.
  socket.on('error', () => undefined);
  socket.on('data', onData).on('end', destroy).on('close', stop);
}
