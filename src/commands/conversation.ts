// What the commands of private conversations share: finding the other user and the conversation, and using it.
import type { ChatUser } from '../chat/presence.js';
import type { PrivateConversation } from '../chat/private-conversations.js';
import type { UserRecord } from '../store/directory.js';
import type { LogId } from '../store/log.js';
import type { Session } from '../session/session.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Services } from './services.js';

/** The conversation of a session's user with another one. */
export interface FoundConversation {
  readonly other: ChatUser;
  /** Undefined where they have none yet. */
  readonly log: LogId | undefined;
}

/**
 * Finds the user of that name, and the conversation of the session's user with it, at the session's turn. A deleted
 * user is found by who has a conversation with it: conversations outlast their users. Refuses where there is none (11).
 */
export async function conversationWith(
  session: Session,
  name: string,
  { store, reads }: Pick<Services, 'store' | 'reads'>,
): Promise<FoundConversation | Refusal> {
  const { user } = session.identity;
  const found = await reads.run(session, async () => {
    const other = await store.directory.findUser(nameKey(name));
    return other && { other, log: await store.conversations.find(user.id, other.id) };
  });
  if (found === undefined || (found.other.state === 'deleted' && found.log === undefined))
    return refusal('not_found', say('no_user_of_name'));
  return { other: chatUserOf(found.other), log: found.log };
}

/**
 * Finds the conversation of the session's user with the user of that name, and answers what `use` does with it. The
 * conversation stays open until then. Refuses as `conversationWith` does.
 * @param none answers where the two have no conversation yet
 */
export async function inConversation<Answer>(
  session: Session,
  name: string,
  services: Pick<Services, 'store' | 'reads' | 'conversations'>,
  none: () => Answer,
  use: (conversation: PrivateConversation, other: ChatUser) => Promise<Answer>,
): Promise<Answer | Refusal> {
  const found = await conversationWith(session, name, services);
  if ('code' in found) return found;
  const { log, other } = found;
  if (log === undefined) return none();
  const conversation = await services.conversations.open(log, [session.identity.user, other]);
  try {
    return await use(conversation, other);
  } finally {
    services.conversations.release(log);
  }
}

/** Makes the refusal for an id of no message in the conversation (11). */
export function noMessage(): Refusal {
  return refusal('not_found', say('no_message_in_conversation'));
}

/** The user as messages name it. */
export function chatUserOf({ id, name, key }: UserRecord): ChatUser {
  return { id, name, key };
}
