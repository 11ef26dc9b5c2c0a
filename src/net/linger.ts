// Waits for the client to close its side of a connection that the server has closed.
import type { Socket } from 'node:net';

/**
 * Waits up to `milliseconds` for the client to close its side, then destroys the socket. Reads and drops what still
 * comes: closing a socket with unread bytes resets the connection, and the client might lose the last lines.
 */
export function linger(socket: Socket, milliseconds: number): void {
  socket.setTimeout(0);
  socket.resume();
  const limit = setTimeout(() => socket.destroy(), milliseconds);
  socket.once('close', () => clearTimeout(limit));
}
