// The directory of the memory store. It says which steps are part of a commit, and tells listeners of what was
// committed. The steps themselves are in users.ts, rooms.ts, trimming.ts and bans.ts.
import type { Ban, BanTarget, Directory, DirectoryListener, ListedRoomBan, NewUser, NotOpened } from '../directory.js';
import type { RoomChange, UserChange } from '../directory.js';
import type { Changed, RoomId, RoomList, RoomRecord, UserId, UserList, UserRecord, Version } from '../directory.js';
import type { GroupCommit } from '../group-commit.js';
import { DirectoryListeners } from '../listeners.js';
import type { NewMessage } from '../log.js';
import type { Kept, Trimmed } from '../retention.js';
import type { Name } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import { MemoryBans } from './bans.js';
import type { MemoryData } from './data.js';
import { MemoryRooms } from './rooms.js';
import { MemoryTrimming } from './trimming.js';
import { MemoryUsers } from './users.js';

/** Users, rooms and bans of a memory store. The methods are those of `Directory`. */
export class MemoryDirectory implements Directory {
  readonly #users: MemoryUsers;
  readonly #rooms: MemoryRooms;
  readonly #trimming: MemoryTrimming;
  readonly #bans: MemoryBans;
  readonly #commits: Pick<GroupCommit<NewMessage>, 'write'>;
  readonly #listeners = new DirectoryListeners();

  /** @param commits carries out what changes the data */
  constructor(data: MemoryData, commits: Pick<GroupCommit<NewMessage>, 'write'>) {
    this.#users = new MemoryUsers(data);
    this.#rooms = new MemoryRooms(data);
    this.#trimming = new MemoryTrimming(data);
    this.#bans = new MemoryBans(data);
    this.#commits = commits;
  }

  watch(listener: Partial<DirectoryListener>): void {
    this.#listeners.add(listener);
  }

  openRoom(name: Name, creator: UserId | undefined, payer?: Payer): Promise<RoomRecord | NotOpened> {
    return this.#commits.write(async () => this.#rooms.open(name, creator), payer);
  }

  async findRoom(key: string): Promise<RoomRecord | undefined> {
    return this.#rooms.find(key);
  }

  async listRooms(match: string, after: string, limit: number, viewer?: UserId): Promise<RoomList> {
    return this.#rooms.list(match, after, limit, viewer);
  }

  async changeRoom(id: RoomId, change: RoomChange, version?: Version, payer?: Payer): Promise<Changed> {
    const room = await this.#commits.write(async () => this.#rooms.change(id, change, version), payer);
    if (typeof room === 'string') return room;
    this.#listeners.roomChanged(room);
    if (change.removal !== undefined) this.#listeners.removed(room, change.removal);
    return 'changed';
  }

  async listRoomBans(room: RoomId, after: string, limit: number, now: number): Promise<readonly ListedRoomBan[]> {
    return this.#rooms.listBans(room, after, limit, now);
  }

  async roomsNaming(user: UserId, after: RoomId, limit: number): ReturnType<Directory['roomsNaming']> {
    return this.#rooms.naming(user, after, limit);
  }

  async eraseMessages(id: RoomId, payer?: Payer): Promise<boolean> {
    const room = await this.#commits.write(async () => this.#trimming.erase(id), payer);
    if (room !== undefined) this.#listeners.roomChanged(room);
    return room !== undefined;
  }

  async unfinished(): ReturnType<Directory['unfinished']> {
    return this.#trimming.unfinished();
  }

  async findDue(after: RoomId, kept: Kept, now: number): ReturnType<Directory['findDue']> {
    return this.#trimming.findDue(after, kept, now);
  }

  async trimMessages(id: RoomId, kept: Kept, now: number, most: number): Promise<Trimmed> {
    const [trimmed, room] = await this.#commits.write(async () => this.#trimming.trim(id, kept, now, most));
    if (room !== undefined) this.#listeners.roomChanged(room);
    return trimmed;
  }

  async giveBack(): Promise<boolean> {
    return false;
  }

  createUser(user: NewUser, payer?: Payer): Promise<UserId | undefined> {
    return this.#commits.write(async () => this.#users.create(user), payer);
  }

  async findUser(key: string): Promise<UserRecord | undefined> {
    return this.#users.find(key);
  }

  async namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>> {
    return this.#users.namesOf(users);
  }

  async passwordHeads(): Promise<readonly Uint8Array[]> {
    return this.#users.passwordHeads();
  }

  async isTaken(name: Name): Promise<boolean> {
    return this.#users.isTaken(name);
  }

  changeUser(user: UserId, change: UserChange, version?: Version, payer?: Payer): Promise<Changed> {
    return this.#commits.write(async () => this.#users.change(user, change, version), payer);
  }

  deleteUser(user: UserId, erases: boolean, version?: Version, payer?: Payer): Promise<Changed> {
    return this.#commits.write(async () => this.#users.delete(user, erases, version), payer);
  }

  async listUsers(after: string, limit: number): Promise<UserList> {
    return this.#users.list(after, limit);
  }

  async listBans(): Promise<readonly Ban[]> {
    return this.#bans.list();
  }

  async setBan(ban: Ban): Promise<void> {
    await this.#commits.write(async () => this.#bans.set(ban));
    this.#listeners.banned(ban);
  }

  async removeBan(target: BanTarget): Promise<void> {
    const isRemoved = await this.#commits.write(async () => this.#bans.remove(target));
    if (isRemoved) this.#listeners.unbanned(target);
  }
}
