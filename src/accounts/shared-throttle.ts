// Token buckets that several share, such as the users of one address. Where a bucket is empty those who share it take
// turns: who asks in vain gets a place, and passes when its time has come, however often the others ask meanwhile.
import type { BucketKey, Throttle } from './throttle.js';

/** Milliseconds after its time that a place is kept. Then its sharer has to ask for another one. */
const keptMilliseconds = 10_000;

/** The most places, about 10 MB. Beyond it the oldest is forgotten. */
const defaultMaxPlaces = 50_000;

/** How many places a new one looks at, to forget those whose time has long come. */
const lookedAt = 2;

/** A time difference shorter than this, in milliseconds, comes from rounding. */
const rounding = 0.01;

/** A turn that one sharer of a bucket has. */
interface Place {
  /** When the sharer may pass. */
  at: number;
  /** The tokens that the bucket has paid for it. */
  readonly tokens: number;
}

/** A throttle whose keys have several sharers each. A sharer has one place at most in each bucket. */
export class SharedThrottle {
  readonly #throttle: Throttle;
  readonly #maxPlaces: number;
  /** By key and sharer, in the order in which they were given. */
  readonly #places = new Map<string, Place>();

  constructor(throttle: Throttle, maxPlaces = defaultMaxPlaces) {
    this.#throttle = throttle;
    this.#maxPlaces = maxPlaces;
  }

  /** How many places there are. The time of some may be over. */
  get places(): number {
    return this.#places.size;
  }

  /**
   * Answers the milliseconds until the bucket holds a token or the sharer's turn comes, 0 for now.
   * @param now milliseconds of the monotonic clock
   */
  wait(key: BucketKey, sharer: BucketKey, now: number): number {
    const wait = this.#throttle.wait(key, now);
    if (wait === 0) return 0;
    const place = this.#places.get(nameOf(key, sharer));
    if (place === undefined || isOver(place, now)) return wait;
    return place.at - now > rounding ? Math.ceil(place.at - now) : 0;
  }

  /**
   * Gives the sharer a place, whose tokens the bucket pays at once: so the next in the line has to wait for them. To be
   * called where `wait` has answered more than 0. A sharer that has a place keeps it, and passes no earlier.
   * @param wait milliseconds from now until the sharer may pass, at least as many as `wait` has answered
   */
  reserve(key: BucketKey, sharer: BucketKey, now: number, wait: number, tokens: number): void {
    const name = nameOf(key, sharer);
    const place = this.#places.get(name);
    if (place !== undefined && !isOver(place, now)) {
      place.at = Math.max(place.at, now + wait);
      return;
    }
    this.#places.delete(name);
    this.#makePlace(now);
    this.#places.set(name, { at: now + wait, tokens });
    this.#throttle.spend(key, now, tokens);
  }

  /** Takes tokens where `wait` has answered 0. What the sharer's place has paid is not taken again. */
  spend(key: BucketKey, sharer: BucketKey, now: number, tokens: number): void {
    // Usually nobody has to wait, and no name is made.
    const paid = this.#throttle.wait(key, now) === 0 ? 0 : this.#takePlace(nameOf(key, sharer));
    if (tokens > paid) this.#throttle.spend(key, now, tokens - paid);
  }

  /** Takes tokens for somebody who does not wait for this bucket. It may owe some afterwards. */
  spendForOthers(key: BucketKey, now: number, tokens: number): void {
    this.#throttle.spend(key, now, tokens);
  }

  /** Ends a place, and answers what was paid for it. */
  #takePlace(name: string): number {
    const paid = this.#places.get(name)?.tokens ?? 0;
    this.#places.delete(name);
    return paid;
  }

  /** Forgets some of the places whose time is over. Afterwards there is room for one more. */
  #makePlace(now: number): void {
    let steps = lookedAt;
    for (const [name, place] of this.#places) {
      if (steps === 0) return;
      steps -= 1;
      if (isOver(place, now) || this.#places.size >= this.#maxPlaces) this.#places.delete(name);
    }
  }
}

function nameOf(key: BucketKey, sharer: BucketKey): string {
  return `${key} ${sharer}`;
}

/** Whether the sharer has come too late. */
function isOver({ at }: Place, now: number): boolean {
  return now > at + keptMilliseconds;
}
