// The sessions that are told what concerns a user itself, in whatever rooms they are (PROTOCOL.md §1.2).
import type { Presence, PresentSession } from './presence.js';
import type { Recipient } from './recipient.js';

/** A session that may be told. */
export interface Hearer extends PresentSession {
  /** The edition of the contract that it speaks. */
  readonly edition: 1 | 2;
  /** Whether it has joined a room since its login. */
  readonly hasJoined: boolean;
  readonly output: Recipient;
}

/**
 * The user's sessions that speak the second edition and have joined a room since their login (PROTOCOL.md §1.2, §3.6).
 * @param user the user's key
 */
export function hearersOf<One extends Hearer>(
  presence: Pick<Presence<One>, 'sessionsOf'>,
  user: string,
): readonly One[] {
  return presence.sessionsOf(user).filter(({ edition, hasJoined }) => edition === 2 && hasJoined);
}
