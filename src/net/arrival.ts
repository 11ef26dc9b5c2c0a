// One accepted connection as eviction sees it: from accept to close, also before its proxy header and its handshake
// have come.
import type { Socket } from 'node:net';
import { closedFor, refusedFor } from '../wire/reasons.js';
import type { Sentence } from '../wire/words.js';
import { retryMilliseconds, type Place } from './admission.js';
import type { CloseReason, GuestPlace } from './connection-options.js';
import type { Connection } from './connection.js';
import { originOf, type Origin, type ConnectionsByNetwork } from './connections-by-network.js';

/** Registers each connection from accept to close, so that it can be evicted in any state. */
export interface ArrivalRegister {
  /** The connection was accepted. May be called again for the same arrival. */
  arrived(arrival: Arrival): void;
  /** The connection is closed, or was refused. May be called again for the same arrival. */
  left(arrival: Arrival): void;
}

/** The places of an acceptor that others may need. */
export interface GivenPlaces {
  readonly guests: ConnectionsByNetwork<Arrival>;
  readonly users: ConnectionsByNetwork<Arrival>;
  /** Called with the reason for the metrics where the handshake of a guest gave way. */
  readonly onRefused: (reason: Sentence) => void;
}

/** An accepted socket, with the connection and the session that it gets later. */
export class Arrival implements GuestPlace {
  readonly #raw: Socket;
  readonly #places: GivenPlaces | undefined;
  /** Counts the socket until it is closed. */
  readonly place: Place;
  /** The client's address. Until a proxy header has come it is the proxy's. */
  address: string;
  /** Set when the proxy header and the TLS handshake, where there are any, are done. */
  connection: Connection | undefined;
  /** The session's number in the log; set together with `connection`. */
  session: number | undefined;
  /** Whether it may have to give way. Set once it is admitted, because its address has limits. */
  mayGiveWay = false;
  /** Undefined while it does not give way. */
  #isGuest: boolean | undefined;
  /** Set when the connection may give way for the first time. Its address is known then. */
  #origin: Origin | undefined;
  #isGone = false;

  /** @param places undefined if nobody gives way */
  constructor(raw: Socket, place: Place, address: string, places?: GivenPlaces) {
    this.#raw = raw;
    this.place = place;
    this.address = address;
    this.#places = places;
  }

  /** As `GuestPlace.setGuest`. */
  setGuest(isGuest: boolean): void {
    if (this.#places === undefined || isGuest === this.#isGuest || this.#isGone) return;
    this.#leaveCrowd();
    this.#isGuest = isGuest;
    const { guests, users } = this.#places;
    (isGuest ? guests : users).add(this, (this.#origin ??= originOf(this.address)));
  }

  #leaveCrowd(): void {
    if (this.#places === undefined || this.#isGuest === undefined || this.#origin === undefined) return;
    const { guests, users } = this.#places;
    (this.#isGuest ? guests : users).delete(this, this.#origin);
  }

  /** As `GuestPlace.heard`. */
  heard(): void {
    if (this.#isGuest === true && this.#origin !== undefined) this.#places?.guests.heard(this, this.#origin);
  }

  /** The socket is closed. */
  gone(): void {
    if (!this.#isGone) this.#leaveCrowd();
    this.#isGone = true;
    this.place.leave();
  }

  /** Closes the connection because another one needs its place, which is free when this returns. */
  giveWay(): void {
    this.gone();
    if (this.connection !== undefined) {
      const reason = this.#isGuest === false ? closedFor.crowd : closedFor.gaveWay;
      this.connection.cutOff({ reason, because: 'server', retryAfter: retryMilliseconds });
    } else {
      this.#places?.onRefused(refusedFor.handshakeGaveWay);
      this.#raw.destroy();
    }
  }

  /** Ends the connection at once, with a 199 if it has a session. Returns false if it has ended already. */
  evict(why: CloseReason): boolean {
    if (this.connection !== undefined) return this.connection.evict(why);
    if (this.#raw.destroyed) return false;
    this.#raw.destroy();
    return true;
  }
}
