// Token buckets: so many at once, so many a minute, by key. Monotonic time is handed in; nothing here has a clock.

interface Bucket {
  tokens: number;
  at: number;
}

export class Throttle {
  readonly #burst: number;
  readonly #perMillisecond: number;
  readonly #buckets = new Map<string, Bucket>();

  /** @param burst how many may come at once @param perMinute how many a minute are made good again */
  constructor(burst: number, perMinute: number) {
    this.#burst = burst;
    this.#perMillisecond = perMinute / 60_000;
  }

  /** Takes one for `key` at the time `now` (milliseconds, monotonic). Answers 0, or the milliseconds until one is there. */
  take(key: string, now: number): number {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#burst, at: now };
    // Kept in the order of their last use, so that those that are full again stand first.
    this.#buckets.delete(key);
    this.#forgetFull(now);
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(this.#burst, bucket.tokens + (now - bucket.at) * this.#perMillisecond);
    bucket.at = now;
    if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / this.#perMillisecond);
    bucket.tokens -= 1;
    return 0;
  }

  /** A bucket that is full again says nothing any more. */
  #forgetFull(now: number): void {
    for (const [key, { tokens, at }] of this.#buckets) {
      if (tokens + (now - at) * this.#perMillisecond < this.#burst) return;
      this.#buckets.delete(key);
    }
  }
}
