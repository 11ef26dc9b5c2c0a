import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from './membership.js';
import { isOver, sendPast } from './past.js';
import type { Command } from './services.js';

export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, { store }, member) => {
  const { room } = member;
  const { after, before, limit = defaultLimit } = parameters;
  // What is on disk but not shown yet is left out: it comes as an event, and would otherwise come twice.
  const last = room.log.head;
  const { messages, more } =
    after === undefined
      ? await store.readBefore(room.log, Math.min(before ?? last + 1, last + 1), limit)
      : await store.readAfter(room.log, after, last, limit);
  await sendPast(session, member, messages, ref);
  // It was put out while the pages were read and sent: nothing of the room comes after the 106, and no success.
  if (isOver(session, member)) return notInRoom();
  return { results: { count: messages.length, more, last } };
};
