// The directory of the memory store.
import type {
  Ban,
  BanTarget,
  Changed,
  Directory,
  DirectoryListener,
  ListedRoomBan,
  ListedUser,
  NewUser,
  NotOpened,
  RoomChange,
  RoomId,
  RoomRecord,
  UserChange,
  UserId,
  UserRecord,
  Version,
} from '../directory.js';
import { deletedUser, erasedKey } from '../deleted-user.js';
import type { GroupCommit } from '../group-commit.js';
import { DirectoryListeners } from '../listeners.js';
import { changedRoom, receiverOf } from '../changed-room.js';
import { dueIn, type Kept, type Trimmed } from '../retention.js';
import { defaultSettings } from '../room-settings.js';
import type { NewMessage } from '../log.js';
import { compareKeys, type Name } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import { createdUser, looksAlike, type MemoryData } from './data.js';
import { endedTokens } from '../tokens.js';

/** Users, rooms and bans of a memory store. A change is a write of its group commit. */
export class MemoryDirectory implements Directory {
  readonly #data: MemoryData;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;
  readonly #listeners = new DirectoryListeners();

  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#data = data;
    this.#commits = commits;
  }

  watch(listener: Partial<DirectoryListener>): void {
    this.#listeners.add(listener);
  }

  openRoom(name: Name, creator: UserId | undefined, payer?: Payer): Promise<RoomRecord | NotOpened> {
    const { rooms } = this.#data;
    return this.#commits.write(async () => {
      const found = rooms.find(({ key }) => key === name.key);
      if (found?.state === 'deleted') return creator === undefined ? 'missing' : this.#remake(found, creator);
      if (found !== undefined) return recordOf(found);
      if (creator === undefined) return 'missing';
      if (looksAlike(rooms, name) || this.#data.users[creator]?.state === 'deleted') return 'lookalike';
      const id = rooms.length;
      const roles = new Map([[creator, 'owner']] as const);
      const room = {
        ...name,
        id,
        version: 1,
        topic: '',
        state: 'open',
        settings: defaultSettings,
        roles,
        bans: new Map<UserId, number>(),
        erased: 0,
        created: Date.now(),
      } as const;
      rooms.push(room);
      return recordOf(room);
    }, payer);
  }

  #remake(room: RoomRecord & Name, creator: UserId): RoomRecord | NotOpened {
    if (room.roles.get(creator) !== 'owner') return 'deleted';
    if (this.#isLeft(room)) return 'erasing';
    const next = { ...room, ...changedRoom(room, { state: 'open', owner: creator }, Date.now()) };
    this.#data.rooms[room.id] = next;
    return recordOf(next);
  }

  /** Whether messages or memberships of a room that is deleted are left. */
  #isLeft({ id, erased }: RoomRecord): boolean {
    return (
      this.#data.messagesOf(id).length > erased || [...this.#data.members.values()].some(({ room }) => room === id)
    );
  }

  async findRoom(key: string): Promise<RoomRecord | undefined> {
    const found = this.#data.rooms.find((room) => room.key === key);
    return found && recordOf(found);
  }

  async listRooms(match: string, after: string, limit: number, viewer?: UserId): ReturnType<Directory['listRooms']> {
    const own = new Set([...this.#data.members.values()].filter(({ user }) => user === viewer).map(({ room }) => room));
    const rooms = this.#data.rooms
      .filter(({ key, state }) => compareKeys(key, after) > 0 && key.includes(match) && state !== 'deleted')
      .filter(({ id, settings }) => viewer === undefined || !settings.hidden || own.has(id))
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit)
      .map(({ id, name, key, topic, state, settings: { hidden } }) => ({ id, name, key, topic, state, hidden }));
    return { rooms, next: rooms.length === limit ? rooms.at(-1)?.key : undefined };
  }

  async changeRoom(room: RoomId, change: RoomChange, version?: Version, payer?: Payer): Promise<Changed> {
    const changed = await this.#commits.write(async () => {
      const found = this.#data.rooms[room];
      if (found === undefined) return 'gone';
      if (version !== undefined && version !== found.version) return 'stale';
      const receiver = receiverOf(change);
      if (receiver !== undefined && this.#data.users[receiver]?.state === 'deleted') return 'nobody';
      const away = [...found.roles.keys()].filter((user) => this.#data.users[user]?.state !== 'active');
      const next = { ...found, ...changedRoom(found, change, Date.now(), new Set(away)) };
      this.#data.rooms[room] = next;
      this.#keepBans(next, change);
      if (change.removal !== undefined) this.#data.removeMember(room, change.removal.user);
      return recordOf(next);
    }, payer);
    if (typeof changed === 'string') return changed;
    this.#listeners.roomChanged(changed);
    if (change.removal !== undefined) this.#listeners.removed(changed, change.removal);
    return 'changed';
  }

  /** Keeps the bans that the changed record has. */
  #keepBans({ id, bans }: RoomRecord, { removal }: RoomChange): void {
    const kept = new Map([...(this.#data.roomBans.get(id) ?? [])].filter(([user]) => bans.has(user)));
    if (removal?.ban !== undefined) kept.set(removal.user, removal.ban);
    this.#data.roomBans.set(id, kept);
    if (removal !== undefined) this.#data.removals.push({ room: id, removal });
  }

  async listRoomBans(room: RoomId, after: string, limit: number, now: number): Promise<readonly ListedRoomBan[]> {
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

  async roomsNaming(user: UserId, after: RoomId, limit: number): ReturnType<Directory['roomsNaming']> {
    return this.#data.rooms
      .filter(({ id, roles, bans }) => id > after && (roles.has(user) || bans.has(user)))
      .slice(0, limit)
      .map(({ id, key }) => ({ id, key }));
  }

  async eraseMessages(room: RoomId, payer?: Payer): Promise<boolean> {
    const erased = await this.#commits.write(async () => {
      const found = this.#data.rooms[room];
      const head = this.#data.messagesOf(room).length;
      if (found?.state !== 'deleted' || !this.#isLeft(found)) return undefined;
      const next = { ...found, version: found.version + 1, erased: head };
      this.#data.rooms[room] = next;
      this.#data.erase(room);
      this.#data.removeMembers(room);
      return recordOf(next);
    }, payer);
    if (erased !== undefined) this.#listeners.roomChanged(erased);
    return erased !== undefined;
  }

  async unfinished(): ReturnType<Directory['unfinished']> {
    const { rooms, users } = this.#data;
    const isDeleted = (user: UserId): boolean => users[user]?.state === 'deleted';
    return {
      rooms: rooms.filter((room) => room.state === 'deleted' && this.#isLeft(room)).map(({ id }) => id),
      users: [...new Set(rooms.flatMap(({ roles, bans }) => [...roles.keys(), ...bans.keys()].filter(isDeleted)))],
    };
  }

  async findDue(after: RoomId, kept: Kept, now: number): ReturnType<Directory['findDue']> {
    const rooms = this.#data.rooms.slice(after + 1).filter((room) => this.#dueUpTo(room, kept, now) > room.erased);
    return { rooms: rooms.map(({ id }) => id), next: undefined };
  }

  async trimMessages(id: RoomId, kept: Kept, now: number, most: number): Promise<Trimmed> {
    const { room, ...trimmed } = await this.#commits.write(async () => {
      const found = this.#data.rooms[id];
      const due = found === undefined ? 0 : this.#dueUpTo(found, kept, now);
      const erased = Math.min(due, (found?.erased ?? 0) + most);
      if (found === undefined || erased <= found.erased) return { count: 0, more: false, took: 0 };
      const next = { ...found, erased };
      this.#data.rooms[id] = next;
      this.#data.trim(id, erased);
      return { room: recordOf(next), count: erased - found.erased, more: erased < due, took: 0 };
    });
    if (room !== undefined) this.#listeners.roomChanged(room);
    return trimmed;
  }

  async giveBack(): Promise<boolean> {
    return false;
  }

  /** Up to which id the room's messages are due. */
  #dueUpTo({ id, settings, erased }: RoomRecord, kept: Kept, now: number): number {
    const messages = this.#data.messagesOf(id);
    const { upTo, before } = dueIn(settings, kept, messages.length, now);
    const fresh = messages.findIndex((message) => message.id > Math.max(upTo, erased) && message.time >= before);
    return Math.max(erased, fresh === -1 ? messages.length : fresh);
  }

  createUser(user: NewUser, payer?: Payer): Promise<UserId | undefined> {
    return this.#commits.write(async () => createdUser(this.#data, user), payer);
  }

  async findUser(key: string): Promise<UserRecord | undefined> {
    const found = this.#data.users.find((user) => user.key === key);
    if (found === undefined) return undefined;
    return userRecordOf(found);
  }

  async namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>> {
    const names = new Map<UserId, string>();
    for (const id of users) {
      const name = this.#data.users[id]?.name;
      if (name !== undefined) names.set(id, name);
    }
    return names;
  }

  async passwordHeads(): Promise<readonly Uint8Array[]> {
    const heads = this.#data.users
      .filter(({ password }) => password.length > 0)
      .map(({ password }) => Buffer.from(password.subarray(0, 16)));
    return [...new Map(heads.map((head) => [head.toString('hex'), head])).values()].slice(0, 16);
  }

  async isTaken(name: Name): Promise<boolean> {
    return looksAlike(this.#data.users, name);
  }

  changeUser(user: UserId, change: UserChange, version?: Version, payer?: Payer): Promise<Changed> {
    return this.#commits.write(async () => {
      const found = this.#data.users[user];
      if (found === undefined || found.state === 'deleted') return 'gone';
      if (version !== undefined && version !== found.version) return 'stale';
      const { endTokens: _, ...members } = change;
      this.#data.users[user] = { ...found, ...members, version: found.version + 1 };
      const ended = endedTokens(change);
      if (ended !== undefined) this.#data.removeTokens(user, ended.except);
      return 'changed';
    }, payer);
  }

  deleteUser(user: UserId, erases: boolean, version?: Version, payer?: Payer): Promise<Changed> {
    const { users, erasures } = this.#data;
    return this.#commits.write(async () => {
      const found = users[user];
      if (found === undefined || found.state === 'deleted') return 'gone';
      if (version !== undefined && version !== found.version) return 'stale';
      // The skeletons stay, and tell that the name was given once.
      const name = erases ? { name: '', key: erasedKey(user) } : {};
      users[user] = { ...found, ...deletedUser, ...name, version: found.version + 1 };
      this.#data.removeUser(user);
      if (erases) erasures.add(user);
      return 'changed';
    }, payer);
  }

  async listUsers(after: string, limit: number): ReturnType<Directory['listUsers']> {
    const users = this.#data.users
      .filter(({ key, state }) => state !== 'deleted' && compareKeys(key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit)
      .map((user) => userRecordOf(user) as ListedUser);
    return { users, next: users.length === limit ? users.at(-1)?.key : undefined };
  }

  async listBans(): Promise<readonly Ban[]> {
    return [...this.#data.bans.values()];
  }

  async setBan(ban: Ban): Promise<void> {
    await this.#commits.write(async () => void this.#data.bans.set(targetKey(ban), ban));
    this.#listeners.banned(ban);
  }

  async removeBan(target: BanTarget): Promise<void> {
    const isRemoved = await this.#commits.write(async () => this.#data.bans.delete(targetKey(target)));
    if (isRemoved) this.#listeners.unbanned(target);
  }
}

/** Leaves out the skeletons, which no reader gets. */
function recordOf(room: RoomRecord): RoomRecord {
  const { id, version, name, key, topic, state, settings, roles, bans, erased, created } = room;
  return { id, version, name, key, topic, state, settings, roles, bans, erased, created };
}

/** Leaves out the skeletons, which no reader gets. */
export function userRecordOf(user: UserRecord): UserRecord {
  const { id, version, name, key, firstName, lastName, password, state, status, created } = user;
  return { id, version, name, key, firstName, lastName, password, state, status, created };
}

function targetKey({ kind, target }: BanTarget): string {
  return `${kind} ${target}`;
}
