// chatroom_message: the message goes to the store. It is answered and shown when it is committed (chat/delivery.ts).
import { Post } from '../chat/post.js';
import type { Member } from '../chat/room.js';
import type { Answer, Session } from '../session/session.js';
import type { Taken } from '../store/log.js';
import { jsonText } from '../text/json.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { storeRetryMilliseconds } from './failure.js';
import { memberOf, notInRoom } from './membership.js';
import type { Command, RequestOf, Services } from './services.js';

/** Answers on commit. Makes neither a promise nor a closure: it is the hot path. */
export const chatroomMessage: Command<'chatroom_message'> = (session, request, services) => {
  const { room, message, key } = request.parameters;
  const member = memberOf(session, room);
  const limited = tooMany(session, services);
  if (limited !== undefined || member === undefined) {
    const refused = limited ?? notInRoom();
    return key === undefined ? refused : knownOr(refused, key, member, session, request, services);
  }
  const text = request.jsonText ?? jsonText(message);
  const post = new Post(session, member.room, member.user, member, text, key, request.ref);
  const taken = services.store.log.append(post);
  if (taken !== 'taken') return notTaken(taken);
  member.pending += 1;
  return 'on commit';
};

function notTaken(taken: Exclude<Taken, 'taken'>): Refusal {
  const why = taken === 'full' ? 'too many messages wait for the disk' : 'the store can not be reached';
  return refusal('busy', why, { retry_after: storeRetryMilliseconds });
}

function tooMany({ id, peer }: Session, { messageRate, gates }: Services): Refusal | undefined {
  if (peer.exempt) return undefined;
  const retryAfter = messageRate.take(String(id), gates.now());
  return retryAfter === 0 ? undefined : refusal('rate_limited', 'too many messages', { retry_after: retryAfter });
}

/**
 * The answer in the place of `refused`: a known key is answered before 10, 12 and 14, since a client that lost its
 * connection sends again at once (PROTOCOL.md §5.3).
 */
async function knownOr(
  refused: Refusal,
  key: string,
  member: Member | undefined,
  session: Session,
  { parameters }: RequestOf<'chatroom_message'>,
  { store }: Services,
): Promise<Answer> {
  const room = member?.room.record ?? (await store.directory.findRoom(nameKey(parameters.room)));
  if (room === undefined) return refused;
  const known = await store.log.findKeyed(room.id, session.identity.user.id, key);
  if (known === undefined) return refused;
  // It is stored and not shown yet: its id may not stand before the events with smaller ones (PROTOCOL.md §4.3).
  if (member !== undefined && known.id > member.room.log.head) return refused;
  const isSame = known.text === jsonText(parameters.message) && known.kind === 'text' && known.about === 0;
  if (!isSame) return refusal('conflict', 'this key was used for another message');
  return { results: { room: room.name, id: known.id, prev: known.id - 1, duplicate: true } };
}
