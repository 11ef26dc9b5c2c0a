// When users were seen last, and what a store promises about it. These times alone may be lost: they are written in the
// background.
import type { Payer } from '../turns/payer.js';
import type { UserId } from './log.js';

/** The most times that one change may store. */
export const mostSeenAtOnce = 500;

/** When users were seen last. Promises reject as those of the directory do. */
export interface LastSeen {
  /**
   * Stores times, 500 at most, in milliseconds since 1970. Users that are not there, or are deleted, are left out.
   * Without a payer it is an operator's change and comes first.
   */
  mark(times: ReadonlyMap<UserId, number>, payer?: Payer): Promise<void>;
  /** When the user was seen last, in milliseconds since 1970; undefined where that is not known. */
  of(user: UserId): Promise<number | undefined>;
}
