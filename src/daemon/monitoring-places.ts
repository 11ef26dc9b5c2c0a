// Limits the connections to the HTTP listener. They come without a login, and each costs a file.
import type { Socket } from 'node:net';
import { remoteAddress } from '../net/addresses.js';
import { originOf, ConnectionsByNetwork, type Origin } from '../net/connections-by-network.js';
import { refusedFor } from '../wire/reasons.js';
import type { Sentence } from '../wire/words.js';

/** The current limits, and what is called when a connection exceeds one. */
export interface MonitoringPlacesOptions {
  /** The most connections at one time. Read for each connection, so a reload can change it. */
  readonly max: number;
  /** Milliseconds for the head of a request to arrive, and from then on for its answer to be read. */
  readonly milliseconds: number;
  /** Called for each connection that gets no answer, with the reason for the metrics. */
  readonly onRefused: (reason: Sentence) => void;
}

/** An open connection. */
interface Visitor {
  readonly origin: Origin;
  /** Whether the head of its request has come. */
  hasAsked: boolean;
  /** Its deadline. */
  limit: NodeJS.Timeout;
}

/** The connections to the HTTP listener. */
export class MonitoringPlaces {
  readonly #options: MonitoringPlacesOptions;
  readonly #visitors = new Map<Socket, Visitor>();
  /** Those that have asked nothing yet. */
  readonly #silent = new ConnectionsByNetwork<Socket>();

  constructor(options: MonitoringPlacesOptions) {
    this.#options = options;
  }

  /**
   * Gives a place to a connection that was accepted, and its deadline. Where all are taken, one that has asked nothing
   * yet gives way (net/connections-by-network.ts). If all have asked, the new connection is closed.
   */
  take(socket: Socket): void {
    if (this.#visitors.size >= this.#options.max && !this.#giveWay()) {
      this.#options.onRefused(refusedFor.metricsFull);
      socket.destroy();
      return;
    }
    const origin = originOf(remoteAddress(socket));
    this.#visitors.set(socket, { origin, hasAsked: false, limit: this.#startLimit(socket) });
    this.#silent.add(socket, origin);
    socket.once('close', () => this.#leave(socket));
  }

  /** Reports that the head of a request has come. The answer has a deadline of its own. */
  asked(socket: Socket): void {
    const visitor = this.#visitors.get(socket);
    if (visitor === undefined || visitor.hasAsked) return;
    visitor.hasAsked = true;
    this.#silent.delete(socket, visitor.origin);
    clearTimeout(visitor.limit);
    visitor.limit = this.#startLimit(socket);
  }

  /** Closes the connection that has to give way, and returns whether there was one. */
  #giveWay(): boolean {
    const chosen = this.#silent.toGiveWay();
    if (chosen === undefined) return false;
    this.#close(chosen, refusedFor.metricsGaveWay);
    return true;
  }

  #startLimit(socket: Socket): NodeJS.Timeout {
    return setTimeout(() => this.#close(socket, refusedFor.metricsLate), this.#options.milliseconds).unref();
  }

  #close(socket: Socket, reason: Sentence): void {
    this.#options.onRefused(reason);
    socket.destroy();
    this.#leave(socket);
  }

  #leave(socket: Socket): void {
    const visitor = this.#visitors.get(socket);
    if (visitor === undefined) return;
    clearTimeout(visitor.limit);
    this.#visitors.delete(socket);
    this.#silent.delete(socket, visitor.origin);
  }
}
