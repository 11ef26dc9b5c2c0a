// Takes messages out of the rooms of the memory store: those of deleted rooms, and those that are due to be trimmed.
// Each change is one synchronous step, which the directory carries out within a commit.
import type { Directory, RoomId, RoomRecord, UserId } from '../directory.js';
import { dueIn, type Kept, type Trimmed } from '../retention.js';
import type { MemoryData } from './data.js';
import { roomRecordOf } from './rooms.js';

/** Erases and trims messages. The methods are those of `Directory`. */
export class MemoryTrimming {
  readonly #data: MemoryData;

  constructor(data: MemoryData) {
    this.#data = data;
  }

  /** Erases all that is left of a deleted room. Answers its record then, or undefined where nothing was left. */
  erase(room: RoomId): RoomRecord | undefined {
    const found = this.#data.rooms[room];
    if (found?.state !== 'deleted' || !this.#data.hasLeftovers(found)) return undefined;
    const next = { ...found, version: found.version + 1, erased: this.#data.messagesOf(room).length };
    this.#data.rooms[room] = next;
    this.#data.erase(room);
    this.#data.removeMembers(room);
    return roomRecordOf(next);
  }

  unfinished(): Awaited<ReturnType<Directory['unfinished']>> {
    const { rooms, users } = this.#data;
    const isDeleted = (user: UserId): boolean => users[user]?.state === 'deleted';
    return {
      rooms: rooms.filter((room) => room.state === 'deleted' && this.#data.hasLeftovers(room)).map(({ id }) => id),
      users: [...new Set(rooms.flatMap(({ roles, bans }) => [...roles.keys(), ...bans.keys()].filter(isDeleted)))],
    };
  }

  findDue(after: RoomId, kept: Kept, now: number): Awaited<ReturnType<Directory['findDue']>> {
    const rooms = this.#data.rooms.slice(after + 1).filter((room) => this.#dueUpTo(room, kept, now) > room.erased);
    return { rooms: rooms.map(({ id }) => id), next: undefined };
  }

  /** Answers what it did, and the room's record then, if it changed. */
  trim(id: RoomId, kept: Kept, now: number, most: number): readonly [Trimmed, RoomRecord | undefined] {
    const found = this.#data.rooms[id];
    const due = found === undefined ? 0 : this.#dueUpTo(found, kept, now);
    const erased = Math.min(due, (found?.erased ?? 0) + most);
    if (found === undefined || erased <= found.erased) return [{ count: 0, more: false, took: 0 }, undefined];
    const next = { ...found, erased };
    this.#data.rooms[id] = next;
    this.#data.trim(id, erased);
    return [{ count: erased - found.erased, more: erased < due, took: 0 }, roomRecordOf(next)];
  }

  /** The id up to which the room's messages are due. */
  #dueUpTo({ id, settings, erased }: RoomRecord, kept: Kept, now: number): number {
    const messages = this.#data.messagesOf(id);
    const { upTo, before } = dueIn(settings, kept, messages.length, now);
    const fresh = messages.findIndex((message) => message.id > Math.max(upTo, erased) && message.time >= before);
    return Math.max(erased, fresh === -1 ? messages.length : fresh);
  }
}
