import { memberOf, notInRoom } from './membership.js';
import type { Command } from './services.js';

export const leaveChatroom: Command<'leave_chatroom'> = (session, { parameters }, { rooms }) => {
  const member = memberOf(session, parameters.room);
  if (member === undefined) return notInRoom();
  const { log } = member.room;
  session.identity.members.delete(log.key);
  rooms.leave(member, 'left');
  return { results: { room: log.name } };
};
