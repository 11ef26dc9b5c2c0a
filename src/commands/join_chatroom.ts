// Joining, and the seam between replay and live (PROTOCOL.md §5.4): no gap, nothing twice.
import { nameForms } from '../text/names.js';
import { Member, type Room } from '../chat/room.js';
import type { Answer, Session, Success } from '../session/session.js';
import { lastOf } from '../store/messages.js';
import { fieldCheck } from '../wire/fields.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { memberOf } from './membership.js';
import { isOver, pageSize, sendPast } from './past.js';
import type { Command, RequestOf, Services } from './services.js';

/**
 * Whether a room of that name may be made: rooms from before may be called otherwise, and are entered (PROTOCOL.md §6).
 */
const problemOfNew = fieldCheck('new_room');

type Request = RequestOf<'join_chatroom'>;

export const joinChatroom: Command<'join_chatroom'> = (session, request, services) => {
  const { room, after = 0 } = request.parameters;
  const joined = memberOf(session, room)?.room;
  if (joined === undefined) return openAndEnter(session, request, services);
  // At once, without a promise: what the answer says of the room must not be older than the events before it.
  return after > joined.log.head ? beyondNewest() : joinedAnswer(joined);
};

async function openAndEnter(session: Session, request: Request, services: Services): Promise<Answer> {
  const { room: name, after = 0 } = request.parameters;
  const problem = problemOfNew(name);
  // A client that knows a message of the room does not want a new one made.
  const mayMake = after === 0 && problem === undefined;
  const room = await services.rooms.open(nameForms(name), mayMake ? session.identity.user.id : undefined);
  if (room === 'missing' && (after > 0 || problem === undefined)) return beyondNewest();
  if (room === 'missing') return refusal('invalid_field', `room ${problem}`, { field: 'room' });
  if (room === 'lookalike') return refusal('not_permitted', 'this name looks like the name of another room');
  try {
    // While the room was opened, the session may have ended.
    if (session.gone) return putOut(room);
    if (after > room.log.head) return beyondNewest();
    if (room.record.state === 'closed') return putOut(room);
    const { user, members } = session.identity;
    const member = new Member(room, user, session.output, members);
    room.entering.add(member);
    return await enter(member, session, request, services).finally(() => room.entering.delete(member));
  } finally {
    services.rooms.release(room);
  }
}

/**
 * The answer to whom the room is closed, or who was put out before it was in: a session that has ended reads it no
 * more.
 */
function putOut({ record }: Room): Refusal {
  return refusal('not_permitted', record.state === 'closed' ? 'the room is closed' : 'you were removed from the room');
}

/**
 * Replays what the member has missed and lets it in. Whoever puts it out meanwhile stops the replay at its next page.
 */
async function enter(
  member: Member,
  session: Session,
  { parameters, ref }: Request,
  { store, rooms }: Services,
): Promise<Answer> {
  const { room } = member;
  const { log } = room;
  const replay = async (after: number, upTo: number): Promise<number> => {
    const { messages } = await store.log.readAfter(log.id, after, upTo, pageSize);
    await sendPast(session, member, messages, ref);
    const newest = messages.at(-1);
    return newest === undefined ? upTo : lastOf(newest);
  };
  let { after: seen = log.head } = parameters;
  while (log.head - seen > pageSize && !isOver(session, member)) {
    seen = await replay(seen, log.head);
    await session.output.drained();
  }
  // Nobody was told that it came.
  if (isOver(session, member)) return putOut(room);

  // From here on the room's events are kept back: the last page ends where they begin, and the reply stands between. A page is
  // sent without waiting for the client, so no more of them gather than come while it is read from the store.
  member.hold();
  room.enter(member);
  const answer = joinedAnswer(room);
  try {
    if (seen < log.head) await replay(seen, log.head);
  } catch (error) {
    rooms.leave(member, 'server');
    throw error;
  }
  if (isOver(session, member)) return putOut(room);
  // Where it is put out only now, the reply comes first, and what is released ends with the 106.
  return { ...answer, afterwards: () => member.release() };
}

/** The room as it is now: what changes from here on, the events tell. */
function joinedAnswer(room: Room): Success {
  return {
    results: { room: room.name, count: room.count, topic: room.record.topic, last: room.log.head },
    list: { name: 'users', items: Array.from(room.users(), ({ name }) => name) },
  };
}

function beyondNewest(): Refusal {
  return refusal('invalid_field', 'after is beyond the newest message of the room', { field: 'after' });
}
