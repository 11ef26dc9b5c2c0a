// Decides whether a connection is admitted: by bans, by the number of open connections (in total and from its address),
// and by the rate of new connections from its address. The acceptor asks before it spends time on a handshake.
import { limitKey } from './addresses.js';

/** A limit on how often something happens, by key. */
export interface RateLimit {
  /**
   * Takes one permit of the key and returns 0, or returns the milliseconds until there is one. `now` is the monotonic
   * clock.
   */
  take(key: string, now: number): number;
}

/** The current limits. They are read at each admission, so a reload can change them. */
export interface AdmissionOptions {
  /** The most connections at one time, in total. */
  readonly maxConnections: number;
  /** The most connections at one time from one address, or from one /64 of IPv6. */
  readonly maxPerAddress: number;
  /** Limits new connections by address. */
  readonly rate: RateLimit;
  /** Tells whether an address is exempt from the limits per address. */
  readonly isExempt: (address: string) => boolean;
  /** Returns the refusal of a banned address; undefined if the address is not banned. */
  readonly banned: (address: string) => AdmissionRefusal | undefined;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** Why a connection is refused: the content of its 199. */
export interface AdmissionRefusal {
  readonly reason: string;
  /** Milliseconds after which another try makes sense; undefined if none does. */
  readonly retryAfter: number | undefined;
}

/**
 * Milliseconds after which to try again when all places are taken. This is a guess: other connections end at any time.
 */
const retryMilliseconds = 5000;

/** Counts the open connections, and refuses those beyond the limits. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /**
   * Counts a connection from the address and returns undefined, or returns why it is refused. The caller has to
   * `release` each counted connection.
   */
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

  /** Stops counting a connection that `admit` counted, once it is closed. */
  release(address: string): void {
    const key = limitKey(address);
    const count = (this.#byAddress.get(key) ?? 1) - 1;
    this.#total -= 1;
    if (count > 0) this.#byAddress.set(key, count);
    else this.#byAddress.delete(key);
  }
}
