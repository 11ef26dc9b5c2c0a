// post_message: hands a message to the store for a user whose session need not be in the room. chat/delivery.ts answers
// and shows it when it is committed.
import { asksPassword, whyNotEnter, whyNotSpeak } from '../chat/permissions.js';
import { Post } from '../chat/post.js';
import { storeBusy } from '../session/failure.js';
import { tooSoonIn } from '../session/gates.js';
import { unlessKnown } from '../session/known-key.js';
import { memberOf } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { RoomRecord } from '../store/directory.js';
import type { Membership } from '../store/membership.js';
import { json, jsonText } from '../text/json.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { lacksRe } from './chatroom_message.js';
import { namedRoom } from './named-room.js';
import type { AnswerOf, Command, RequestOf, Services } from './services.js';

type Request = RequestOf<'post_message'>;

/** How often a room is read while records of rooms change all the time. */
const mostReads = 8;

/**
 * Answers on commit, or refuses. A session that is in the room speaks as its member: the reply stands in the message's
 * place (PROTOCOL.md §4.3).
 */
export const postMessage: Command<'post_message'> = async (session, request, services) => {
  const { rooms } = services;
  const { kind = 'text', re } = request.parameters;
  const read = await roomAndMembership(session, request, services);
  if ('code' in read) return read;
  const { found, membership } = read;
  if (session.gone) return refusal('failed', say('session_ended'));
  // Nothing is awaited from here on: what this process knows of the room is as new as what others are told.
  const record = rooms.ofLog(found.id)?.record ?? found;
  const refused = whyNotPost(record, session, membership, services);
  if (refused !== undefined) return unlessKnownPost(refused, session, request, services);
  return lacksRe(kind, re) ? refusal('not_found', say('re_not_in_room')) : append(session, request, record, services);
};

/** Reads the room, and the user's membership in it. Reads again where a room that is not here may have changed. */
async function roomAndMembership(
  session: Session,
  { parameters: { room: name } }: Request,
  services: Services,
): Promise<{ readonly found: RoomRecord; readonly membership: Membership | undefined } | Refusal> {
  const { rooms, memberships } = services;
  for (let reads = 1; ; reads += 1) {
    const { changes } = rooms;
    const found = memberOf(session, name)?.room.record ?? (await namedRoom(session, name, services));
    if ('code' in found) return found;
    const membership = await memberships.of(found.id, session.identity.user);
    const isNew = rooms.ofLog(found.id) !== undefined || rooms.changes === changes;
    if (isNew || session.gone || reads === mostReads) return { found, membership };
  }
}

/** Refuses a post to the room as a join, and then a message, would be refused. */
function whyNotPost(
  record: RoomRecord,
  session: Session,
  membership: Membership | undefined,
  { rooms, gates }: Services,
): Refusal | undefined {
  const { id: user } = session.identity.user;
  const hasPlace = rooms.ofLog(record.id)?.hasPlaceFor(user) ?? true;
  const entrance = { now: Date.now(), isMember: membership !== undefined, hasPlace };
  const why =
    whyNotEnter(record, user, entrance) ??
    (asksPassword(record, user, membership?.password) ? say('room_password_missing') : undefined) ??
    whyNotSpeak(record, user);
  if (why !== undefined) return refusal('not_permitted', why);
  const { slowSeconds } = record.settings;
  const wait = slowSeconds === 0 ? 0 : gates.slowMode.wait(record.id, user, slowSeconds);
  return wait === 0 ? undefined : tooSoonIn(slowSeconds, wait);
}

async function unlessKnownPost(
  refused: Refusal,
  session: Session,
  request: Request,
  services: Services,
): Promise<AnswerOf<'post_message'>> {
  const member = memberOf(session, request.parameters.room);
  return (await unlessKnown(refused, request, session, member, services.gates)) as AnswerOf<'post_message'>;
}

function append(
  session: Session,
  { parameters, ref }: Request,
  { id, name, settings }: RoomRecord,
  { store, rooms, gates }: Services,
): AnswerOf<'post_message'> {
  const { message, key, kind, re } = parameters;
  const room = rooms.ofLog(id);
  const member = memberOf(session, name);
  // Without members nobody reads the log's head.
  const conversation = room ?? { log: { id, head: 0 }, name, json: json(name) };
  const { user } = session.identity;
  const spoke = gates.slowMode.spoke(id, user.id, settings.slowSeconds);
  const text = jsonText(message);
  const post = new Post(session, conversation, user, member, text, key, ref, kind, re, 'post_message', spoke);
  const taken = store.log.append(post);
  if (taken !== 'taken') {
    spoke?.(false);
    return storeBusy(taken);
  }
  if (member !== undefined) member.pending += 1;
  return 'on commit';
}
