// Counts what each user has made since midnight UTC. The counts are in memory alone: a restart begins them again. The
// caller hands in the time; nothing here reads a clock.
import type { UserId } from '../store/directory.js';

const millisecondsOfDay = 86_400_000;

/** The most users that are counted. Beyond it the user who was counted first is forgotten, and begins at 0 again. */
const defaultMaxUsers = 50_000;

/** Counts by user, from 0 each day. Times are milliseconds since 1970. */
export class DailyCounts {
  readonly #maxUsers: number;
  readonly #counts = new Map<UserId, number>();
  /** The day that is counted, in days since 1970. */
  #day = 0;

  constructor(maxUsers = defaultMaxUsers) {
    this.#maxUsers = maxUsers;
  }

  /** Counts one and answers 0. Where the user has `most` already, answers the milliseconds until midnight UTC. */
  take(user: UserId, most: number, now: number): number {
    const day = Math.floor(now / millisecondsOfDay);
    if (day !== this.#day) this.#counts.clear();
    this.#day = day;
    const count = this.#counts.get(user) ?? 0;
    if (count >= most) return (day + 1) * millisecondsOfDay - now;
    if (count === 0 && this.#counts.size >= this.#maxUsers) this.#forgetFirst();
    this.#counts.set(user, count + 1);
    return 0;
  }

  /** Takes one back that was counted and not made. One of yesterday may be taken back from today's. */
  giveBack(user: UserId): void {
    const count = (this.#counts.get(user) ?? 0) - 1;
    if (count > 0) this.#counts.set(user, count);
    else this.#counts.delete(user);
  }

  #forgetFirst(): void {
    for (const first of this.#counts.keys()) {
      this.#counts.delete(first);
      return;
    }
  }
}
