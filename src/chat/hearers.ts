// The sessions that are told what concerns a user itself, in whatever rooms they are (PROTOCOL.md §1.2).
import type { Presence, PresentSession } from './presence.js';
import type { Recipient } from './recipient.js';
import type { Speaks } from './speaks.js';

/** A session that may be told. */
export interface Hearer extends PresentSession, Speaks {
  /** Whether it has joined a room since its login, or asked for events. */
  readonly isListening: boolean;
  readonly output: Recipient;
}

/**
 * The user's sessions that speak the second edition and are listening, but those that asked for no events (PROTOCOL.md
 * §1.2, §3.6, §8.5).
 * @param user the user's key
 */
export function hearersOf<One extends Hearer>(
  presence: Pick<Presence<One>, 'sessionsOf'>,
  user: string,
): readonly One[] {
  return presence
    .sessionsOf(user)
    .filter(({ edition, isListening, events }) => edition === 2 && isListening && events !== 'none');
}
