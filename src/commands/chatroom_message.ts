import { nameKey } from '../text/names.js';
import { Post } from '../chat/post.js';
import type { Member } from '../chat/room.js';
import type { Session } from '../session/session.js';
import { json } from '../text/json.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { memberOf, notInRoom } from './membership.js';
import type { AnswerOf, Command, RequestOf, Services } from './services.js';

export const chatroomMessage: Command<'chatroom_message'> = (session, request, services) => {
  const { room, message, key } = request.parameters;
  const member = memberOf(session, room);
  const limited = tooMany(session, services);
  if (limited !== undefined || member === undefined) {
    const refused = limited ?? notInRoom();
    return key === undefined ? refused : knownOr(refused, key, member, session, request, services);
  }
  const post = new Post(session, member, request.literal ?? json(message), key, request.ref);
  if (!services.store.append(post))
    return refusal('busy', 'too many messages wait for the disk', { retry_after: 1000 });
  member.pending += 1;
  return 'on commit';
};

function tooMany({ id, peer }: Session, { messageRate, gates }: Services): Refusal | undefined {
  if (peer.exempt) return undefined;
  const retryAfter = messageRate.take(String(id), gates.now());
  return retryAfter === 0 ? undefined : refusal('rate_limited', 'too many messages', { retry_after: retryAfter });
}

/** A known key is answered before 10, 12 and 14: a client that lost its connection sends again at once (PROTOCOL.md §5.3). */
async function knownOr(
  refused: Refusal,
  key: string,
  member: Member | undefined,
  session: Session,
  { parameters }: RequestOf<'chatroom_message'>,
  { store }: Services,
): Promise<AnswerOf<'chatroom_message'>> {
  const known = await store.findKeyed(nameKey(parameters.room), session.identity.user.id, key);
  if (known === undefined) return refused;
  // On disk and not shown yet: its id may not stand before the events with smaller ones (PROTOCOL.md §4.3).
  if (member !== undefined && known.id > member.room.log.head) return refused;
  if (known.message !== parameters.message) return refusal('conflict', 'this key was used for another message');
  return { results: { room: known.room, id: known.id, prev: known.prev, duplicate: true } };
}
