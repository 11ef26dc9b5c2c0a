// One accepted connection as eviction sees it: from accept to close, also before its proxy header and its handshake
// have come.
import type { Socket } from 'node:net';
import { closedFor, refusedFor } from '../wire/reasons.js';
import { retryMilliseconds, type Place } from './admission.js';
import type { CloseReason, GuestPlace } from './connection-options.js';
import type { Connection } from './connection.js';
import { originOf, type Origin, type SilentGuests } from './silent-guests.js';

/** Registers each connection from accept to close, so that it can be evicted in any state. */
export interface ArrivalRegister {
  /** The connection was accepted. May be called again for the same arrival. */
  arrived(arrival: Arrival): void;
  /** The connection is closed, or was refused. May be called again for the same arrival. */
  left(arrival: Arrival): void;
}

/** The places of an acceptor's guests. */
export interface GuestPlaces {
  readonly guests: SilentGuests<Arrival>;
  /** Called with the reason for the metrics where the handshake of a guest gave way. */
  readonly onRefused: (reason: string) => void;
}

/** An accepted socket, with the connection and the session that it gets later. */
export class Arrival implements GuestPlace {
  readonly #raw: Socket;
  readonly #places: GuestPlaces | undefined;
  /** Counts the socket until it is closed. */
  readonly place: Place;
  /** The client's address. Until a proxy header has come it is the proxy's. */
  address: string;
  /** Set when the proxy header and the TLS handshake, where there are any, are done. */
  connection: Connection | undefined;
  /** The session's number in the log; set together with `connection`. */
  session: number | undefined;
  /** Whether it gives way while it is a guest's. Set once it is admitted, because its address has limits. */
  mayGiveWay = false;
  #isGuest = false;
  /** Set when the connection is a guest's for the first time. Its address is known then. */
  #origin: Origin | undefined;
  #isGone = false;

  /** @param places undefined if guests do not give way */
  constructor(raw: Socket, place: Place, address: string, places?: GuestPlaces) {
    this.#raw = raw;
    this.place = place;
    this.address = address;
    this.#places = places;
  }

  /** As `GuestPlace.setGuest`. */
  setGuest(isGuest: boolean): void {
    if (this.#places === undefined || isGuest === this.#isGuest || this.#isGone) return;
    this.#isGuest = isGuest;
    const { guests } = this.#places;
    const origin = (this.#origin ??= originOf(this.address));
    if (isGuest) guests.add(this, origin);
    else guests.delete(this, origin);
  }

  /** As `GuestPlace.heard`. */
  heard(): void {
    if (this.#isGuest && this.#origin !== undefined) this.#places?.guests.heard(this, this.#origin);
  }

  /** The socket is closed. */
  gone(): void {
    this.setGuest(false);
    this.#isGone = true;
    this.place.leave();
  }

  /** Closes the connection because another one needs its place, which is free when this returns. */
  giveWay(): void {
    this.gone();
    if (this.connection !== undefined) {
      this.connection.cutOff({ reason: closedFor.gaveWay, because: 'server', retryAfter: retryMilliseconds });
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
