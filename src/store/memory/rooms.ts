// The rooms of the memory store: their records, roles and bans. Each change is one synchronous step, which the
// directory carries out within a commit.
import { changedRoom, receiverOf } from '../changed-room.js';
import type {
  ListedRoomBan,
  NotOpened,
  RoomChange,
  RoomId,
  RoomList,
  RoomRecord,
  UserId,
  Version,
} from '../directory.js';
import { defaultSettings } from '../room-settings.js';
import { compareKeys, type Name } from '../../text/names.js';
import { looksAlike, type MemoryData } from './data.js';

/** The rooms of a directory. The methods are those of `Directory`. */
export class MemoryRooms {
  readonly #data: MemoryData;

  constructor(data: MemoryData) {
    this.#data = data;
  }

  open(name: Name, creator: UserId | undefined): RoomRecord | NotOpened {
    const { rooms, users } = this.#data;
    const found = rooms.find(({ key }) => key === name.key);
    if (found?.state === 'deleted') return creator === undefined ? 'missing' : this.#remake(found, creator);
    if (found !== undefined) return roomRecordOf(found);
    if (creator === undefined) return 'missing';
    if (looksAlike(rooms, name) || users[creator]?.state === 'deleted') return 'lookalike';
    const room = {
      ...name,
      id: rooms.length,
      version: 1,
      topic: '',
      state: 'open',
      settings: defaultSettings,
      roles: new Map([[creator, 'owner']] as const),
      bans: new Map<UserId, number>(),
      erased: 0,
      created: Date.now(),
    } as const;
    rooms.push(room);
    return roomRecordOf(room);
  }

  find(key: string): RoomRecord | undefined {
    const found = this.#data.rooms.find((room) => room.key === key);
    return found && roomRecordOf(found);
  }

  list(match: string, after: string, limit: number, viewer?: UserId): RoomList {
    const own = new Set([...this.#data.members.values()].filter(({ user }) => user === viewer).map(({ room }) => room));
    const rooms = this.#data.rooms
      .filter(({ key, state }) => compareKeys(key, after) > 0 && key.includes(match) && state !== 'deleted')
      .filter(({ id, settings }) => viewer === undefined || !settings.hidden || own.has(id))
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit)
      .map(({ id, name, key, topic, state, settings: { hidden } }) => ({ id, name, key, topic, state, hidden }));
    return { rooms, next: rooms.length === limit ? rooms.at(-1)?.key : undefined };
  }

  /** Answers the record as it is then, or why it was not changed. */
  change(room: RoomId, change: RoomChange, version?: Version): RoomRecord | 'gone' | 'stale' | 'nobody' {
    const { rooms, users } = this.#data;
    const found = rooms[room];
    if (found === undefined) return 'gone';
    if (version !== undefined && version !== found.version) return 'stale';
    const receiver = receiverOf(change);
    if (receiver !== undefined && users[receiver]?.state === 'deleted') return 'nobody';
    const away = [...found.roles.keys()].filter((user) => users[user]?.state !== 'active');
    const next = { ...found, ...changedRoom(found, change, Date.now(), new Set(away)) };
    rooms[room] = next;
    this.#updateBans(next, change);
    if (change.removal !== undefined) this.#data.removeMember(room, change.removal.user);
    return roomRecordOf(next);
  }

  listBans(room: RoomId, after: string, limit: number, now: number): readonly ListedRoomBan[] {
    return [...(this.#data.roomBans.get(room)?.values() ?? [])]
      .filter(({ until = Infinity }) => until > now)
      .map((ban) => ({
        ...ban,
        name: this.#data.users[ban.user]?.name ?? '',
        key: this.#data.users[ban.user]?.key ?? '',
      }))
      .filter(({ key }) => compareKeys(key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit);
  }

  naming(user: UserId, after: RoomId, limit: number): readonly Pick<RoomRecord, 'id' | 'key'>[] {
    return this.#data.rooms
      .filter(({ id, roles, bans }) => id > after && (roles.has(user) || bans.has(user)))
      .slice(0, limit)
      .map(({ id, key }) => ({ id, key }));
  }

  /** Opens a deleted room again for its last owner. */
  #remake(room: RoomRecord & Name, creator: UserId): RoomRecord | NotOpened {
    if (room.roles.get(creator) !== 'owner') return 'deleted';
    if (this.#data.hasLeftovers(room)) return 'erasing';
    const next = { ...room, ...changedRoom(room, { state: 'open', owner: creator }, Date.now()) };
    this.#data.rooms[room.id] = next;
    return roomRecordOf(next);
  }

  /** Removes the bans that the changed record has no longer, and adds the one that the change makes. */
  #updateBans({ id, bans }: RoomRecord, { removal }: RoomChange): void {
    const updated = new Map([...(this.#data.roomBans.get(id) ?? [])].filter(([user]) => bans.has(user)));
    if (removal?.ban !== undefined) updated.set(removal.user, removal.ban);
    this.#data.roomBans.set(id, updated);
    if (removal !== undefined) this.#data.removals.push({ room: id, removal });
  }
}

/** Copies a stored room without its skeletons, which no reader gets. */
export function roomRecordOf(room: RoomRecord): RoomRecord {
  const { id, version, name, key, topic, state, settings, roles, bans, erased, created } = room;
  return { id, version, name, key, topic, state, settings, roles, bans, erased, created };
}
