// The rooms that somebody is in or about to enter, by key. Of a room that nobody is in, nothing is kept in memory.
import type { Directory, DirectoryListener, RoomRecord, UserId } from '../store/directory.js';
import type { LogId, MessageLog, NewMessage } from '../store/log.js';
import type { Name } from '../text/names.js';
import { Room, type LeaveReason, type Member } from './room.js';

/** What rooms ask of the store. */
export interface RoomStore {
  readonly directory: Pick<Directory, 'openRoom' | 'watch'>;
  readonly log: Pick<MessageLog<NewMessage>, 'follow' | 'unfollow'>;
}

/** A Room, or why there is none: see `Directory.openRoom`. */
export type Opened = Room | 'missing' | 'lookalike';

/** Opens rooms and forgets them when nobody is in them. There is never more than one Room for a room. */
export class Rooms implements Pick<DirectoryListener, 'roomChanged'> {
  readonly #store: RoomStore;
  readonly #rooms = new Map<string, Room>();
  readonly #roomsByLog = new Map<LogId, Room>();
  readonly #opening = new Map<string, Promise<Opened>>();
  /** Records that were changed while their rooms are being opened. */
  readonly #changed = new Map<string, RoomRecord>();
  /** How many are about to enter a room, which keeps it open; by its key, since they wait before it is there. */
  readonly #awaited = new Map<string, number>();

  /** From here on it hears of all changes of rooms. */
  constructor(store: RoomStore) {
    this.#store = store;
    store.directory.watch(this);
  }

  /** How many rooms have somebody in them, or are about to. */
  get size(): number {
    return this.#rooms.size;
  }

  get(key: string): Room | undefined {
    return this.#rooms.get(key);
  }

  /** The room whose messages stand in that log, where somebody is in it or about to enter. */
  ofLog(log: LogId): Room | undefined {
    return this.#roomsByLog.get(log);
  }

  /**
   * The room, where somebody is in it or about to enter, after whoever opens it now has it: who is put out of the room
   * must be in it to be found. Never rejects.
   */
  async opened(key: string): Promise<Room | undefined> {
    await this.#opening.get(key)?.catch(() => undefined);
    return this.#rooms.get(key);
  }

  /**
   * Opens a room, making it with `creator` as its owner where it is new, and keeps it open until `release`. As
   * `Directory.openRoom`. Rejects as the store does.
   */
  async open(name: Name, creator: UserId | undefined): Promise<Opened> {
    const { key } = name;
    this.#awaited.set(key, (this.#awaited.get(key) ?? 0) + 1);
    let room: Opened | undefined;
    try {
      room = this.#rooms.get(key) ?? (await this.#load(name, creator));
      // The answer to somebody who did not want to make it.
      if (room === 'missing' && creator !== undefined) room = await this.#load(name, creator);
      return room;
    } finally {
      if (!(room instanceof Room)) this.#stopAwaiting(key);
    }
  }

  /** Two who ask at once share the answer, and the Room. */
  #load(name: Name, creator: UserId | undefined): Promise<Opened> {
    let opening = this.#opening.get(name.key);
    if (opening === undefined) {
      opening = this.#read(name, creator);
      this.#opening.set(name.key, opening);
    }
    return opening;
  }

  async #read(name: Name, creator: UserId | undefined): Promise<Opened> {
    try {
      const record = await this.#store.directory.openRoom(name, creator);
      if (typeof record === 'string') return record;
      const room = new Room(record, await this.#store.log.follow(record.id));
      const change = this.#changed.get(name.key);
      if (change !== undefined) room.changed(change);
      // In the same step as the end of the opening: whoever asks before the answers arrive must find the one Room.
      this.#rooms.set(name.key, room);
      this.#roomsByLog.set(record.id, room);
      return room;
    } finally {
      this.#opening.delete(name.key);
      this.#changed.delete(name.key);
    }
  }

  /** Refreshes what is cached of a room, also of one that is being opened: it may have been read before the change. */
  roomChanged(room: RoomRecord): void {
    this.#rooms.get(room.key)?.changed(room);
    if (this.#opening.has(room.key)) this.#changed.set(room.key, room);
  }

  /** Whoever opened the room has entered it, or will not. */
  release(room: Room): void {
    this.#stopAwaiting(room.key);
    this.#forgetEmpty(room);
  }

  #stopAwaiting(key: string): void {
    const awaited = (this.#awaited.get(key) ?? 0) - 1;
    if (awaited > 0) this.#awaited.set(key, awaited);
    else this.#awaited.delete(key);
  }

  /**
   * The one way out of a room. No post is taken for the member from here on; it hears the room until all that it
   * posted is stored and answered. Then the others are told that it left (PROTOCOL.md §4.2), and it is told `last`.
   * False where it was out already.
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
    if (room.members.size > 0 || this.#awaited.has(room.key) || this.#rooms.get(room.key) !== room) return;
    this.#rooms.delete(room.key);
    this.#roomsByLog.delete(room.log.id);
    this.#store.log.unfollow(room.log);
  }
}
