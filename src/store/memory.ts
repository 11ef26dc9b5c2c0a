// A store that forgets at its end: for tests of what stands above a store, and the model that the contract suite holds
// the real ones to. It keeps every promise but durability.
import { GroupCommit, type Committer } from './group-commit.js';
import type { KnownMessage } from './numbering.js';
import type {
  Ban,
  Durability,
  Entry,
  LogListener,
  NewUser,
  Page,
  RoomDetails,
  RoomId,
  RoomLog,
  RoomRow,
  RoomState,
  Store,
  StoredMessage,
  StoreFailure,
  User,
  UserChange,
  UserId,
  UserRow,
  Writing,
} from './store.js';
import type { Name } from '../text/names.js';

interface KeptMessage extends StoredMessage {
  readonly author: UserId;
  readonly key: string | undefined;
}

interface KeptRoom extends Name {
  readonly id: number;
  readonly owners: Set<UserId>;
  state: RoomState;
  readonly created: number;
  readonly messages: KeptMessage[];
}

function looksAlike(kept: Iterable<Name>, { key, skeletons }: Name): boolean {
  for (const other of kept) {
    if (other.key === key || other.skeletons.some((its) => skeletons.includes(its))) return true;
  }
  return false;
}

/** The order of code points, which a database has and JavaScript's `<` has not. */
function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

export class MemoryStore<E extends Entry> implements Store<E>, Committer<E> {
  readonly durability: Durability = 'full';
  readonly #users: (User & NewUser & { readonly created: number })[] = [];
  readonly #bans = new Map<string, Ban>();
  readonly #rooms: KeptRoom[] = [];
  readonly #commits = new GroupCommit<E>(this, 0);

  listen(listener: LogListener<E>): void {
    this.#commits.listen(listener);
  }

  get full(): boolean {
    return this.#commits.full;
  }

  append(entry: E): boolean {
    return this.#commits.append(entry);
  }

  async findKeys(entries: readonly E[]): Promise<ReadonlyMap<number, KnownMessage>> {
    const known = new Map<number, KnownMessage>();
    for (const [index, { log, author, key }] of entries.entries()) {
      const message = this.#rooms[log.id]?.messages.find((kept) => kept.author === author && kept.key === key);
      if (message !== undefined) known.set(index, { id: message.id, text: message.message });
    }
    return known;
  }

  async commit(
    jobs: readonly (() => Promise<void>)[],
    entries: readonly E[],
    time: number,
  ): Promise<ReadonlyMap<number, StoreFailure>> {
    for (const job of jobs) await job();
    for (const { log, author, message, key, id, prev } of entries) {
      this.#rooms[log.id]?.messages.push({
        id,
        prev,
        author,
        key,
        time,
        username: this.#users[author]?.name ?? '',
        message: JSON.parse(message) as string,
      });
    }
    return new Map<number, StoreFailure>();
  }

  async touch(): Promise<void> {}

  async allowEarlier(): Promise<void> {}

  get writing(): Writing {
    return this.#commits.writing;
  }

  probe(): Promise<void> {
    return this.#commits.probe();
  }

  resetTime(): Promise<number> {
    return this.#commits.resetTime();
  }

  async readAfter(log: RoomLog, after: number, upTo: number, limit: number): Promise<Page> {
    const found = this.#messages(log).filter(({ id }) => id > after && id <= upTo);
    return { messages: found.slice(0, limit), more: found.length > limit };
  }

  async readBefore(log: RoomLog, before: number, limit: number): Promise<Page> {
    const found = this.#messages(log).filter(({ id }) => id < before);
    return { messages: found.slice(-limit), more: found.length > limit };
  }

  #messages({ id }: RoomLog): readonly StoredMessage[] {
    return (this.#rooms[id]?.messages ?? []).map(({ id: its, prev, username, message, time }) => ({
      id: its,
      prev,
      username,
      message,
      time,
    }));
  }

  async findKeyed(roomKey: string, author: UserId, key: string): ReturnType<Store<E>['findKeyed']> {
    const room = this.#rooms.find((kept) => kept.key === roomKey);
    const message = room?.messages.find((kept) => kept.author === author && kept.key === key);
    if (room === undefined || message === undefined) return undefined;
    return { room: room.name, id: message.id, prev: message.prev, message: message.message };
  }

  openRoom(room: Name, creator: UserId | undefined): ReturnType<Store<E>['openRoom']> {
    return this.#commits.write(async () => {
      let kept = this.#rooms.find(({ key }) => key === room.key);
      if (kept === undefined) {
        if (creator === undefined) return 'missing';
        if (looksAlike(this.#rooms, room)) return 'lookalike';
        kept = {
          ...room,
          id: this.#rooms.length,
          owners: new Set([creator]),
          state: 'open',
          created: Date.now(),
          messages: [],
        };
        this.#rooms.push(kept);
      }
      const head = kept.messages.at(-1)?.id ?? 0;
      return {
        id: kept.id,
        name: kept.name,
        key: kept.key,
        topic: '',
        owners: new Set(kept.owners),
        state: kept.state,
        head,
        assigned: head,
      };
    });
  }

  async listRooms(match: string, after: string, limit: number): Promise<readonly RoomRow[]> {
    return this.#rooms
      .filter(({ key }) => compareBytes(key, after) > 0 && key.includes(match))
      .sort((a, b) => compareBytes(a.key, b.key))
      .slice(0, limit)
      .map(({ name, key, state }) => ({ name, key, topic: '', state }));
  }

  async findRoom(key: string): Promise<RoomDetails | undefined> {
    const kept = this.#rooms.find((room) => room.key === key);
    if (kept === undefined) return undefined;
    const { id, name, state, created, owners } = kept;
    return {
      id,
      name,
      key,
      topic: '',
      state,
      created,
      owners: Array.from(owners, (owner) => this.#users[owner]?.name ?? ''),
    };
  }

  setRoomState(room: RoomId, state: RoomState): Promise<void> {
    return this.#commits.write(async () => {
      const kept = this.#rooms[room];
      if (kept !== undefined) kept.state = state;
    });
  }

  setOwner(room: RoomId, user: UserId): Promise<void> {
    return this.#commits.write(async () => {
      this.#rooms[room]?.owners.clear();
      this.#rooms[room]?.owners.add(user);
    });
  }

  createUser(user: NewUser): Promise<UserId | undefined> {
    return this.#commits.write(async () => {
      if (looksAlike(this.#users, user)) return undefined;
      return this.#users.push({ ...user, id: this.#users.length, state: 'active', created: Date.now() }) - 1;
    });
  }

  async findUser(key: string): Promise<User | undefined> {
    return this.#users.find((user) => user.key === key);
  }

  async passwordHeads(): Promise<readonly Uint8Array[]> {
    const heads = this.#users
      .filter(({ password }) => password.length > 0)
      .map(({ password }) => Buffer.from(password.subarray(0, 16)));
    return [...new Map(heads.map((head) => [head.toString('hex'), head])).values()].slice(0, 16);
  }

  async isTaken(name: Name): Promise<boolean> {
    return looksAlike(this.#users, name);
  }

  changeUser(user: UserId, change: UserChange, from?: Uint8Array): Promise<boolean> {
    return this.#commits.write(async () => {
      const kept = this.#users[user];
      if (kept === undefined || kept.state === 'deleted') return false;
      if (from !== undefined && Buffer.compare(kept.password, from) !== 0) return false;
      this.#users[user] = { ...kept, ...change };
      return true;
    });
  }

  async listUsers(after: string, limit: number): Promise<readonly UserRow[]> {
    return this.#users
      .filter(({ key }) => compareBytes(key, after) > 0)
      .sort((a, b) => compareBytes(a.key, b.key))
      .slice(0, limit)
      .map(({ name, key, firstName, lastName, state, created }) => ({
        name,
        key,
        firstName,
        lastName,
        state,
        created,
      }));
  }

  async listBans(): Promise<readonly Ban[]> {
    return [...this.#bans.values()];
  }

  setBan(ban: Ban): Promise<void> {
    return this.#commits.write(async () => void this.#bans.set(`${ban.kind} ${ban.target}`, ban));
  }

  removeBan({ kind, target }: Pick<Ban, 'kind' | 'target'>): Promise<void> {
    return this.#commits.write(async () => void this.#bans.delete(`${kind} ${target}`));
  }

  /** There is nothing to open anew, so that a closed one goes on: a test's way to open it again. */
  close(): Promise<void> {
    return this.#commits.drain();
  }
}
