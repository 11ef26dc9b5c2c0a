// Deletes a room: removes everybody from it, and erases its messages. Its name, its ids and its last owner stay, so
// that nobody else can take the name.
import type { Evictions } from '../chat/eviction.js';
import type { Memberships } from '../chat/membership.js';
import type { Member } from '../chat/room.js';
import type { Rooms } from '../chat/rooms.js';
import type { Directory, RoomRecord } from '../store/directory.js';
import type { Payer } from '../turns/payer.js';

/** What is needed to delete a room. */
export interface DeletingServices {
  readonly store: { readonly directory: Pick<Directory, 'eraseMessages'> };
  readonly rooms: Pick<Rooms, 'opened' | 'leave'>;
  readonly evictions: Pick<Evictions, 'room'>;
  readonly memberships: Pick<Memberships, 'endInRoom'>;
}

/**
 * Empties a room whose record says that it is deleted. Fulfils with how many sessions were removed, once its messages
 * are erased. What a process could not finish, the next one does (`Directory.unfinished`).
 * @param by who deleted it, as event 106 names it
 * @param cause the member who did it, who reads the reply in place of the event
 */
export async function emptyDeletedRoom(
  { id, key }: Pick<RoomRecord, 'id' | 'key'>,
  { store, rooms, evictions, memberships }: DeletingServices,
  by: string,
  payer?: Payer,
  cause?: Member,
): Promise<number> {
  const eviction = { by, reason: 'the room was deleted', because: 'kicked' } as const;
  const here = await rooms.opened(key);
  const removed = here === undefined ? 0 : await evictions.room(here, (member) => member !== cause, eviction);
  if (cause !== undefined) rooms.leave(cause, 'kicked');
  await memberships.endInRoom(id);
  // Messages that were on their way are stored with the first part at the latest, after its erasing. So there is a
  // second one.
  await store.directory.eraseMessages(id, payer);
  while (await store.directory.eraseMessages(id, payer));
  return removed;
}
