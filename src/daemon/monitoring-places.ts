// Limits the connections to the HTTP listener. They come without a login, and each costs a file.
import type { Socket } from 'node:net';
import { remoteAddress } from '../net/addresses.js';
import { refusedFor } from '../wire/reasons.js';

/** The current limits, and what is called when they are met. */
export interface MonitoringPlacesOptions {
  /** The most connections at one time. Read for each connection, so a reload can change it. */
  readonly max: number;
  /** Milliseconds for the head of a request to arrive, and from then on for its answer to be read. */
  readonly milliseconds: number;
  /** Called for each connection that gets no answer, with the reason for the metrics. */
  readonly onRefused: (reason: string) => void;
}

/** An open connection. */
interface Guest {
  readonly address: string;
  /** Whether the head of its request has come. */
  hasAsked: boolean;
  limit: NodeJS.Timeout;
}

/** The connections to the HTTP listener. */
export class MonitoringPlaces {
  readonly #options: MonitoringPlacesOptions;
  /** In the order in which they came. */
  readonly #guests = new Map<Socket, Guest>();

  constructor(options: MonitoringPlacesOptions) {
    this.#options = options;
  }

  /**
   * Gives a place to a connection that was accepted, and its deadline. Where all are taken, one that has asked nothing
   * yet gives way: the oldest of the address that has the most. If all have asked, the new connection is closed.
   */
  take(socket: Socket): void {
    if (this.#guests.size >= this.#options.max && !this.#giveWay()) {
      this.#options.onRefused(refusedFor.metricsFull);
      socket.destroy();
      return;
    }
    this.#guests.set(socket, { address: remoteAddress(socket), hasAsked: false, limit: this.#startLimit(socket) });
    socket.once('close', () => this.#leave(socket));
  }

  /** Reports that the head of a request has come. The answer has a deadline of its own. */
  asked(socket: Socket): void {
    const guest = this.#guests.get(socket);
    if (guest === undefined || guest.hasAsked) return;
    guest.hasAsked = true;
    clearTimeout(guest.limit);
    guest.limit = this.#startLimit(socket);
  }

  /** Closes the connection that has to give way, and returns whether there was one. */
  #giveWay(): boolean {
    const counts = new Map<string, number>();
    for (const { address } of this.#guests.values()) counts.set(address, (counts.get(address) ?? 0) + 1);
    let chosen: Socket | undefined;
    let most = 0;
    for (const [socket, { address, hasAsked }] of this.#guests) {
      const count = counts.get(address) ?? 0;
      if (hasAsked || count <= most) continue;
      chosen = socket;
      most = count;
    }
    if (chosen === undefined) return false;
    this.#close(chosen, refusedFor.metricsGaveWay);
    return true;
  }

  #startLimit(socket: Socket): NodeJS.Timeout {
    return setTimeout(() => this.#close(socket, refusedFor.metricsLate), this.#options.milliseconds).unref();
  }

  #close(socket: Socket, reason: string): void {
    this.#options.onRefused(reason);
    socket.destroy();
    this.#leave(socket);
  }

  #leave(socket: Socket): void {
    clearTimeout(this.#guests.get(socket)?.limit);
    this.#guests.delete(socket);
  }
}
