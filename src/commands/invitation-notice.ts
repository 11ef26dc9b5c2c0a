// Tells a user of an invitation to a room: in a private message of kind notice, whose text is the room's name.
import { whyNotPermitted } from '../chat/permissions.js';
import { Post } from '../chat/post.js';
import { storeBusy } from '../session/failure.js';
import type { Session } from '../session/session.js';
import type { UserRecord } from '../store/directory.js';
import type { LogId } from '../store/log.js';
import { jsonText } from '../text/json.js';
import { refusal, type Ref, type Refusal } from '../wire/refusal.js';
import type { Sentence } from '../wire/words.js';
import { chatUserOf } from './conversation.js';
import { beginConversation } from './direct_message.js';
import type { Services } from './services.js';

/** Says why the session's user may not invite the other one, who blocks it. Undefined where it may. */
export async function whyNotInvited(
  session: Session,
  target: UserRecord,
  { store, reads }: Services,
): Promise<Sentence | undefined> {
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

/** The notice of an invitation. */
interface Notice {
  readonly log: LogId;
  /** The room's name, which is its text. */
  readonly room: string;
  readonly ref: Ref | undefined;
  /** Is called when it is answered. */
  readonly answered: () => void;
}

/**
 * Sends the notice. The reply to the invitation comes when it is stored. Refuses where the other user blocks the
 * session's by then, or the store takes no message: then the caller takes the invitation back.
 */
export async function tellInvited(
  session: Session,
  target: UserRecord,
  { log, room, ref, answered }: Notice,
  services: Services,
): Promise<'on commit' | Refusal> {
  const { store, conversations } = services;
  const { user } = session.identity;
  const conversation = await conversations.open(log, [user, chatUserOf(target)]);
  let isSent = false;
  try {
    let changes: number;
    do {
      changes = conversations.blockChanges;
      const blocked = await whyNotInvited(session, target, services);
      if (blocked !== undefined) return refusal('not_permitted', blocked);
    } while (changes !== conversations.blockChanges);
    // Nothing is awaited from here on: once a block is answered, no message comes (chat/private-conversations.ts).
    const place = { log: conversation.log };
    const post = new Post(
      session,
      place,
      user,
      undefined,
      jsonText(room),
      undefined,
      ref,
      'notice',
      0,
      'invite_user',
      answered,
    );
    const taken = store.log.append(post);
    if (taken !== 'taken') return storeBusy(taken);
    conversation.taken(user.id);
    isSent = true;
    return 'on commit';
  } finally {
    // Otherwise it is released when the message is answered.
    if (!isSent) conversations.release(log);
  }
}
