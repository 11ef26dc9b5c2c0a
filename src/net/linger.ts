// Waits for the client to close its side of a connection that the server has closed.
import type { Socket } from 'node:net';
import { limitKey } from './addresses.js';
import type { GuestReading } from './guest-reading.js';
import { SocketReader } from './socket-reader.js';

/**
 * Waits up to `milliseconds` for the client to close its side, then destroys the socket. Reads and drops what still
 * comes: closing a socket with unread bytes resets the connection, and the client might lose the last lines. A client
 * that goes on sending is read a piece at its turn.
 *
 * @param raw the socket under an encrypted one, or the socket itself
 */
export function linger(
  socket: Socket,
  {
    raw,
    address,
    milliseconds,
    reading,
  }: {
    readonly raw: Socket;
    readonly address: string;
    readonly milliseconds: number;
    readonly reading: GuestReading;
  },
): void {
  socket.setTimeout(0);
  const session = { payerAddress: limitKey(address), payerUser: '' };
  const reader = new SocketReader(socket, raw, reading, { session, wantsInput: true });
  const limit = setTimeout(() => socket.destroy(), milliseconds);
  socket
    .on('data', () => reader.waitForTurn())
    .once('close', () => {
      clearTimeout(limit);
      reader.leave();
    })
    .resume();
}
