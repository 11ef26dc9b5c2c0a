// chatroom_history: a page of a room's past, as event 110, to a session that has joined the room.
import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import { countOf, isOver, sendPast } from './past.js';
import type { Command } from './services.js';

/** Sends what follows `after`, what precedes `before`, or the newest messages, no faster than the client reads. */
export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, { store }, member) => {
  const { log } = member.room;
  const { after, before, limit = defaultLimit } = parameters;
  // What is stored and not shown yet is left out: it comes as an event, and would otherwise come twice.
  const last = log.head;
  const { messages, more } =
    after === undefined
      ? await store.log.readBefore(log.id, Math.min(before ?? last + 1, last + 1), limit)
      : await store.log.readAfter(log.id, after, last, limit);
  await sendPast(session, member, messages, ref);
  // The member was put out while the pages were read and sent: after the 106 comes nothing of the room, nor a success.
  if (isOver(session, member)) return notInRoom();
  return { results: { count: countOf(messages), more, last } };
};
