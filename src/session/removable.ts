// Says whether there is anything to put a user out of, for kicks by clients and by operators.
import type { Memberships } from '../chat/membership.js';
import type { Room } from '../chat/room.js';
import type { RoomId, UserRecord } from '../store/directory.js';

/** Whether the user is in the room, about to enter it, or a member of it, invited or otherwise. */
export async function isRemovable(
  id: RoomId,
  user: UserRecord,
  rooms: { ofLog(id: RoomId): Room | undefined },
  memberships: Pick<Memberships, 'isMember'>,
): Promise<boolean> {
  const room = rooms.ofLog(id);
  const isHere =
    room?.hasUser(user.id) === true || [...(room?.entering ?? [])].some((each) => each.user.id === user.id);
  return isHere || memberships.isMember(id, user);
}
