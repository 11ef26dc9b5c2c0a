// kick_user: puts a user out of a room.
import { whyNotRemove } from '../chat/permissions.js';
import { refusal } from '../wire/refusal.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/**
 * Ends the user's membership, or its invitation, and evicts its sessions from the room (chat/eviction.ts). 11 where the
 * user has none of these.
 */
export const kickUser: Command<'kick_user'> = async (session, request, services, member, target) => {
  const { reason = '' } = request.parameters;
  const { memberships } = services;
  const { room, user } = member;
  const { id } = room.record;
  const isComing = [...room.entering].some((each) => each.user.id === target.id);
  if (!room.hasUser(target.id) && !isComing && !(await memberships.isMember(id, target)))
    return refusal('not_found', 'that user is neither in the room nor a member of it');
  const removal = { user: target.id, by: user.name, reason };
  let ending: Promise<unknown> | undefined;
  const refused = await changeRoom(
    session,
    request,
    services,
    member,
    (record) => {
      const why = whyNotRemove(record, target.id);
      if (why !== undefined) return refusal('not_permitted', why);
      // At once: whoever is evicted and comes back must not be found a member still.
      ending ??= memberships.end(id, target);
      return { removal };
    },
    target,
  );
  await ending;
  // The event that the user has left comes before the reply, unless messages of it are on their way.
  room.tellNewsTo(member);
  return refused ?? { results: {} };
};
