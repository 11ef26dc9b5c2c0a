// What the commands of private conversations share: finding the other user and the conversation.
import type { ChatUser } from '../chat/presence.js';
import type { UserRecord } from '../store/directory.js';
import type { LogId } from '../store/log.js';
import type { Session } from '../session/session.js';
import { nameKey } from '../text/names.js';
import { refusal, type Refusal } from '../wire/refusal.js';
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
    return refusal('not_found', 'there is no user of that name');
  return { other: chatUserOf(found.other), log: found.log };
}

/** The user as messages name it. */
export function chatUserOf({ id, name, key }: UserRecord): ChatUser {
  return { id, name, key };
}
