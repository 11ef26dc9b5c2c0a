// delete_chatroom: deletes a room with its messages.
import { emptyDeletedRoom } from '../session/delete-room.js';
import { languageOfTexts } from '../wire/format.js';
import { inWords } from '../wire/words.js';
import { changeRoom } from './room-change.js';
import type { Command } from './services.js';

/**
 * Whoever deletes the room is its last owner, who alone can make it again. Answers when the messages are erased, or
 * with what is left.
 */
export const deleteChatroom: Command<'delete_chatroom'> = async (session, request, services, member) => {
  const { room, user } = member;
  const change = { state: 'deleted', owner: user.id } as const;
  const refused = await changeRoom({ session, request, services, member }, () => change);
  if (refused !== undefined) return refused;
  const { left } = await emptyDeletedRoom(room.record, services, user.name, session, member);
  return { results: left === undefined ? {} : { left: inWords(left, languageOfTexts(session.format)) } };
};
