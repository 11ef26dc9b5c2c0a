// Counts what each user or address has made since midnight UTC. The counts are in memory alone: a restart begins them
// again. The caller hands in the time; nothing here reads a clock.

const millisecondsOfDay = 86_400_000;

/** The most makers that are counted. Beyond it the one that was counted first is forgotten, and begins at 0 again. */
const defaultMaxMakers = 50_000;

/** What a user or an address is known by. */
export type Maker = string | number;

/** Counts by maker, from 0 each day. Times are milliseconds since 1970. */
export class DailyCounts {
  readonly #maxMakers: number;
  readonly #counts = new Map<Maker, number>();
  /** The day that is counted, in days since 1970. */
  #day = 0;

  constructor(maxMakers = defaultMaxMakers) {
    this.#maxMakers = maxMakers;
  }

  /** Counts one and answers 0. Where the maker has `most` already, answers the milliseconds until midnight UTC. */
  take(maker: Maker, most: number, now: number): number {
    const day = Math.floor(now / millisecondsOfDay);
    if (day !== this.#day) this.#counts.clear();
    this.#day = day;
    const count = this.#counts.get(maker) ?? 0;
    if (count >= most) return (day + 1) * millisecondsOfDay - now;
    if (count === 0 && this.#counts.size >= this.#maxMakers) this.#forgetFirst();
    this.#counts.set(maker, count + 1);
    return 0;
  }

  /** Takes one back that was counted and not made. One of yesterday may be taken back from today's. */
  giveBack(maker: Maker): void {
    const count = (this.#counts.get(maker) ?? 0) - 1;
    if (count > 0) this.#counts.set(maker, count);
    else this.#counts.delete(maker);
  }

  #forgetFirst(): void {
    for (const first of this.#counts.keys()) {
      this.#counts.delete(first);
      return;
    }
  }
}
