// Finds a room for the commands that need no joining (PROTOCOL.md §2.4).
import { isBanned, roleIn, type JudgedRoom } from '../chat/permissions.js';
import type { Session } from '../session/session.js';
import type { RoomRecord, UserId } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { Services } from './services.js';

/** Makes the refusal for a room that is not there, or that the user is not to know of. */
export function noSuchRoom(): Refusal {
  return refusal('not_found', 'there is no room of that name');
}

/**
 * Finds the room of that name at the session's turn. 11 where there is none, and where it is hidden or members_only and
 * the session's user is no member of it.
 */
export async function namedRoom(
  session: Session,
  name: string,
  { store, reads, rooms, memberships }: Pick<Services, 'store' | 'reads' | 'rooms' | 'memberships'>,
): Promise<RoomRecord | Refusal> {
  const { user } = session.identity;
  const found = await reads.run(session, () => store.directory.findRoom(nameKey(name)));
  // What this process has is newer, if it has the room.
  const record = (found === undefined ? undefined : rooms.ofLog(found.id)?.record) ?? found;
  if (record === undefined || record.state === 'deleted') return noSuchRoom();
  const isOpen = !record.settings.hidden && !record.settings.membersOnly;
  const isKnown = isOpen || mayKnow(record, user.id) || (await memberships.isMember(record.id, user));
  return isKnown ? record : noSuchRoom();
}

/** Whoever has a rank in the room knows of it, member or not, and nobody who is banned does. */
function mayKnow(room: JudgedRoom, user: UserId): boolean {
  const role = roleIn(room, user);
  return (role === 'owner' || role === 'moderator') && !isBanned(room, user, Date.now());
}
