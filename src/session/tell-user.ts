// Tells a user's sessions what concerns the user itself, in whatever rooms they are (events 104, 105 and 109).
import { hearersOf } from '../chat/hearers.js';
import type { EventLine } from '../wire/encode-event.js';
import type { Presence } from '../chat/presence.js';
import type { Session } from './session.js';

/**
 * Sends an event to the user's sessions that are told what concerns it (chat/hearers.ts), but not to `except`, whose
 * request caused it (PROTOCOL.md §4.2).
 * @param user the user's key
 */
export function tellUser(
  presence: Pick<Presence<Session>, 'sessionsOf'>,
  user: string,
  line: EventLine,
  except?: Session,
): void {
  for (const session of hearersOf(presence, user)) {
    if (session !== except) session.output.event(line.in(session.format).bytes);
  }
}
