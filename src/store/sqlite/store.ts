// The store of one machine: SQLite in WAL mode, one connection that writes and one that reads. What may be promised when
// is said in ../store.ts; how batches gather in ../group-commit.ts.
import { GroupCommit } from '../group-commit.js';
import { StoreFailure, type Durability, type Entry, type LogListener, type Name, type NewUser, type Page, type RoomLog, type RoomRow, type Store, type StoredMessage, type User, type UserId } from '../store.js';
import { Checkpoints } from './checkpoint.js';
import { Database, type Row, type Statement, type Value } from './database.js';
import { claimFolder } from './folder.js';
import { maxRun, textOf } from './runs.js';
import { configure, create, migrate } from './open.js';
import { SqliteCommitter } from './committer.js';

const page = `SELECT r.first + m.key AS id, u.name AS username, m.value ->> 1 AS message, r.time
  FROM runs r, json_each(r.messages) m JOIN users u ON u.id = m.value ->> 0 WHERE r.room = ?1`;

const queries = {
  findUser: 'SELECT id, name, key, password FROM users WHERE key = ?',
  isTaken: 'SELECT 1 FROM users WHERE key = ? OR skeleton = ? LIMIT 1',
  readAfter: `${page} AND r.first > ?2 - ${maxRun} AND r.first <= ?3 AND r.first + m.key > ?2 AND r.first + m.key <= ?3
              ORDER BY r.first, m.key LIMIT ?4`,
  readBefore: `${page} AND r.first < ?2 AND r.first + m.key < ?2 ORDER BY r.first DESC, m.key DESC LIMIT ?3`,
  findKeyed: `SELECT rooms.name AS room, k.id, ${textOf('k.room', 'k.id')} AS message
              FROM rooms JOIN keys k ON k.room = rooms.id WHERE rooms.key = ? AND k.author = ? AND k.key = ?`,
  listRooms: 'SELECT name, key, topic FROM rooms WHERE key > ? AND instr(key, ?) > 0 ORDER BY key LIMIT ?',
} as const;

const commands = {
  createUser: `INSERT INTO users (name, key, skeleton, first_name, last_name, password, created)
               VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
  setPassword: 'UPDATE users SET password = ? WHERE id = ?',
  findRoom: `SELECT id, name, key, topic, (SELECT last FROM runs WHERE room = rooms.id ORDER BY first DESC LIMIT 1) AS head,
               (SELECT json_group_array(user) FROM roles WHERE room = rooms.id AND role = 'owner') AS owners
             FROM rooms WHERE key = ?`,
  createRoom: 'INSERT INTO rooms (name, key, skeleton, created) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id',
  setRole: 'INSERT INTO roles (room, user, role) VALUES (?, ?, ?)',
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
  readonly #commits: GroupCommit<E>;

  private constructor(
    durability: Durability,
    databases: { readonly lock: Database; readonly writer: Database; readonly reader: Database },
    prepared: { readonly queries: Prepared<typeof queries>; readonly commands: Prepared<typeof commands> },
    commits: GroupCommit<E>,
  ) {
    this.durability = durability;
    this.#lock = databases.lock;
    this.#writer = databases.writer;
    this.#reader = databases.reader;
    this.#queries = prepared.queries;
    this.#commands = prepared.commands;
    this.#commits = commits;
  }

  /**
   * Opens the data in `folder`, making it where it is missing and bringing an older schema up to date. Rejects with
   * DataError, and leaves everything as it was, when the data is not salond's, too new, in use or not writable.
   */
  static async open<E extends Entry>(folder: string, durability: Durability = 'full'): Promise<SqliteStore<E>> {
    const { path, fresh, lock } = await claimFolder(folder);
    const opened: Database[] = [lock];
    try {
      if (fresh) await create(path);
      const writer = await configure(path, durability);
      opened.push(writer);
      await migrate(writer, path);
      const reader = await configure(path, durability);
      opened.push(reader);
      const prepared = { queries: await prepareAll(reader, queries), commands: await prepareAll(writer, commands) };
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
    const rows = await read(this.#queries.readAfter, log.id, after, upTo, limit + 1);
    return { messages: rows.slice(0, limit).map(message), more: rows.length > limit };
  }

  async readBefore(log: RoomLog, before: number, limit: number): Promise<Page> {
    const rows = await read(this.#queries.readBefore, log.id, before, limit + 1);
    return { messages: rows.slice(0, limit).map(message).reverse(), more: rows.length > limit };
  }

  async findKeyed(roomKey: string, author: UserId, key: string): ReturnType<Store<E>['findKeyed']> {
    const [row] = await read(this.#queries.findKeyed, roomKey, author, key);
    if (row === undefined) return undefined;
    const id = Number(row['id']);
    return { room: String(row['room']), id, prev: id - 1, message: String(row['message']) };
  }

  openRoom({ name, key, skeleton }: Name, creator: UserId | undefined): ReturnType<Store<E>['openRoom']> {
    return this.#commits.write(async () => {
      const [found] = await this.#commands.findRoom.all(key);
      if (found !== undefined) return roomLog(found);
      if (creator === undefined) return 'missing';
      const [made] = await this.#commands.createRoom.all(name, key, skeleton, Date.now());
      if (made === undefined) return 'lookalike';
      await this.#commands.setRole.run(Number(made['id']), creator, 'owner');
      return { id: Number(made['id']), name, key, topic: '', owners: new Set([creator]), head: 0, assigned: 0 };
    });
  }

  async listRooms(match: string, after: string, limit: number): Promise<readonly RoomRow[]> {
    const rows = await read(this.#queries.listRooms, after, match, limit);
    return rows.map((row) => ({ name: String(row['name']), key: String(row['key']), topic: String(row['topic']) }));
  }

  createUser({ name, key, skeleton, firstName, lastName, password }: NewUser): Promise<UserId | undefined> {
    return this.#commits.write(async () => {
      const [made] = await this.#commands.createUser.all(name, key, skeleton, firstName, lastName, password, Date.now());
      return made === undefined ? undefined : Number(made['id']);
    });
  }

  async findUser(key: string): Promise<User | undefined> {
    const [row] = await read(this.#queries.findUser, key);
    if (row === undefined) return undefined;
    return { id: Number(row['id']), name: String(row['name']), key: String(row['key']), password: row['password'] as Uint8Array };
  }

  async isTaken({ key, skeleton }: Name): Promise<boolean> {
    return (await read(this.#queries.isTaken, key, skeleton)).length > 0;
  }

  setPassword(user: UserId, password: Uint8Array): Promise<void> {
    return this.#commits.write(() => this.#commands.setPassword.run(password, user));
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
async function read(statement: Statement, ...values: readonly Value[]): Promise<readonly Row[]> {
  try {
    return await statement.all(...values);
  } catch (error) {
    throw new StoreFailure(error instanceof Error ? error.message : String(error));
  }
}

function message(row: Row): StoredMessage {
  const id = Number(row['id']);
  return { id, prev: id - 1, username: String(row['username']), message: String(row['message']), time: Number(row['time']) };
}

function roomLog(row: Row): RoomLog {
  const head = Number(row['head'] ?? 0);
  return {
    id: Number(row['id']), name: String(row['name']), key: String(row['key']), topic: String(row['topic']),
    owners: new Set(JSON.parse(String(row['owners'])) as UserId[]), head, assigned: head,
  };
}
