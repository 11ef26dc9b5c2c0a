// How often a user may speak in rooms with `slow_seconds`, over all sessions of the user. It is kept beside the rooms,
// so that leaving, or a room that empties, does not begin a new count.
import type { RoomId, UserId } from '../store/directory.js';
import type { TellOutcome } from './post.js';

/** The most users and rooms of which it is known when somebody spoke last. */
const usualMost = 50_000;

/** When somebody has spoken last in a room, and until when that mattered, by the `slow_seconds` that the room had. */
interface Spoken {
  readonly at: number;
  readonly until: number;
}

/**
 * When users have spoken last, in rooms where that matters. Times are milliseconds of the monotonic clock. Where it has
 * too many, waits that are over go, and then the oldest of the users who have most: whoever speaks in hundreds of slow
 * rooms of its own makes nobody else's wait vanish.
 */
export class SlowMode {
  /** By user and room: the rooms of a user in the order in which it spoke, the users in that of their first words. */
  readonly #spoken = new Map<UserId, Map<RoomId, Spoken>>();
  readonly #now: () => number;
  readonly #most: number;
  #size = 0;

  /** @param most the most users and rooms of which it is known when somebody spoke last */
  constructor(now = (): number => performance.now(), most = usualMost) {
    this.#now = now;
    this.#most = most;
  }

  /** Milliseconds until the user may speak in the room again, 0 for now. */
  wait(room: RoomId, user: UserId, slowSeconds: number): number {
    if (slowSeconds === 0) return 0;
    const last = this.#spoken.get(user)?.get(room)?.at;
    if (last === undefined) return 0;
    return Math.min(Math.max(0, Math.ceil(last + slowSeconds * 1000 - this.#now())), Number.MAX_SAFE_INTEGER);
  }

  /**
   * Reports that the user speaks now. The answer takes the message's outcome: where it is not stored, the user may
   * speak as if it had not been sent. Undefined where speaking makes nobody wait.
   */
  spoke(room: RoomId, user: UserId, slowSeconds: number): TellOutcome | undefined {
    if (slowSeconds === 0) return undefined;
    let rooms = this.#spoken.get(user);
    if (rooms === undefined) this.#spoken.set(user, (rooms = new Map<RoomId, Spoken>()));
    const before = rooms.get(room);
    // Deleted first: the order is that of the last words.
    if (!rooms.delete(room)) this.#size += 1;
    const at = this.#now();
    const spoken = { at, until: at + slowSeconds * 1000 };
    rooms.set(room, spoken);
    if (this.#size > this.#most) this.#forget(at);
    return (isStored) => {
      if (!isStored) this.#giveBack(room, user, spoken, before);
    };
  }

  /** Does nothing where the user has spoken again, or was forgotten. */
  #giveBack(room: RoomId, user: UserId, spoken: Spoken, before: Spoken | undefined): void {
    const rooms = this.#spoken.get(user);
    if (rooms?.get(room) !== spoken) return;
    if (before === undefined) this.#remove(user, rooms, room);
    else rooms.set(room, before);
  }

  /** Forgets a tenth of all, so that this, which looks at all of them, is seldom. */
  #forget(now: number): void {
    const goal = Math.floor(this.#most * 0.9);
    for (const [user, rooms] of this.#spoken)
      for (const [room, { until }] of rooms) if (until <= now) this.#remove(user, rooms, room);
    let most = 0;
    for (const { size } of this.#spoken.values()) most = Math.max(most, size);
    for (let share = most; this.#size > goal; share = Math.floor(share / 2)) {
      for (const [user, rooms] of this.#spoken) {
        for (const room of rooms.keys()) {
          if (rooms.size <= share || this.#size <= goal) break;
          this.#remove(user, rooms, room);
        }
        if (this.#size <= goal) return;
      }
    }
  }

  #remove(user: UserId, rooms: Map<RoomId, Spoken>, room: RoomId): void {
    rooms.delete(room);
    this.#size -= 1;
    if (rooms.size === 0) this.#spoken.delete(user);
  }
}
