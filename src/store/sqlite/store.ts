// The store of one machine: SQLite in WAL mode, one connection that writes and one that reads. What may be promised when
// is said in ../store.ts; how batches gather in ../group-commit.ts.
import { GroupCommit } from '../group-commit.js';
import { StoreFailure, type Durability, type Entry, type LogListener, type Name, type NewUser, type Page, type RoomId, type RoomLog, type RoomRow, type Store, type User, type UserChange, type UserId, type UserState } from '../store.js';
import { Checkpoints } from './checkpoint.js';
import { Database, type Row, type Statement, type Value } from './database.js';
import { claimFolder } from './folder.js';
import { History } from './history.js';
import { Keys } from './keys.js';
import { configure, create, migrate, settle } from './open.js';
import { runColumns, runOf } from './runs.js';
import { checked, summed, summedValues, sumOf } from './sums.js';
import { checkAtStart } from './verify.js';
import { checkWal } from './wal.js';
import { SqliteCommitter } from './committer.js';

const userColumns = summed('users');
const roomColumns = summed('rooms');

const queries = {
  findUser: `SELECT id, ${userColumns} FROM users WHERE key = ?`,
  isTaken: 'SELECT 1 FROM users WHERE key = ? OR skeleton = ? LIMIT 1',
  findRoom: `SELECT id, ${roomColumns} FROM rooms WHERE key = ?`,
  listRooms: `SELECT ${roomColumns} FROM rooms WHERE key > ? AND instr(key, ?) > 0 ORDER BY key LIMIT ?`,
} as const;

const commands = {
  createUser: `INSERT INTO users (${userColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
  readUser: `SELECT ${userColumns} FROM users WHERE id = ?`,
  changeUser: 'UPDATE users SET password = ?, state = ?, crc = ? WHERE id = ?',
  findRoom: `SELECT id, ${roomColumns} FROM rooms WHERE key = ?`,
  newestRun: `SELECT ${runColumns} FROM runs r WHERE room = ? ORDER BY first DESC LIMIT 1`,
  findRoles: `SELECT ${summed('roles')} FROM roles WHERE room = ?`,
  createRoom: `INSERT INTO rooms (${roomColumns}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
  setRole: `INSERT INTO roles (${summed('roles')}) VALUES (?, ?, ?, ?)`,
} as const;

type Prepared<Sql> = { readonly [Name in keyof Sql]: Statement };

async function prepareAll<Sql extends Readonly<Record<string, string>>>(database: Database, sql: Sql): Promise<Prepared<Sql>> {
  const prepared: Record<string, Statement> = {};
  for (const [name, text] of Object.entries(sql)) prepared[name] = await database.prepare(text);
  return prepared as Prepared<Sql>;
}

export class SqliteStore<E extends Entry> implements Store<E> {
  readonly durability: Durability;
  readonly #lock: Database;
  readonly #writer: Database;
  readonly #reader: Database;
  readonly #queries: Prepared<typeof queries>;
  readonly #commands: Prepared<typeof commands>;
  readonly #history: History;
  readonly #keys: Keys;
  readonly #commits: GroupCommit<E>;

  private constructor(
    durability: Durability,
    databases: { readonly lock: Database; readonly writer: Database; readonly reader: Database },
    prepared: { readonly queries: Prepared<typeof queries>; readonly commands: Prepared<typeof commands>; readonly history: History; readonly keys: Keys },
    commits: GroupCommit<E>,
  ) {
    this.durability = durability;
    this.#lock = databases.lock;
    this.#writer = databases.writer;
    this.#reader = databases.reader;
    this.#queries = prepared.queries;
    this.#commands = prepared.commands;
    this.#history = prepared.history;
    this.#keys = prepared.keys;
    this.#commits = commits;
  }

  /**
   * Opens the data in `folder`, making it where it is missing and bringing an older schema up to date. Rejects with
   * DataError, and leaves everything as it was, when the data is not salond's, too new, damaged, in use or not writable.
   */
  static async open<E extends Entry>(folder: string, durability: Durability = 'full'): Promise<SqliteStore<E>> {
    const { path, fresh, lock } = await claimFolder(folder);
    const opened: Database[] = [lock];
    try {
      checkWal(path);
      if (fresh) await create(path);
      const writer = await configure(path, durability);
      opened.push(writer);
      await migrate(writer, path);
      await checkAtStart(writer, path);
      await settle(writer, path);
      const reader = await configure(path, durability);
      opened.push(reader);
      const prepared = {
        queries: await prepareAll(reader, queries), commands: await prepareAll(writer, commands),
        history: await History.prepare(reader), keys: await Keys.prepare(reader),
      };
      const [newest] = await reader.all('SELECT time FROM runs ORDER BY seq DESC LIMIT 1');
      const committer = await SqliteCommitter.prepare<E>(writer, new Checkpoints(writer, reader));
      return new SqliteStore(
        durability, { lock, writer, reader }, prepared, new GroupCommit<E>(committer, Number(newest?.['time'] ?? 0)),
      );
    } catch (error) {
      for (const database of opened.reverse()) await database.close();
      throw error;
    }
  }

  listen(listener: LogListener<E>): void {
    this.#commits.listen(listener);
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
      const [room] = await this.#queries.findRoom.all(roomKey);
      if (room === undefined) return undefined;
      const known = (await this.#keys.find([[Number(room['id']), author, key]])).get(0);
      return known && { room: String(checked('rooms', room)['name']), id: known.id, prev: known.id - 1, message: known.text };
    });
  }

  openRoom({ name, key, skeleton }: Name, creator: UserId | undefined): ReturnType<Store<E>['openRoom']> {
    return this.#commits.write(async () => {
      const [found] = await this.#commands.findRoom.all(key);
      if (found !== undefined) return this.#logOf(Number(found['id']), checked('rooms', found));
      if (creator === undefined) return 'missing';
      const [made] = await this.#commands.createRoom.all(...withSum(name, key, skeleton, '', Date.now()));
      if (made === undefined) return 'lookalike';
      const id = Number(made['id']);
      await this.#commands.setRole.run(...withSum(id, creator, 'owner'));
      return { id, name, key, topic: '', owners: new Set([creator]), head: 0, assigned: 0 };
    });
  }

  async #logOf(id: RoomId, { name, key, topic }: Row): Promise<RoomLog> {
    const roles = (await this.#commands.findRoles.all(id)).map((row) => checked('roles', row));
    const [newest] = (await this.#commands.newestRun.all(id)).map(runOf);
    const head = newest === undefined ? 0 : newest.first + newest.messages.length - 1;
    return {
      id, name: String(name), key: String(key), topic: String(topic),
      owners: new Set(roles.filter(({ role }) => role === 'owner').map(({ user }) => Number(user))), head, assigned: head,
    };
  }

  listRooms(match: string, after: string, limit: number): Promise<readonly RoomRow[]> {
    return guarded(async () => (await this.#queries.listRooms.all(after, match, limit)).map((row) => {
      const { name, key, topic } = checked('rooms', row);
      return { name: String(name), key: String(key), topic: String(topic) };
    }));
  }

  createUser({ name, key, skeleton, firstName, lastName, password }: NewUser): Promise<UserId | undefined> {
    return this.#commits.write(async () => {
      const [made] = await this.#commands.createUser.all(...withSum(name, key, skeleton, firstName, lastName, password, Date.now(), 'active'));
      return made === undefined ? undefined : Number(made['id']);
    });
  }

  findUser(key: string): Promise<User | undefined> {
    return guarded(async () => {
      const [row] = await this.#queries.findUser.all(key);
      if (row === undefined) return undefined;
      const user = checked('users', row);
      return {
        id: Number(row['id']), name: String(user['name']), key: String(user['key']), password: user['password'] as Uint8Array,
        state: user['state'] as UserState,
      };
    });
  }

  isTaken({ key, skeleton }: Name): Promise<boolean> {
    return guarded(async () => (await this.#queries.isTaken.all(key, skeleton)).length > 0);
  }

  changeUser(user: UserId, change: UserChange): Promise<void> {
    return this.#commits.write(async () => {
      const [row] = await this.#commands.readUser.all(user);
      if (row === undefined) return;
      const changed = { ...checked('users', row), ...change };
      await this.#commands.changeUser.run(changed['password'] as Uint8Array, changed['state'] as UserState, sumOf(summedValues('users', changed)), user);
    });
  }

  async close(): Promise<void> {
    await this.#commits.close();
    await this.#reader.close();
    // The last to close the database brings the WAL into it; the lock goes after that.
    await this.#writer.close();
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

function withSum(...values: readonly Value[]): readonly Value[] {
  return [...values, sumOf(values)];
}
