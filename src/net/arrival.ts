// One accepted connection as eviction sees it: from accept to close, also before its proxy header and its handshake
// have come.
import type { Socket } from 'node:net';
import type { Place } from './admission.js';
import type { CloseReason } from './connection-options.js';
import type { Connection } from './connection.js';

/** Registers each connection from accept to close, so that it can be evicted in any state. */
export interface ArrivalRegister {
  /** The connection was accepted. May be called again for the same arrival. */
  arrived(arrival: Arrival): void;
  /** The connection is closed, or was refused. May be called again for the same arrival. */
  left(arrival: Arrival): void;
}

/** An accepted socket, with the connection and the session that it gets later. */
export class Arrival {
  readonly #raw: Socket;
  /** Counts the socket until it is closed. */
  readonly place: Place;
  /** The client's address. Until a proxy header has come it is the proxy's. */
  address: string;
  /** Set when the proxy header and the TLS handshake, where there are any, are done. */
  connection: Connection | undefined;
  /** The session's number in the log; set together with `connection`. */
  session: number | undefined;

  constructor(raw: Socket, place: Place, address: string) {
    this.#raw = raw;
    this.place = place;
    this.address = address;
  }

  /** Ends the connection at once, with a 199 if it has a session. Returns false if it has ended already. */
  evict(why: CloseReason): boolean {
    if (this.connection !== undefined) return this.connection.evict(why);
    if (this.#raw.destroyed) return false;
    this.#raw.destroy();
    return true;
  }
}
