// Deletes a room: removes everybody from it, and erases its messages. Its name, its ids and its last owner stay, so
// that nobody else can take the name.
import type { Evictions } from '../chat/eviction.js';
import type { Memberships } from '../chat/membership.js';
import type { Member } from '../chat/room.js';
import type { Rooms } from '../chat/rooms.js';
import type { Directory, RoomRecord } from '../store/directory.js';
import type { Payer } from '../turns/payer.js';
import type { Deletions } from './deletions.js';

/** What is needed to delete a room. */
export interface DeletingServices {
  readonly store: { readonly directory: Pick<Directory, 'eraseMessages' | 'findRoom'> };
  readonly deletions: Pick<Deletions, 'finish'>;
  readonly rooms: Pick<Rooms, 'opened' | 'leave'>;
  readonly evictions: Pick<Evictions, 'room'>;
  readonly memberships: Pick<Memberships, 'endInRoom'>;
}

/** What became of emptying a room. */
export interface Emptied {
  /** How many sessions were removed. */
  readonly removed: number;
  /** What is left to do, in words: the disk fails, say. It is tried again in the background. */
  readonly left?: string;
}

/** What is said of a room that is deleted while the store fails to erase its messages. */
const leftOnDisk =
  'the room is deleted, but its messages may still be on the disk, which fails now: they are erased as soon as that works';

/**
 * Empties a room whose record says that it is deleted. Fulfils once its messages are erased, or says that they are
 * left. What a process could not finish, the next one does (`Directory.unfinished`).
 * @param by who deleted it, as event 106 names it
 * @param cause the member who did it, who reads the reply in place of the event
 */
export async function emptyDeletedRoom(
  { id, key }: Pick<RoomRecord, 'id' | 'key'>,
  { store, rooms, evictions, memberships, deletions }: DeletingServices,
  by: string,
  payer?: Payer,
  cause?: Member,
): Promise<Emptied> {
  const { directory } = store;
  const eviction = { by, reason: 'the room was deleted', because: 'kicked' } as const;
  const here = await rooms.opened(key);
  const removed = here === undefined ? 0 : await evictions.room(here, (member) => member !== cause, eviction);
  if (cause !== undefined) rooms.leave(cause, 'kicked');
  let isAgain = false;
  const isDone = await deletions.finish(async () => {
    // Between two attempts its last owner may have made it again, with new members.
    if (isAgain && (await directory.findRoom(key))?.state !== 'deleted') return;
    isAgain = true;
    await memberships.endInRoom(id);
    // Messages that were on their way are stored with the first part at the latest, after its erasing. So there is a
    // second one.
    await directory.eraseMessages(id, payer);
    while (await directory.eraseMessages(id, payer));
  });
  return { removed, ...(isDone ? {} : { left: leftOnDisk }) };
}
