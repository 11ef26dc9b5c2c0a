// Finds a room for the commands that need no joining (PROTOCOL.md §2.4).
import { isBanned, roleIn, type JudgedRoom } from '../chat/permissions.js';
import { chargeForRecord } from '../session/budgets.js';
import type { Session } from '../session/session.js';
import type { RoomRecord, UserId } from '../store/directory.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Services } from './services.js';

/** What is needed to find a room's record. */
type RecordServices = Pick<Services, 'store' | 'reads' | 'rooms' | 'gates'>;

/**
 * The record of the room of that name, also of a deleted one: what this process has, else what the store has, read at
 * the session's turn. A room with hundreds of roles and bans takes longer to read than most commands.
 */
export async function recordOf(
  session: Session,
  name: string,
  { store, reads, rooms, gates }: RecordServices,
): Promise<RoomRecord | undefined> {
  const key = nameKey(name);
  const here = rooms.get(key)?.record;
  // One that was deleted a moment ago may have been made again.
  if (here !== undefined && here.state !== 'deleted') return here;
  const found = await reads.run(session, () => store.directory.findRoom(key));
  if (found === undefined) return undefined;
  chargeForRecord(gates, found, session);
  // What this process has by now is newer.
  return rooms.ofLog(found.id)?.record ?? found;
}

/** Makes the refusal for a room that is not there, or that the user is not to know of. */
export function noSuchRoom(): Refusal {
  return refusal('not_found', say('no_room_of_name'));
}

/**
 * Finds the room of that name at the session's turn. Refuses (11) where there is none, and where it is hidden or
 * members_only and the session's user is no member of it.
 */
export async function namedRoom(
  session: Session,
  name: string,
  services: RecordServices & Pick<Services, 'memberships'>,
): Promise<RoomRecord | Refusal> {
  const { memberships } = services;
  const { user } = session.identity;
  const record = await recordOf(session, name, services);
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
