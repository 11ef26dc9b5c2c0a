// The directory of the memory store.
import type {
  Ban,
  BanTarget,
  Changed,
  Directory,
  DirectoryListener,
  ListedUser,
  NewUser,
  RoomChange,
  RoomId,
  RoomRecord,
  UserChange,
  UserId,
  UserRecord,
  Version,
} from '../directory.js';
import type { GroupCommit } from '../group-commit.js';
import { DirectoryListeners } from '../listeners.js';
import { dueIn, type Kept, type Trimmed } from '../retention.js';
import { changedRoles } from '../roles.js';
import { defaultSettings } from '../room-settings.js';
import type { NewMessage } from '../log.js';
import { compareKeys, type Name } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import type { MemoryData } from './data.js';

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

  openRoom(name: Name, creator: UserId | undefined, payer?: Payer): Promise<RoomRecord | 'missing' | 'lookalike'> {
    const { rooms } = this.#data;
    return this.#commits.write(async () => {
      const found = rooms.find(({ key }) => key === name.key);
      if (found !== undefined) return recordOf(found);
      if (creator === undefined) return 'missing';
      if (looksAlike(rooms, name)) return 'lookalike';
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
        erased: 0,
        created: Date.now(),
      } as const;
      rooms.push(room);
      return recordOf(room);
    }, payer);
  }

  async findRoom(key: string): Promise<RoomRecord | undefined> {
    const found = this.#data.rooms.find((room) => room.key === key);
    return found && recordOf(found);
  }

  async listRooms(match: string, after: string, limit: number): ReturnType<Directory['listRooms']> {
    const rooms = this.#data.rooms
      .filter(({ key }) => compareKeys(key, after) > 0 && key.includes(match))
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit)
      .map(({ name, key, topic, state }) => ({ name, key, topic, state }));
    return { rooms, next: rooms.length === limit ? rooms.at(-1)?.key : undefined };
  }

  async changeRoom(
    room: RoomId,
    { owner, role, topic, state, settings }: RoomChange,
    version?: Version,
    payer?: Payer,
  ): Promise<Changed> {
    const changed = await this.#commits.write(async () => {
      const found = this.#data.rooms[room];
      if (found === undefined) return 'gone';
      if (version !== undefined && version !== found.version) return 'stale';
      const next = {
        ...found,
        version: found.version + 1,
        topic: topic ?? found.topic,
        state: state ?? found.state,
        settings: { ...found.settings, ...settings },
        roles: changedRoles(found.roles, owner, role),
      };
      this.#data.rooms[room] = next;
      return recordOf(next);
    }, payer);
    if (typeof changed === 'string') return changed;
    this.#listeners.roomChanged(changed);
    return 'changed';
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
    const { users } = this.#data;
    return this.#commits.write(async () => {
      if (looksAlike(users, user)) return undefined;
      return (
        users.push({ ...user, id: users.length, version: 1, state: 'active', status: '', created: Date.now() }) - 1
      );
    }, payer);
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
      this.#data.users[user] = { ...found, ...change, version: found.version + 1 };
      return 'changed';
    }, payer);
  }

  async listUsers(after: string, limit: number): ReturnType<Directory['listUsers']> {
    return this.#data.users
      .filter(({ key, state }) => state !== 'deleted' && compareKeys(key, after) > 0)
      .sort((a, b) => compareKeys(a.key, b.key))
      .slice(0, limit)
      .map((user) => userRecordOf(user) as ListedUser);
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
function recordOf({ id, version, name, key, topic, state, settings, roles, erased, created }: RoomRecord): RoomRecord {
  return { id, version, name, key, topic, state, settings, roles, erased, created };
}

function userRecordOf(user: UserRecord): UserRecord {
  const { id, version, name, key, firstName, lastName, password, state, status, created } = user;
  return { id, version, name, key, firstName, lastName, password, state, status, created };
}

function targetKey({ kind, target }: BanTarget): string {
  return `${kind} ${target}`;
}

function looksAlike(taken: Iterable<Name>, { key, skeletons }: Name): boolean {
  for (const other of taken) {
    if (other.key === key || other.skeletons.some((skeleton) => skeletons.includes(skeleton))) return true;
  }
  return false;
}
