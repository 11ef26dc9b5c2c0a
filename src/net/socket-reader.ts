// Reads a socket as its bytes come, at its turn among others, or not at all. Connections that are open, that close and
// that are refused are read in this way.
import type { Socket } from 'node:net';
import type { GuestReading, UnreadGuest } from './guest-reading.js';
import { startReading, stopReading } from './reading.js';

/** Whose socket is read. */
export interface ReaderOwner extends Pick<UnreadGuest, 'session'> {
  /** Whether it wants what the socket has when its turn has come. Else the socket only learns of the client's end. */
  readonly wantsInput: boolean;
}

/** Decides when one socket is read. Its owner listens to `data`. */
export class SocketReader implements UnreadGuest {
  readonly #socket: Socket;
  readonly #raw: Socket;
  readonly #turns: GuestReading;
  readonly #owner: ReaderOwner;
  #waits = false;

  /**
   * @param raw the socket under an encrypted one, or the socket itself
   * @param turns those that it waits for
   */
  constructor(socket: Socket, raw: Socket, turns: GuestReading, owner: ReaderOwner) {
    this.#socket = socket;
    this.#raw = raw;
    this.#turns = turns;
    this.#owner = owner;
  }

  /** As `UnreadGuest.session`. */
  get session(): UnreadGuest['session'] {
    return this.#owner.session;
  }

  /** Whether the socket was paused and does not wait for its turn, so that somebody has to have it read again. */
  get isIdle(): boolean {
    return this.#socket.isPaused() && !this.#waits;
  }

  /** Has the socket read as its bytes come, if they are wanted. A socket whose PROXY header was read is paused. */
  read(): void {
    this.#waits = false;
    startReading(this.#socket);
    if (this.#owner.wantsInput) this.#socket.resume();
  }

  /** Has the socket read at its turn, and not before. */
  waitForTurn(): void {
    this.#waits = true;
    this.stop();
    this.#turns.wait(this);
  }

  /** Reads nothing more from now on, not even that the client is gone. */
  stop(): void {
    stopReading(this.#socket, this.#raw);
  }

  /** Reads once more, which is kept, and learns of the client's end. */
  pause(): void {
    startReading(this.#socket);
    this.#socket.pause();
  }

  /** Undoes `stop` for a socket that is about to be closed, or to be resumed. */
  release(): void {
    startReading(this.#socket);
  }

  /** Waits for no turn any more. To be called when the socket is closed, too. */
  leave(): void {
    this.#waits = false;
    this.#turns.remove(this);
    this.release();
  }
}
