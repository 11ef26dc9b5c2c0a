// The store of one machine: SQLite in WAL mode, one connection that writes and one that reads. What may be promised when
// is said in ../store.ts; how batches gather in ../group-commit.ts.
import { GroupCommit } from '../group-commit.js';
import {
  StoreFailure,
  type Ban,
  type Durability,
  type Entry,
  type LogListener,
  type NewUser,
  type Page,
  type RoomDetails,
  type RoomId,
  type RoomLog,
  type RoomRow,
  type RoomState,
  type Store,
  type User,
  type UserChange,
  type UserId,
  type UserRow,
  type Writing,
} from '../store.js';
import type { Name } from '../../text/names.js';
import { Checkpoints } from './checkpoint.js';
import { Connections } from './connections.js';
import type { Database } from './database.js';
import { EarlierTimes } from './earlier-times.js';
import { claimFolder } from './folder.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import { create } from './open.js';
import { Rooms } from './rooms.js';
import { Users } from './users.js';
import type { RowRules } from './values.js';
import { checkWal } from './wal.js';
import { SqliteCommitter } from './committer.js';

export class SqliteStore<E extends Entry> implements Store<E> {
  readonly durability: Durability;
  readonly #lock: Database;
  readonly #connections: Connections;
  readonly #users: Users;
  readonly #rooms: Rooms;
  readonly #history: History;
  readonly #keys: Keys;
  readonly #commits: GroupCommit<E>;

  private constructor(
    durability: Durability,
    lock: Database,
    connections: Connections,
    parts: { readonly users: Users; readonly rooms: Rooms; readonly history: History; readonly keys: Keys },
    commits: GroupCommit<E>,
  ) {
    this.durability = durability;
    this.#lock = lock;
    this.#connections = connections;
    this.#users = parts.users;
    this.#rooms = parts.rooms;
    this.#history = parts.history;
    this.#keys = parts.keys;
    this.#commits = commits;
  }

  /**
   * Opens the data in `folder`, making it where it is missing and bringing an older schema up to date. Rejects with
   * DataError, and leaves everything as it was, when the data is not salond's, too new, damaged, in use or not writable. On a full
   * disk the store can be read, and can write as soon as there is room.
   * @param rules what a row may be, beyond what the store knows itself
   */
  static async open<E extends Entry>(
    folder: string,
    durability: Durability = 'full',
    rules?: RowRules,
  ): Promise<SqliteStore<E>> {
    const { path, fresh, lock } = await claimFolder(folder);
    let connections: Connections | undefined;
    try {
      checkWal(path);
      if (fresh) await create(path);
      connections = await Connections.open(path, durability, rules);
      const { writer, reader } = connections;
      const parts = {
        users: await Users.prepare(reader, writer),
        rooms: await Rooms.prepare(reader, writer),
        history: await History.prepare(reader),
        keys: await Keys.prepare(reader),
      };
      const earlier = new EarlierTimes(path, reader);
      const committer = await SqliteCommitter.prepare<E>(writer, new Checkpoints(writer, reader), connections, () =>
        earlier.allow(),
      );
      return new SqliteStore(
        durability,
        lock,
        connections,
        parts,
        new GroupCommit<E>(committer, await earlier.floor(), connections.lack),
      );
    } catch (error) {
      await connections?.close();
      await lock.close();
      throw error;
    }
  }

  listen(listener: LogListener<E>): void {
    this.#commits.listen(listener);
  }

  get full(): boolean {
    return this.#commits.full;
  }

  append(entry: E): boolean {
    return this.#commits.append(entry);
  }

  async readAfter(log: RoomLog, after: number, upTo: number, limit: number): Promise<Page> {
    const newest = Math.min(upTo, log.head);
    const high = Math.min(newest, after + limit);
    return { messages: await guarded(() => this.#history.read(log, after + 1, high)), more: high < newest };
  }

  async readBefore(log: RoomLog, before: number, limit: number): Promise<Page> {
    const high = Math.min(before - 1, log.head);
    const low = Math.max(1, high - limit + 1);
    return { messages: await guarded(() => this.#history.read(log, low, high)), more: low > 1 };
  }

  findKeyed(roomKey: string, author: UserId, key: string): ReturnType<Store<E>['findKeyed']> {
    return guarded(async () => {
      const room = await this.#rooms.named(roomKey);
      const known = room && (await this.#keys.find([[room.id, author, key]])).get(0);
      return known && { room: room.name, id: known.id, prev: known.id - 1, message: known.text };
    });
  }

  async openRoom(room: Name, creator: UserId | undefined): ReturnType<Store<E>['openRoom']> {
    // One that is there is opened by reading alone: it neither waits for the disk nor has a part in anybody's commit.
    await this.#commits.settled(room.key);
    const found = await guarded(() => this.#rooms.openExisting(room.key));
    if (found !== undefined) return found;
    return creator === undefined ? 'missing' : this.#commits.write(() => this.#rooms.open(room, creator));
  }

  listRooms(match: string, after: string, limit: number): Promise<readonly RoomRow[]> {
    return guarded(() => this.#rooms.list(match, after, limit));
  }

  findRoom(key: string): Promise<RoomDetails | undefined> {
    return guarded(() => this.#rooms.find(key));
  }

  setRoomState(room: RoomId, state: RoomState): Promise<void> {
    return this.#commits.write(() => this.#rooms.setState(room, state));
  }

  setOwner(room: RoomId, user: UserId): Promise<void> {
    return this.#commits.write(() => this.#rooms.setOwner(room, user));
  }

  createUser(user: NewUser): Promise<UserId | undefined> {
    return this.#commits.write(() => this.#users.create(user));
  }

  findUser(key: string): Promise<User | undefined> {
    return guarded(() => this.#users.find(key));
  }

  passwordHeads(): Promise<readonly Uint8Array[]> {
    return guarded(() => this.#users.passwordHeads());
  }

  isTaken(name: Name): Promise<boolean> {
    return guarded(() => this.#users.isTaken(name));
  }

  changeUser(user: UserId, change: UserChange, from?: Uint8Array): Promise<boolean> {
    return this.#commits.write(() => this.#users.change(user, change, from));
  }

  listUsers(after: string, limit: number): Promise<readonly UserRow[]> {
    return guarded(() => this.#users.list(after, limit));
  }

  listBans(): Promise<readonly Ban[]> {
    return guarded(() => this.#users.bans());
  }

  setBan(ban: Ban): Promise<void> {
    return this.#commits.write(() => this.#users.setBan(ban));
  }

  removeBan(ban: Pick<Ban, 'kind' | 'target'>): Promise<void> {
    return this.#commits.write(() => this.#users.removeBan(ban));
  }

  get writing(): Writing {
    return this.#commits.writing;
  }

  probe(): Promise<void> {
    return this.#commits.probe();
  }

  resetTime(): Promise<number> {
    return this.#commits.resetTime();
  }

  async close(): Promise<void> {
    await this.#commits.close();
    await this.#connections.close();
    await this.#lock.close();
  }
}

/** A read that fails leaves nothing undone: the request gets code 2, and what is on disk is as it was. */
async function guarded<Result>(read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreFailure) throw error;
    throw new StoreFailure(`salond.db can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
