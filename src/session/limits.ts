// The limits on what stays when a request is done: rooms that a user has made, rooms that a session is in, and sessions
// of a user. Sessions from exempt addresses are counted and meet none of them.
import { DailyCounts } from '../accounts/daily-counts.js';
import type { Counters } from '../metrics/counters.js';
import type { UserId } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Requester } from './requester.js';

/** The settings. They are read at each use, so that a reload changes them. */
export interface LimitSettings {
  readonly maxRoomsPerSession: number;
  readonly maxNewRoomsPerDay: number;
  readonly maxSessionsPerUser: number;
}

/**
 * Milliseconds after which to try again when a user has too many sessions. This is a guess: one of them may end at any
 * time.
 */
const retryMilliseconds = 5000;

/** Judges what a client wants to add to what stays. */
export class Limits {
  readonly #settings: () => LimitSettings;
  readonly #counters: Pick<Counters, 'limit'>;
  /** The rooms that users have made today. */
  readonly #newRooms = new DailyCounts();
  /** Milliseconds since 1970. */
  readonly #time: () => number;

  constructor(settings: () => LimitSettings, counters: Pick<Counters, 'limit'>, time = (): number => Date.now()) {
    this.#settings = settings;
    this.#counters = counters;
    this.#time = time;
  }

  /** Refuses a session that is in as many rooms as it may be, and wants to enter one more (12). */
  enteringRoom({ peer, state }: Requester): Refusal | undefined {
    const { maxRoomsPerSession: most } = this.#settings();
    if (peer.exempt || state.kind === 'guest' || state.members.size < most) return undefined;
    this.#counters.limit('max_rooms_per_session');
    return refusal('not_permitted', `this session is in as many rooms as it may be, ${most}: leave one first`);
  }

  /**
   * Counts a room that the user is about to make, or refuses it where the user has made too many today (14). A room that
   * was counted and not made has to be taken back by `roomNotMade`.
   */
  makingRoom(user: UserId, { peer }: Requester): Refusal | undefined {
    const { maxNewRoomsPerDay: most } = this.#settings();
    const wait = this.#newRooms.take(user, peer.exempt ? Infinity : most, this.#time());
    if (wait === 0) return undefined;
    this.#counters.limit('max_new_rooms_per_day');
    const error = `you have made as many rooms as you may in a day, ${most}: join one that exists, or wait until midnight UTC`;
    return refusal('rate_limited', error, { retry_after: wait });
  }

  /** Takes back a room that `makingRoom` has counted. */
  roomNotMade(user: UserId): void {
    this.#newRooms.giveBack(user);
  }

  /**
   * Refuses a login of a user who has as many sessions as it may have (14).
   * @param sessions how many sessions the user has
   */
  loggingIn({ peer }: Requester, sessions: () => number): Refusal | undefined {
    const { maxSessionsPerUser: most } = this.#settings();
    if (peer.exempt || sessions() < most) return undefined;
    this.#counters.limit('max_sessions_per_user');
    const error = `this user has as many sessions as it may have, ${most}: end one of them first`;
    return refusal('rate_limited', error, { retry_after: retryMilliseconds });
  }
}
