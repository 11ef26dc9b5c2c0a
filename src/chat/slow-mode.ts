// How often a user may speak in rooms with `slow_seconds`, over all sessions of the user. It is kept beside the rooms,
// so that leaving, or a room that empties, does not begin a new count.
import type { RoomId, UserId } from '../store/directory.js';

/** The most users and rooms of which it is known when somebody spoke last. Beyond it the oldest is forgotten. */
const most = 50_000;

/** When users have spoken last, in rooms where that matters. Times are milliseconds of the monotonic clock. */
export class SlowMode {
  /** By room and user, the one who spoke first in front. */
  readonly #spoken = new Map<string, number>();
  readonly #now: () => number;

  constructor(now = (): number => performance.now()) {
    this.#now = now;
  }

  /** Milliseconds until the user may speak in the room again, 0 for now. */
  wait(room: RoomId, user: UserId, slowSeconds: number): number {
    if (slowSeconds === 0) return 0;
    const last = this.#spoken.get(`${room} ${user}`);
    return last === undefined ? 0 : Math.max(0, Math.ceil(last + slowSeconds * 1000 - this.#now()));
  }

  /** Reports that the user speaks now. */
  spoke(room: RoomId, user: UserId, slowSeconds: number): void {
    if (slowSeconds === 0) return;
    const key = `${room} ${user}`;
    // Deleted first: the order is that of the last words.
    this.#spoken.delete(key);
    this.#spoken.set(key, this.#now());
    const [oldest] = this.#spoken.keys();
    if (this.#spoken.size > most && oldest !== undefined) this.#spoken.delete(oldest);
  }
}
