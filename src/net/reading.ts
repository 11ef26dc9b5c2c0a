// Stops reading a socket at once. Node.js itself stops a paused socket only after another read of up to 64 KiB, which
// then waits: where a thousand clients send ahead, as much again is read and kept as they were allowed to send.
import type { Socket } from 'node:net';

/**
 * The part of a TCP or Unix socket's handle that is used. It is no documented part of Node.js, so it may be missing.
 */
interface Handle {
  readonly reading?: boolean;
  readonly readStart?: () => void;
  readonly readStop?: () => void;
}

/** The sockets that are stopped. */
const stopped = new Set<Socket>();

function handleOf(socket: Socket): Handle | undefined {
  return (socket as Socket & { readonly _handle?: Handle | null })._handle ?? undefined;
}

/**
 * Pauses the socket, and has it read nothing more from the kernel until `startReading`, not even that the other end is
 * gone. It has to be called for the socket then, also where that is closed. An encrypted socket is only paused.
 *
 * @param raw the socket under an encrypted one, or the socket itself
 */
export function stopReading(socket: Socket, raw: Socket): void {
  socket.pause();
  if (raw !== socket) return;
  const handle = handleOf(socket);
  // Where it does not read, Node.js has stopped it, and starts it again when the socket is resumed.
  if (handle?.reading !== true || handle.readStop === undefined || stopped.has(socket)) return;
  stopped.add(socket);
  // Node.js takes it to be reading still. So its stream, which wants to read ahead although it is paused, does not
  // start it.
  handle.readStop();
}

/** Has the socket read again, once it is resumed. Does nothing where it was not stopped. */
export function startReading(socket: Socket): void {
  if (stopped.size === 0 || !stopped.delete(socket)) return;
  handleOf(socket)?.readStart?.();
}
