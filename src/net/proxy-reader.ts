// Reads and removes the PROXY header at the beginning of a proxy's connection, before anything else reads the socket.
import type { Socket } from 'node:net';
import { parseProxyHeader, type ProxyHeader } from '../wire/proxy-header.js';

/** Milliseconds that a proxy has to send the header. It knows the header before it connects. */
const headerMilliseconds = 5000;

/**
 * Calls `onHeader` once the header has come, with the socket paused at the first byte after the header. Calls
 * `onInvalid` and destroys the socket if it begins with anything else. Destroys it if no header comes in five seconds.
 */
export function readProxyHeader(socket: Socket, onHeader: (header: ProxyHeader) => void, onInvalid: () => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const limit = setTimeout(() => socket.destroy(), headerMilliseconds);
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
