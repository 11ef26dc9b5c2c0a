// Changes the record of a room that the session is in, as its sender may when the change is stored, not only when it
// was asked for.
import { whyNotPermitted } from '../chat/permissions.js';
import type { Member } from '../chat/room.js';
import { notInRoom } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { RoomChange, RoomRecord, UserRecord } from '../store/directory.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnyRequest } from '../wire/request.js';
import type { Services } from './services.js';

/** How many other changes of the record may come in between. */
const mostTries = 8;

/**
 * Stores what `change` says of the room's record, or answers why not: as `change` refuses, as the roles are by then, or
 * because too many others change the room. Rejects as the store does.
 */
export async function changeRoom(
  session: Session,
  { spec }: AnyRequest,
  { store, gates }: Pick<Services, 'store' | 'gates'>,
  member: Member,
  change: (record: RoomRecord) => RoomChange | Refusal,
  target?: UserRecord,
): Promise<Refusal | undefined> {
  const { room, user } = member;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { record } = room;
    if (session.gone || member.out) return notInRoom();
    const { registrationOpen } = gates;
    const why = whyNotPermitted(spec, { registrationOpen, room: record, user: user.id, target: target?.id });
    if (why !== undefined) return refusal('not_permitted', why);
    const changed = change(record);
    if ('code' in changed) return changed;
    const outcome = await store.directory.changeRoom(record.id, changed, record.version, session);
    if (outcome === 'changed') return undefined;
    if (outcome === 'nobody') return refusal('not_found', 'there is no such user');
  }
  return refusal('busy', 'others change this room at the moment: try again', { retry_after: 100 });
}
