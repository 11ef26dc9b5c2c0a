// post_message: hands a message to the store for a user whose session need not be in the room. chat/delivery.ts answers
// and shows it when it is committed.
import { roleIn, whyNotPermitted } from '../chat/permissions.js';
import { Post } from '../chat/post.js';
import { storeBusy } from '../session/failure.js';
import { unlessKnown } from '../session/known-key.js';
import { memberOf } from '../session/requester.js';
import type { Session } from '../session/session.js';
import type { RoomRecord } from '../store/directory.js';
import type { Membership } from '../store/membership.js';
import { json, jsonText } from '../text/json.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import type { AnswerOf, Command, RequestOf, Services } from './services.js';

type Request = RequestOf<'post_message'>;

/**
 * Answers on commit, or refuses. A session that is in the room speaks as its member: the reply stands in the message's
 * place (PROTOCOL.md §4.3).
 */
export const postMessage: Command<'post_message'> = async (session, request, services) => {
  const { store, reads, rooms, memberships } = services;
  const { user } = session.identity;
  const { room: name } = request.parameters;
  const key = nameKey(name);
  const found = memberOf(session, name)?.room.record ?? (await reads.run(session, () => store.directory.findRoom(key)));
  if (found === undefined) return noSuchRoom();
  const membership = await memberships.of(found.id, user);
  if (session.gone) return refusal('failed', 'the session has ended');
  // Nothing is awaited from here on: what this process knows of the room is as new as what others are told.
  const record = rooms.ofLog(found.id)?.record ?? found;
  const { hidden, membersOnly } = record.settings;
  if ((hidden || membersOnly) && membership === undefined && roleIn(record, user.id) === 'member') return noSuchRoom();
  const why = whyNotPost(record, user.id, membership);
  if (why !== undefined) return unlessKnownPost(refusal('not_permitted', why), session, request, services);
  return append(session, request, record, services);
};

function noSuchRoom(): Refusal {
  return refusal('not_found', 'there is no room of that name');
}

/** Says why the user may not post to the room: as a join, and then a message, would be refused. */
function whyNotPost(room: RoomRecord, user: number, membership: Membership | undefined): string | undefined {
  const circumstances = { registrationOpen: true, room, user, target: undefined };
  const why =
    whyNotPermitted({ role: 'entrant' }, circumstances) ?? whyNotPermitted({ role: 'speaker' }, circumstances);
  if (why !== undefined) return why;
  const role = roleIn(room, user);
  if (room.settings.password !== '' && membership === undefined && role !== 'owner')
    return 'this room has a password: join with it';
  return room.settings.moderated && role === 'member'
    ? 'the room is moderated: only its moderators and owners speak'
    : undefined;
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
  { id, name }: RoomRecord,
  { store, rooms }: Services,
): AnswerOf<'post_message'> {
  const { message, key } = parameters;
  const room = rooms.ofLog(id);
  const member = memberOf(session, name);
  // Without members nobody reads the log's head.
  const conversation = room ?? { log: { id, head: 0 }, json: json(name) };
  const { user } = session.identity;
  const post = new Post(session, conversation, user, member, jsonText(message), key, ref, 'text', 0, 'post_message');
  const taken = store.log.append(post);
  if (taken !== 'taken') return storeBusy(taken);
  if (member !== undefined) member.pending += 1;
  return 'on commit';
}
