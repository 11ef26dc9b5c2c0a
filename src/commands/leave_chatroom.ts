// leave_chatroom: the session leaves a room. The user stays a member as long as another session of it is in the room.
import { notInRoom } from '../session/requester.js';
import type { Command } from './services.js';

/**
 * No event of the room comes after the reply (PROTOCOL.md §4.4). The end of a membership is on disk first; where that
 * fails the session stays in the room. Whoever is put out of the room meanwhile has not left it (10).
 */
export const leaveChatroom: Command<'leave_chatroom'> = async (session, _request, { rooms, memberships }, member) => {
  const { room, user } = member;
  if (room.isLastOfUser(member)) await memberships.end(room.record.id, user, session);
  // It was put out meanwhile, and told so: no success comes after event 106.
  if (member.out) return notInRoom();
  member.answeredAll();
  rooms.exits.leave(member, 'left');
  return { results: { room: room.name } };
};
