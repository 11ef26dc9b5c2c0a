// Operators' commands about messages of rooms.
import { mayDelete, operator } from '../chat/permissions.js';
import { byOperator } from '../session/room-bans.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { findRoom, noSuchRoom } from './change-room.js';
import type { OperatorCommand } from './services.js';

/** Deletes a message and its edits, as an owner of the room may, and tells those who are in it. */
export const deleteMessage: OperatorCommand<'delete_message'> = async (_operator, { parameters }, services) => {
  const { store, rooms } = services;
  const { id } = parameters;
  const room = await findRoom(services, parameters.room);
  if (room === undefined || room.state === 'deleted') return noSuchRoom();
  // An operator may delete all messages that are there, so the roles are not asked for again.
  const deletion = await store.log.deleteMessage(room.id, id, (author) => mayDelete(room, operator, author));
  if (deletion === 'missing' || deletion === 'refused') return refusal('not_found', say('no_message_in_room'));
  if (deletion === 'deleted') {
    const line = new EventLine('message_deleted', { room: room.name, id, username: byOperator });
    rooms.ofLog(room.id)?.tellDeleted(line);
  }
  return { results: { room: room.name, id, changed: deletion === 'deleted' } };
};
