// Tells a user's sessions what concerns the user itself, in whatever rooms they are (events 104, 105 and 109).
import type { Presence } from '../chat/presence.js';
import type { Session } from './session.js';

/**
 * Sends an event to the user's sessions that speak the second edition and have joined a room since their login
 * (PROTOCOL.md §1.2, §3.6), but not to `except`, whose request caused it (§4.2).
 * @param user the user's key
 */
export function tellUser(
  presence: Pick<Presence<Session>, 'sessionsOf'>,
  user: string,
  line: string,
  except?: Session,
): void {
  let bytes: Buffer | undefined;
  for (const session of presence.sessionsOf(user)) {
    if (session === except || session.edition !== 2 || !session.hasJoined) continue;
    bytes ??= Buffer.from(line);
    session.output.event(bytes);
  }
}
