// mark_read: remembers how far the user has read in a room, and tells its other sessions.
import { notInRoom } from '../session/requester.js';
import { tellUser } from '../session/tell-user.js';
import { EventLine } from '../wire/encode-event.js';
import { refusal } from '../wire/refusal.js';
import { say } from '../wire/words.js';
import { recordOf } from './named-room.js';
import type { Command } from './services.js';

/**
 * A mark that is there already is told to nobody. Needs no session in the room, but the room among those that the user
 * has joined (10).
 */
export const markRead: Command<'mark_read'> = async (session, { parameters }, services) => {
  const { store, reads, rooms, memberships, presence } = services;
  const { id } = parameters;
  const { user } = session.identity;
  const room = await recordOf(session, parameters.room, services);
  if (room === undefined) return notInRoom();
  const known = await memberships.of(room.id, user);
  if (known === undefined || known.isInvited) return notInRoom();
  const last = rooms.ofLog(room.id)?.log.head ?? (await reads.run(session, () => store.log.head(room.id)));
  if (id > last) return refusal('invalid_field', say('id_beyond_newest'), { field: 'id' });
  const outcome = known.read === id ? 'same' : await memberships.markRead(room.id, user, id, session);
  if (outcome === 'none') return notInRoom();
  if (outcome === 'changed') tellUser(presence, user.key, new EventLine('read', { room: room.name, id }), session);
  return { results: {} };
};
