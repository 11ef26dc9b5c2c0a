// Tells a user of an invitation to a room: in a private message of kind notice, whose text is the room's name.
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { Services } from './services.js';

/** Says why the session's user may not invite the other one, who blocks it. Undefined where it may. */
type WhyNotInvited = (session: Session, target: UserRecord, services: Services) => Promise<string | undefined>;

/** Sends the notice. Fulfils when it is stored. */
type TellInvited = (session: Session, target: UserRecord, room: string, services: Services) => Promise<void>;

/** Nobody blocks anybody yet. */
export const whyNotInvited: WhyNotInvited = () => Promise.resolve(undefined);

/** There are no private messages yet. */
export const tellInvited: TellInvited = () => Promise.resolve();
