// Token buckets by key, kept as one number each: the generic cell rate algorithm (ITU-T I.371). Monotonic time is
// handed in; nothing here has a clock.

/** Less than this many milliseconds is the rounding of sums, and nothing to wait for. */
const rounding = 0.01;

export class Throttle {
  /** Milliseconds that make one good again · that a full bucket is worth, less the one that is taken. */
  #interval = 0;
  #tolerance = 0;
  /** When the bucket of a key will be full again, in the order of their last use. */
  readonly #fullAt = new Map<string, number>();

  /** @param burst how many may come at once @param perMinute how many a minute are made good again */
  constructor(burst: number, perMinute: number) {
    this.setRate(burst, perMinute);
  }

  /** From now on; what was taken so far stays taken. */
  setRate(burst: number, perMinute: number): void {
    this.#interval = 60_000 / perMinute;
    this.#tolerance = (burst - 1) * this.#interval;
  }

  /**
   * Takes one for `key` at the time `now` (milliseconds, monotonic). Answers 0, or the milliseconds until one is there.
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

  /** A bucket that is full again says nothing any more. Those used longest ago stand first. */
  #forgetFull(now: number): void {
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt > now) return;
      this.#fullAt.delete(key);
    }
  }
}
