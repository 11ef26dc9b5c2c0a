// kick_user: puts a user out of a room.
import { whyNotRemove } from '../chat/permissions.js';
import { isRemovable } from '../session/removable.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/**
 * Ends the user's membership, or its invitation, and evicts its sessions from the room (chat/eviction.ts). Refuses (11)
 * where the user has none of these.
 */
export const kickUser: Command<'kick_user'> = async (session, request, services, member, target) => {
  const { reason = '' } = request.parameters;
  const { room, user } = member;
  if (!(await isRemovable(room.record.id, target, services.rooms, services.memberships)))
    return refusal('not_found', say('not_in_or_of_room'));
  const removal = { user: target.id, by: user.name, reason };
  const refused = await changeRoom({ session, request, services, member, target }, (record) => {
    const why = whyNotRemove(record, target.id);
    return why === undefined ? { removal } : refusal('not_permitted', why);
  });
  // The event that the user has left comes before the reply, unless messages of it are on their way.
  room.tellNewsTo(member);
  return refused ?? { results: {} };
};
