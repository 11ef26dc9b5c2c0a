// The last seconds of a connection that the server has ended.
import type { Socket } from 'node:net';

/**
 * Waits for the client's end of a connection that has ended on this side, `milliseconds` at most. What still comes is read and
 * dropped: closing with unread bytes would reset the connection, and the client might lose the last lines.
 */
export function linger(socket: Socket, milliseconds: number): void {
  socket.setTimeout(0);
  socket.resume();
  const limit = setTimeout(() => socket.destroy(), milliseconds);
  socket.once('close', () => clearTimeout(limit));
}
