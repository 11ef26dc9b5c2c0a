// Deletes a room: removes everybody from it, and erases its messages. Its name, its ids and its last owner stay, so
// that nobody else can take the name.
import type { Evictions } from '../chat/eviction.js';
import type { Exits } from '../chat/exits.js';
import type { Member } from '../chat/member.js';
import type { Rooms } from '../chat/rooms.js';
import type { Directory, RoomRecord } from '../store/directory.js';
import type { Payer } from '../turns/payer.js';
import { say, type Sentence } from '../wire/words.js';
import type { Deletions } from './deletions.js';

/** What is needed to delete a room. */
export interface DeletingServices {
  readonly store: { readonly directory: Pick<Directory, 'eraseMessages'> };
  readonly rooms: Pick<Rooms, 'opened'> & { readonly exits: Pick<Exits, 'leave'> };
  readonly evictions: Pick<Evictions, 'room'>;
  readonly deletions: Pick<Deletions, 'finish'>;
}

/** What became of a deletion. */
export interface EmptiedRoom {
  /** How many sessions were removed. */
  readonly sessions: number;
  /** What is left to do, in words: the disk is full, say. It is done later. */
  readonly left?: Sentence;
}

/**
 * Empties a room whose record says that it is deleted. Fulfils once its messages are erased and its memberships have
 * ended, or says what is left. What a process could not finish, the next one does (`Directory.unfinished`).
 * @param by who deleted it, as event 106 names it
 * @param cause the member who did it, who reads the reply in place of the event
 */
export async function emptyDeletedRoom(
  { id, key }: Pick<RoomRecord, 'id' | 'key'>,
  { store, rooms, evictions, deletions }: DeletingServices,
  by: string,
  payer?: Payer,
  cause?: Member,
): Promise<EmptiedRoom> {
  const eviction = { by, reason: say('reasons.room_deleted'), because: 'kicked' } as const;
  const here = await rooms.opened(key);
  const sessions = here === undefined ? 0 : await evictions.room(here, (member) => member !== cause, eviction);
  if (cause !== undefined) rooms.exits.leave(cause, 'kicked');
  // The deletion is stored: a failure from here on must not say that nothing was done.
  const isDone = await deletions.finish(async () => {
    // Messages that were on their way are stored with the first part at the latest, after its erasing. So there is a
    // second one.
    await store.directory.eraseMessages(id, payer);
    while (await store.directory.eraseMessages(id, payer));
  });
  return isDone ? { sessions } : { sessions, left: say('reasons.room_left_on_disk') };
}
