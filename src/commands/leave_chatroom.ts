// leave_chatroom: the session leaves a room.
import type { Command } from './services.js';

/** No event of the room comes after the reply (PROTOCOL.md §4.4). */
export const leaveChatroom: Command<'leave_chatroom'> = (_session, _request, { rooms, memberships }, member) => {
  rooms.leave(member, 'left');
  void memberships.end(member.room.record.id, member.user);
  return { results: { room: member.room.name } };
};
