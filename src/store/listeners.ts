// Tells everyone who watches the directory of each change.
import type { Ban, BanTarget, DirectoryListener, Removal, RoomRecord } from './directory.js';

/** All watchers of a directory, as one listener. They are told in the order in which they were added. */
export class DirectoryListeners implements DirectoryListener {
  readonly #listeners: Partial<DirectoryListener>[] = [];

  add(listener: Partial<DirectoryListener>): void {
    this.#listeners.push(listener);
  }

  roomChanged(room: RoomRecord): void {
    for (const listener of this.#listeners) listener.roomChanged?.(room);
  }

  removed(room: RoomRecord, removal: Removal): void {
    for (const listener of this.#listeners) listener.removed?.(room, removal);
  }

  banned(ban: Ban): void {
    for (const listener of this.#listeners) listener.banned?.(ban);
  }

  unbanned(target: BanTarget): void {
    for (const listener of this.#listeners) listener.unbanned?.(target);
  }
}
