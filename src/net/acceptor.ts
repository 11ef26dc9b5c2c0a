// Where connections come in and are counted, and where all of them are ended.
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { encodeEvent } from '../wire/encode.js';
import type { Admission, AdmissionRefusal } from './admission.js';
import { Arrival, type ArrivalRegister } from './arrival.js';
import { isLocal, isLoopback, remoteAddress } from './addresses.js';
import type { TlsUpgrader } from './tls.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { Drain } from './drain.js';
import type { LineSession } from './line-session.js';
import { linger } from './linger.js';
import { readProxyHeader } from './proxy-reader.js';

/** Who is at the other end of a connection, as far as the network tells. */
export interface RemoteInfo {
  readonly address: string;
  /** Both ends are on this machine. */
  readonly local: boolean;
  readonly encrypted: boolean;
  /** Who it is, by a certificate. */
  readonly user?: string | undefined;
}

/** What a listener's connections begin with. */
export interface ListenerOptions {
  /** A handshake. */
  readonly encryption?: TlsUpgrader | undefined;
  /** A PROXY header; who may connect there. */
  readonly isProxy?: ((address: string) => boolean) | undefined;
}

export interface AcceptorOptions {
  readonly connection: ConnectionOptions;
  readonly admission: Admission;
  readonly register: ArrivalRegister;
  /** Said in a 190 to each who comes in; empty for nothing. */
  readonly greeting: string;
  readonly log: Logger;
  /** Told why a connection was not let in, in the 199's words. */
  readonly onRefused: (reason: string) => void;
  /** Makes the session of a connection. `id` names it in the log. */
  readonly openSession: (id: number, caller: RemoteInfo, connection: Connection) => LineSession;
}

/** Milliseconds that one who can't come in has to read why; how many may take them at one time, since each holds a file. */
const refusedLingerMilliseconds = 1000;
const maxRefused = 32;

/** At a stop, how long requests that have come may take to be answered. Milliseconds, as those below. */
const answerGraceMilliseconds = 4000;

/** At a stop, the time from its beginning after which a client that still reads is cut off. */
const deliveryGraceMilliseconds = 6000;

/** At a stop, how long a client may take nothing of its last lines before it is cut off. */
const quietGraceMilliseconds = 2000;

/** At a stop, the shortest and the longest time between two checks of who is still waited for. */
const [shortestStopStep, longestStopStep] = [10, 200];

/** At a stop, how long a check may take. */
const longestLookMilliseconds = 500;

export class Acceptor {
  readonly #settings: AcceptorOptions;
  /** By the number that names its session in the log. */
  readonly #connections = new Map<Connection, number>();
  #sessions = 0;
  #refused = 0;
  #drain: Drain<Connection> | undefined;
  /** Set at a stop. */
  #stopping: ((connection: Connection) => void) | undefined;

  constructor(settings: AcceptorOptions) {
    this.#settings = settings;
  }

  /** Takes a new connection in, after its header and its handshake where there are such, or tells it in a 199 why it can't come. */
  enter(raw: Socket, { encryption, isProxy }: ListenerOptions = {}): void {
    const caller = { address: remoteAddress(raw), local: isLocal(raw), encrypted: encryption !== undefined };
    const arrival = new Arrival(raw, caller.address);
    if (isProxy === undefined) {
      this.#admit(raw, caller, encryption, arrival);
    } else if (!isProxy(caller.address)) {
      this.#refuse(raw, caller, undefined, { reason: 'only proxies may connect here' });
    } else {
      const { register } = this.#settings;
      register.arrived(arrival);
      raw.once('close', () => register.left(arrival));
      readProxyHeader(
        raw,
        ({ address = caller.address, encrypted }) =>
          this.#admit(
            raw,
            {
              address,
              local: caller.local && (address === caller.address || isLoopback(address)),
              encrypted: caller.encrypted || encrypted,
            },
            encryption,
            arrival,
          ),
        () => this.#settings.log.warn({ address: caller.address }, 'proxy_header_invalid'),
      );
    }
  }

  #admit(raw: Socket, caller: RemoteInfo, encryption: TlsUpgrader | undefined, arrival: Arrival): void {
    const { admission, register } = this.#settings;
    const refused = admission.enter(caller.address);
    if (refused !== undefined) {
      register.left(arrival);
      this.#refuse(raw, caller, encryption, refused);
      return;
    }
    arrival.address = caller.address;
    register.arrived(arrival);
    // Not `once`, which keeps twice as much for each.
    raw.on('close', () => {
      admission.leave(caller.address);
      register.left(arrival);
      if (arrival.connection !== undefined) this.#forget(arrival.connection);
    });
    secured(raw, encryption, (socket, user) => {
      // It was put out in its handshake.
      if (!raw.destroyed) this.#open(socket, raw, user === undefined ? caller : { ...caller, user }, arrival);
    });
  }

  #open(socket: Socket, raw: Socket, caller: RemoteInfo, arrival: Arrival): void {
    const { connection: settings, greeting, log, openSession } = this.#settings;
    const id = ++this.#sessions;
    log.debug({ session: id, address: caller.address }, 'session_opened');
    const connection = new Connection(socket, raw, settings, (made) => openSession(id, caller, made));
    arrival.connection = connection;
    arrival.session = id;
    this.#connections.set(connection, id);
    // Its handshake has ended only now: the stop would wait for it, as for one that was never told.
    if (this.#stopping !== undefined) this.#stopping(connection);
    else if (greeting !== '') connection.outbox.reply(encodeEvent('notice', { text: greeting }));
  }

  /** The connections that are open, in the order in which they came, and the numbers of their sessions. */
  get connections(): ReadonlyMap<Connection, number> {
    return this.#connections;
  }

  #forget(connection: Connection): void {
    this.#settings.log.debug({ session: this.#connections.get(connection) }, 'session_closed');
    this.#connections.delete(connection);
  }

  #refuse(
    raw: Socket,
    { address }: RemoteInfo,
    encryption: TlsUpgrader | undefined,
    { reason, retryAfter }: Partial<AdmissionRefusal>,
  ): void {
    this.#settings.log.debug({ address, reason }, 'connection_refused');
    this.#settings.onRefused(reason ?? '');
    const line = encodeEvent('closing', { reason, retry_after: retryAfter });
    const lingers = this.#refused < maxRefused;
    if (lingers) {
      // Counted from here on: a handshake that is never made holds a file as well.
      this.#refused += 1;
      raw.once('close', () => {
        this.#refused -= 1;
      });
    } else if (encryption !== undefined) {
      // A handshake costs more than it costs to ask for one.
      raw.destroy();
      return;
    }
    secured(raw, encryption, (socket) => {
      // A reset, say.
      socket.on('error', () => undefined);
      socket.end(line);
      if (lingers) linger(socket, refusedLingerMilliseconds);
      else socket.destroySoon();
    });
  }

  /**
   * Sends a 199 to every connection, one after the other, evenly over `milliseconds`. Another call while that goes on changes the
   * time for the connections that are left. Fulfils when all were told.
   */
  drain(reason: string, milliseconds: number, retryAfter: () => number): Promise<void> {
    if (this.#drain === undefined) this.#drain = new Drain(this.#connections, milliseconds);
    else this.#drain.pace(milliseconds);
    return this.#drain.run((connection) => connection.finish(reason, retryAfter()));
  }

  /**
   * Answers the requests that have come, sends a 199 to every connection, also to those whose handshake ends from now
   * on, and fulfils when each client has received everything, or its time is over. A client that has received everything
   * is not waited for, even if it never closes its side.
   */
  async close(reason: string, retryAfter: () => number): Promise<void> {
    const begun = performance.now();
    this.#stopping = (connection) => connection.finish(reason, retryAfter());
    for (const connection of this.#connections.keys()) this.#stopping(connection);
    await this.#until((connection) => connection.closing, begun + answerGraceMilliseconds);
    for (const connection of this.#connections.keys()) connection.finishNow();
    const isDone = ({ delivered, quietMilliseconds }: Connection): boolean =>
      delivered || quietMilliseconds > quietGraceMilliseconds;
    await this.#until(isDone, begun + deliveryGraceMilliseconds);
  }

  /** Cuts off every connection that is left. */
  destroy(): void {
    for (const connection of this.#connections.keys()) connection.destroy();
  }

  /** Waits until `isDone` is true of every connection, or until `end` on the monotonic clock. */
  async #until(isDone: (connection: Connection) => boolean, end: number): Promise<void> {
    for (let step = shortestStopStep; performance.now() < end; step = Math.min(longestStopStep, 2 * step)) {
      if (Array.from(this.#connections.keys()).every(isDone)) return;
      await sleep(step);
      // A look needs a thread of the pool, and all of them may wait for a disk that hangs.
      await Promise.race([
        this.#settings.connection.stalls.look(),
        sleep(longestLookMilliseconds, undefined, { ref: false }),
      ]);
    }
  }
}

/** Goes on with the connection as it is, or with the encrypted one when its handshake is done. */
function secured(
  raw: Socket,
  encryption: TlsUpgrader | undefined,
  onReady: (socket: Socket, user: string | undefined) => void,
): void {
  if (encryption === undefined) {
    onReady(raw, undefined);
    return;
  }
  raw.on('error', () => undefined);
  encryption.secure(raw, onReady);
}
