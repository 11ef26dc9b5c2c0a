// Tells a user of an invitation to a room: in a private message of kind notice, whose text is the room's name.
import { whyNotPermitted } from '../chat/permissions.js';
import { Post } from '../chat/post.js';
import { storeBusy } from '../session/failure.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { LogId } from '../store/log.js';
import { jsonText } from '../text/json.js';
import type { Ref, Refusal } from '../wire/refusal.js';
import { chatUserOf } from './conversation.js';
import { beginConversation } from './direct_message.js';
import type { AnswerOf, Services } from './services.js';

/** Says why the session's user may not invite the other one, who blocks it. Undefined where it may. */
export async function whyNotInvited(
  session: Session,
  target: UserRecord,
  { store, reads }: Services,
): Promise<string | undefined> {
  const { id } = session.identity.user;
  const isBlocked = await reads.run(session, () => store.blocks.has(target.id, id));
  const circumstances = { registrationOpen: true, room: undefined, user: undefined, target: undefined, isBlocked };
  return whyNotPermitted({ role: 'correspondent' }, circumstances);
}

/** Finds or makes the conversation in which the notice will stand. The session's user pays for a new one. */
export async function noticeLog(session: Session, target: UserRecord, services: Services): Promise<LogId | Refusal> {
  const { user } = session.identity;
  const found = await services.reads.run(session, () => services.store.conversations.find(user.id, target.id));
  return found ?? beginConversation(session, user, target.id, services);
}

/**
 * Sends the notice. The reply to the invitation comes when it is stored. Who has come to block the session's user
 * meanwhile is invited and told nothing: no private message comes once a block is answered.
 */
export async function tellInvited(
  session: Session,
  target: UserRecord,
  { log, room, ref }: { readonly log: LogId; readonly room: string; readonly ref: Ref | undefined },
  { store, reads, conversations }: Services,
): Promise<AnswerOf<'invite_user'>> {
  const { user } = session.identity;
  const conversation = await conversations.open(log, [user, chatUserOf(target)]);
  let isBlocked = false;
  let changes = -1;
  try {
    while (!isBlocked && changes !== conversations.blockChanges) {
      changes = conversations.blockChanges;
      isBlocked = await reads.run(session, () => store.blocks.has(target.id, user.id));
    }
  } catch (error) {
    conversations.release(log);
    throw error;
  }
  if (isBlocked) {
    conversations.release(log);
    return { results: {} };
  }
  // Nothing is awaited from here on (direct_message.ts).
  const place = { log: conversation.log };
  const post = new Post(session, place, user, undefined, jsonText(room), undefined, ref, 'notice', 0, 'invite_user');
  const taken = store.log.append(post);
  if (taken !== 'taken') {
    conversations.release(log);
    return storeBusy(taken);
  }
  conversation.taken(user.id);
  return 'on commit';
}
