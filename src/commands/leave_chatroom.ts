import { memberOf, notInRoom } from './membership.js';
import type { Command } from './services.js';

export const leaveChatroom: Command<'leave_chatroom'> = (session, { parameters }, { rooms }) => {
  const member = memberOf(session, parameters.room);
  if (member === undefined) return notInRoom();
  rooms.leave(member, 'left');
  return { results: { room: member.room.name } };
};
