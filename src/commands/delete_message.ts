// delete_message: takes a message's text from the disk, and tells the room.
import { mayDelete } from '../chat/permissions.js';
import { notInRoom } from '../session/requester.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal, type Refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import type { Command } from './services.js';

/** Deletes a message and its edits. One that was deleted before is answered 1, and told to nobody. */
export const deleteMessage: Command<'delete_message'> = async (session, { parameters }, { store }, member) => {
  const { id } = parameters;
  const { room, user } = member;
  // A message that is stored and not shown yet is known to nobody.
  if (id > room.log.head) return missing();
  // Judged as the deletion is about to be stored.
  const isAllowed = (author: number): boolean =>
    !session.gone && !member.out && mayDelete(room.record, user.id, author);
  const answered = member.changing();
  const deletion = await store.log.deleteMessage(room.log.id, id, isAllowed, session).finally(answered);
  if (deletion === 'missing') return missing();
  if (deletion === 'refused')
    return session.gone || member.out ? notInRoom() : refusal('not_permitted', say('not_yours_to_delete'));
  if (deletion === 'deleted')
    room.tellDeleted(new EventLine('message_deleted', { room: room.name, id, username: user.name }), member);
  return { results: {} };
};

function missing(): Refusal {
  return refusal('not_found', say('no_message_in_room'));
}
