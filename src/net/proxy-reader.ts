// Connections that a proxy passes on: the header that says whose they are comes first, and is taken off here.
import type { Socket } from 'node:net';
import { parseProxyHeader, type ProxyHeader } from '../wire/proxy-header.js';

/** Milliseconds that a proxy has to send the header: it has it before it connects. */
const headerMilliseconds = 5000;

/** Hands the header on, with the connection as it is behind it. One that begins with none, or with nothing for too long, ends. */
export function readProxyHeader(socket: Socket, onHeader: (header: ProxyHeader) => void, onInvalid: () => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  const limit = setTimeout(() => socket.destroy(), headerMilliseconds);
  const end = (): void => {
    clearTimeout(limit);
    socket.off('data', take).off('end', destroy).off('close', end);
  };
  const destroy = (): void => void socket.destroy();
  const take = (more: Buffer): void => {
    bytes = bytes.length === 0 ? more : Buffer.concat([bytes, more]);
    const header = parseProxyHeader(bytes);
    if (header === 'incomplete') return;
    end();
    if (header === 'invalid') {
      onInvalid();
      destroy();
      return;
    }
    // What came with the header is read again by whoever reads next, TLS or lines.
    socket.pause();
    if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
    onHeader(header);
  };
  // A reset, say. `close` follows.
  socket.on('error', () => undefined);
  socket.on('data', take).on('end', destroy).on('close', end);
}
