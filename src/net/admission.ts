// Decides whether a connection may come in: by bans, by the number of connections in all and from its address, and by
// how many new ones its address makes a minute. The acceptor asks it before a handshake or a session costs anything.
import { limitKey } from './addresses.js';

/** A limit on how often something happens, by key. */
export interface RateLimit {
  /**
   * Takes one permit of the key and returns 0, or returns the milliseconds until there is one. `now` is the monotonic
   * clock.
   */
  take(key: string, now: number): number;
}

/** The limits that hold at the moment. They are read at each admission, so a reload can change them. */
export interface AdmissionOptions {
  /** The most connections at one time, in all. */
  readonly maxConnections: number;
  /** The most connections at one time from one address, or from one /64 of IPv6. */
  readonly maxPerAddress: number;
  /** Limits new connections by address. */
  readonly rate: RateLimit;
  /** Whether the limits per address leave this address out. */
  readonly isExempt: (address: string) => boolean;
  /** Why this address is banned; undefined if it is not. */
  readonly banned: (address: string) => AdmissionRefusal | undefined;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** Why a connection is not let in, for its 199. */
export interface AdmissionRefusal {
  readonly reason: string;
  /** Milliseconds after which another try makes sense; undefined if none does. */
  readonly retryAfter: number | undefined;
}

/**
 * Milliseconds after which to try again when all places are taken. A guess: nobody knows when other connections end.
 */
const retryMilliseconds = 5000;

/** Counts the connections that are open, and refuses those beyond the limits. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** Counts a connection from that address, or says why it is refused. Each counted connection has to be `release`d. */
  admit(address: string): AdmissionRefusal | undefined {
    const { maxConnections, maxPerAddress, rate, isExempt, banned, now } = this.#options;
    const ban = banned(address);
    if (ban !== undefined) return ban;
    if (this.#total >= maxConnections)
      return { reason: 'the server has too many connections', retryAfter: retryMilliseconds };
    const key = limitKey(address);
    const count = this.#byAddress.get(key) ?? 0;
    if (!isExempt(address)) {
      if (count >= maxPerAddress)
        return { reason: 'too many connections from your address', retryAfter: retryMilliseconds };
      const retryAfter = rate.take(key, now());
      if (retryAfter > 0) return { reason: 'too many new connections from your address', retryAfter };
    }
    this.#total += 1;
    this.#byAddress.set(key, count + 1);
    return undefined;
  }

  /** A connection that `admit` counted is closed. */
  release(address: string): void {
    const key = limitKey(address);
    const count = (this.#byAddress.get(key) ?? 1) - 1;
    this.#total -= 1;
    if (count > 0) this.#byAddress.set(key, count);
    else this.#byAddress.delete(key);
  }
}
