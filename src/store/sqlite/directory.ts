// The directory over SQLite: reads go to the connection that reads, and a change is a job of the next commit.
import type { Ban, BanTarget, Directory, DirectoryListener, ListedRoomBan, NewUser, NotOpened } from '../directory.js';
import type { RoomChange, UserChange } from '../directory.js';
import type { Changed, RoomId, RoomList, RoomRecord, UserId, UserList, UserRecord, Version } from '../directory.js';
import { DirectoryListeners } from '../listeners.js';
import type { Kept, Trimmed } from '../retention.js';
import { endedTokens } from '../tokens.js';
import type { Name } from '../../text/names.js';
import type { Payer } from '../../turns/payer.js';
import type { Authors } from './authors.js';
import { Bans } from './bans.js';
import type { ReaderAndWriter, Writes } from './prepared.js';
import { reading } from './reading.js';
import { Rooms } from './rooms.js';
import type { TokenRows } from './token-rows.js';
import { Trimming } from './trimming.js';
import type { Users } from './users.js';

/** The rows that a directory is made of. */
interface DirectoryRows {
  readonly users: Users;
  readonly rooms: Rooms;
  readonly bans: Bans;
  readonly tokens: TokenRows;
  readonly trimming: Trimming;
}

/** Users, rooms and bans in the tables of SQLite. The methods are those of `Directory`. */
export class SqliteDirectory implements Directory {
  readonly #users: Users;
  readonly #rooms: Rooms;
  readonly #bans: Bans;
  readonly #tokens: TokenRows;
  readonly #trimming: Trimming;
  readonly #authors: Authors;
  readonly #commits: Writes;
  readonly #listeners = new DirectoryListeners();

  private constructor({ users, rooms, bans, tokens, trimming }: DirectoryRows, authors: Authors, commits: Writes) {
    this.#users = users;
    this.#rooms = rooms;
    this.#bans = bans;
    this.#tokens = tokens;
    this.#trimming = trimming;
    this.#authors = authors;
    this.#commits = commits;
  }

  /**
   * @param users those of the store: there is one object, which knows the key of erased names
   * @param tokens of the users
   * @param commits carries out what changes the directory
   */
  static async prepare(
    connections: ReaderAndWriter,
    authors: Authors,
    { users, tokens }: Pick<DirectoryRows, 'users' | 'tokens'>,
    commits: Writes,
  ): Promise<SqliteDirectory> {
    const rooms = await Rooms.prepare(connections);
    const [bans, trimming] = [await Bans.prepare(connections), await Trimming.prepare(connections)];
    return new SqliteDirectory({ users, rooms, bans, tokens, trimming }, authors, commits);
  }

  watch(listener: Partial<DirectoryListener>): void {
    this.#listeners.add(listener);
  }

  async openRoom(name: Name, creator: UserId | undefined, payer?: Payer): Promise<RoomRecord | NotOpened> {
    // Without a creator this only reads: it neither waits for the disk nor takes part in a commit.
    if (creator === undefined) {
      const found = await this.findRoom(name.key);
      return found === undefined || found.state === 'deleted' ? 'missing' : found;
    }
    return this.#commits.write(() => this.#rooms.open(name, creator), payer);
  }

  findRoom(key: string): Promise<RoomRecord | undefined> {
    return reading(() => this.#rooms.find(key));
  }

  listRooms(match: string, after: string, limit: number, viewer?: UserId): Promise<RoomList> {
    return reading(() => this.#rooms.list(match, after, limit, viewer));
  }

  async changeRoom(id: RoomId, change: RoomChange, version?: Version, payer?: Payer): Promise<Changed> {
    const room = await this.#commits.write(() => this.#rooms.change(id, change, version), payer);
    if (typeof room === 'string') return room;
    this.#listeners.roomChanged(room);
    if (change.removal !== undefined) this.#listeners.removed(room, change.removal);
    return 'changed';
  }

  listRoomBans(room: RoomId, after: string, limit: number, now: number): Promise<readonly ListedRoomBan[]> {
    return reading(() => this.#rooms.bans.list(room, after, limit, now));
  }

  roomsNaming(user: UserId, after: RoomId, limit: number): ReturnType<Directory['roomsNaming']> {
    return reading(() => this.#rooms.naming(user, after, limit));
  }

  async eraseMessages(room: RoomId, payer?: Payer): Promise<boolean> {
    return !(await this.#commits.write(() => this.#rooms.erasing.erase(room), payer)).isDone;
  }

  unfinished(): ReturnType<Directory['unfinished']> {
    return reading(() => this.#rooms.erasing.unfinished());
  }

  findDue(after: RoomId, kept: Kept, now: number): ReturnType<Directory['findDue']> {
    return reading(() => this.#trimming.findDue(after, kept, now));
  }

  async trimMessages(id: RoomId, kept: Kept, now: number, most: number): Promise<Trimmed> {
    const [trimmed, room] = await this.#commits.write(async () => {
      const done = await this.#trimming.trim(id, kept, now, most);
      return [done, done.count > 0 ? await this.#rooms.read(id) : undefined] as const;
    });
    if (room !== undefined) this.#listeners.roomChanged(room);
    return trimmed;
  }

  giveBack(): Promise<boolean> {
    return this.#commits.write(() => this.#trimming.giveBack());
  }

  createUser(user: NewUser, payer?: Payer): Promise<UserId | undefined> {
    return this.#commits.write(() => this.#users.create(user), payer);
  }

  findUser(key: string): Promise<UserRecord | undefined> {
    return reading(() => this.#users.find(key));
  }

  namesOf(users: Iterable<UserId>): Promise<ReadonlyMap<UserId, string>> {
    return reading(() => this.#authors.namesOf(users));
  }

  passwordHeads(): Promise<readonly Uint8Array[]> {
    return reading(() => this.#users.passwordHeads());
  }

  isTaken(name: Name): Promise<boolean> {
    return reading(() => this.#users.isTaken(name));
  }

  changeUser(id: UserId, change: UserChange, version?: Version, payer?: Payer): Promise<Changed> {
    return this.#commits.write(async () => {
      const changed = await this.#users.change(id, change, version);
      const ended = endedTokens(change);
      if (changed === 'changed' && ended !== undefined) await this.#tokens.removeAll(id, ended.except);
      return changed;
    }, payer);
  }

  async deleteUser(id: UserId, erases: boolean, version?: Version, payer?: Payer): Promise<Changed> {
    let unbanned: string | undefined;
    const lifted = (key: string): void => {
      unbanned = key;
    };
    const changed = await this.#commits.write(() => this.#users.delete(id, erases, version, lifted), payer);
    if (changed === 'changed') this.#authors.forget(id);
    if (unbanned !== undefined) this.#listeners.unbanned({ kind: 'user', target: unbanned });
    return changed;
  }

  listUsers(after: string, limit: number): Promise<UserList> {
    return reading(() => this.#users.list(after, limit));
  }

  listBans(): Promise<readonly Ban[]> {
    return reading(() => this.#bans.list());
  }

  async setBan(ban: Ban): Promise<void> {
    await this.#commits.write(() => this.#bans.set(ban));
    this.#listeners.banned(ban);
  }

  async removeBan(target: BanTarget): Promise<void> {
    const isRemoved = await this.#commits.write(() => this.#bans.remove(target));
    if (isRemoved) this.#listeners.unbanned(target);
  }
}
