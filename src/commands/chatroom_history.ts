// chatroom_history: sends a page of a room's past, as events 110, to a session that has joined the room.
import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import { isOver, sendPast } from './past.js';
import type { Command, RequestOf } from './services.js';

/**
 * Sends the messages after the id `after`, those before the id `before`, or the newest ones, no faster than the client
 * reads.
 */
export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, services, member) => {
  // Leaves out messages that are stored and not shown yet: they will come as events, and would come twice.
  const last = member.room.log.head;
  const { from, upTo, more } = pageOf(parameters, member.room.record.erased, last);
  await sendPast(session, member, services, { after: from, upTo, ref });
  // The member was evicted meanwhile: after the 106 neither messages of the room nor a success may come.
  if (isOver(session, member)) return notInRoom();
  return { results: { count: Math.max(0, upTo - from), more, last } };
};

/**
 * The page has the ids after `from` and up to `upTo`. Ids are dense, so its size is known before it is read.
 * @param erased the messages up to this id are not there any more
 */
function pageOf(
  { after, before, limit = defaultLimit }: RequestOf<'chatroom_history'>['parameters'],
  erased: number,
  last: number,
): { readonly from: number; readonly upTo: number; readonly more: boolean } {
  if (after !== undefined) {
    const from = Math.max(after, erased);
    const upTo = Math.min(last, from + limit);
    return { from, upTo, more: upTo < last };
  }
  const upTo = Math.max(0, Math.min(last, (before ?? last + 1) - 1));
  const from = Math.max(erased, upTo - limit);
  return { from, upTo, more: from > erased };
}
