// join_chatroom: enters a room, after a replay of missed messages. Between the replay and the live events nothing is
// missing, and nothing comes twice (PROTOCOL.md §5.4).
import { whyNotPermitted } from '../chat/permissions.js';
import { Member, Room, type RoomView } from '../chat/room.js';
import type { Opened } from '../chat/rooms.js';
import { chargeInTime } from '../session/budgets.js';
import { memberOf } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { TakeTurn } from '../store/store.js';
import { nameForms, type Name } from '../text/names.js';
import { fieldCheck } from '../wire/fields.js';
import { commandSpecs } from '../wire/generated/command-specs.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { historyPage, isOver, pageSize, sendPast } from './past.js';
import type { AnswerOf, Command, RequestOf, Services, SuccessOf } from './services.js';

/**
 * Says why no room of that name may be created. A room that is older than the rule can still be entered (PROTOCOL.md
 * §6).
 */
const problemOfNew = fieldCheck('new_room');

type Request = RequestOf<'join_chatroom'>;

/** Joins a room. Replays nothing where the session is in the room already. */
export const joinChatroom: Command<'join_chatroom'> = (session, request, services) => {
  const { room, after = 0 } = request.parameters;
  const joined = memberOf(session, room);
  if (joined === undefined) return openAndEnter(session, request, services);
  // Answered at once, without a promise: the answer must not be older than the events before it, nor newer.
  joined.room.tellNewsTo(joined);
  return after > joined.room.log.head ? beyondNewest() : joinedAnswer(joined.room.view());
};

async function openAndEnter(
  session: Session,
  request: Request,
  services: Services,
): Promise<AnswerOf<'join_chatroom'>> {
  const { room: name, after = 0 } = request.parameters;
  const refused = services.limits.enteringRoom(session);
  if (refused !== undefined) return refused;
  const problem = problemOfNew(name);
  // A client that names a message of the room does not want a new room.
  const mayCreate = after === 0 && problem === undefined;
  const room = await openOrCreate(nameForms(name), mayCreate, session, services);
  if (room === 'missing' && (after > 0 || problem === undefined)) return beyondNewest();
  if (room === 'missing') return refusal('invalid_field', `room ${problem}`, { field: 'room' });
  if (room === 'lookalike') return refusal('not_permitted', 'this name looks like the name of another room');
  if (!(room instanceof Room)) return room;
  try {
    // The session may have ended while the room was being opened.
    if (session.gone) return evicted(room);
    if (after > room.log.head) return beyondNewest();
    const { user, members } = session.identity;
    const member = new Member(room, user, session.output, members, session);
    // From here on an eviction from the room reaches it.
    room.entering.add(member);
    return await admit(member, session, request, services)
      .then(async (refused) => refused ?? (await enter(member, session, request, services)))
      .catch((error: unknown) => {
        member.dropEvents();
        throw error;
      })
      .finally(() => room.entering.delete(member));
  } finally {
    services.rooms.release(room);
  }
}

/** Judges whether the user may enter, and makes it a member. A join that was made before writes nothing. */
async function admit(
  member: Member,
  session: Session,
  { spec }: Request,
  { gates, limits, memberships }: Services,
): Promise<Refusal | undefined> {
  const { room, user } = member;
  const { id } = room.record;
  const known = await memberships.of(id, user);
  if (isOver(session, member)) return evicted(room);
  const { registrationOpen } = gates;
  const why = whyNotPermitted(spec, { registrationOpen, room: room.record, user: user.id, target: undefined });
  if (why !== undefined) return refusal('not_permitted', why);
  if (known?.isInvited === false) return undefined;
  const outcome = await memberships.join(id, user, 0, limits.roomsPerUser(session), session);
  if (isOver(session, member)) return evicted(room);
  return outcome === 'full' ? limits.tooManyRooms() : undefined;
}

/** Opens the room. Creates it where it is not there, if `mayCreate`. */
async function openOrCreate(
  name: Name,
  mayCreate: boolean,
  session: Session,
  { rooms, limits, memberships, reads }: Services,
): Promise<Opened | Refusal> {
  const { id: user } = session.identity.user;
  const inTurn: TakeTurn = (read) => reads.run(session, read);
  const found = await rooms.open(name, undefined, { inTurn });
  if (found !== 'missing' || !mayCreate) return found;
  // Before it is made: nobody would be in it.
  const most = limits.roomsPerUser(session);
  if (most < Infinity && (await memberships.countJoined(session.identity.user, inTurn)) >= most)
    return limits.tooManyRooms();
  const refused = limits.makingRoom(user, session);
  if (refused !== undefined) return refused;
  let made: Opened | undefined;
  try {
    made = await rooms.open(name, user, { payer: session });
    return made;
  } finally {
    // Another user may have created it meanwhile.
    if (!(made instanceof Room) || made.roleOf(user) !== 'owner') limits.roomNotMade(user, session);
  }
}

/**
 * Makes the refusal for a member that was evicted before it was in the room. A session that has ended does not get it.
 */
function evicted({ record }: Room): Refusal {
  return refusal('not_permitted', record.state === 'closed' ? 'the room is closed' : 'you were removed from the room');
}

/** Replays what the member has missed, then enters the room. An eviction stops the replay at its next page. */
async function enter(
  member: Member,
  session: Session,
  { parameters, ref }: Request,
  services: Services,
): Promise<AnswerOf<'join_chatroom'>> {
  const { room } = member;
  const { log } = room;
  const { after, newest = 0 } = parameters;
  // A deletion that is told while messages are replayed comes behind the reply.
  member.holdEvents();
  // As many of the newest messages as the last page has are counted from the moment in which the member enters. Without
  // `after` and `newest` nothing is replayed, whatever comes before that.
  let seen = after ?? (newest > pageSize ? Math.max(0, log.head - newest) : Infinity);
  while (log.head - seen > pageSize && !isOver(session, member)) {
    // It is charged as a page of history is, and waits where the budget is spent: the replay has begun.
    await chargeInTime(services.gates, commandSpecs.chatroom_history, session, () => isOver(session, member));
    const upTo = Math.min(log.head, seen + historyPage);
    await sendPast(session, member, services, { after: seen, upTo, ref });
    seen = upTo;
    await session.output.drained();
  }
  // The replay meets the live events here. The member enters the room and `last` is read in one step, so the last page
  // ends with the message before the first live event. The client gets the last page, the reply, and then the events
  // that came meanwhile, which the member holds. They count as events that wait for the client, so they meet the same
  // limit.
  const view = await services.rooms.enter(member, () => !isOver(session, member));
  // The member is not in the room, so nobody has to be told that it left.
  if (view === undefined) {
    member.dropEvents();
    return evicted(room);
  }
  const { last } = view;
  if (seen === Infinity && newest > 0) seen = Math.max(0, last - newest);
  try {
    if (seen < last) await sendPast(session, member, services, { after: seen, upTo: last, ref });
  } catch (error) {
    services.rooms.leave(member, 'server');
    member.dropEvents();
    throw error;
  }
  if (isOver(session, member)) {
    member.dropEvents();
    return evicted(room);
  }
  // If the member is evicted after this check, the reply comes first, and the released events end with the 106.
  const afterwards = (): void => {
    session.hasJoined = true;
    member.releaseEvents();
  };
  return { ...joinedAnswer(view), afterwards };
}

/** Describes the room as it was in that moment. Events tell of later changes. */
function joinedAnswer({ name, count, topic, last, names }: RoomView): SuccessOf<'join_chatroom'> {
  return { results: { room: name, count, topic, last }, list: { name: 'users', items: names } };
}

function beyondNewest(): Refusal {
  return refusal('invalid_field', 'after is beyond the newest message of the room', { field: 'after' });
}
