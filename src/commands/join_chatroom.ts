// join_chatroom: enters a room, which it may create, after a replay of missed messages (replay.ts). Nothing of the room
// comes before the reply but the replay (PROTOCOL.md §5.4).
import { Member, type RoomView } from '../chat/member.js';
import { Room } from '../chat/room.js';
import type { Opened } from '../chat/rooms.js';
import { chargeForRecord } from '../session/budgets.js';
import { memberOf } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { NotOpened } from '../store/directory.js';
import type { TakeTurn } from '../store/store.js';
import { nameForms, type Name } from '../text/names.js';
import { fieldCheck } from '../wire/fields.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { admit, beyondNewest, turnedAway } from './entrance.js';
import { isOver } from './past.js';
import { replayAndEnter } from './replay.js';
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
  return after > joined.room.log.head
    ? beyondNewest()
    : joinedAnswer(joined, joined.room.view(), session.settings.names);
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
  if (room === 'missing') {
    if (after > 0 || problem === undefined) return (await wasDeleted(name, session, services)) ?? beyondNewest();
    return refusal('invalid_field', say('invalid', { field: 'room', problem }), { field: 'room' });
  }
  if (typeof room === 'string') return notOpened(room);
  if (!(room instanceof Room)) return room;
  try {
    const { user, members } = session.identity;
    const member = new Member(room, user, session.output, members, session);
    // The session may have ended while the room was being opened.
    if (session.gone) return turnedAway(member);
    // From here on an eviction from the room reaches it.
    room.entering.add(member);
    return await enter(member, session, request, services)
      .catch((error: unknown) => {
        member.dropEvents();
        throw error;
      })
      .finally(() => room.entering.delete(member));
  } finally {
    services.rooms.release(room);
  }
}

/**
 * Makes the refusal of a room that was deleted, for one who names a message of it: also for its last owner, whose other
 * devices come back by themselves and must not make the room again (PROTOCOL.md §9).
 */
async function wasDeleted(name: string, session: Session, { store, reads }: Services): Promise<Refusal | undefined> {
  const found = await reads.run(session, () => store.directory.findRoom(nameForms(name).key));
  return found?.state === 'deleted' ? refusal('not_permitted', say('room_deleted_after')) : undefined;
}

/** Makes the refusal for a room that can't be made. */
function notOpened(why: Exclude<NotOpened, 'missing'>): Refusal {
  switch (why) {
    case 'lookalike':
      return refusal('not_permitted', say('room_lookalike'));
    case 'deleted':
      return refusal('not_permitted', say('room_deleted'));
    case 'erasing':
      return refusal('busy', say('room_being_erased'), { retry_after: 1000 });
  }
}

/** Opens the room. Creates it where it is not there, if `mayCreate`. */
async function openOrCreate(
  name: Name,
  mayCreate: boolean,
  session: Session,
  { rooms, limits, memberships, reads, gates }: Services,
): Promise<Opened | Refusal> {
  const { id: user } = session.identity.user;
  const inTurn: TakeTurn = (read) => reads.run(session, read);
  const isRead = rooms.get(name.key) === undefined;
  const found = await rooms.open(name, undefined, { inTurn });
  if (isRead && found instanceof Room) chargeForRecord(gates, found.record, session);
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
 * Makes the user a member, replays what it has missed, and has the session enter the room. An eviction stops the replay
 * at its next page.
 */
async function enter(
  member: Member,
  session: Session,
  request: Request,
  services: Services,
): Promise<AnswerOf<'join_chatroom'>> {
  // A deletion that is told while the member is judged, or messages are replayed, comes behind the reply.
  member.holdEvents();
  const admitted = await admit(member, session, request, services);
  if ('code' in admitted) {
    member.dropEvents();
    return admitted;
  }
  let view: RoomView | undefined;
  try {
    view = await replayAndEnter(member, session, request, services);
  } catch (error) {
    if (admitted.isNew) await endMembership(member, session, services).catch(() => undefined);
    services.rooms.exits.leave(member, 'server');
    throw error;
  }
  if (view === undefined || isOver(session, member)) {
    member.dropEvents();
    // Somebody else took the last place. The member is not in the room, so nobody has to be told that it left.
    if (view === undefined && admitted.isNew) await endMembership(member, session, services);
    return turnedAway(member);
  }
  // If the member is evicted after this check, the reply comes first, and the released events end with the 106.
  const afterwards = (): void => {
    session.hasJoined = true;
    member.releaseEvents();
  };
  return { ...joinedAnswer(member, view, session.settings.names), afterwards };
}

/**
 * Ends the membership that a join has made which can't be carried out. It stays where another session of the user has
 * joined meanwhile. Whoever put the member out has ended it.
 */
async function endMembership(member: Member, session: Session, { memberships }: Services): Promise<void> {
  const { room, user } = member;
  if (!isOver(session, member) && room.isLastOfUser(member)) await memberships.end(room.record.id, user, session);
}

/**
 * Describes the room as it was in that moment. Events tell of later changes.
 * @param hasNames whether it lists the users
 */
function joinedAnswer(
  { room, user }: Member,
  { name, count, topic, last, names }: RoomView,
  hasNames: boolean,
): SuccessOf<'join_chatroom'> {
  const [role, { welcome }] = [room.roleOf(user.id), room.record.settings];
  const results = { room: name, count, topic, last, role, welcome };
  return hasNames ? { results, list: { name: 'users', items: names } } : { results };
}
