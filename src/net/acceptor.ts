// Accepts connections: reads the PROXY header, asks admission, performs the TLS handshake, opens the session. Knows all
// open connections, and ends them when the daemon drains or stops.
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { encodeEvent } from '../wire/encode-event.js';
import { refusedFor } from '../wire/reasons.js';
import type { Sentence } from '../wire/words.js';
import { isLocal, isLoopback, isSocketAddress, remoteAddress } from './addresses.js';
import type { Admission, AdmissionCounts } from './admission.js';
import { Arrival, type ArrivalRegister, type GivenPlaces } from './arrival.js';
import { socketStallMilliseconds, type ConnectionOptions } from './connection-options.js';
import { Connection } from './connection.js';
import { Drain } from './drain.js';
import { Handshakes, type HandshakeOptions } from './handshakes.js';
import { IdleConnections } from './idle-connections.js';
import type { LineSession } from './line-session.js';
import { readProxyHeader } from './proxy-reader.js';
import { Refuser } from './refuser.js';
import { waitForDelivery } from './shutdown.js';
import { originOf, ConnectionsByNetwork } from './connections-by-network.js';
import type { TlsUpgrader, TlsUser } from './tls.js';

/** What the network tells about the other end of a connection. */
export interface RemoteInfo {
  /** The client's IP address, also behind a proxy; for a Unix socket as `socketAddress` names it. */
  readonly address: string;
  /** Whether both ends are on this machine. */
  readonly local: boolean;
  /** Whether the connection is encrypted, by this server or by the proxy before it. */
  readonly encrypted: boolean;
  /** The user whom TLS has made sure of, by a certificate or a pre-shared key. */
  readonly user?: TlsUser | undefined;
}

/** How the acceptor treats the connections of one listener. */
export interface ListenerOptions {
  /** Performs the TLS handshake; undefined for unencrypted connections. */
  readonly tls?: TlsUpgrader | undefined;
  /** Tells whether an address is a trusted proxy's; undefined if connections begin without a PROXY header. */
  readonly isProxy?: ((address: string) => boolean) | undefined;
  /** What stands for the address of the clients of a Unix socket (`socketAddress`); undefined for TCP. */
  readonly socket?: string | undefined;
}

/** The options of an acceptor. */
export interface AcceptorOptions {
  readonly connection: ConnectionOptions<Connection>;
  readonly admission: Admission;
  /** The limits of TLS handshakes. */
  readonly handshakes: Omit<HandshakeOptions, 'onClosed' | 'memory'>;
  /**
   * Who gives way to a new connection when all places are taken: whoever is idle; or a guest of the network that has
   * most, and if none does, a user of a network that has far too many. Nobody, if it is undefined.
   */
  readonly givesWay?: 'idle' | 'crowds';
  readonly register: ArrivalRegister;
  /** The text of the notice (190) that each client gets first; empty for none. */
  readonly greeting: string;
  readonly log: Logger;
  /** Called for each connection that gets no session, with the reason that its 199 gives or would give. */
  readonly onRefused: (reason: Sentence) => void;
  /** Creates the session of a connection. `id` names it in the log. */
  readonly openSession: (id: number, remote: RemoteInfo, connection: Connection) => LineSession;
}

/** A user gives way only if its network has more than so many times the places that the newcomer's then has. */
const farMore = 4;

/** Accepts the connections of one kind: of clients, or of operators. */
export class Acceptor {
  readonly #options: AcceptorOptions;
  /** The options of the connections that come over a Unix socket. */
  readonly #socketOptions: ConnectionOptions<Connection>;
  readonly #refuser: Refuser;
  readonly #handshakes: Handshakes;
  /** Undefined if idle connections do not give way. */
  readonly #idle: IdleConnections | undefined;
  /** Undefined if networks that have many connections do not give way. */
  readonly #places: GivenPlaces | undefined;
  /** The open connections, and the numbers of their sessions. */
  readonly #connections = new Map<Connection, number>();
  /** The number of the newest session, which is also the number of sessions opened so far. */
  #sessions = 0;
  #drain: Drain<Connection> | undefined;
  /** Ends a connection that is opened after `close`; undefined before. */
  #endOpened: ((connection: Connection) => void) | undefined;

  constructor(options: AcceptorOptions) {
    this.#options = options;
    const { admission, connection, givesWay, log, onRefused } = options;
    const stallMilliseconds = Math.max(connection.stallMilliseconds, socketStallMilliseconds);
    this.#socketOptions = { ...connection, stallMilliseconds };
    this.#handshakes = new Handshakes({ ...options.handshakes, memory: connection.memory, onClosed: onRefused });
    const { guestReading: reading } = connection;
    this.#refuser = new Refuser({ admission, handshakes: this.#handshakes, reading, log, onRefused });
    if (givesWay === 'idle') this.#idle = new IdleConnections();
    if (givesWay === 'crowds')
      this.#places = { guests: new ConnectionsByNetwork(), users: new ConnectionsByNetwork(), onRefused };
  }

  /** The open connections in the order in which they came, and the numbers of their sessions. */
  get connections(): ReadonlyMap<Connection, number> {
    return this.#connections;
  }

  /** How many sockets there are in each state, from accept to close. */
  get counts(): AdmissionCounts {
    return this.#options.admission.counts;
  }

  /** Opens a session on a socket that a listener accepted, or refuses it with a 199. */
  accept(raw: Socket, { tls, isProxy, socket }: ListenerOptions = {}): void {
    const { admission, register } = this.#options;
    const encrypted = tls !== undefined;
    const remote =
      socket === undefined
        ? { address: remoteAddress(raw), local: isLocal(raw), encrypted }
        : { address: socket, local: true, encrypted };
    const place = admission.arrive();
    const arrival = new Arrival(raw, place, remote.address, this.#places);
    // `once` would take twice as much memory for each connection.
    raw.on('close', () => {
      arrival.gone();
      register.left(arrival);
      if (arrival.connection !== undefined) this.#forget(arrival.connection);
    });
    if (isProxy === undefined) {
      this.#admit(raw, remote, tls, arrival);
    } else if (!isProxy(remote.address)) {
      this.#refuser.refuse(raw, place, remote.address, tls, { reason: refusedFor.proxiesOnly });
    } else {
      const refusal = place.checkTotal();
      if (refusal === undefined) this.#acceptProxied(raw, remote, tls, arrival);
      else this.#refuser.refuse(raw, place, remote.address, tls, refusal);
    }
  }

  /** Reads the PROXY header, then admits the client that it names. */
  #acceptProxied(raw: Socket, proxy: RemoteInfo, tls: TlsUpgrader | undefined, arrival: Arrival): void {
    const { connection, register, log, onRefused } = this.#options;
    register.arrived(arrival);
    const onMemoryShortage = (): void => {
      onRefused(refusedFor.memory);
      raw.destroy();
    };
    const account = connection.memory.open({ onMemoryShortage, destroy: () => void raw.destroy() }, 'guest');
    readProxyHeader(raw, account, {
      onHeader: ({ address = proxy.address, encrypted }) => {
        const remote = {
          address,
          local: proxy.local && (address === proxy.address || isLoopback(address)),
          encrypted: proxy.encrypted || encrypted,
        };
        this.#admit(raw, remote, tls, arrival);
      },
      onInvalid: () => log.warn({ address: proxy.address }, 'proxy_header_invalid'),
      onLate: () => onRefused(refusedFor.proxyHeader),
    });
  }

  #admit(raw: Socket, remote: RemoteInfo, tls: TlsUpgrader | undefined, arrival: Arrival): void {
    const { admission, register } = this.#options;
    const { address } = remote;
    const { place } = arrival;
    let refusal = place.admit(address);
    if (refusal?.reason === refusedFor.total && this.#makePlace(address)) refusal = place.admit(address);
    if (refusal !== undefined) {
      register.left(arrival);
      this.#refuser.refuse(raw, place, remote.address, tls, refusal);
      return;
    }
    arrival.address = address;
    register.arrived(arrival);
    const isExempt = admission.isExempt(address);
    // Who gives way is one of the limits per address. A reload does not change it for a connection that is open.
    arrival.mayGiveWay = !isExempt;
    if (arrival.mayGiveWay) arrival.setGuest(true);
    const open = (socket: Socket, user?: TlsUser): void => {
      // The connection may have been evicted during the handshake.
      if (!raw.destroyed) this.#open(socket, raw, user === undefined ? remote : { ...remote, user }, arrival);
    };
    if (tls === undefined) open(raw);
    else this.#handshakes.begin(raw, { address, isExempt }, tls, open);
  }

  /** Closes a connection so that one from that address can have its place. Returns false if none gives way. */
  #makePlace(address: string): boolean {
    if (this.#idle !== undefined) return this.#idle.giveWay();
    if (this.#places === undefined) return false;
    const { admission } = this.#options;
    const { guests, users } = this.#places;
    const newcomer = admission.isExempt(address) ? undefined : originOf(address);
    const has = newcomer === undefined ? 0 : guests.countOf(newcomer) + users.countOf(newcomer);
    const chosen =
      guests.toGiveWay(newcomer) ?? users.newestOfCrowd(Math.max(admission.fairShare, farMore * (has + 1)));
    chosen?.giveWay();
    return chosen !== undefined;
  }

  #open(socket: Socket, raw: Socket, remote: RemoteInfo, arrival: Arrival): void {
    const { greeting, log, openSession } = this.#options;
    const id = ++this.#sessions;
    log.debug({ session: id, address: remote.address }, 'session_opened');
    const connection = new Connection(
      socket,
      raw,
      isSocketAddress(remote.address) ? this.#socketOptions : this.#options.connection,
      (opened) => openSession(id, remote, opened),
      arrival.mayGiveWay ? arrival : undefined,
    );
    arrival.connection = connection;
    arrival.session = id;
    this.#connections.set(connection, id);
    this.#idle?.add(connection, arrival.place);
    // A connection whose handshake ends after `close` has to be ended too, or the stop would wait for it.
    if (this.#endOpened !== undefined) this.#endOpened(connection);
    else if (greeting !== '')
      connection.outbox.reply(encodeEvent('notice', { text: greeting }, connection.session.format));
  }

  #forget(connection: Connection): void {
    this.#options.log.debug({ session: this.#connections.get(connection) }, 'session_closed');
    this.#connections.delete(connection);
    this.#idle?.delete(connection);
  }

  /**
   * Sends a 199 to every connection, one after the other, evenly over `milliseconds`. Another call during a drain
   * changes the time for the connections that are left. Fulfils when each has been sent its 199.
   */
  drain(reason: Sentence, milliseconds: number, retryAfter: () => number): Promise<void> {
    const { together } = this.#options.connection;
    if (this.#drain === undefined) this.#drain = new Drain(this.#connections, milliseconds, together);
    else this.#drain.setDuration(milliseconds);
    return this.#drain.run((connection) => connection.finish(reason, retryAfter()));
  }

  /**
   * Answers the requests that have come and sends a 199 to every connection, also to those whose handshake ends from
   * now on. Fulfils when each client has received everything, or its time is over, with the number of those that have
   * not. A client that has received everything is not waited for, even if it never closes its side.
   */
  async close(reason: Sentence, retryAfter: () => number): Promise<number> {
    const { stalls, together } = this.#options.connection;
    const end = (connection: Connection): void => connection.finish(reason, retryAfter());
    this.#endOpened = end;
    await together(this.#connections.keys(), end);
    return waitForDelivery(this.#connections, stalls, together);
  }

  /** Cuts off every connection that is left. */
  destroy(): void {
    for (const connection of this.#connections.keys()) connection.destroy();
  }
}
