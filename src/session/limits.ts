// The limits on what stays when a request is done: rooms, users and tokens that were made, rooms that a session
// is in, and sessions of a user. Sessions from exempt addresses meet none of them but that of tokens.
import { DailyCounts, type Maker } from '../accounts/daily-counts.js';
import type { Counters } from '../metrics/counters.js';
import type { UserId } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say, type Sentence } from '../wire/words.js';
import type { Requester } from './requester.js';

/** The settings. They are read at each use, so that a reload changes them. */
export interface LimitSettings {
  readonly maxRoomsPerSession: number;
  readonly maxRoomsPerUser: number;
  readonly maxNewRoomsPerDay: number;
  readonly maxNewRoomsPerDayPerAddress: number;
  readonly maxNewConversationsPerDay: number;
  readonly maxNewConversationsPerDayPerAddress: number;
  readonly maxNewUsersPerDayPerAddress: number;
  readonly maxBlockedUsers: number;
  readonly maxSessionsPerUser: number;
  readonly maxTokensPerUser: number;
}

/**
 * Milliseconds after which to try again when a user has too many sessions. This is a guess: one of them may end at any
 * time.
 */
const retryMilliseconds = 5000;

/** What is said to whom a daily limit refuses, and the setting by which that is counted. */
interface DailyTerms {
  readonly setting: string;
  readonly error: (most: number) => Sentence;
}

/** Judges what a client wants to add to what stays. */
export class Limits {
  readonly #settings: () => LimitSettings;
  readonly #counters: Pick<Counters, 'limit'>;
  /** The rooms that users, and addresses, have made today. */
  readonly #roomsOfUsers = new DailyCounts();
  readonly #roomsOfAddresses = new DailyCounts();
  /** The private conversations that users, and addresses, have begun today. */
  readonly #conversationsOfUsers = new DailyCounts();
  readonly #conversationsOfAddresses = new DailyCounts();
  /** The users that addresses have made today. */
  readonly #usersOfAddresses = new DailyCounts();
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
    return refusal('not_permitted', say('rooms_of_session', { most }));
  }

  /** How many rooms the user may join and not leave. */
  roomsPerUser({ peer }: Requester): number {
    return peer.exempt ? Infinity : this.#settings().maxRoomsPerUser;
  }

  /** How many invitations to rooms a user may leave open, whoever invites it. */
  invitationsPerUser(): number {
    return this.#settings().maxRoomsPerUser;
  }

  /** Makes the refusal of a user who has joined as many rooms as it may, and wants to join one more (12). */
  tooManyRooms(): Refusal {
    this.#counters.limit('max_rooms_per_user');
    const { maxRoomsPerUser: most } = this.#settings();
    return refusal('not_permitted', say('rooms_of_user', { most }));
  }

  /**
   * Counts a room that the user is about to make, or refuses it where the user or the address has made too many today
   * (14). A room that was counted and not made has to be taken back by `roomNotMade`.
   */
  makingRoom(user: UserId, { peer }: Requester): Refusal | undefined {
    if (peer.exempt) return undefined;
    const { maxNewRoomsPerDay, maxNewRoomsPerDayPerAddress } = this.#settings();
    const ofUser = this.#count(this.#roomsOfUsers, user, maxNewRoomsPerDay, {
      setting: 'max_new_rooms_per_day',
      error: (most) => say('new_rooms_of_user', { most }),
    });
    if (ofUser !== undefined) return ofUser;
    const ofAddress = this.#count(this.#roomsOfAddresses, peer.limitKey, maxNewRoomsPerDayPerAddress, {
      setting: 'max_new_rooms_per_day_per_address',
      error: (most) => say('new_rooms_of_address', { most }),
    });
    if (ofAddress !== undefined) this.#roomsOfUsers.giveBack(user);
    return ofAddress;
  }

  /** Takes back a room that `makingRoom` has counted. */
  roomNotMade(user: UserId, { peer }: Requester): void {
    if (peer.exempt) return;
    this.#roomsOfUsers.giveBack(user);
    this.#roomsOfAddresses.giveBack(peer.limitKey);
  }

  /**
   * Counts a private conversation that the user is about to begin, or refuses it where the user or the address has
   * begun too many today (14). One that was counted and not made has to be taken back by `conversationNotMade`.
   */
  makingConversation(user: UserId, { peer }: Requester): Refusal | undefined {
    if (peer.exempt) return undefined;
    const { maxNewConversationsPerDay, maxNewConversationsPerDayPerAddress } = this.#settings();
    const ofUser = this.#count(this.#conversationsOfUsers, user, maxNewConversationsPerDay, {
      setting: 'max_new_conversations_per_day',
      error: (most) => say('new_conversations_of_user', { most }),
    });
    if (ofUser !== undefined) return ofUser;
    const most = maxNewConversationsPerDayPerAddress;
    const ofAddress = this.#count(this.#conversationsOfAddresses, peer.limitKey, most, {
      setting: 'max_new_conversations_per_day_per_address',
      error: () => say('new_conversations_of_address', { most }),
    });
    if (ofAddress !== undefined) this.#conversationsOfUsers.giveBack(user);
    return ofAddress;
  }

  /** Takes back a conversation that `makingConversation` has counted. */
  conversationNotMade(user: UserId, { peer }: Requester): void {
    if (peer.exempt) return;
    this.#conversationsOfUsers.giveBack(user);
    this.#conversationsOfAddresses.giveBack(peer.limitKey);
  }

  /** The most users that a user may block. */
  get blockedUsers(): number {
    return this.#settings().maxBlockedUsers;
  }

  /** Makes the refusal for a user that blocks as many as it may (14). One of them may be unblocked at any time. */
  tooManyBlocked(): Refusal {
    this.#counters.limit('max_blocked_users');
    const error = say('blocked_users', { most: this.blockedUsers });
    return refusal('rate_limited', error, { retry_after: retryMilliseconds });
  }

  /**
   * Counts a user that the session is about to make, or refuses it where its address has made too many today (14). One
   * that was counted and not made has to be taken back by `userNotMade`.
   */
  makingUser({ peer }: Requester): Refusal | undefined {
    if (peer.exempt) return undefined;
    return this.#count(this.#usersOfAddresses, peer.limitKey, this.#settings().maxNewUsersPerDayPerAddress, {
      setting: 'max_new_users_per_day_per_address',
      error: (most) => say('new_users_of_address', { most }),
    });
  }

  /** Takes back a user that `makingUser` has counted. */
  userNotMade({ peer }: Requester): void {
    if (!peer.exempt) this.#usersOfAddresses.giveBack(peer.limitKey);
  }

  /**
   * Refuses a login of a user who has as many sessions as it may have (14).
   * @param sessions how many sessions the user has
   */
  loggingIn({ peer }: Requester, sessions: () => number): Refusal | undefined {
    const { maxSessionsPerUser: most } = this.#settings();
    if (peer.exempt || sessions() < most) return undefined;
    this.#counters.limit('max_sessions_per_user');
    const error = say('sessions_of_user', { most });
    return refusal('rate_limited', error, { retry_after: retryMilliseconds });
  }

  /**
   * How many tokens a user may have. This holds for sessions from exempt addresses too: tokens stay, and their number
   * is what a list and an end of them cost.
   */
  get mostTokens(): number {
    return this.#settings().maxTokensPerUser;
  }

  /** Refuses a token of a user who has as many as it may have (14). */
  tooManyTokens(): Refusal {
    this.#counters.limit('max_tokens_per_user');
    const error = say('tokens_of_user', { most: this.mostTokens });
    return refusal('rate_limited', error, { retry_after: retryMilliseconds });
  }

  /** Counts one, or refuses it until midnight UTC. */
  #count(counts: DailyCounts, maker: Maker, most: number, { setting, error }: DailyTerms): Refusal | undefined {
    const wait = counts.take(maker, most, this.#time());
    if (wait === 0) return undefined;
    this.#counters.limit(setting);
    return refusal('rate_limited', error(most), { retry_after: wait });
  }
}
