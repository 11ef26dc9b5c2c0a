// Finishes what a process that ended has left to do: to erase messages of deleted rooms, and to give the rooms of
// deleted users new owners. It goes on beside the clients: the store gives no name away before its room is empty.
import type { Directory } from '../store/directory.js';
import { background } from '../turns/payer.js';
import { handRoomsOver, type SuccessionServices } from './succession.js';

/** What is needed to finish. */
export interface FinishingServices extends SuccessionServices {
  readonly store: SuccessionServices['store'] & {
    readonly directory: Pick<Directory, 'unfinished' | 'eraseMessages'>;
  };
}

/** Fulfils when nothing is left. Comes after everybody else. Rejects as the store does; then it can be tried again. */
export async function finishUnfinished(services: FinishingServices): Promise<void> {
  const { directory } = services.store;
  const tried = new Set<string>();
  for (;;) {
    const { rooms, users } = await directory.unfinished();
    const left = [...rooms.map((room) => `room ${room}`), ...users.map((user) => `user ${user}`)];
    // What could not be finished once would not be now.
    if (left.every((each) => tried.has(each))) return;
    for (const each of left) tried.add(each);
    for (const room of rooms) while (await directory.eraseMessages(room, background));
    for (const user of users) await handRoomsOver(user, services);
  }
}
