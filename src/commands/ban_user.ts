// ban_user: bans a user from a room, for a time or until it is unbanned.
import { isLower, roleIn, whyNotBan } from '../chat/permissions.js';
import type { Role } from '../store/directory.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/**
 * Stores the ban. The user's sessions are evicted from the room before it is answered (chat/eviction.ts), those whose
 * join still replays too. Whoever speaks the second edition is told where the ban takes a rank.
 */
export const banUser: Command<'ban_user'> = async (session, request, services, member, target) => {
  const { duration, reason = '' } = request.parameters;
  const { room, user } = member;
  let before: Role = 'member';
  const refused = await changeRoom({ session, request, services, member, target }, (record) => {
    const created = Date.now();
    const why = whyNotBan(record, target.id, created);
    if (why !== undefined) return refusal('not_permitted', why);
    before = roleIn(record, target.id);
    const until = duration === undefined ? undefined : created + duration * 1000;
    const ban = { user: target.id, by: user.id, reason, created, until };
    return { removal: { user: target.id, by: user.name, reason, ban } };
  });
  if (refused !== undefined) return refused;
  // The event that the user has left comes before the reply, unless messages of it are on their way.
  room.tellNewsTo(member);
  if (isLower('member', before)) {
    const members = { room: room.name, username: target.name, role: 'member', by: user.name } as const;
    room.tell(new EventLine('role_changed', members), member);
  }
  return { results: {} };
};
