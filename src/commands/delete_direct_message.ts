// delete_direct_message: takes a private message's text from the disk, and tells both users.
import { tellUser } from '../session/tell-user.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { inConversation, noMessage } from './conversation.js';
import type { Command } from './services.js';

/** Deletes a message and its edits. One that was deleted before is answered 1, and told to nobody. */
export const deleteDirectMessage: Command<'delete_direct_message'> = async (session, { parameters }, services) => {
  const { id } = parameters;
  const { store, presence } = services;
  const { user } = session.identity;
  // It stays in use until the deletion is told, so that nobody who reads meanwhile is shown the text afterwards.
  return inConversation(session, parameters.with, services, noMessage, async (conversation, other) => {
    // A message that is stored and not shown yet is known to nobody.
    const isShown = id <= conversation.log.head;
    // Judged as the deletion is about to be stored.
    const isAllowed = (author: number): boolean => !session.gone && author === user.id;
    const deletion = isShown ? await store.log.deleteMessage(conversation.log.id, id, isAllowed, session) : 'missing';
    if (deletion === 'missing') return noMessage();
    if (deletion === 'refused') return refusal('not_permitted', say('private_not_yours_to_delete'));
    if (deletion === 'again') return { results: {} };
    conversation.deletions += 1;
    const eventFor = (partner: string): EventLine =>
      new EventLine('message_deleted', { with: partner, id, username: user.name });
    tellUser(presence, user.key, eventFor(other.name), session);
    if (other.id !== user.id) tellUser(presence, other.key, eventFor(user.name));
    return { results: {} };
  });
};
