// mark_direct_read: notes how far a user has read in a private conversation, and tells its other sessions.
import { tellUser } from '../session/tell-user.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { conversationWith } from './conversation.js';
import type { Command } from './services.js';

/** Tells the others once it is stored. Where nothing has changed, they know. */
export const markDirectRead: Command<'mark_direct_read'> = async (session, { parameters }, services) => {
  const { id } = parameters;
  const { store, conversations, presence } = services;
  const { user } = session.identity;
  const found = await conversationWith(session, parameters.with, services);
  if ('code' in found) return found;
  const { log, other } = found;
  if (log === undefined) return id === 0 ? { results: {} } : beyondNewest();
  const { head } = (await conversations.open(log, [user, other])).log;
  conversations.release(log);
  if (id > head) return beyondNewest();
  const before = await store.conversations.markRead(user.id, log, id, session);
  if (before !== id) tellUser(presence, user.key, new EventLine('read', { with: other.name, id }), session);
  return { results: {} };
};

function beyondNewest(): Refusal {
  return refusal('invalid_field', say('id_beyond_newest_private'), { field: 'id' });
}
