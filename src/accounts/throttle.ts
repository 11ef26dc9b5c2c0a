// Token buckets by key. A bucket is one number: the time when it will be full again (the generic cell rate algorithm,
// ITU-T I.371). The caller hands in the time; nothing here reads a clock.

/** A wait shorter than this, in milliseconds, comes from rounding. */
const rounding = 0.01;

/**
 * The most buckets of a throttle, about 5 MB. No setting: whoever is forgotten has a full bucket, and is not locked
 * out.
 */
const defaultMaxBuckets = 50_000;

/**
 * Milliseconds that a full bucket stays. Who sends again and again keeps its bucket, which costs less than to make
 * another.
 */
const stays = 10_000;

/** How many buckets a new key looks at, to forget those that are not needed; and how many where there is no place. */
const looked = { usually: 2, whenThereIsNoPlace: 8 } as const;

/** What a bucket is known by. */
export type BucketKey = string | number;

/** The bucket of a key. It is changed in place, so that a request allocates nothing. */
interface Bucket {
  /** When the bucket will be full again. */
  fullAt: number;
}

/**
 * A token bucket for each key, all of the same size and rate. A key without a bucket has a full one.
 *
 * Who takes several tokens needs one of them, and owes the others: the next waits until the bucket holds one again. So
 * who needs many tokens waits no longer than who needs one, however often that one comes.
 *
 * There are at most `maxBuckets`. Where a new key finds no place, a bucket is forgotten although it is not full: of
 * some that are looked at, the one that is nearest to being full. Its key may then spend a full bucket again. So many
 * keys at once loosen the limit, and never lock anybody out.
 */
export class Throttle {
  /** Milliseconds in which a bucket gets one token. */
  #interval = 0;
  #burst = 0;
  readonly #maxBuckets: number;
  readonly #buckets = new Map<BucketKey, Bucket>();
  /** Goes round the buckets, and forgets those that have long been full. It takes a few steps for each new key. */
  #sweep: MapIterator<[BucketKey, Bucket]>;

  /**
   * @param burst tokens in a full bucket
   * @param perMinute tokens that a bucket gets in a minute
   */
  constructor(burst: number, perMinute: number, maxBuckets = defaultMaxBuckets) {
    this.#maxBuckets = maxBuckets;
    this.#sweep = this.#buckets.entries();
    this.setRate(burst, perMinute);
  }

  /** How many buckets there are. Some of them may be full again. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Changes size and rate from now on. What was taken so far stays taken. */
  setRate(burst: number, perMinute: number): void {
    this.#interval = 60_000 / perMinute;
    this.#burst = burst;
  }

  /**
   * Answers the milliseconds until the key's bucket holds a token, 0 for now.
   * @param now milliseconds of the monotonic clock
   */
  wait(key: BucketKey, now: number): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return 0;
    const wait = bucket.fullAt - now - (this.#burst - 1) * this.#interval;
    return wait > rounding ? Math.ceil(wait) : 0;
  }

  /** Takes tokens from the key's bucket, whether it has them or not. It may owe some afterwards. */
  spend(key: BucketKey, now: number, tokens = 1): void {
    const spent = tokens * this.#interval;
    const bucket = this.#buckets.get(key);
    if (bucket !== undefined) {
      bucket.fullAt = Math.max(now, bucket.fullAt) + spent;
      return;
    }
    this.#makePlace(now);
    this.#buckets.set(key, { fullAt: now + spent });
  }

  /** Takes tokens and answers 0, or takes none and answers the milliseconds until there is one, as `wait` does. */
  take(key: BucketKey, now: number, tokens = 1): number {
    const wait = this.wait(key, now);
    if (wait === 0) this.spend(key, now, tokens);
    return wait;
  }

  /** Forgets some of the buckets that have long been full. Afterwards there is a place for one bucket more. */
  #makePlace(now: number): void {
    const isAtMost = this.#buckets.size >= this.#maxBuckets;
    const fullSince = isAtMost ? now : now - stays;
    let fullest: BucketKey | undefined;
    let fullestAt = Infinity;
    for (let steps = isAtMost ? looked.whenThereIsNoPlace : looked.usually; steps > 0; steps -= 1) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = this.#buckets.entries();
        continue;
      }
      const [key, { fullAt }] = next.value;
      if (fullAt <= fullSince) this.#buckets.delete(key);
      else if (fullAt < fullestAt) [fullest, fullestAt] = [key, fullAt];
    }
    if (fullest !== undefined && this.#buckets.size >= this.#maxBuckets) this.#buckets.delete(fullest);
  }
}
