// Replays missed messages to a member, and has it enter its room. Between the replay and the live events nothing is
// missing, and nothing comes twice (PROTOCOL.md §5.4).
import type { MayEnter } from '../chat/entries.js';
import type { Member, RoomView } from '../chat/member.js';
import { whyNotEnter, type Entrance } from '../chat/permissions.js';
import { chargeInTime } from '../session/budgets.js';
import type { Session } from '../session/session.js';
import type { UserId } from '../store/directory.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import { historyPage, isOver, pageSize, sendPast, tellGap } from './past.js';
import type { RequestOf, Services } from './services.js';

/**
 * Replays what the request asks for, then has the member enter the room. From then on the member holds the room's
 * events. Fulfils with the room as it was in that moment, or with undefined where the member may not enter any more, or
 * the session has ended. Rejects as the store does; then the member may be in the room.
 */
export async function replayAndEnter(
  member: Member,
  session: Session,
  { parameters: { after, newest = 0 }, ref }: RequestOf<'join_chatroom'>,
  services: Services,
): Promise<RoomView | undefined> {
  const { room, user } = member;
  const { log } = room;
  // As many of the newest messages as the last page has are counted from the moment in which the member enters. Without
  // `after` and `newest` nothing is replayed, whatever comes before that.
  let seen = after ?? (newest > pageSize ? Math.max(room.record.erased, log.head - newest) : Infinity);
  // Up to where the replay has come: behind `seen` where what lies between was trimmed.
  let passed = Math.max(seen, room.record.erased);
  while (log.head - passed > pageSize && !isOver(session, member)) {
    // It is charged as a page of history is, and waits where the budget is spent: the replay has begun.
    await chargeInTime(services.gates, commandSpecs.chatroom_history, session, () => isOver(session, member));
    const upTo = Math.min(log.head, passed + historyPage);
    ({ seen } = await sendPast(session, member, services, { after: seen, upTo, ref, follows: true }));
    passed = Math.max(upTo, room.record.erased);
    await session.output.drained();
  }
  // The replay meets the live events here. The member enters the room and `last` is read in one step, so the last page
  // ends with the message before the first live event. The client gets the last page, the reply, and then the events
  // that came meanwhile, which the member holds. They count as events that wait for the client, so they meet the same
  // limit.
  const mayEnter: MayEnter = (coming) =>
    !isOver(session, member) && whyNotEnter(room.record, user.id, entranceNow(member, coming)) === undefined;
  const view = await services.rooms.enter(member, mayEnter);
  if (view === undefined) return undefined;
  const { last } = view;
  if (seen === Infinity && newest > 0) seen = Math.max(room.record.erased, last - newest);
  if (seen < last)
    ({ seen } = await sendPast(session, member, services, { after: seen, upTo: last, ref, follows: true }));
  if (seen < last && !isOver(session, member)) tellGap(session, member, seen, null);
  return view;
}

/** Members and passwords were asked about before the replay. What may have changed since is judged once more. */
function entranceNow({ room, user }: Member, coming: ReadonlySet<UserId>): Entrance {
  return { now: Date.now(), isMember: true, hasPlace: room.hasPlaceFor(user.id, coming) };
}
