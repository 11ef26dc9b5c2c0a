// chatroom_history: a page of a room's past, as event 110, to a session that has joined the room.
import { memberOf, notInRoom } from './membership.js';
import { countOf, defaultLimit, isOver, sendPast } from './past.js';
import type { Command } from './services.js';

export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, { store }) => {
  const member = memberOf(session, parameters.room);
  if (member === undefined) return notInRoom();
  const { log } = member.room;
  const { after, before, limit = defaultLimit } = parameters;
  // What is stored and not shown yet is left out: it comes as an event, and would otherwise come twice.
  const last = log.head;
  const { messages, more } =
    after === undefined
      ? await store.log.readBefore(log.id, Math.min(before ?? last + 1, last + 1), limit)
      : await store.log.readAfter(log.id, after, last, limit);
  await sendPast(session, member, messages, ref);
  // It was put out while the pages were read and sent: nothing of the room comes after the 106, and no success.
  if (isOver(session, member)) return notInRoom();
  return { results: { count: countOf(messages), more, last } };
};
