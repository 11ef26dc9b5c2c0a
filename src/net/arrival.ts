// A connection as the one who puts it out sees it, from the moment when it is accepted: before there is a session, too.
import type { Socket } from 'node:net';
import type { Connection, CloseReason } from './connection.js';

/**
 * Who is told of each connection from the moment when it is accepted until it is gone, so that it can be put out in
 * any state.
 */
export interface ArrivalRegister {
  arrived(arrival: Arrival): void;
  left(arrival: Arrival): void;
}

export class Arrival {
  readonly #raw: Socket;
  /** The other end's: a proxy's, until its header says whose connection it is. */
  address: string;
  /** The connection, and the number of its session, once its header and its handshake have come. */
  connection: Connection | undefined;
  session: number | undefined;

  constructor(raw: Socket, address: string) {
    this.#raw = raw;
    this.address = address;
  }

  /** Ends it at once: with a 199 where lines can be said already. False where it has ended. */
  evict(why: CloseReason): boolean {
    if (this.connection !== undefined) return this.connection.evict(why);
    if (this.#raw.destroyed) return false;
    this.#raw.destroy();
    return true;
  }
}
