// join_chatroom: entering a room, after a replay of what was missed. Between the replay and the live events there is no
// gap, and nothing comes twice (PROTOCOL.md §5.4).
import { whyNotPermitted } from '../chat/permissions.js';
import { Member, type Room } from '../chat/room.js';
import { memberOf } from '../session/requester.js';
import type { Session } from '../session/session.js';
import { lastOf } from '../store/messages.js';
import { nameForms } from '../text/names.js';
import { fieldCheck } from '../wire/fields.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { isOver, pageSize, sendPast } from './past.js';
import type { AnswerOf, Command, RequestOf, Services, SuccessOf } from './services.js';

/** Why no room of that name may be made. A room from before the rule may be entered all the same (PROTOCOL.md §6). */
const problemOfNew = fieldCheck('new_room');

type Request = RequestOf<'join_chatroom'>;

/** Joins a room. In one that the session is in already nothing is replayed. */
export const joinChatroom: Command<'join_chatroom'> = (session, request, services) => {
  const { room, after = 0 } = request.parameters;
  const joined = memberOf(session, room)?.room;
  if (joined === undefined) return openAndEnter(session, request, services);
  // At once, without a promise: the answer must not be older than the events before it.
  return after > joined.log.head ? beyondNewest() : joinedAnswer(joined);
};

async function openAndEnter(
  session: Session,
  request: Request,
  services: Services,
): Promise<AnswerOf<'join_chatroom'>> {
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
    const { role } = request.spec;
    const { registrationOpen } = services.gates;
    const why = role === undefined ? undefined : whyNotPermitted(role, { registrationOpen, room: room.record });
    if (why !== undefined) return refusal('not_permitted', why);
    const { user, members } = session.identity;
    const member = new Member(room, user, session.output, members);
    room.entering.add(member);
    return await enter(member, session, request, services).finally(() => room.entering.delete(member));
  } finally {
    services.rooms.release(room);
  }
}

/** The refusal for a member that was put out before it was in the room. A session that has ended reads it no more. */
function putOut({ record }: Room): Refusal {
  return refusal('not_permitted', record.state === 'closed' ? 'the room is closed' : 'you were removed from the room');
}

/** Replays what the member has missed and lets it in. If it is put out meanwhile the replay stops at its next page. */
async function enter(
  member: Member,
  session: Session,
  { parameters, ref }: Request,
  { store, rooms }: Services,
): Promise<AnswerOf<'join_chatroom'>> {
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

  // From here on the room's events are held back. The last page ends where they begin, and the reply stands between them.
  // The page is sent without waiting for the client, so only the events that come while it is read gather.
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
  // Where the member is put out after this check, the reply comes first, and what is released ends with the 106.
  return { ...answer, afterwards: () => member.release() };
}

/** The room as it is now. Events tell of later changes. */
function joinedAnswer(room: Room): SuccessOf<'join_chatroom'> {
  return {
    results: { room: room.name, count: room.count, topic: room.record.topic, last: room.log.head },
    list: { name: 'users', items: Array.from(room.users(), ({ name }) => name) },
  };
}

function beyondNewest(): Refusal {
  return refusal('invalid_field', 'after is beyond the newest message of the room', { field: 'after' });
}
