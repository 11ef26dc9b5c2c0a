// chatroom_history: sends a page of a room's past, as events 110, to a session that has joined the room.
import { defaultLimit } from '../session/list-page.js';
import { notInRoom } from '../session/requester.js';
import { isOver, sendPast, tellGap } from './past.js';
import type { Command, RequestOf } from './services.js';

/**
 * Sends the messages after the id `after`, those before the id `before`, or the newest ones, no faster than the client
 * reads.
 */
export const chatroomHistory: Command<'chatroom_history'> = async (session, { parameters, ref }, services, member) => {
  // Leaves out messages that are stored and not shown yet: they will come as events, and would come twice.
  const last = member.room.log.head;
  const { erased } = member.room.record;
  const { from, upTo, more } = pageOf(parameters, erased, last);
  const follows = parameters.after !== undefined;
  const { count, seen } = await sendPast(session, member, services, { after: from, upTo, ref, follows });
  // The member was evicted meanwhile: after the 106 neither messages of the room nor a success may come.
  if (isOver(session, member)) return notInRoom();
  // Nothing that was asked for is kept.
  const next = Math.max(erased, upTo) + 1;
  if (count === 0 && from < upTo) tellGap(session, member, seen, next <= last ? next : null);
  return { results: { count, more, last } };
};

/**
 * The page has the ids after `from` and up to `upTo`, as far as they are kept.
 * @param erased the messages up to this id were trimmed
 */
function pageOf(
  { after, before, limit = defaultLimit }: RequestOf<'chatroom_history'>['parameters'],
  erased: number,
  last: number,
): { readonly from: number; readonly upTo: number; readonly more: boolean } {
  if (after !== undefined) {
    const upTo = Math.min(last, Math.max(after, erased) + limit);
    return { from: after, upTo, more: upTo < last };
  }
  const upTo = Math.max(0, Math.min(last, (before ?? last + 1) - 1));
  const from = Math.max(0, upTo - limit);
  return { from, upTo, more: from > erased };
}
