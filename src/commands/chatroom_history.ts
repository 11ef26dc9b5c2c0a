// chatroom_history: sends a page of a room's past, as events 110, to a session that has joined the room.
import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import { countOf, isOver, sendPast } from './past.js';
import type { Command } from './services.js';

/**
 * Sends the messages after the id `after`, those before the id `before`, or the newest ones, no faster than the client
 * reads.
 */
export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, { store }, member) => {
  const { log } = member.room;
  const { after, before, limit = defaultLimit } = parameters;
  // Leaves out messages that are stored and not shown yet: they will come as events, and would come twice.
  const last = log.head;
  const { messages, more } =
    after === undefined
      ? await store.log.readBefore(log.id, Math.min(before ?? last + 1, last + 1), limit)
      : await store.log.readAfter(log.id, after, last, limit);
  await sendPast(session, member, messages, ref);
  // The member was evicted meanwhile: after the 106 neither messages of the room nor a success may come.
  if (isOver(session, member)) return notInRoom();
  return { results: { count: countOf(messages), more, last } };
};
