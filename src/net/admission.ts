// Whether a connection may come in: so many in all, so many from one address at once and a minute.
import { limitKey } from './addresses.js';

/** Answers 0, or the milliseconds until one more of this key may come. */
export interface RateLimit {
  take(key: string, now: number): number;
}

export interface AdmissionOptions {
  readonly maxConnections: number;
  readonly maxPerAddress: number;
  readonly rate: RateLimit;
  readonly isExempt: (address: string) => boolean;
  /** Why nobody may come from the address, if that is so. */
  readonly banned: (address: string) => AdmissionRefusal | undefined;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

export interface AdmissionRefusal {
  readonly reason: string;
  /** Milliseconds; undefined where coming back makes no sense. */
  readonly retryAfter: number | undefined;
}

/** A guess: connections of others end when they end. */
const retryMilliseconds = 5000;

export class Admission {
  readonly #settings: AdmissionOptions;
  readonly #byAddress = new Map<string, number>();
  #total = 0;

  constructor(settings: AdmissionOptions) {
    this.#settings = settings;
  }

  /** Counts a connection in, or says why it may not come. Every one that came in is to `leave`. */
  enter(address: string): AdmissionRefusal | undefined {
    const { maxConnections, maxPerAddress, rate, isExempt, banned, now } = this.#settings;
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

  leave(address: string): void {
    const key = limitKey(address);
    const count = (this.#byAddress.get(key) ?? 1) - 1;
    this.#total -= 1;
    if (count > 0) this.#byAddress.set(key, count);
    else this.#byAddress.delete(key);
  }
}
