// Counts every accepted socket from accept to close, in total and by address, and decides which of them are admitted:
// by bans, by the number of connections, and by the rate of new connections. A refused client may stay for a moment to
// read why, and the number of those is limited, too. The acceptor asks before it spends time on a handshake.
import { refusedFor } from '../wire/reasons.js';
import type { Sentence } from '../wire/words.js';
import { isSocketAddress, limitKey } from './addresses.js';
import { Tally } from './tally.js';

/** A limit on how often something happens, by key. */
export interface RateLimit {
  /**
   * Takes one permit of the key and returns 0, or returns the milliseconds until there is one. `now` is the monotonic
   * clock.
   */
  take(key: string, now: number): number;
}

/** The current limits. They are read at each decision, so a reload can change them. */
export interface AdmissionOptions {
  /** The most connections at one time, in total. */
  readonly maxConnections: number;
  /** The most connections at one time from one address, or from one /64 of IPv6. */
  readonly maxPerAddress: number;
  /** The most refused clients that may stay at one time, in total. Each costs a file. */
  readonly maxRefused: number;
  /** The most refused clients that may stay at one time from one address, or from one /64 of IPv6. */
  readonly maxRefusedPerAddress: number;
  /** Limits new connections by address. */
  readonly rate: RateLimit;
  /** Limits the TLS handshakes that are made by address only to tell a client why it is refused. */
  readonly refusedHandshakeRate: RateLimit;
  /** Tells whether an address is exempt from the limits per address. */
  readonly isExempt: (address: string) => boolean;
  /** Returns the refusal of a banned address; undefined if the address is not banned. */
  readonly banned: (address: string) => AdmissionRefusal | undefined;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** Why a connection is refused: the content of its 199. */
export interface AdmissionRefusal {
  readonly reason: Sentence;
  /** Milliseconds after which another try makes sense; undefined if none does. */
  readonly retryAfter: number | undefined;
}

/**
 * Milliseconds after which to try again when all places are taken. This is a guess: other connections end at any time.
 */
export const retryMilliseconds = 5000;

/**
 * The part of all places that the users of one network keep, whoever else wants some. No setting: whoever runs a server
 * for one large network puts it into `exempt_addresses`.
 */
const networkShare = 1 / 16;

const tooMany: AdmissionRefusal = { reason: refusedFor.total, retryAfter: retryMilliseconds };

/** How one accepted socket is counted. */
type State = 'arriving' | 'admitted' | 'refused' | 'left';

/** How many sockets are counted in each state. */
export interface AdmissionCounts {
  /** Sockets whose address is not known for sure, because their PROXY header has not come. */
  readonly arriving: number;
  /** Connections that were admitted. Their handshake may be under way. */
  readonly admitted: number;
  /** Refused clients that stay to read why. */
  readonly refused: number;
}

/** Counts all accepted sockets of an acceptor, and refuses those beyond the limits. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #admitted = new Tally();
  readonly #refused = new Tally();
  #arriving = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** How many places a network may have although others want some: see `Acceptor`. */
  get fairShare(): number {
    return this.#options.maxConnections * networkShare;
  }

  /** How many sockets there are in each state. */
  get counts(): AdmissionCounts {
    return { arriving: this.#arriving, admitted: this.#admitted.total, refused: this.#refused.total };
  }

  /** Tells whether the limits per address do not hold for that address. */
  isExempt(address: string): boolean {
    return this.#options.isExempt(address);
  }

  /** Counts a socket that was accepted. It is counted until its place is left. */
  arrive(): Place {
    this.#arriving += 1;
    return new Place(this);
  }

  /** For Place alone: decides whether one of the arriving sockets is admitted, and counts it then. */
  decide(address: string): AdmissionRefusal | undefined {
    const { maxPerAddress, rate, isExempt, banned, now } = this.#options;
    const ban = banned(address);
    if (ban !== undefined) return ban;
    const key = limitKey(address);
    // Whoever may open a Unix socket shares its address with all others who may: one of them must not lock out the
    // others with a few connections. Who opens too many gives way: see `ConnectionsByNetwork`.
    const isLimited = !isExempt(address) && !isSocketAddress(address);
    // Comes before the total: nobody should give way to one that is refused all the same.
    if (isLimited && this.#admitted.of(key) >= maxPerAddress)
      return { reason: refusedFor.ofAddress, retryAfter: retryMilliseconds };
    if (this.#admitted.total >= this.#options.maxConnections || this.#isBeyondAll) return tooMany;
    if (isLimited) {
      const retryAfter = rate.take(key, now());
      if (retryAfter > 0) return { reason: refusedFor.rate, retryAfter };
    }
    this.#arriving -= 1;
    this.#admitted.add(key);
    return undefined;
  }

  /**
   * For Place alone: the refusal of one of the arriving sockets if there are too many sockets; undefined otherwise. One
   * whose client is not known yet may take a place of refused clients: perhaps somebody gives way to that client.
   */
  checkTotal(): AdmissionRefusal | undefined {
    return this.#isBeyondAll ? tooMany : undefined;
  }

  /** Whether the sockets in all states are more than there are places. */
  get #isBeyondAll(): boolean {
    const { maxConnections, maxRefused } = this.#options;
    return this.#arriving + this.#admitted.total + this.#refused.total > maxConnections + maxRefused;
  }

  /** For Place alone: counts one of the arriving sockets as refused if it may stay, and returns whether it may. */
  keepRefused(address: string, needsHandshake: boolean): boolean {
    const { maxRefused, maxRefusedPerAddress, refusedHandshakeRate, isExempt, now } = this.#options;
    const isBeyondAll = this.#isBeyondAll;
    this.#arriving -= 1;
    const key = limitKey(address);
    if (isBeyondAll || this.#refused.total >= maxRefused) return false;
    if (!isExempt(address)) {
      if (this.#refused.of(key) >= maxRefusedPerAddress) return false;
      if (needsHandshake && refusedHandshakeRate.take(key, now()) > 0) return false;
    }
    this.#refused.add(key);
    return true;
  }

  /** For Place alone: stops counting a socket that was in that state. */
  release(state: State, address: string): void {
    if (state === 'arriving') this.#arriving -= 1;
    else if (state === 'admitted') this.#admitted.remove(limitKey(address));
    else if (state === 'refused') this.#refused.remove(limitKey(address));
  }
}

/** The place that one accepted socket takes. */
export class Place {
  readonly #admission: Admission;
  #state: State = 'arriving';
  /** The address under which the socket is counted; empty while it arrives. */
  #address = '';

  constructor(admission: Admission) {
    this.#admission = admission;
  }

  /** Returns why the socket is refused at once if there are too many; undefined if it may send its PROXY header. */
  checkTotal(): AdmissionRefusal | undefined {
    return this.#admission.checkTotal();
  }

  /** Admits the socket, whose client has that address, and returns undefined, or returns why it is refused. */
  admit(address: string): AdmissionRefusal | undefined {
    const refusal = this.#state === 'arriving' ? this.#admission.decide(address) : tooMany;
    if (refusal === undefined) this.#set('admitted', address);
    return refusal;
  }

  /**
   * Counts the socket as a refused one and returns true, or returns false: then the caller closes it at once.
   * @param needsHandshake whether the client can be told why only after a TLS handshake
   */
  refuse(address: string, needsHandshake: boolean): boolean {
    if (this.#state !== 'arriving') return false;
    const stays = this.#admission.keepRefused(address, needsHandshake);
    this.#set(stays ? 'refused' : 'left', address);
    return stays;
  }

  /** Stops counting the socket, because it is closed. Does nothing if it is not counted any more. */
  leave(): void {
    this.#admission.release(this.#state, this.#address);
    this.#set('left', '');
  }

  #set(state: State, address: string): void {
    this.#state = state;
    this.#address = address;
  }
}
