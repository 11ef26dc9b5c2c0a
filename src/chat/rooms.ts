// The rooms that somebody is in or about to enter, by key. A room that nobody is in is on disk only.
import type { Store, Entry, UserId } from '../store/store.js';
import type { Name } from '../text/names.js';
import { Presence, type RoomPresence } from './presence.js';
import { Room, type LeaveReason, type Member } from './room.js';

export class Rooms {
  readonly #store: Pick<Store<Entry>, 'openRoom'>;
  readonly #presence: RoomPresence;
  readonly #rooms = new Map<string, Room>();
  readonly #opening = new Map<string, Promise<Room | 'missing' | 'lookalike'>>();
  /** How many are about to enter a room, which keeps it open; by its key, since they wait before it is there. */
  readonly #awaited = new Map<string, number>();

  /** @param presence told who is in which room */
  constructor(store: Pick<Store<Entry>, 'openRoom'>, presence: RoomPresence = new Presence()) {
    this.#store = store;
    this.#presence = presence;
  }

  /** How many rooms are open: somebody is in them, or about to enter. */
  get size(): number {
    return this.#rooms.size;
  }

  get(key: string): Room | undefined {
    return this.#rooms.get(key);
  }

  /**
   * The room, where somebody is in it or about to enter, after whoever opens it now has it: what they have read of it
   * may be older than what the caller has stored since. Never rejects.
   */
  async opened(key: string): Promise<Room | undefined> {
    await this.#opening.get(key)?.catch(() => undefined);
    return this.#rooms.get(key);
  }

  /**
   * Opens a room, making it with `creator` as its owner where it is new, and keeps it open until `release`. As
   * `Store.openRoom`, but there is never more than one Room for a room.
   */
  async open(name: Name, creator: UserId | undefined): Promise<Room | 'missing' | 'lookalike'> {
    const { key } = name;
    this.#awaited.set(key, (this.#awaited.get(key) ?? 0) + 1);
    let room: Room | 'missing' | 'lookalike' | undefined;
    try {
      room = this.#rooms.get(key) ?? (await this.#load(name, creator));
      // The answer to somebody who did not want to make it.
      if (room === 'missing' && creator !== undefined) room = await this.#load(name, creator);
      return room;
    } finally {
      if (!(room instanceof Room)) this.#stopAwaiting(key);
    }
  }

  #load(name: Name, creator: UserId | undefined): Promise<Room | 'missing' | 'lookalike'> {
    // Two who ask at once share the answer, and the Room.
    let opening = this.#opening.get(name.key);
    if (opening === undefined) {
      opening = this.#store.openRoom(name, creator).then(
        (log) => {
          this.#opening.delete(name.key);
          if (typeof log === 'string') return log;
          // In the same step: whoever asks between this and the answers to those who wait must find the one Room.
          const room = new Room(log, this.#presence);
          this.#rooms.set(name.key, room);
          return room;
        },
        (error: unknown) => {
          this.#opening.delete(name.key);
          throw error;
        },
      );
      this.#opening.set(name.key, opening);
    }
    return opening;
  }

  /** Whoever opened the room has entered it, or will not. */
  release(room: Room): void {
    this.#stopAwaiting(room.log.key);
    this.#forgetEmpty(room);
  }

  #stopAwaiting(key: string): void {
    const awaited = (this.#awaited.get(key) ?? 0) - 1;
    if (awaited > 0) this.#awaited.set(key, awaited);
    else this.#awaited.delete(key);
  }

  /**
   * The one way out of a room. No post is taken for the member from here on; it hears the room until all that it
   * posted is stored and answered, and then the others are told that it left (PROTOCOL.md §4.2), and it is told
   * `last`. False where it was out already.
   */
  leave(member: Member, reason: LeaveReason, last?: string): boolean {
    const { room } = member;
    return member.takeOut(() => {
      const wasIn = room.members.has(member);
      room.leave(member, reason);
      // By the member: where its join is not answered yet, this waits for that. A join that is refused says it itself.
      if (wasIn && last !== undefined) member.event(last);
      this.#forgetEmpty(room);
    });
  }

  #forgetEmpty(room: Room): void {
    if (room.members.size === 0 && !this.#awaited.has(room.log.key)) this.#rooms.delete(room.log.key);
  }
}
