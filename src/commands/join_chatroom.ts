// Joining, and the seam between replay and live (PROTOCOL.md §5.4): no gap, nothing twice.
import { nameForms } from '../accounts/names.js';
import { Member, type Room } from '../chat/room.js';
import type { Answer, Session, Success } from '../session/session.js';
import { fieldCheck } from '../wire/fields.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { memberOf } from './membership.js';
import { pageSize, sendPast } from './past.js';
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
  if (room === 'lookalike') return refusal('not_permitted', 'the name of the new room looks like that of another');
  try {
    if (after > room.log.head) return beyondNewest();
    if (room.log.state === 'closed') return closed();
    return await enter(room, session, request, services);
  } finally {
    services.rooms.release(room);
  }
}

function closed(): Refusal {
  return refusal('not_permitted', 'the room is closed');
}

async function enter(room: Room, session: Session, { parameters, ref }: Request, { store }: Services): Promise<Answer> {
  const { user, members } = session.identity;
  const { log } = room;
  const replay = async (after: number, upTo: number): Promise<number> => {
    const { messages } = await store.readAfter(log, after, upTo, pageSize);
    await sendPast(session, room, messages, ref);
    return messages.at(-1)?.id ?? upTo;
  };
  let { after: seen = log.head } = parameters;
  while (log.head - seen > pageSize && !session.gone) {
    seen = await replay(seen, log.head);
    await session.output.drained();
  }

  // The client went away during the replay: nobody is told that it came.
  if (session.gone) return { results: {} };
  // It may have been closed during the replay.
  if (log.state === 'closed') return closed();

  // From here on the room's events are kept back: the last page ends where they begin, and the reply stands between. A page is
  // sent without waiting for the client, so no more of them gather than come while it is read from the store.
  const member = new Member(room, user, session.output);
  member.hold();
  members.set(log.key, member);
  room.enter(member);
  const answer = joinedAnswer(room);
  try {
    if (seen < log.head) await replay(seen, log.head);
  } catch (error) {
    members.delete(log.key);
    room.leave(member, 'server');
    throw error;
  }
  return { ...answer, afterwards: () => member.release() };
}

/** The room as it is now: what changes from here on, the events tell. */
function joinedAnswer(room: Room): Success {
  return {
    results: { room: room.log.name, count: room.count, topic: room.log.topic, last: room.log.head },
    list: { name: 'users', items: Array.from(room.users(), ({ name }) => name) },
  };
}

function beyondNewest(): Refusal {
  return refusal('invalid_field', 'after is beyond the newest message of the room', { field: 'after' });
}
