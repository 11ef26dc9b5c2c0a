// Tells a user of an invitation to a room: in a private message of kind notice, whose text is the room's name.
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { Services } from './services.js';

/** Says why the session's user may not invite the other one, who blocks it. Undefined where it may. */
export async function whyNotInvited(
  _session: Session,
  _target: UserRecord,
  _services: Services,
): Promise<string | undefined> {
  return Promise.resolve(undefined);
}

/** Sends the notice. Fulfils when it is stored. @param room the room's name */
export async function tellInvited(
  _session: Session,
  _target: UserRecord,
  _room: string,
  _services: Services,
): Promise<void> {
  return Promise.resolve();
}
