// Token buckets by key. A bucket is one number: the time when it will be full again (the generic cell rate algorithm,
// ITU-T I.371). The caller hands in the time; nothing here reads a clock.

/** A wait shorter than this, in milliseconds, comes from rounding. */
const rounding = 0.01;

/** A token bucket for each key, all of the same size and rate. */
export class Throttle {
  /** Milliseconds in which a bucket gets one token. */
  #interval = 0;
  /**
   * Milliseconds that a bucket may lack of being full when a token is taken: those of a full bucket, less one token.
   */
  #tolerance = 0;
  /** When the bucket of each key will be full again, in the order of their last use. */
  readonly #fullAt = new Map<string, number>();

  /**
   * @param burst tokens in a full bucket
   * @param perMinute tokens that a bucket gets in a minute
   */
  constructor(burst: number, perMinute: number) {
    this.setRate(burst, perMinute);
  }

  /** Changes size and rate from now on. What was taken so far stays taken. */
  setRate(burst: number, perMinute: number): void {
    this.#interval = 60_000 / perMinute;
    this.#tolerance = (burst - 1) * this.#interval;
  }

  /**
   * Takes a token from the key's bucket. Answers 0, or, where there is none, the milliseconds until there is one.
   * @param now milliseconds of the monotonic clock
   */
  take(key: string, now: number): number {
    this.#forgetFull(now);
    const fullAt = Math.max(now, this.#fullAt.get(key) ?? now);
    const wait = fullAt - now - this.#tolerance;
    if (wait > rounding) return Math.ceil(wait);
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt + this.#interval);
    return 0;
  }

  /** Forgets buckets that are full again: a key without a bucket has a full one. Those used longest ago stand first. */
  #forgetFull(now: number): void {
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt > now) return;
      this.#fullAt.delete(key);
    }
  }
}
