// Counts who had password hashes lately, for the order in which they are made (hash-queue.ts). Pure.

/** Milliseconds in which one hash is forgotten. */
const forgetting = 300_000;

/** The most keys that are remembered for each purpose. Those of the longest ago are dropped first. */
export const mostRemembered = 50_000;

/** Counts hashes by key, and forgets them one by one. */
export class HashUsage {
  readonly #counts = new Map<string, { readonly count: number; readonly since: number }>();

  /** The hashes that are not forgotten, rounded up. */
  of(key: string, now: number): number {
    return Math.ceil(this.#left(key, now));
  }

  add(key: string, hashes: 1 | -1, now: number): void {
    const count = this.#left(key, now) + hashes;
    this.#counts.delete(key);
    if (count <= 0) return;
    this.#counts.set(key, { count, since: now });
    for (const [oldest] of this.#counts) {
      if (this.#counts.size <= mostRemembered) return;
      this.#counts.delete(oldest);
    }
  }

  #left(key: string, now: number): number {
    const found = this.#counts.get(key);
    return found === undefined ? 0 : Math.max(0, found.count - (now - found.since) / forgetting);
  }
}
